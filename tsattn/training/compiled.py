"""Compiled networks, shared by the forecasters of a process.

`NetworkSpec` defines a network except for its weights, `TrainedNetwork` adds the weights, and `NetworkCache` provides
the `CompiledNetwork` that computes with them.
"""

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
from tsattn.accelerators.backend import jit_mode
from tsattn.accelerators.devices import build_at, current_place, device_count
from tsattn.accelerators.flat_variables import flat_variables
from tsattn.accelerators.retracing import without_retracing_warnings
from tsattn.accelerators.steps import forecast_step
from tsattn.networks.skeleton import Skeleton
from tsattn.training.losses import masked_loss, pinball_loss
from tsattn.training.seeding import seeded

IDLE_MEGABYTES = 256  # limit on the memory of idle networks
COMPILED_MEGABYTES = 10  # estimated memory of the layers and graphs of a network
_UNKNOWN = object()


@dataclasses.dataclass(frozen=True, eq=False)
class NetworkSpec:
    """The definition of a network except for its weights. Networks with equal specs are interchangeable.

    Args:
        build: Function `build(lookback, horizon, channels, skeleton, **options)` that returns an untrained
            `ForecastNetwork`.
        options: Dict of the options of `build`.
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
        owner: If not None, only specs with this owner share the compiled network. Defaults to None.
        policy: Keras dtype policy. Defaults to the current one.
        place: Device or strategy, as returned by `current_place`. Defaults to the current one.
    """

    build: Callable
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
            and self.build is other.build
            and all(getattr(self, name) == getattr(other, name) for name in names)
            and self.options.keys() == other.options.keys()
            and all(_is_equal(value, other.options[name]) for name, value in self.options.items())
        )

    def network(self, seed=0):
        """Build a new network.

        Args:
            seed: Seed of the initial values, or None to draw from the caller's random state. Defaults to 0.
        """
        return build_at(self.place, lambda: self._build(seed))

    def shapes(self):
        """Return the shapes of all weights without allocating memory for their values."""

        def shapes():
            with keras.StatelessScope(initialize_variables=False):
                return [tuple(weight.shape) for weight in self._build(0).weights]

        return build_at(self.place, shapes)

    def _build(self, seed):
        with seeded(seed), _dtype_policy(self.policy):
            return self.build(self.lookback, self.horizon, self.channels, self.skeleton, **self.options)


def _is_equal(one, other):
    """Return whether two options are equal and of the same type: True is not 1."""
    return one is other or (type(one) is type(other) and one == other)


