"""Scripts that a test runs in processes of their own: what is asked for is the first argument."""

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
    """A digest of what a seed gives: weights, dropout, the order of windows, their noise, paths and calibration."""
    model = NETWORKS["transformer"](horizon=HORIZON, calibrate=True, quantiles=(0.1, 0.9)).fit(monthly())
    paths = model.sample_paths(5, random_state=1)
    return hashlib.sha256(model.predict().to_numpy().tobytes() + paths.to_numpy().tobytes()).hexdigest()


def in_fork(use):
    """Runs a function in a forked child, which is ended if it hangs, and waits for it."""
    if child := os.fork():
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status:
            sys.exit(f"The child ended with {status}.")
        return
    signal.alarm(120)
    use()
    sys.stdout.flush()
    os._exit(0)


def forks():
    """A child of a process that has only imported computes; of one that has computed, each call is refused at once."""

    def use():
        print(len(NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly()).predict()))

    def use_all():
        for call in (model.predict, model.attention_weights, lambda: model.fit(monthly()), use):
            try:
                call()
            except RuntimeError as problem:
                print(problem)

    def load():
        try:
            load_forecaster(FILES / "format_1_seq2seq.tsattn")
        except RuntimeError as problem:
            print(problem)
        print(len(load_forecaster(FILES / "format_1_linear.tsattn").predict()))

    in_fork(use)
    keras.layers.Dense(1)(np.zeros((1, 1)))
    in_fork(load)
    model = NETWORKS["attention"](horizon=HORIZON).fit(monthly())
    in_fork(use_all)
    builds, done = threading.Event(), threading.Event()

    def build():
        with seeded(0):
            builds.set()
            done.wait()

    thread = threading.Thread(target=build)
    thread.start()
    builds.wait()
    in_fork(use_all)  # what another thread holds in the parent is held for ever in the child
    done.set()
    thread.join()


def on_a_gpu():
    """Digests of forecasts where a GPU is asked for, and where not."""
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
