"""Seconds of pretrained networks: the first forecast, many series, and the default fit of each family.

    python benchmarks/speed/zero_shot.py [--tasks first,many,fit] [--quick] [--again] [--table]

Each measurement is in a new process, after the import. `first` reads AirPassengers and forecasts it without training,
`many` does so with 10,000 monthly series of 72 steps, and `fit` is the default fit on AirPassengers.
"""

import pathlib
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np
import pandas as pd

import tsattn
from benchmarks.common.families import FAMILIES
from benchmarks.common.processes import run_python
from benchmarks.common.runner import Benchmark

HORIZON, SERIES, STEPS = 12, 10_000, 72
TASKS = ("first", "many", "fit")


def panel(series=SERIES):
    """Return random walks with a season, as a long frame."""
    times, random = pd.date_range("2010-01", periods=STEPS, freq="MS"), np.random.default_rng(0)
    values = random.normal(size=(series, STEPS)).cumsum(axis=1) + 10 * np.sin(np.arange(STEPS) * np.pi / 6)
    ids = np.arange(series).repeat(STEPS)
    return pd.DataFrame({"unique_id": ids, "ds": np.tile(times, series), "y": values.ravel()})


def child(task, model):
    """Print the seconds of a task in this process."""
    family, training = FAMILIES[model], tsattn.Training(epochs=None if task == "fit" else 0, verbose=0)
    y = panel() if task == "many" else tsattn.load_dataset("air_passengers")
    start = time.perf_counter()
    forecaster = family(HORIZON, training=training).fit(y)
    if task != "fit":
        forecaster.predict()
    print(time.perf_counter() - start)


def measure(task, model):
    """Return the seconds of a task in a new process."""
    return {"seconds": f"{float(run_python(__file__, '--child', task, model).splitlines()[-1]):.2f}"}


BENCHMARK = Benchmark(
    "zero_shot",
    axes={"tasks": ("task", TASKS), "candidates": ("model", tuple(FAMILIES))},
    figures=("seconds",),
    measure=measure,
    quick={"task": "first", "model": "seq2seq"},
)

if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        BENCHMARK.main(__doc__)
