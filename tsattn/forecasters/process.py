"""The process in which Keras computes: TensorFlow hangs for ever in a fork of it."""

import os

_computing_in = None  # the id of the process that computed first, which its forks find here too


def refuse_fork():
    """To be called before Keras computes.

    Raises:
        RuntimeError: this process was forked from one in which it had computed.
    """
    global _computing_in
    if _computing_in is None:
        _computing_in = os.getpid()
    if _computing_in != os.getpid():
        raise RuntimeError(
            "This process was forked from one in which a network had been used, and networks hang in such a process. "
            'Start processes anew: with joblib\'s "loky", its default, or multiprocessing.get_context("spawn").'
        )
