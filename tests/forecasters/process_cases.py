"""Cases that a test runs in a separate process. The first argument is the name of the case."""

import contextlib
import hashlib
import os
import pathlib
import signal
import sys
import threading

import keras
import numpy as np
from forecaster_table import HORIZON, NETWORKS, monthly

from tsattn import load_forecaster
from tsattn.training.seeding import seeded

FILES = pathlib.Path(__file__).parent.parent / "files"


def bits():
    """Return a digest of everything that depends on the seed: weights, dropout, the order of windows, input noise,
    sample paths and calibration.
    """
    model = NETWORKS["transformer"](horizon=HORIZON, calibrate=True, quantiles=(0.1, 0.9)).fit(monthly())
    paths = model.sample_paths(5, random_state=1)
    return hashlib.sha256(model.predict().to_numpy().tobytes() + paths.to_numpy().tobytes()).hexdigest()


def run_in_fork(function):
    """Call a function in a forked child process, and wait for it. The child is killed if it hangs."""
    if child := os.fork():
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status:
            sys.exit(f"The child process exited with {status}.")
        return
    signal.alarm(120)
    function()
    sys.stdout.flush()
    os._exit(0)


def forks():
    """Print the results of forked child processes.

    They compute if the parent process has only imported Keras, and raise an error if it has computed with Keras.
    """

    def fit_new():
        print(len(NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly()).predict()))

    def call_methods():
        for call in (model.predict, model.attention_weights, lambda: model.fit(monthly()), fit_new):
            try:
                call()
            except RuntimeError as error:
                print(error)

    def load():
        try:
            load_forecaster(FILES / "format_1_seq2seq.tsattn")
        except RuntimeError as error:
            print(error)
        print(len(load_forecaster(FILES / "format_1_linear.tsattn").predict()))

    run_in_fork(fit_new)
    keras.layers.Dense(1)(np.zeros((1, 1)))
    run_in_fork(load)
    model = NETWORKS["attention"](horizon=HORIZON).fit(monthly())
    run_in_fork(call_methods)
    is_seeded, is_done = threading.Event(), threading.Event()

    def hold_lock():
        with seeded(0):
            is_seeded.set()
            is_done.wait()

    thread = threading.Thread(target=hold_lock)
    thread.start()
    is_seeded.wait()
    run_in_fork(call_methods)  # a lock that another thread of the parent holds is never released in the child
    is_done.set()
    thread.join()


def on_a_gpu():
    """Print digests of forecasts with and without a request for a GPU."""
    for scope in (keras.device("gpu:0"), contextlib.nullcontext()):
        with scope:
            print(bits())


if __name__ == "__main__":
    if sys.argv[1] == "bits":
        print(bits())
    elif sys.argv[1] == "forks":
        forks()
    else:
        on_a_gpu()
