"""The values of several variables as one vector."""

import itertools
import math

import keras
import numpy as np

from tsattn.accelerators.backend import on_tensorflow
from tsattn.accelerators.cache import cached
from tsattn.accelerators.devices import device_count

FLAT_VARIABLES = "_flat_variables"  # of a network


class FlatVariables:
    """Reads and writes the values of variables as one vector.

    On TensorFlow, reading and writing are one compiled call each. Accessing the variables one by one takes longer than
    a training step of a small network or several forecasts.

    Args:
        variables: List of Keras variables.
        compiled: If False, read and write them one by one, as on other backends. Defaults to True.
    """

    def __init__(self, variables, compiled=True):
        self._variables = list(variables)
        self._sizes = [math.prod(variable.shape) for variable in self._variables]
        one_dtype = len({variable.dtype for variable in self._variables}) == 1
        self._read = self._write = None
        if compiled and one_dtype and on_tensorflow():
            self._read, self._write = _compiled_read_and_write(self._variables, self._sizes)
        self._written = False

    def read(self):
        """Return the values as a NumPy vector."""
        if self._read is not None:
            return self._read().numpy()
        return np.concatenate([keras.ops.convert_to_numpy(variable).ravel() for variable in self._variables])

    def write(self, vector):
        """Assign the values of a vector. The first call assigns them one by one, which is faster than compiling."""
        if self._write is not None and self._written:
            self._write(vector)
            return
        parts = np.split(vector, list(itertools.accumulate(self._sizes))[:-1])
        for variable, part in zip(self._variables, parts, strict=True):
            variable.assign(part.reshape(variable.shape))
        self._written = True


def flat_variables(network, variables):
    """Return the `FlatVariables` of these variables of a network, cached with the network."""
    key = tuple(id(variable) for variable in variables)
    return cached(network, FLAT_VARIABLES, key, lambda: FlatVariables(variables, compiled=device_count(network) == 1))


def _compiled_read_and_write(variables, sizes):
    """Return TensorFlow functions that read and write variables; each is compiled on its first call."""
    import tensorflow as tf

    def read():
        return tf.concat([tf.reshape(variable.value, [-1]) for variable in variables], axis=0)

    def write(vector):
        for variable, part in zip(variables, tf.split(vector, sizes), strict=True):
            variable.assign(tf.reshape(part, variable.shape))

    return tf.function(read, autograph=False), tf.function(write, autograph=False)
