"""A network that has been trained, as plain arrays."""

import dataclasses

import numpy as np

from tsattn.forecasters.build import Build
from tsattn.forecasters.pool import POOL


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
