"""Seconds of a training step as the lookback doubles: patches of one step, equal units, batch and horizon.

Every model takes one step after another in turns, so that what else the machine does falls on all of them; the first
turn warms up, and the median of the others counts.
"""

import time

import claims_figure
import keras
import numpy as np
import pandas as pd

import tsattn

LOOKBACKS = (48, 96, 192, 384, 768)
HORIZON, UNITS, BATCH, TURNS, STEPS, SEED = 24, 32, 16, 4, 8, 0
MODELS = {
    "seq2seq": tsattn.Seq2SeqForecaster,
    "attention": tsattn.AttentionForecaster,
    "transformer": tsattn.TransformerForecaster,
}


def steps_of(model, y):
    """Seconds of each step of a training, but of the first."""
    times = []
    clock = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: times.append(time.perf_counter()),
        on_train_batch_end=lambda batch, logs: times.append(time.perf_counter()),
    )
    model.fit(y, callbacks=clock)
    return np.diff(times)[2::2]


def measure():
    values = np.random.default_rng(SEED).normal(size=4 * LOOKBACKS[-1])
    y = pd.Series(values, pd.date_range("2000", periods=len(values), freq="h"))
    options = {"batch_size": BATCH, "batches_per_epoch": STEPS, "validation_fraction": 0}
    training = tsattn.Training(epochs=1, **options, random_state=SEED, verbose=0)
    common = {"horizon": HORIZON, "patch_size": 1, "units": UNITS, "shortcut": False, "training": training}
    models = {(name, lookback): MODELS[name](lookback=lookback, **common) for lookback in LOOKBACKS for name in MODELS}
    seconds = {key: [] for key in models}
    for turn in range(TURNS):
        for key, model in models.items():
            steps = steps_of(model, y)
            if turn:
                seconds[key].extend(steps)
    rows = []
    for (name, lookback), steps in seconds.items():
        ratio = np.median(steps) / np.median(seconds[name, LOOKBACKS[0]])
        row = {"model": name, "lookback": lookback, "units": UNITS, "batch": BATCH, "horizon": HORIZON, "seed": SEED}
        row.update(step_seconds=f"{np.median(steps):.4f}", fastest_step_seconds=f"{min(steps):.4f}", steps=len(steps))
        rows.append({**row, "ratio_to_shortest": f"{ratio:.2f}"})
        print(*rows[-1].values(), flush=True)
    return rows


def draw(rows):
    figure, (axes,) = claims_figure.panels()
    ends = claims_figure.mean_lines(axes, rows, "lookback", "ratio_to_shortest")
    ratios = np.array(LOOKBACKS) / LOOKBACKS[0]
    for power, name, shift in ((1, "linear", 8), (2, "quadratic", 0)):
        axes.plot(LOOKBACKS, ratios**power, color=claims_figure.PLAIN, linestyle="--", linewidth=1, zorder=0)
        place = (LOOKBACKS[-1], ratios[-1] ** power)
        axes.annotate(name, place, xytext=(8, shift), textcoords="offset points", va="center", color="0.4")
    claims_figure.label_ends(axes, ends, {"attention": -5, "seq2seq": -18})
    claims_figure.doubling(axes, LOOKBACKS, "lookback (steps)")
    axes.set_yscale("log", base=2)
    axes.set_yticks([1, 2, 4, 8, 16, 32, 64, 128, 256], [f"{ratio} x" for ratio in (1, 2, 4, 8, 16, 32, 64, 128, 256)])
    axes.minorticks_off()
    axes.set_ylabel(f"time of a training step / that at lookback {LOOKBACKS[0]}")
    return figure
