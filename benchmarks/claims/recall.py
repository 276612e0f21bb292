"""Recall with a known lag: forecast the values that a noise series `x` had `lag` steps earlier.

There are eight channels and four steps, so 32 numbers to recall with networks of width 32. `x` is a past covariate and
the series is `y[t] = x[t - lag]`. All values are independent Gaussian noise, so no other information helps, and the
relative error of a forecast of 0 is 1. The settings are those of the textbook model, but with direct decoding, so that
no error is fed back. The window begins 8 steps before the first value to recall.

All models have the same training. The length of the training, the score "general" and the norm "pre" were not chosen on
the test windows. Notes from that choice:

- With the norm "post", the error of the Transformer was as low. However, its encoder had moved the values to other
  steps, so the largest weights of the decoder were not at the lag.
- Attention over the states of an LSTM has no positions. With 16 steps before the values, it found the lags 4 and 64,
  but not the lag 8 within 12 epochs, because the state already contained part of the information.
- With fewer values to recall (one per step, width 64), the largest weights were up to five steps after the lag, at
  later states that still contained the value.
"""

import functools
import time

import numpy as np
import pandas as pd

import tsattn
from benchmarks.claims import plots
from benchmarks.common.runner import Benchmark

LAGS, SEEDS = (4, 8, 16, 32, 64), (0, 1)
BEFORE, HORIZON, CHANNELS, UNITS = 8, 4, 8, 32
STEPS, TEST_SERIES, TEST_STEPS, TEST_SEED = 60_000, 200, 2000, 1000
TRAINING = {"epochs": 14, "batch_size": 128, "batches_per_epoch": 64, "learning_rate": 5e-3, "loss": "mse"}
COMMON = {"horizon": HORIZON, "patch_size": 1, "normalization": None, "shortcut": False, "dropout": 0.0, "units": UNITS}
PAST = [f"x{channel}" for channel in range(CHANNELS)]
MODELS = {
    "seq2seq": (tsattn.Seq2SeqForecaster, {"embedding": None}),
    "attention": (tsattn.AttentionForecaster, {"embedding": None, "attention_score": "general"}),
    "transformer": (tsattn.TransformerForecaster, {"embedding": "linear", "layers": 1, "norm": "pre"}),
}
WITH_WEIGHTS = ("attention", "transformer")


def task(lag, ids, steps, seed):
    """Return the series y and the covariates x of a panel."""
    noise = np.random.default_rng(seed).normal(size=(len(ids), steps + lag, CHANNELS))
    index = pd.MultiIndex.from_product([ids, range(steps)], names=["series", "time"])
    y = pd.DataFrame(noise[:, :steps].reshape(-1, CHANNELS), index, [f"y{channel}" for channel in range(CHANNELS)])
    return y, pd.DataFrame(noise[:, lag:].reshape(-1, CHANNELS), index, PAST)


@functools.cache
def test_windows(lag):
    """Return histories of y and x, and the values after them `(series, horizon, channels)`, of series not trained on.

    A new series is scaled by its own values, so its history is long. A forecast uses only the last lookback.
    """
    y, x = task(lag, range(1, TEST_SERIES + 1), TEST_STEPS, TEST_SEED)
    known = np.tile(np.arange(TEST_STEPS) < TEST_STEPS - HORIZON, TEST_SERIES)
    return y[known], x[known], y[~known].to_numpy().reshape(TEST_SERIES, HORIZON, CHANNELS)


@functools.cache
def fitted(name, lag, seed, **options):
    """Return a fitted model and the seconds of its fit."""
    family, arguments = MODELS[name]
    training = tsattn.Training(**TRAINING, validation_fraction=0, random_state=seed, verbose=0)
    arguments = {**COMMON, **arguments, **options, "past_covariates": PAST, "mix_channels": True}
    model = family(lookback=lag + BEFORE, training=training, **arguments)
    start = time.perf_counter()
    model.fit(*task(lag, [0], STEPS, seed))
    return model, time.perf_counter() - start


def forecast(model, y, x):
    """Return forecasts `(series, horizon, channels)` of the test series."""
    return model.predict(x, y=y).to_numpy().reshape(TEST_SERIES, HORIZON, CHANNELS)


def relative_error(forecasts, actual):
    """Return the mean squared error, divided by the variance."""
    return np.mean((forecasts - actual) ** 2) / np.var(actual)


