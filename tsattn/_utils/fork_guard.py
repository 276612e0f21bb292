"""Guard against computing in a forked process, in which TensorFlow hangs forever."""

import os
import sys

_used_keras = False  # in this process, or in the process that it was forked from
_would_hang = False


class ForkedError(RuntimeError):
    """Keras was used before this process was forked and would hang in it."""


def check_fork():
    """Check that Keras can compute in this process. Call this before any computation with Keras.

    Raises:
        ForkedError: If this process was forked from one that had already used Keras, through this package or not.
    """
    global _used_keras
    if _would_hang:
        raise ForkedError(
            "This process was forked from one that had already used a network, and networks hang in a forked process. "
            'Use processes that are not forked: joblib\'s default "loky", or multiprocessing.get_context("spawn").'
        )
    _used_keras = True


def watch_forks():
    """Register the guard. Call this when the package is imported: only later forks can be detected."""
    if hasattr(os, "register_at_fork"):  # Windows does not fork
        os.register_at_fork(after_in_child=_after_fork)


def _after_fork():
    global _would_hang
    _would_hang = _would_hang or _used_keras or _is_tensorflow_running()


def _is_tensorflow_running():
    """Return whether TensorFlow is initialized, after which its number of threads cannot be changed."""
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
