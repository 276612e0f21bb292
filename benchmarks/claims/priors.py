"""The pretrained networks as priors: the influence of each past year on the forecast, on synthetic series of months.

All families are trained on the same series, with the same steps, and nothing is fitted here. The series have seeds
that the training does not use. A year of the history is replaced by the same year of another series, or is missing.
The textbook expects the influence to decrease fastest for the LSTM encoder-decoder, whose fixed state must hold the
complete past.
"""

import functools

import numpy as np
import pandas as pd

import tsattn
from benchmarks.claims import plots
from benchmarks.common.families import FAMILIES
from benchmarks.common.runner import Benchmark
from tsattn.pretrained import synthetic_series

SEASON, YEARS, SEEDS = 12, 5, (0, 1, 2)
AGES = tuple(range(1, YEARS + 1))  # 1 is the last year
SERIES, LOOKBACK = 2000, SEASON * YEARS
FIRST_SEED = 2**31  # the seeds of the training are lower


@functools.cache
def histories(seed):
    """Return standardized histories and the years after them, arrays `(series, months)`."""
    values = synthetic_series(SERIES, LOOKBACK + SEASON, SEASON, random_state=FIRST_SEED + seed)
    mean, deviation = values[:, :LOOKBACK].mean(axis=1), values[:, :LOOKBACK].std(axis=1)
    varies = deviation > 1e-6 * np.abs(mean)
    values = (values[varies] - mean[varies, None]) / deviation[varies, None]
    values = values[np.abs(values).max(axis=1) < 10]  # not those that explode
    return values[:, :LOOKBACK], values[:, LOOKBACK:]


def as_panel(values):
    """Return histories as a panel of months."""
    months = pd.date_range("2000-01", periods=values.shape[1], freq="MS")
    index = pd.MultiIndex.from_product([range(len(values)), months], names=["series", "month"])
    return pd.Series(values.ravel(), index)


@functools.cache
def zero_shot(family, seed):
    """Return the untrained forecaster and its forecasts of the histories."""
    model = FAMILIES[family](SEASON, pretrained=True, training=tsattn.Training(epochs=0, verbose=0))
    model.fit(as_panel(histories(seed)[0]))
    return model, model.predict().to_numpy().reshape(-1, SEASON)


def measure(age, model, seed):
    """Return the influence of the year of this age, and the errors with and without it."""
    history, actual = histories(seed)
    forecaster, original = zero_shot(model, seed)
    year = slice(LOOKBACK - age * SEASON, LOOKBACK - (age - 1) * SEASON)
    replaced, missing = history.copy(), history.copy()
    replaced[:, year], missing[:, year] = np.roll(history[:, year], 1, axis=0), np.nan
    with_other, without = (
        forecaster.predict(y=as_panel(part)).to_numpy().reshape(-1, SEASON) for part in (replaced, missing)
    )
    naive = np.abs(history[:, -SEASON:] - actual).mean()
    return {
        "series": len(history),
        "influence": f"{np.abs(with_other - original).mean():.4f}",
        "relative_mae": f"{np.abs(original - actual).mean() / naive:.4f}",
        "relative_mae_without": f"{np.abs(without - actual).mean() / naive:.4f}",
    }


def draw(rows):
    """Draw the influence, and the increase of the error without a year, by its age."""
    figure, panels = plots.panels(2, width=10, height=4)
    increase = [
        {**row, "increase": 100 * (float(row["relative_mae_without"]) / float(row["relative_mae"]) - 1)} for row in rows
    ]
    labels = {"influence": "change of the forecast (standard deviations)", "increase": "increase of the error (%)"}
    for axes, (column, label) in zip(panels, labels.items(), strict=True):
        ends = plots.plot_means(axes, increase, "age", column)
        plots.label_ends(axes, ends, {"seq2seq": -10, "transformer": 10})
        axes.set_xticks(AGES)
        axes.set_xlabel("age of the year (1 is the last)")
        axes.set_ylabel(label)
        axes.set_yscale("log")
    panels[0].set_title("year replaced by that of another series", fontsize=10)
    panels[1].set_title("year missing", fontsize=10)
    return figure


BENCHMARK = Benchmark(
    "claims_priors",
    axes={"tasks": ("age", AGES), "candidates": ("model", tuple(FAMILIES)), "seeds": ("seed", SEEDS)},
    figures=("series", "influence", "relative_mae", "relative_mae_without"),
    measure=measure,
    quick={"age": 1, "model": "attention", "seed": 0},
)
