"""Error of Nord Pool's hourly price with and without the forecasts of load and wind, which are known in advance.

    TSATTN_DATA=FOLDER python benchmarks/accuracy/covariates.py

Lookback 168, horizon 24. The first 70 % are for training, 10 % for early stopping and 20 % for the test: all windows,
stride 1. MSE and MAE are in standard deviations of the first 70 %.
"""

import pathlib
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np

import tsattn
from benchmarks.common import datasets
from benchmarks.common.families import FAMILIES
from benchmarks.common.runner import Benchmark

LOOKBACK, HORIZON = 168, 24
NONE, KNOWN = "none", "load and wind forecasts"


def errors(model, y, covariates, first, scale):
    """Return MSE, MAE and number of all windows whose target begins at row `first` or later."""
    windows = len(y) - HORIZON + 1 - first
    forecasts = model.predict_windows(y, covariates, windows=windows)[0, :, :, 0, 0]
    actual = np.lib.stride_tricks.sliding_window_view(y.to_numpy()[first:], HORIZON)
    error = (forecasts - actual) / scale
    return np.mean(error**2), np.mean(np.abs(error)), windows


def measure(model, covariates, seed):
    """Return the errors of one cell."""
    y, known = datasets.read_prices("EPF-NP.csv")
    known = known if covariates == KNOWN else None
    train, first = int(0.7 * len(y)), len(y) - int(0.2 * len(y))
    training = tsattn.Training(validation_fraction=(first - train) / first, random_state=seed, verbose=0)
    forecaster = FAMILIES[model](horizon=HORIZON, lookback=LOOKBACK, training=training)
    start = time.perf_counter()
    forecaster.fit(y[:first], None if known is None else known[:first])
    seconds = time.perf_counter() - start
    mse, mae, windows = errors(forecaster, y, known, first, scale=y[:train].std(ddof=0))
    return {"mse": f"{mse:.4f}", "mae": f"{mae:.4f}", "windows": windows, "fit_seconds": f"{seconds:.0f}"}


BENCHMARK = Benchmark(
    "covariates",
    axes={
        "candidates": ("model", FAMILIES.keys),
        "tasks": ("covariates", (NONE, KNOWN)),
        "seeds": ("seed", (0,)),
    },
    figures=("mse", "mae", "windows", "fit_seconds"),
    measure=measure,
    quick={"model": "seq2seq", "covariates": KNOWN, "seed": 0},
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
