"""Duration of `backtest` of a fitted forecaster over 200 origins, relative to one batched forecast of the same windows.

    python benchmarks/speed/backtest.py

Both are measured in alternation, seven times after a warm-up. The goal is a ratio below 2.
"""

import pathlib
import statistics
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import tsattn
from benchmarks.common.families import FAMILIES
from benchmarks.common.runner import Benchmark

HORIZON, WINDOWS, TIMES = 24, 200, 7


def measure(model, seed):
    """Return the median seconds of both and their ratio."""
    y = tsattn.load_dataset("weather")[["JFK_temp", "LGA_temp"]][-3000:]
    training = tsattn.Training(epochs=1, random_state=seed, verbose=0)
    forecaster = FAMILIES[model](horizon=HORIZON, fallback=False, training=training).fit(y[:-500])
    calls = {
        "backtest": lambda: tsattn.backtest(forecaster, y, windows=WINDOWS, stride=1, refit="never"),
        "batched": lambda: forecaster.predict_windows(y, windows=WINDOWS),
    }
    seconds = {name: [] for name in calls}
    for _ in range(TIMES + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times[1:]) for name, times in seconds.items()}
    figures = {f"{name}_seconds": f"{median:.4f}" for name, median in medians.items()}
    return {"origins": WINDOWS, **figures, "ratio": f"{medians['backtest'] / medians['batched']:.2f}"}


BENCHMARK = Benchmark(
    "backtest",
    axes={"candidates": ("model", ("seq2seq", "transformer")), "seeds": ("seed", (0,))},
    figures=("origins", "backtest_seconds", "batched_seconds", "ratio"),
    measure=measure,
    quick={"model": "seq2seq", "seed": 0},
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
