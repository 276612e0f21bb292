"""What is drawn at random, repeatable where a seed was given."""

import contextlib
import random
import threading

import numpy as np

from tsattn._utils.fork_guard import check_fork

_SEEDING = threading.RLock()


@contextlib.contextmanager
def seeded(random_state):
    """Make what Keras draws for a network that is built repeatable, and leave the caller's random state as it was.

    Keras takes every seed that it is not given (weights, dropout) from Python's `random`, of which there is one: other
    threads of ours wait, so no more than the building is to happen within.

    Args:
        random_state: A seed, or None to go on with the caller's own random state.
    """
    check_fork()  # a lock that another thread held would never open in a fork
    with _SEEDING:
        state = None if random_state is None else random.getstate()
        if state:
            random.seed(int(random_state))
        try:
            yield
        finally:
            if state:
                random.setstate(state)


def generator_of(random_state):
    """The NumPy generator of a seed, or of the caller's own random state where that is None."""
    return np.random.default_rng(random.getrandbits(64) if random_state is None else int(random_state))
