"""Quantiles of counts with and without `counts=True`, compared with the true quantiles.

    python benchmarks/accuracy/counts.py [--tasks poisson_2,...] [--candidates attention,...] [--seeds 0,1] [--again]
        [--table]

Each task is a generated panel of daily series with a weekly season. The last 8 weeks are forecast from 4 origins, 14
days apart. The figures are the mean weighted quantile loss of the levels 0.1 to 0.9, and the share of values between
the quantiles 0.1 and 0.9. The true quantiles of counts cover more than 80 %, because they are whole numbers.

`attention` has 32 units and is trained for 20 epochs from random weights, `zero_shot` is the pretrained attention
network. Both have `positive=True`, and those with `_counts` have `counts=True`. `attention_rounded` rounds the
quantiles of `attention`, and shows what the noise in training adds to rounding. `seasonal_naive` is calibrated and has
`counts=True`. `negative_binomial` is fitted to each series by moments: a mean for each weekday and one dispersion.
`oracle` has the true quantiles.
"""

import dataclasses
import pathlib
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np
import pandas as pd
from scipy import stats

import tsattn
from benchmarks.common import tables
from benchmarks.common.runner import Benchmark

SERIES, LENGTH, HORIZON, WINDOWS, SEASON = 60, 266, 14, 4, 7
TRAINED = LENGTH - WINDOWS * HORIZON
LEVELS = tuple(np.round(np.arange(1, 10) / 10, 1).tolist())


@dataclasses.dataclass(frozen=True)
class Counts:
    """A distribution of counts: 0 with the probability `zeros`, otherwise `least` plus a negative binomial count.

    Args:
        mean: Mean of the negative binomial count; its factors are the level of the series and the weekday.
        dispersion: Its variance is `mean + dispersion * mean**2`. Defaults to 0, a Poisson distribution.
        zeros: Probability of additional zeros. Defaults to 0.
        least: Lowest count that is not an additional zero. Defaults to 0.
    """

    mean: float
    dispersion: float = 0.0
    zeros: float = 0.0
    least: int = 0

    def sample(self, factors, generator):
        """Draw an array of counts with these factors of the mean."""
        mean = self.mean * factors
        if self.dispersion:
            mean = mean * generator.gamma(1 / self.dispersion, self.dispersion, mean.shape)
        counts = self.least + generator.poisson(mean)
        return np.where(generator.random(counts.shape) < self.zeros, 0, counts)

    def quantiles(self, factors):
        """Return the quantiles at `LEVELS`, `(..., levels)`, for factors of the mean `(...)`."""
        rest = (np.array(LEVELS) - self.zeros) / (1 - self.zeros)  # levels of the counts that are not zeros
        counts = self.least + negative_binomial(np.maximum(rest, 0.0), self.mean * factors[..., None], self.dispersion)
        return np.where(rest <= 0, 0.0, counts)


TASKS = {
    "poisson_0.3": Counts(0.3),
    "poisson_2": Counts(2.0),
    "poisson_20": Counts(20.0),
    "overdispersed": Counts(4.0, dispersion=0.5),
    "zero_inflated": Counts(4.0, zeros=0.4),
    "intermittent": Counts(1.5, dispersion=0.5, zeros=0.8, least=1),  # one demand in five days, as in Croston's method
}


def negative_binomial(levels, mean, dispersion):
    """Return quantiles of the negative binomial distribution; of the Poisson distribution without dispersion."""
    if dispersion == 0:
        return stats.poisson.ppf(levels, mean)
    return stats.nbinom.ppf(levels, 1 / dispersion, 1 / (1 + dispersion * mean))


def panel(task, seed):
    """Return counts `(series, days)` and the factors of their means."""
    generator = np.random.default_rng(seed)
    levels = generator.lognormal(0.0, 0.5, (SERIES, 1))
    week = generator.lognormal(0.0, 0.4, SEASON)
    factors = levels * np.resize(week / week.mean(), LENGTH)
    return TASKS[task].sample(factors, generator).astype("float64"), factors


