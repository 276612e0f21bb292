"""What a network is made of."""

import contextlib
import dataclasses
import itertools
import threading
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from tsattn._utils.fork_guard import check_fork
from tsattn.accelerators.adam import FlatAdam
from tsattn.accelerators.devices import build_at, current_place, device_count
from tsattn.accelerators.flat_variables import flat_variables
from tsattn.networks.skeleton import Skeleton
from tsattn.training.losses import observed_loss, pinball_loss
from tsattn.training.seeding import seeded


@dataclasses.dataclass(frozen=True, eq=False)
class Build:
    """All that a network is made of but its weights: networks of equal builds differ in nothing else.

    Args:
        make: Function of lookback, horizon, channels, a `Skeleton` and the options that gives the untrained
            `ForecastNetwork`.
        options: What else it is told, by name.
        lookback, horizon, channels, skeleton: As in `ForecastNetwork`.
        owner: Whoever alone may use what is compiled for it. None for all. Defaults to None.
        policy: Keras's policy on dtypes. Defaults to the present one.
        place: Where it is made, as `current_place` gives it. Defaults to here.
    """

    make: Callable
    options: dict
    lookback: int
    horizon: int
    channels: int
    skeleton: Skeleton
    owner: object = None
    policy: object = dataclasses.field(default_factory=keras.config.dtype_policy)
    place: tuple = dataclasses.field(default_factory=current_place)

    def __eq__(self, other):
        names = ("lookback", "horizon", "channels", "skeleton", "policy", "place")
        return (
            self.owner is other.owner
            and self.make is other.make
            and all(getattr(self, name) == getattr(other, name) for name in names)
            and self.options.keys() == other.options.keys()
            and all(_alike(value, other.options[name]) for name, value in self.options.items())
        )

    def network(self, seed=0):
        """A new network.

        Args:
            seed: Of what is drawn for it; None to go on with the caller's own random state. Defaults to 0.
        """
        return build_at(self.place, lambda: self._made(seed))

    def shapes(self):
        """The shapes of all weights, found without memory for them."""

        def shapes():
            with keras.StatelessScope(initialize_variables=False):
                return [tuple(weight.shape) for weight in self._made(0).weights]

        return build_at(self.place, shapes)

    def _made(self, seed):
        with seeded(seed), _policy(self.policy):
            return self.make(self.lookback, self.horizon, self.channels, self.skeleton, **self.options)


def _alike(one, other):
    """Whether two options are the same, True and 1 not among them."""
    return one is other or (type(one) is type(other) and one == other)


@contextlib.contextmanager
def _policy(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


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
        network.compile(FlatAdam() if device_count(network) == 1 else keras.optimizers.Adam(), loss, jit_compile=jit)
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
            flat_variables(self.network, variables).write(np.concatenate([part.ravel() for part in weights]))
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


MOST = 256  # MB of what nobody uses


class Pool:
    """Learners, each for one user at a time that changes it, or for several that forecast with the same weights.

    So folds, seeds, searches and copies compile what they share once, and threads that work at the same time have one
    each.

    Args:
        most: So many MB are kept that nobody uses, of those used last, and the very last in any case. Defaults to 256.
    """

    def __init__(self, most=MOST):
        self._most = most
        self._lock = threading.Lock()
        self._learners = []  # the one that was taken last at the end

    @contextlib.contextmanager
    def training(self, build, seed, step):
        """A `Learner` of a build, compiled for a step, as in `Learner`; of nobody else meanwhile.

        Args:
            build: A `Build`.
            seed: What a new one is drawn with, None if not repeatable.
            step: The loss and the batch size.
        """
        check_fork()
        learner = self._take(build, seed, steps=(step, None))
        try:
            learner.compile(step)
            yield learner
        finally:
            self._give_back(learner)

    @contextlib.contextmanager
    def holding(self, build, weights):
        """A network of a build with a list of weights, which are not to be changed."""
        check_fork()
        learner = self._take(build, seed=0, weights=weights)
        try:
            learner.hold(weights)
            yield learner.network
        finally:
            self._give_back(learner)

    def _take(self, build, seed, steps=None, weights=None):
        """The one that holds the weights, maybe of several users; else one of the build that nobody uses, or a new one.

        Of those to be trained one with the first of some steps comes before one with the next.
        """
        with self._lock:
            if weights is not None:
                for learner in self._learners:
                    if learner.holds is weights:
                        return self._used(learner)
            idle = [one for one in reversed(self._learners) if not one.users and one.build == build]
            if steps is not None:
                idle = [one for step in steps for one in idle if one.step == step]
            learner = idle[0] if idle else Learner(build, seed)
            learner.holds = weights
            return self._used(learner)

    def _used(self, learner):
        learner.users += 1
        self._learners = [one for one in self._learners if one is not learner] + [learner]
        return learner

    def _give_back(self, learner):
        with self._lock:
            learner.users -= 1
            idle = [one for one in reversed(self._learners) if not one.users and one.network is not None]
            sizes = itertools.accumulate(one.megabytes() for one in idle)
            kept = idle[:1] + [one for one, size in zip(idle, sizes, strict=True) if size <= self._most][1:]
            self._learners = [one for one in self._learners if one.users or one in kept]


POOL = Pool()


@dataclasses.dataclass(frozen=True, eq=False)
class FittedNetwork:
    """Weights, and what network they are of; a compiled one is used to compute with them.

    Args:
        build: A `Build`.
        weights: List of arrays, which nobody changes.
    """

    build: Build
    weights: list

    def in_use(self):
        """Context manager with a `ForecastNetwork` that has these weights; it is not to be changed."""
        return POOL.holding(self.build, self.weights)

    def copy(self):
        """A `ForecastNetwork` of one's own with these weights."""
        network = self.build.network()
        network.set_weights(self.weights)
        return network

    def count_params(self):
        """Numbers in all weights."""
        return int(sum(np.size(weight) for weight in self.weights))
