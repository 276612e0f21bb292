"""Copies of the caller's forecasters, which stay as they are."""

import copy
import threading

from sklearn.base import BaseEstimator, clone


def copied(forecaster):
    """One like it that is not fitted."""
    return clone(forecaster) if isinstance(forecaster, BaseEstimator) else copy.deepcopy(forecaster)


class Copies:
    """A forecaster for each thread: one that is fitted again and again, so that its network is compiled once.

    Args:
        forecaster: Is copied at once, so that what cannot be copied is refused here.
    """

    def __init__(self, forecaster):
        self.original = copied(forecaster)
        self._of_threads = threading.local()

    def __reduce__(self):
        return Copies, (self.original,)

    def mine(self):
        """That of this thread."""
        if not hasattr(self._of_threads, "one"):
            self._of_threads.one = copied(self.original)
        return self._of_threads.one