def fitted_quantiles(counts):
    """Return the quantiles of a negative binomial distribution fitted to each series, `(series, test days, levels)`."""
    forecasts = []
    for series in counts:
        days = np.arange(LENGTH) % SEASON
        means = np.array([series[:TRAINED][days[:TRAINED] == day].mean() for day in range(SEASON)])
        mean = np.maximum(means[days], 1e-6)
        excess = np.square(series[:TRAINED] - mean[:TRAINED]) - mean[:TRAINED]
        dispersion = max(excess.sum() / np.square(mean[:TRAINED]).sum(), 0.0)
        forecasts.append(negative_binomial(np.array(LEVELS), mean[TRAINED:, None], dispersion))
    return np.stack(forecasts)


def build(candidate, seed):
    """Return a forecaster."""
    common = {"counts": True} if candidate.endswith("_counts") else {"positive": True}
    if candidate == "seasonal_naive":
        return tsattn.SeasonalNaiveForecaster(HORIZON, counts=True, calibrate=True, validation_fraction=0.3)
    if candidate.startswith("zero_shot"):
        training = tsattn.Training(epochs=0, random_state=seed, verbose=0)
        return tsattn.AttentionForecaster(HORIZON, quantiles=LEVELS, training=training, **common)
    training = tsattn.Training(epochs=20, random_state=seed, verbose=0)
    options = {"units": 32, "pretrained": False, "quantiles": LEVELS, "training": training}
    return tsattn.AttentionForecaster(HORIZON, **options, **common)


def forecast_quantiles(candidate, counts, seed):
    """Return the quantiles of a forecaster, `(series, test days, levels)`."""
    days = pd.date_range("2024-01-01", periods=LENGTH, name="day")
    index = pd.MultiIndex.from_product([range(SERIES), days], names=["series", "day"])
    y = pd.Series(counts.ravel(), index)
    model = build(candidate, seed).fit(y[index.get_level_values("day") < days[TRAINED]])
    windows = model.predict_windows(y, windows=WINDOWS, stride=HORIZON, quantiles=LEVELS)
    quantiles = windows[:, :, :, 0, 1:].reshape(SERIES, -1, len(LEVELS))
    return np.ceil(quantiles - 0.5) if candidate.endswith("_rounded") else quantiles


def measure(task, candidate, seed):
    """Return the weighted quantile loss and the coverage of one candidate."""
    counts, factors = panel(task, seed)
    start = time.perf_counter()
    if candidate == "oracle":
        quantiles = TASKS[task].quantiles(factors[:, TRAINED:])
    elif candidate == "negative_binomial":
        quantiles = fitted_quantiles(counts)
    else:
        quantiles = forecast_quantiles(candidate, counts, seed)
    seconds = time.perf_counter() - start
    actual = counts[:, TRAINED:]
    errors, levels = actual[..., None] - quantiles, np.array(LEVELS)
    losses = 2 * np.maximum(levels * errors, (levels - 1) * errors).sum(axis=(0, 1)) / actual.sum()
    covered = (quantiles[..., 0] <= actual) & (actual <= quantiles[..., -1])
    return {"wql": f"{losses.mean():.4f}", "coverage": f"{covered.mean():.4f}", "seconds": f"{seconds:.1f}"}


CANDIDATES = (
    *("attention", "attention_rounded", "attention_counts", "zero_shot", "zero_shot_counts"),
    *("seasonal_naive", "negative_binomial", "oracle"),
)


def print_means(rows):
    """Print the weighted quantile loss and the coverage in percent, means over the seeds."""
    values = {}
    for row in rows:
        values.setdefault((row["task"], row["candidate"]), []).append((float(row["wql"]), float(row["coverage"])))
    means = {cell: np.mean(figures, axis=0) for cell, figures in values.items()}
    candidates = [name for name in CANDIDATES if any(candidate == name for _, candidate in means)]
    lines = []
    for task in TASKS:
        cells = [means.get((task, candidate)) for candidate in candidates]
        lines.append([task, *("-" if cell is None else f"{cell[0]:.3f}, {100 * cell[1]:.0f} %" for cell in cells)])
    tables.print_table(["task", *candidates], lines)


BENCHMARK = Benchmark(
    "counts",
    axes={"tasks": ("task", TASKS.keys), "candidates": ("candidate", CANDIDATES), "seeds": ("seed", (0, 1))},
    figures=("wql", "coverage", "seconds"),
    measure=measure,
    quick={"task": "poisson_2", "candidate": "attention_counts", "seed": 0},
    report=print_means,
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