@contextlib.contextmanager
def _dtype_policy(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@dataclasses.dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network with its trained weights as plain arrays.

    Args:
        spec: A `NetworkSpec`.
        weights: List of arrays. Do not change them.
    """

    spec: NetworkSpec
    weights: list

    def forecast(self, inputs):
        """Forecast windows.

        Args:
            inputs: Dict of arrays as returned by `Windows.gather`.

        Returns:
            Array `(n, horizon, channels, outputs)`.
        """
        with without_retracing_warnings(), self.in_use() as network:
            forecasts = forecast_step(network, inputs)
        return forecasts if self.spec.skeleton.quantiles else forecasts[..., None]

    def in_use(self):
        """Context manager that lends a `ForecastNetwork` with these weights. Do not change the network."""
        return NETWORK_CACHE.holding(self.spec, self.weights)

    def copy(self):
        """Return a new `ForecastNetwork` with these weights."""
        network = self.spec.network()
        network.set_weights(self.weights)
        return network

    def count_params(self):
        """Return the number of parameters."""
        return int(sum(np.size(weight) for weight in self.weights))


class CompiledNetwork:
    """A network shared by all forecasters with the same spec.

    Compiling a training step takes seconds, often longer than the training itself. Between fits, only the variables of
    the network change.

    Args:
        spec: A `NetworkSpec`.
        seed: Seed of the initial values; None if they are not reproducible.

    Attributes:
        network: The `ForecastNetwork`; None until it is needed.
        step: What the training step is compiled for, see `compile`; None until then.
        holds: List of the weights that are or will be loaded, None while they change.
        users: Number of current users.
    """

    def __init__(self, spec, seed):
        self.spec = spec
        self.network = self.step = self.holds = None
        self.users = 0
        self._lock = threading.Lock()
        self._seed, self._current = seed, None

    def build(self):
        """Build the network, unless it is built."""
        if self.network is None:
            network = self.spec.network(self._seed)  # outside the lock, because it may run user code
            with self._lock:
                if self.network is None:
                    self.variables = list(network.variables)  # before `compile` adds the variables of metrics
                    self._initial = _copies(self.variables)
                    self._bytes = sum(value.nbytes for value in self._initial)
                    self.network = network

    def megabytes(self):
        """Return the approximate memory used by variables, optimizer moments and compiled code."""
        if self.network is None:
            return 0.0
        return COMPILED_MEGABYTES + self._bytes * (1 if self.step is None else 3) / 2**20

    def compile(self, step):
        """Compile the network for training.

        Args:
            step: Tuple of the loss, see `masked_loss`, the batch size, and whether values have weights. A network with
                quantiles uses the pinball loss instead.
        """
        self.build()
        if self.step is not None:
            return
        network, quantiles = self.network, self.network.skeleton.quantiles
        loss, _, weighted = step
        loss = pinball_loss(quantiles, weighted) if quantiles else masked_loss(loss, weighted)
        # Only Keras' own Adam sums the gradients of several devices under a TensorFlow strategy.
        optimizer = FlatAdam() if device_count(network) == 1 else keras.optimizers.Adam()
        network.compile(optimizer, loss, jit_compile=jit_mode())
        network.optimizer.build(network.trainable_variables)  # otherwise TensorFlow traces the training step twice
        self.step = step

    def initial_values(self, seed):
        """Return the variables of a new network: its weights and the states of its random number generators.

        Args:
            seed: Seed, or None for different values in each call.
        """
        values = self._initial if self._seed == seed else _copies(self.spec.network(seed).variables)
        self._seed, self._initial = (_UNKNOWN, None) if seed is None else (seed, values)
        return values

    def start(self, variables, weights=None):
        """Reset the network and the optimizer before training.

        Args:
            variables: Values of all variables, from `initial_values`.
            weights: Weights to start from instead, or None. Defaults to None.
        """
        self.holds = self._current = None
        for variable, value in zip(self.variables, variables, strict=True):
            variable.assign(value)
        if weights is not None:
            self.network.set_weights(weights)
        for variable in self.network.optimizer.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))

    def hold(self, weights):
        """Load weights, unless they are already loaded. Concurrent users wait until they are.

        Raises:
            ValueError: If the shapes of the weights do not match the network.
        """
        self.build()
        with self._lock:
            if self._current is weights:
                return
            variables = self.network.weights
            received, expected = ([tuple(part.shape) for part in parts] for parts in (weights, variables))
            if received != expected:
                raise ValueError(
                    f"The weights have the shapes {received}, but the network needs {expected}: its core is not the "
                    "one that was fitted. Fit again, or restore the fitted core."
                )
            self._current = None
            flat_variables(self.network, variables).write(np.concatenate([part.ravel() for part in weights]))
            self._current = weights

    def trained_weights(self):
        """Return the trained weights."""
        self.holds = self._current = self.network.get_weights()
        return self.holds


def _copies(variables):
    return [ops.convert_to_numpy(variable).copy() for variable in variables]


class NetworkCache:
    """Cache of compiled networks. A network is either trained by one user, or used by several for forecasts with the
    same weights.

    Folds, seeds, hyperparameter searches and copies with equal specs compile a network only once. Threads that train
    concurrently, or forecast with different weights, use different networks.

    Args:
        idle_megabytes: Limit on the memory of idle networks. The least recently used networks are dropped; at least one
            is always kept. Defaults to 256.
    """

    def __init__(self, idle_megabytes=IDLE_MEGABYTES):
        self._idle_megabytes = idle_megabytes
        self._lock = threading.Lock()
        self._networks = []  # most recently used last

    @contextlib.contextmanager
    def training(self, spec, seed, step):
        """Lend a `CompiledNetwork` to one user, compiled for a training step.

        Args:
            spec: A `NetworkSpec`.
            seed: Seed of a new network; None if it is not reproducible.
            step: See `CompiledNetwork.compile`.
        """
        check_fork()
        compiled = self._acquire(spec, seed, steps=(step, None))
        try:
            compiled.compile(step)
            yield compiled
        finally:
            self._release(compiled)

    @contextlib.contextmanager
    def holding(self, spec, weights):
        """Lend a `ForecastNetwork` of a spec with a list of weights. Do not change the weights."""
        check_fork()
        compiled = self._acquire(spec, seed=0, weights=weights)
        try:
            compiled.hold(weights)
            yield compiled.network
        finally:
            self._release(compiled)

    @contextlib.contextmanager
    def building(self, spec):
        """Lend a `ForecastNetwork` of a spec with any weights, to read their names and shapes."""
        check_fork()
        compiled = self._acquire(spec, seed=0)
        try:
            compiled.build()
            yield compiled.network
        finally:
            self._release(compiled)

    def _acquire(self, spec, seed, steps=None, weights=None):
        """Return the network that holds the weights, else an idle network of the spec, else a new one.

        For training, networks compiled for the first of `steps` are preferred.
        """
        with self._lock:
            if weights is not None:
                for compiled in self._networks:
                    if compiled.holds is weights:
                        return self._use(compiled)
            idle = [entry for entry in reversed(self._networks) if not entry.users and entry.spec == spec]
            if steps is not None:
                idle = [entry for step in steps for entry in idle if entry.step == step]
            compiled = idle[0] if idle else CompiledNetwork(spec, seed)
            compiled.holds = weights
            return self._use(compiled)

    def _use(self, compiled):
        compiled.users += 1
        self._networks = [entry for entry in self._networks if entry is not compiled] + [compiled]
        return compiled

    def _release(self, compiled):
        with self._lock:
            compiled.users -= 1
            idle = [entry for entry in reversed(self._networks) if not entry.users and entry.network is not None]
            sizes = itertools.accumulate(entry.megabytes() for entry in idle)
            fitting = [entry for entry, size in zip(idle, sizes, strict=True) if size <= self._idle_megabytes]
            kept = idle[:1] + fitting[1:]
            self._networks = [entry for entry in self._networks if entry.users or entry in kept]


NETWORK_CACHE = NetworkCache()
