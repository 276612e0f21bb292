"""What a network is made of."""

import contextlib
import dataclasses
from collections.abc import Callable

import keras

from tsattn.forecasters.devices import made_at, place_of_now
from tsattn.forecasters.seeding import seeded
from tsattn.networks.skeleton import Skeleton


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
        place: Where it is made, as `place_of_now` gives it. Defaults to here.
    """

    make: Callable
    options: dict
    lookback: int
    horizon: int
    channels: int
    skeleton: Skeleton
    owner: object = None
    policy: object = dataclasses.field(default_factory=keras.config.dtype_policy)
    place: tuple = dataclasses.field(default_factory=place_of_now)

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
        return made_at(self.place, lambda: self._made(seed))

    def shapes(self):
        """The shapes of all weights, found without memory for them."""

        def shapes():
            with keras.StatelessScope(initialize_variables=False):
                return [tuple(weight.shape) for weight in self._made(0).weights]

        return made_at(self.place, shapes)

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
