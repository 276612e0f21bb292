"""A network with its compiled training step, to be trained again and again."""

import threading

import keras
import numpy as np
from keras import ops

from tsattn.forecasters.adam import FlatAdam
from tsattn.forecasters.devices import devices_of
from tsattn.forecasters.flat import flat_of
from tsattn.forecasters.losses import observed_loss, pinball_loss

COMPILED = 10  # MB, whatever the network: its layers, its graphs
_NOTHING = object()


class Learner:
    """A network that forecasters of its build train and forecast with, one after the other.

    Compiling a training step takes seconds, often more than the training. So what changes from one fit to the next are
    the variables of one network.

    Args:
        build: A `Build`.
        seed: What its variables are drawn with, None if not repeatable.

    Attributes:
        network: The `ForecastNetwork`, once it is needed; else None.
        step: What its training step is compiled for, the loss and the batch size; None before it is.
        holds: The list of weights that it has or is about to have; None while they change.
        users: How many use it now.
    """

    def __init__(self, build, seed):
        self.build = build
        self.network = self.step = self.holds = None
        self.users = 0
        self._lock = threading.Lock()
        self._seed, self._has = seed, None

    def _make(self):
        if self.network is None:
            network = self.build.network(self._seed)  # not under the lock: what is built may be code of others
            with self._lock:
                if self.network is None:
                    self.variables = list(network.variables)  # before `compile` adds those of its metrics
                    self._drawn = _copies(self.variables)
                    self._bytes = sum(value.nbytes for value in self._drawn)
                    self.network = network

    def megabytes(self):
        """About what it takes: its variables, the moments that its optimizer has of them, and what was compiled."""
        if self.network is None:
            return 0.0
        return COMPILED + self._bytes * (1 if self.step is None else 3) / 2**20

    def compile(self, step):
        """Make ready for the training with a loss, as in `observed_loss`, and a batch size.

        A network with quantiles has the pinball loss in its place.
        """
        self._make()
        if self.step is not None:
            return
        network, quantiles = self.network, self.network.skeleton.quantiles
        loss = pinball_loss(quantiles) if quantiles else observed_loss(step[0])
        # XLA takes longer to compile than most of our networks to train; JAX has no other way.
        jit = "auto" if keras.backend.backend() == "jax" else False
        # Keras's own sums up the gradients where a strategy of TensorFlow's trains on several devices.
        network.compile(FlatAdam() if devices_of(network) == 1 else keras.optimizers.Adam(), loss, jit_compile=jit)
        network.optimizer.build(network.trainable_variables)  # else TensorFlow traces the training step twice
        self.step = step

    def drawn(self, seed):
        """The variables of a new network: weights and the state of the dropout's random numbers.

        Args:
            seed: None for others each time.
        """
        values = self._drawn if self._seed == seed else _copies(self.build.network(seed).variables)
        self._seed, self._drawn = (_NOTHING, None) if seed is None else (seed, values)
        return values

    def start(self, variables, weights=None):
        """Make ready for a training: all variables, the weights if others are to go on, and the optimizer new."""
        self.holds = self._has = None
        _assign(self.variables, variables)
        if weights is not None:
            self.network.set_weights(weights)
        for variable in self.network.optimizer.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))

    def hold(self, weights):
        """Have these weights; users that come at once wait for the first.

        Raises:
            ValueError: they are of another network.
        """
        self._make()
        with self._lock:
            if self._has is weights:
                return
            variables = self.network.weights
            shapes, wanted = ([tuple(part.shape) for part in parts] for parts in (weights, variables))
            if shapes != wanted:
                raise ValueError(
                    f"The weights have the shapes {shapes}, but those of the network are {wanted}. Its core is not the "
                    "one that was fitted: fit again, or bring that one back."
                )
            self._has = None
            flat_of(self.network, variables).write(np.concatenate([part.ravel() for part in weights]))
            self._has = weights

    def learnt(self):
        """The weights after a training."""
        self.holds = self._has = self.network.get_weights()
        return self.holds


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _copies(variables):
    return [ops.convert_to_numpy(variable).copy() for variable in variables]
