"""The process in which Keras computes: TensorFlow hangs for ever in a fork of it."""

import os
import sys

_computed = False  # here, or in the process that this one was forked from
_hangs = False


class ForkedError(RuntimeError):
    """Keras would hang in this process."""


def check_fork():
    """To be called before Keras computes.

    Raises:
        ForkedError: this process was forked from one in which it had computed, for us or for others.
    """
    global _computed
    if _hangs:
        raise ForkedError(
            "This process was forked from one in which a network had been used, and networks hang in such a process. "
            'Start processes anew: with joblib\'s "loky", its default, or multiprocessing.get_context("spawn").'
        )
    _computed = True


def watch_forks():
    """To be called when the package is imported: only a fork that follows can tell what its parent had done."""
    if hasattr(os, "register_at_fork"):  # Windows has no forks
        os.register_at_fork(after_in_child=_after_fork)


def _after_fork():
    global _hangs
    _hangs = _hangs or _computed or _tensorflow_runs()


def _tensorflow_runs():
    """Whether TensorFlow has started, after which it lets nobody change how many threads it has."""
    config = getattr(sys.modules.get("tensorflow"), "config", None)
    if config is None:
        return False
    count = config.threading.get_inter_op_parallelism_threads()
    try:
        config.threading.set_inter_op_parallelism_threads(count + 1)
    except RuntimeError:
        return True
    config.threading.set_inter_op_parallelism_threads(count)
    return False
