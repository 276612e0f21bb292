"""Duration of a training step as the lookback doubles: patches of one step, equal units, batch size and horizon.

The models are measured in turns, so that other load on the machine affects all models equally. The first turn is a
warm-up; the result is the median of the others.
"""

import numpy as np
import pandas as pd

import tsattn
from benchmarks.claims import plots
from benchmarks.common.families import FAMILIES
from benchmarks.common.runner import Benchmark
from benchmarks.peers.keras_clock import Clock

LOOKBACKS = (48, 96, 192, 384, 768)
HORIZON, UNITS, BATCH_SIZE, TURNS, STEPS, SEED = 24, 32, 16, 4, 8, 0


def step_seconds(model, y):
    """Return the seconds of each step of a training except the first."""
    clock = Clock()
    model.fit(y, callbacks=clock)
    return np.subtract(clock.ends, clock.begins)[1:]


def measure(lookbacks=LOOKBACKS):
    """Return a row for each model and lookback."""
    values = np.random.default_rng(SEED).normal(size=4 * LOOKBACKS[-1])
    y = pd.Series(values, pd.date_range("2000", periods=len(values), freq="h"))
    options = {"batch_size": BATCH_SIZE, "batches_per_epoch": STEPS, "validation_fraction": 0}
    training = tsattn.Training(epochs=1, **options, random_state=SEED, verbose=0)
    common = {"horizon": HORIZON, "patch_size": 1, "units": UNITS, "shortcut": False, "training": training}
    models = {
        (name, lookback): family(lookback=lookback, **common)
        for lookback in lookbacks
        for name, family in FAMILIES.items()
    }
    seconds = {key: [] for key in models}
    for turn in range(TURNS):
        for key, model in models.items():
            steps = step_seconds(model, y)
            if turn:
                seconds[key].extend(steps)
    rows = []
    for (name, lookback), steps in seconds.items():
        ratio = np.median(steps) / np.median(seconds[name, lookbacks[0]])
        row = {"model": name, "lookback": lookback, "units": UNITS, "batch": BATCH_SIZE, "horizon": HORIZON}
        row |= {"seed": SEED, "step_seconds": f"{np.median(steps):.4f}", "fastest_step_seconds": f"{min(steps):.4f}"}
        rows.append({**row, "steps": len(steps), "ratio_to_shortest": f"{ratio:.2f}"})
    return rows


def draw(rows):
    """Draw the duration by lookback, relative to the shortest one."""
    figure, (axes,) = plots.panels()
    ends = plots.plot_means(axes, rows, "lookback", "ratio_to_shortest")
    ratios = np.array(LOOKBACKS) / LOOKBACKS[0]
    for power, name, shift in ((1, "linear", 8), (2, "quadratic", 0)):
        axes.plot(LOOKBACKS, ratios**power, color=plots.GRAY, linestyle="--", linewidth=1, zorder=0)
        place = (LOOKBACKS[-1], ratios[-1] ** power)
        axes.annotate(name, place, xytext=(8, shift), textcoords="offset points", va="center", color="0.4")
    plots.label_ends(axes, ends, {"attention": -5, "seq2seq": -18})
    plots.set_doubling(axes, LOOKBACKS, "lookback (steps)")
    axes.set_yscale("log", base=2)
    axes.set_yticks([1, 2, 4, 8, 16, 32, 64, 128, 256], [f"{ratio} x" for ratio in (1, 2, 4, 8, 16, 32, 64, 128, 256)])
    axes.minorticks_off()
    axes.set_ylabel(f"time of a training step / that at lookback {LOOKBACKS[0]}")
    return figure


BENCHMARK = Benchmark(
    "claims_seconds",
    axes={},
    figures=(
        *("model", "lookback", "units", "batch", "horizon", "seed"),
        *("step_seconds", "fastest_step_seconds", "steps", "ratio_to_shortest"),
    ),
    measure=measure,
    quick={"lookbacks": LOOKBACKS[:2]},
)
