"""Recall with a known lag: the values to forecast are those that a noise `x` had `lag` steps before.

Eight channels, four steps: 32 numbers to recall, with networks of width 32. `x` is a past covariate, and the series
is `y[t] = x[t - lag]`; every value is independent normal noise, so nothing else helps, and the error relative to the
variance is 1 for a forecast of 0. The textbook's settings, but with direct decoding, so that no error is fed back.
The window begins 8 steps before the first value to recall.

All models have the same training. Its length, the score "general" and the norm "pre" were chosen on other windows
than those tested on. With the norm "post" the Transformer recalled as well, but its encoder had moved the values
between the steps, and the decoder's weights lay elsewhere. Attention over the states of an LSTM has no positions: with
16 steps before the values it found the lags 4 and 64, but lag 8 not within 12 epochs, when the state did part of the
work; and with less to recall (one value a step, width 64) its largest weights lay up to five steps after the lag, on
later states that still held the value.
"""

import functools
import time

import claims_figure
import numpy as np
import pandas as pd

import tsattn

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


def task(lag, ids, steps, seed):
    """The series y and the covariates x of a panel."""
    noise = np.random.default_rng(seed).normal(size=(len(ids), steps + lag, CHANNELS))
    index = pd.MultiIndex.from_product([ids, range(steps)], names=["series", "time"])
    y = pd.DataFrame(noise[:, :steps].reshape(-1, CHANNELS), index, [f"y{channel}" for channel in range(CHANNELS)])
    return y, pd.DataFrame(noise[:, lag:].reshape(-1, CHANNELS), index, PAST)


@functools.cache
def test_windows(lag):
    """Histories of y and x, and the values that followed `(series, horizon, channels)`: of series not learnt from.

    A new series is scaled by itself, so it has a long history, of which a forecast sees the last lookback.
    """
    y, x = task(lag, range(1, TEST_SERIES + 1), TEST_STEPS, TEST_SEED)
    known = np.tile(np.arange(TEST_STEPS) < TEST_STEPS - HORIZON, TEST_SERIES)
    return y[known], x[known], y[~known].to_numpy().reshape(TEST_SERIES, HORIZON, CHANNELS)


@functools.cache
def fitted(name, lag, seed, **options):
    """A fitted model and the seconds that it took."""
    family, own = MODELS[name]
    training = tsattn.Training(**TRAINING, validation_fraction=0, random_state=seed, verbose=0)
    own = {**COMMON, **own, **options, "past_covariates": PAST, "mix_channels": True}
    model = family(lookback=lag + BEFORE, training=training, **own)
    start = time.perf_counter()
    model.fit(*task(lag, [0], STEPS, seed))
    return model, time.perf_counter() - start


def forecast(model, y, x):
    return model.predict(x, y=y).to_numpy().reshape(TEST_SERIES, HORIZON, CHANNELS)


def relative_error(forecasts, actual):
    return np.mean((forecasts - actual) ** 2) / np.var(actual)


def errors():
    rows = []
    for lag in LAGS:
        y, x, actual = test_windows(lag)
        for name in MODELS:
            for seed in SEEDS:
                model, seconds = fitted(name, lag, seed)
                error = relative_error(forecast(model, y, x), actual)
                row = {"lag": lag, "lookback": lag + BEFORE, "model": name, "seed": seed}
                rows.append({**row, "relative_mse": f"{error:.4f}", "windows": len(actual)})
                rows[-1]["fit_seconds"] = f"{seconds:.1f}"
                print(*rows[-1].values(), flush=True)
    return rows


def draw_errors(rows):
    figure, (axes,) = claims_figure.panels()
    ends = claims_figure.mean_lines(axes, rows, "lag", "relative_mse")
    claims_figure.label_ends(axes, ends, {"attention": 14, "transformer": 1})
    axes.plot(LAGS, [1] * len(LAGS), color=claims_figure.PLAIN, linestyle="--", linewidth=1, zorder=0)
    axes.text(LAGS[0], 1.02, "nothing recalled", color="0.4", va="bottom")
    claims_figure.doubling(axes, LAGS, "lag (steps between a value and its recall)")
    axes.set_ylabel("mean squared error / variance")
    axes.set_ylim(-0.05, 1.12)
    return figure


def attended(name, lag, seed):
    """Weights `(windows, horizon, lookback)` on test windows, the mean of all heads."""
    y, x, _ = test_windows(lag)
    weights = fitted(name, lag, seed)[0].attention_weights(x, y=y)
    return weights.to_numpy().reshape(TEST_SERIES, HORIZON, lag + BEFORE)


def weights():
    rows = []
    for lag in LAGS:
        for name in ("attention", "transformer"):
            for seed in SEEDS:
                each = attended(name, lag, seed)
                steps = np.arange(HORIZON)
                on_lag = each.argmax(axis=2) == BEFORE + steps
                row = {"lag": lag, "model": name, "seed": seed, "windows": len(each)}
                row["all_steps_on_lag_percent"] = f"{100 * on_lag.all(axis=1).mean():.1f}"
                row["steps_on_lag_percent"] = f"{100 * on_lag.mean():.1f}"
                row["mean_weight_on_lag"] = f"{each[:, steps, BEFORE + steps].mean():.3f}"
                rows.append({**row, "fit_seconds": f"{fitted(name, lag, seed)[1]:.1f}"})
                print(*rows[-1].values(), flush=True)
    return rows


def draw_weights(rows):
    figure, panels = claims_figure.panels(2, width=10, height=3.8, sharey=True)
    for axes, name in zip(panels, ("attention", "transformer"), strict=True):
        for lag in LAGS:
            each = attended(name, lag, SEEDS[0]).mean(axis=0)
            back = lag + BEFORE + np.arange(HORIZON)[:, None] - np.arange(lag + BEFORE)
            distances = np.unique(back)
            means = [each[back == distance].mean() for distance in distances]
            axes.plot(distances, means, ".-", color=claims_figure.COLORS[name], linewidth=1, markersize=3)
            share = np.mean(
                [float(r["all_steps_on_lag_percent"]) for r in rows if (r["lag"], r["model"]) == (lag, name)]
            )
            axes.text(
                lag, means[list(distances).index(lag)] + 0.02, f"lag {lag}\n{share:.0f} %", ha="center", va="bottom"
            )
        claims_figure.doubling(axes, LAGS, "steps back from the forecast step")
        axes.set_title(name, color=claims_figure.COLORS[name])
        axes.set_ylim(0, 1.15)
        axes.set_yticks(np.arange(0, 1.1, 0.25))
    panels[0].set_ylabel("mean attention weight")
    note = "%: windows in which all four steps have their largest weight on the true lag"
    figure.supxlabel(note, fontsize="medium", color="0.4")
    return figure
