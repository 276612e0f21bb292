"""The Transformer with and without positional encoding on the recall task, and on permuted histories.

Task, training and models are those of `recall`, with one lag.
"""

import numpy as np

from benchmarks.claims import plots, recall
from benchmarks.common.runner import Benchmark

LAG = 16
NONE = "none"
# Label, color and marker.
STYLES = {
    "sinusoidal": ("sinusoidal positions", "#009e73", "o"),
    "learned": ("learned positions", "#0072b2", "s"),
    NONE: ("no positions", "#d55e00", "^"),
}


def fitted(positional, seed):
    """Return a fitted Transformer and the seconds of its fit. The default is shared with the recall experiment."""
    options = {} if positional == "sinusoidal" else {"positional": None if positional == NONE else positional}
    return recall.fitted("transformer", LAG, seed, **options)


def both_forecasts(positional, seed):
    """Return forecasts from the test histories, and from these with the steps of each lookback permuted."""
    model, _ = fitted(positional, seed)
    y, x, _ = recall.test_windows(LAG)
    generator, lookback = np.random.default_rng(0), LAG + recall.BEFORE
    order = np.arange(len(y)).reshape(recall.TEST_SERIES, -1)
    order[:, -lookback:] = generator.permuted(order[:, -lookback:], axis=1)
    permuted = [frame.iloc[order.ravel()].set_axis(frame.index) for frame in (y, x)]
    return recall.forecast(model, y, x), recall.forecast(model, *permuted)


def measure(lag, positional, seed):
    """Return the errors for the original and the permuted histories."""
    _, _, actual = recall.test_windows(lag)
    ordered, permuted = both_forecasts(positional, seed)
    return {
        "windows": len(ordered),
        "relative_mse": f"{recall.relative_error(ordered, actual):.4f}",
        "relative_mse_permuted": f"{recall.relative_error(permuted, actual):.4f}",
        "largest_change_by_permuting": f"{np.abs(ordered - permuted).max():.1e}",
        "fit_seconds": f"{fitted(positional, seed)[1]:.1f}",
    }


def draw(rows):
    """Draw the training losses, and the forecasts from permuted histories against those from the original histories."""
    figure, (left, right) = plots.panels(2, width=10, height=4)
    for positional, (label, color, marker) in STYLES.items():
        losses = fitted(positional, recall.SEEDS[0])[0].training_history_["loss"]
        left.plot(range(1, len(losses) + 1), losses, color=color, marker=marker, markersize=4, label=label)
    left.axhline(1, color=plots.GRAY, linestyle="--", linewidth=1)
    left.text(len(losses), 1.02, "variance of the noise", color="0.4", ha="right", va="bottom")
    left.set_xlabel("epoch")
    left.set_ylabel("mean squared error in training / variance")
    left.set_ylim(0)
    left.legend(frameon=False, loc="center right")
    for positional in ("sinusoidal", NONE):
        ordered, permuted = both_forecasts(positional, recall.SEEDS[0])
        _, color, marker = STYLES[positional]
        points = ordered[:, 0, 0], permuted[:, 0, 0]
        right.scatter(*points, s=14, color=color, marker=marker, alpha=0.7, linewidth=0)
    right.axline((0, 0), slope=1, color=plots.GRAY, linewidth=1, zorder=0)
    right.set_xlabel("forecast from the history (standard deviations)")
    right.set_ylabel("forecast from the permuted history")
    right.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal")
    return figure


BENCHMARK = Benchmark(
    "claims_order",
    axes={"tasks": ("lag", (LAG,)), "candidates": ("positional", STYLES.keys), "seeds": ("seed", recall.SEEDS)},
    figures=("windows", "relative_mse", "relative_mse_permuted", "largest_change_by_permuting", "fit_seconds"),
    measure=measure,
    quick={"lag": LAG, "positional": NONE, "seed": 0},
)
