"""A network's weights, averaged while it trains."""

import contextlib

from tsattn.forecasters.flat import flat_of

SAMPLES = 32  # of an epoch


class WeightAverage:
    """The moving average of what trains in a network, over about the last epoch.

    What the last batches drew by chance is averaged out of it, so that the held-out error of an epoch tells the epoch
    and not its last batch.

    Args:
        network: The network that trains.
        batches: In an epoch.

    Reference:
        Polyak and Juditsky, 1992, https://doi.org/10.1137/0330046.
    """

    def __init__(self, network, batches):
        self._weights = flat_of(network, network.trainable_variables)
        self._every, self._batches = max(1, batches // SAMPLES), batches
        self._count, self._mean = 0, 0.0

    def add(self, step):
        """Take the weights in after a batch of an epoch, counted from 0, if it is one of those that count."""
        if (step + 1) % self._every and step + 1 < self._batches:
            return
        self._count += 1
        share = 2 / (min(self._count, SAMPLES) + 1)
        self._mean = self._mean + share * (self._weights.read() - self._mean)

    @contextlib.contextmanager
    def in_place(self):
        """For a while the network has the average; then it has its own weights again."""
        own = self._weights.read()
        self._weights.write(self._mean)
        try:
            yield
        finally:
            self._weights.write(own)
