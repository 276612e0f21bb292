"""The compiled networks of this process, which its forecasters use in turn."""

import contextlib
import itertools
import threading

from tsattn.forecasters.learner import Learner
from tsattn.process import refuse_fork

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
        refuse_fork()
        learner = self._take(build, seed, steps=(step, None))
        try:
            learner.compile(step)
            yield learner
        finally:
            self._give_back(learner)

    @contextlib.contextmanager
    def holding(self, build, weights):
        """A network of a build with a list of weights, which are not to be changed."""
        refuse_fork()
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
