"""What a network is made of."""

import contextlib
import dataclasses
from collections.abc import Callable

import keras

from tsattn.forecasters.devices import strategy_of_now
from tsattn.forecasters.seeding import seeded
from tsattn.networks.skeleton import Skeleton


def _policy_of_now():
    return keras.config.dtype_policy().name


@dataclasses.dataclass(frozen=True)
class Build:
    """All that a network is made of but its weights: networks of equal builds differ in nothing else.

    Args:
        make: Function of lookback, horizon, channels, a `Skeleton` and the options that gives the untrained
            `ForecastNetwork`.
        options: What else it is told, by name.
        lookback, horizon, channels, skeleton: As in `ForecastNetwork`.
        owner: Whoever alone may use what is compiled for it. None for all. Defaults to None.
        policy: Name of Keras's policy on dtypes. Defaults to the present one.
        strategy: That of `tf.distribute` whose devices share out the training, or None. Defaults to the present one.
    """

    make: Callable
    options: dict
    lookback: int
    horizon: int
    channels: int
    skeleton: Skeleton
    owner: object = None
    policy: str = dataclasses.field(default_factory=_policy_of_now)
    strategy: object = dataclasses.field(default_factory=strategy_of_now)

    def network(self, seed=0):
        """A new network.

        Args:
            seed: Of what is drawn for it; None to go on with the caller's own random state. Defaults to 0.
        """
        scope = self.strategy.scope() if self.strategy else contextlib.nullcontext()
        with seeded(seed), _policy(self.policy), scope:
            return self.make(self.lookback, self.horizon, self.channels, self.skeleton, **self.options)


@contextlib.contextmanager
def _policy(name):
    before = keras.config.dtype_policy()
    if before.name == name:
        yield
        return
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