def measure_error(lag, model, seed):
    """Return the error of a model on the test windows."""
    y, x, actual = test_windows(lag)
    forecaster, seconds = fitted(model, lag, seed)
    error = relative_error(forecast(forecaster, y, x), actual)
    figures = {"lookback": lag + BEFORE, "relative_mse": f"{error:.4f}", "windows": len(actual)}
    return figures | {"fit_seconds": f"{seconds:.1f}"}


def draw_errors(rows):
    """Draw the error by lag."""
    figure, (axes,) = plots.panels()
    ends = plots.plot_means(axes, rows, "lag", "relative_mse")
    plots.label_ends(axes, ends, {"attention": 14, "transformer": 1})
    axes.plot(LAGS, [1] * len(LAGS), color=plots.GRAY, linestyle="--", linewidth=1, zorder=0)
    axes.text(LAGS[0], 1.02, "nothing recalled", color="0.4", va="bottom")
    plots.set_doubling(axes, LAGS, "lag (steps between a value and its recall)")
    axes.set_ylabel("mean squared error / variance")
    axes.set_ylim(-0.05, 1.12)
    return figure


def attention_weights(model, lag, seed):
    """Return the weights `(windows, horizon, lookback)` on the test windows, averaged over the heads."""
    y, x, _ = test_windows(lag)
    weights = fitted(model, lag, seed)[0].attention_weights(x, y=y)
    return weights.to_numpy().reshape(TEST_SERIES, HORIZON, lag + BEFORE)


def measure_weights(lag, model, seed):
    """Return how often the largest weight is at the lag."""
    weights = attention_weights(model, lag, seed)
    steps = np.arange(HORIZON)
    on_lag = weights.argmax(axis=2) == BEFORE + steps
    return {
        "windows": len(weights),
        "all_steps_on_lag_percent": f"{100 * on_lag.all(axis=1).mean():.1f}",
        "steps_on_lag_percent": f"{100 * on_lag.mean():.1f}",
        "mean_weight_on_lag": f"{weights[:, steps, BEFORE + steps].mean():.3f}",
        "fit_seconds": f"{fitted(model, lag, seed)[1]:.1f}",
    }


def draw_weights(rows):
    """Draw the mean weight against the distance from the forecast step."""
    figure, panels = plots.panels(2, width=10, height=3.8, sharey=True)
    for axes, model in zip(panels, WITH_WEIGHTS, strict=True):
        for lag in LAGS:
            weights = attention_weights(model, lag, SEEDS[0]).mean(axis=0)
            back = lag + BEFORE + np.arange(HORIZON)[:, None] - np.arange(lag + BEFORE)
            distances = np.unique(back)
            means = [weights[back == distance].mean() for distance in distances]
            axes.plot(distances, means, ".-", color=plots.COLORS[model], linewidth=1, markersize=3)
            shares = [
                row["all_steps_on_lag_percent"] for row in rows if (row["lag"], row["model"]) == (str(lag), model)
            ]
            text = f"lag {lag}\n{np.mean(np.array(shares, float)):.0f} %"
            axes.text(lag, means[list(distances).index(lag)] + 0.02, text, ha="center", va="bottom")
        plots.set_doubling(axes, LAGS, "steps back from the forecast step")
        axes.set_title(model, color=plots.COLORS[model])
        axes.set_ylim(0, 1.15)
        axes.set_yticks(np.arange(0, 1.1, 0.25))
    panels[0].set_ylabel("mean attention weight")
    note = "%: windows in which all four steps have their largest weight on the true lag"
    figure.supxlabel(note, fontsize="medium", color="0.4")
    return figure


ERRORS = Benchmark(
    "claims_recall",
    axes={"tasks": ("lag", LAGS), "candidates": ("model", MODELS.keys), "seeds": ("seed", SEEDS)},
    figures=("lookback", "relative_mse", "windows", "fit_seconds"),
    measure=measure_error,
    quick={"lag": 4, "model": "seq2seq", "seed": 0},
)
WEIGHTS = Benchmark(
    "claims_attention",
    axes={"tasks": ("lag", LAGS), "candidates": ("model", WITH_WEIGHTS), "seeds": ("seed", SEEDS)},
    figures=("windows", "all_steps_on_lag_percent", "steps_on_lag_percent", "mean_weight_on_lag", "fit_seconds"),
    measure=measure_weights,
    quick={"lag": 4, "model": "attention", "seed": 0},
)
