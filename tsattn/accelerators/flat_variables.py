"""Variables as one vector."""

import itertools
import math

import keras
import numpy as np

from tsattn.accelerators.devices import devices_of


class FlatVariables:
    """The values of variables in one vector, read and written at once.

    On TensorFlow that is a compiled call, when it is worth one: to read or write one by one takes longer than a step of
    a small network, or than several forecasts.

    Args:
        variables: Variables of Keras.
        at_once: If False they are read and written one by one, as on other backends.
    """

    def __init__(self, variables, at_once=True):
        self._variables = list(variables)
        self._sizes = [math.prod(variable.shape) for variable in self._variables]
        alike = len({variable.dtype for variable in self._variables}) == 1
        self._reading = self._writing = None
        if at_once and alike and keras.backend.backend() == "tensorflow":
            self._reading, self._writing = _compiled(self._variables, self._sizes)
        self._written = False

    def read(self):
        """A vector of their values, in NumPy."""
        if self._reading is not None:
            return self._reading().numpy()
        return np.concatenate([keras.ops.convert_to_numpy(variable).ravel() for variable in self._variables])

    def write(self, vector):
        """Give them the values of a vector; the first time one by one, which is faster than to compile that."""
        if self._writing is not None and self._written:
            self._writing(vector)
            return
        parts = np.split(vector, list(itertools.accumulate(self._sizes))[:-1])
        for variable, part in zip(self._variables, parts, strict=True):
            variable.assign(part.reshape(variable.shape))
        self._written = True


def _compiled(variables, sizes):
    """Functions of TensorFlow's that read and write variables; each is compiled when it is first called."""
    import tensorflow as tf

    def reading():
        return tf.concat([tf.reshape(variable.value, [-1]) for variable in variables], axis=0)

    def writing(vector):
        for variable, part in zip(variables, tf.split(vector, sizes), strict=True):
            variable.assign(tf.reshape(part, variable.shape))

    return tf.function(reading, autograph=False), tf.function(writing, autograph=False)


def flat_of(network, variables):
    """The `FlatVariables` of some of a network's, kept with it for the next time."""
    kept = vars(network).setdefault("_flat_variables", {})
    key = tuple(id(variable) for variable in variables)
    if key not in kept:
        kept[key] = FlatVariables(variables, at_once=devices_of(network) == 1)
    return kept[key]
