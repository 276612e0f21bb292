"""Coverage and interval score of conformal intervals on the embedded weather data, compared with the seasonal naive
forecast.

    python benchmarks/accuracy/coverage.py

The first 80 % are for training; their last part is for early stopping and calibration. Then the origin moves through
the last 20 % in steps of one horizon; the history before it is passed as `y`, and is also used for calibration. The
goal is that a 90 % interval covers 88 to 92 % of the values, with a lower interval (Winkler) score than the seasonal
naive forecast with the same calibration. The score is in standard deviations of each channel's first 80 %, so that it
can be averaged over channels.
"""

import pathlib
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np

import tsattn
from benchmarks.common.families import FAMILIES
from benchmarks.common.runner import Benchmark

HORIZON, COVERAGE, FRACTION = 24, 0.9, 0.2
QUANTILES = (0.05, 0.95)
SIMPLE = {"seasonal_naive": tsattn.SeasonalNaiveForecaster, "linear": tsattn.LinearForecaster}


def build(model, seed):
    """Return a calibrated forecaster."""
    common = {"horizon": HORIZON, "calibrate": True}
    if model in SIMPLE:
        return SIMPLE[model](**common, validation_fraction=FRACTION)
    training = tsattn.Training(validation_fraction=FRACTION, random_state=seed, verbose=0)
    return FAMILIES[model](**common, quantiles=QUANTILES, training=training)


def measure(model, seed):
    """Return coverage and interval score of one forecaster."""
    y = tsattn.load_dataset("weather")
    train = int(0.8 * len(y))
    scale = y[:train].std().to_numpy()
    start = time.perf_counter()
    forecaster = build(model, seed).fit(y[:train])
    seconds = time.perf_counter() - start
    covered, scores = [], []
    for origin in range(train, len(y) - HORIZON + 1, HORIZON):
        interval = forecaster.predict_interval(COVERAGE, y=y[:origin])
        actual = y[origin : origin + HORIZON].to_numpy()
        lower, upper = (interval.xs(bound, axis=1, level="bound").to_numpy() for bound in ("lower", "upper"))
        observed = ~np.isnan(actual)
        covered.append(((actual >= lower) & (actual <= upper))[observed])
        outside = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
        scores.append(((upper - lower + 2 / (1 - COVERAGE) * outside) / scale)[observed])
    figures = {"coverage": np.concatenate(covered).mean(), "interval_score": np.concatenate(scores).mean()}
    figures = {name: f"{value:.4f}" for name, value in figures.items()}
    return figures | {"origins": len(covered), "fit_seconds": f"{seconds:.0f}"}


BENCHMARK = Benchmark(
    "coverage",
    axes={"candidates": ("model", (*SIMPLE, *FAMILIES)), "seeds": ("seed", (0,))},
    figures=("coverage", "interval_score", "origins", "fit_seconds"),
    measure=measure,
    quick={"model": "linear", "seed": 0},
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
