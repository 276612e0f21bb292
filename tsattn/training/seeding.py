"""Random numbers that are repeatable with a seed."""

import contextlib
import random
import threading

import numpy as np

from tsattn._utils.fork_guard import check_fork

_LOCK = threading.RLock()


@contextlib.contextmanager
def seeded(random_state):
    """Make the initial values of a network repeatable, and leave the caller's random state unchanged.

    Keras draws every seed that it does not receive (weights, dropout) from Python's global `random`. Other threads
    that build networks wait, so keep the block short.

    Args:
        random_state: Seed, or None to draw from the caller's random state.
    """
    check_fork()  # in a fork, a lock held by another thread would never be released
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
