"""Reproducible random numbers."""

import contextlib
import random
import threading

import numpy as np

from tsattn._utils.fork_guard import check_fork

_LOCK = threading.RLock()


@contextlib.contextmanager
def seeded(random_state):
    """Context manager in which networks are built with reproducible initial values. The caller's random state is
    restored.

    Keras draws all seeds that are not passed (weights, dropout) from Python's global `random`. Other threads that build
    networks wait, so keep the block short.

    Args:
        random_state: Seed, or None to draw from the caller's random state.
    """
    check_fork()  # in a forked process, a lock held by another thread is never released
    with _LOCK:
        state = None if random_state is None else random.getstate()
        if state:
            random.seed(int(random_state))
        try:
            yield
        finally:
            if state:
                random.setstate(state)


def generator_of(random_state):
    """Return a NumPy generator for a seed; None draws the seed from Python's `random`."""
    return np.random.default_rng(random.getrandbits(64) if random_state is None else int(random_state))
