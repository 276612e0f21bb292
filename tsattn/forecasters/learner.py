"""A network with its compiled training step, to be trained again and again."""

import contextlib
import signal
import threading

import keras
from keras import ops

from tsattn.forecasters.adam import FlatAdam
from tsattn.forecasters.devices import devices_of
from tsattn.forecasters.losses import observed_loss, pinball_loss
from tsattn.process import refuse_fork


class Learner:
    """A compiled network that can be started afresh.

    Compiling a training step takes seconds, and what TensorFlow compiles it never frees. So a refit
    resets the variables of one network in place of making another.

    Args:
        network: A built `ForecastNetwork`, not compiled.
        loss: As in `observed_loss`; a network with quantiles has the pinball loss in its place.
        build: What the network was built from, to be compared with what a refit needs.
        seed: What its variables were drawn with, None if not repeatable.
    """

    def __init__(self, network, loss, build, seed):
        self.network = network
        self.build = build
        self.seed = seed
        self.variables = list(network.variables)  # before `compile` adds those of its metrics
        self.initial = self.values()
        quantiles = network.skeleton.quantiles
        loss = pinball_loss(quantiles) if quantiles else observed_loss(loss)
        # XLA takes longer to compile than most of our networks to train; JAX has no other way.
        jit = "auto" if keras.backend.backend() == "jax" else False
        # Keras's own sums up the gradients where a strategy of TensorFlow's trains on several devices.
        network.compile(FlatAdam() if devices_of(network) == 1 else keras.optimizers.Adam(), loss, jit_compile=jit)
        network.optimizer.build(network.trainable_variables)  # else TensorFlow traces the training step twice

    def values(self):
        """Copies of all variables: weights and the state of the dropout's random numbers."""
        return _copies(self.variables)

    def draw_again(self, fresh, seed):
        """Take the variables of a new network of the same build as those to start from."""
        self.initial = _copies(fresh.variables)
        self.seed = seed

    def start(self, *, afresh):
        """Make ready for training: the optimizer new, and the network too if `afresh`."""
        self.started_from = self.initial if afresh else self.values()
        self.start_again()

    def start_again(self):
        """The same once more, from the same weights."""
        self.assign(self.started_from)
        for variable in self.network.optimizer.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))

    def assign(self, values):
        """Set all variables."""
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)


@contextlib.contextmanager
def kept(forecaster, learner):
    """If a fit fails, the network of a Learner (or None) is again as it was before.

    Ctrl-C may come at any moment: the fit has succeeded once the forecaster has the ends of new series, and the network
    that goes with them stays.
    """
    if learner is None:
        yield
        return
    refuse_fork()
    before, origins = learner.values(), vars(forecaster).get("origins_")
    try:
        yield
    except BaseException:
        if vars(forecaster).get("origins_") is origins:
            with without_interrupts():
                learner.assign(before)
        raise


@contextlib.contextmanager
def without_interrupts():
    """Let Ctrl-C wait until what is done is done."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is None:
        yield  # it only ever interrupts the main thread, and a handler from outside Python cannot be put back
        return
    came = []
    before = signal.signal(signal.SIGINT, lambda *event: came.append(event))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came and callable(before):
        before(*came[0])


def _copies(variables):
    return [ops.convert_to_numpy(variable).copy() for variable in variables]
