"""The Transformer with and without positional encoding on the recall task, and on permuted histories.

The task, the training and the models are those of `claims_recall`, at one lag.
"""

import claims_figure
import claims_recall
import numpy as np

LAG = 16
POSITIONAL = ("sinusoidal", "learned", None)
NAMES = {"sinusoidal": "sinusoidal positions", "learned": "learned positions", None: "no positions"}
STYLES = {"sinusoidal": ("#009e73", "o"), "learned": ("#0072b2", "s"), None: ("#d55e00", "^")}


def fitted(positional, seed):
    options = {} if positional == "sinusoidal" else {"positional": positional}  # the default's fit is there already
    return claims_recall.fitted("transformer", LAG, seed, **options)


def both_forecasts(positional, seed):
    """Forecasts from the test histories, and from the same with the steps of each lookback permuted."""
    model, _ = fitted(positional, seed)
    y, x, _ = claims_recall.test_windows(LAG)
    generator, lookback = np.random.default_rng(0), LAG + claims_recall.BEFORE
    order = np.arange(len(y)).reshape(claims_recall.TEST_SERIES, -1)
    order[:, -lookback:] = generator.permuted(order[:, -lookback:], axis=1)
    permuted = [frame.iloc[order.ravel()].set_axis(frame.index) for frame in (y, x)]
    return claims_recall.forecast(model, y, x), claims_recall.forecast(model, *permuted)


def measure():
    rows = []
    _, _, actual = claims_recall.test_windows(LAG)
    for positional in POSITIONAL:
        for seed in claims_recall.SEEDS:
            own, permuted = both_forecasts(positional, seed)
            row = {"lag": LAG, "positional": positional or "none", "seed": seed, "windows": len(own)}
            row["relative_mse"] = f"{claims_recall.relative_error(own, actual):.4f}"
            row["relative_mse_permuted"] = f"{claims_recall.relative_error(permuted, actual):.4f}"
            row["largest_change_by_permuting"] = f"{np.abs(own - permuted).max():.1e}"
            rows.append({**row, "fit_seconds": f"{fitted(positional, seed)[1]:.1f}"})
            print(*rows[-1].values(), flush=True)
    return rows


def draw(rows):
    figure, (left, right) = claims_figure.panels(2, width=10, height=4)
    for positional, (color, marker) in STYLES.items():
        losses = fitted(positional, claims_recall.SEEDS[0])[0].training_history_["loss"]
        left.plot(range(1, len(losses) + 1), losses, color=color, marker=marker, markersize=4, label=NAMES[positional])
    left.axhline(1, color=claims_figure.PLAIN, linestyle="--", linewidth=1)
    left.text(len(losses), 1.02, "variance of the noise", color="0.4", ha="right", va="bottom")
    left.set_xlabel("epoch")
    left.set_ylabel("mean squared error in training / variance")
    left.set_ylim(0)
    left.legend(frameon=False, loc="center right")
    for positional in ("sinusoidal", None):
        own, permuted = both_forecasts(positional, claims_recall.SEEDS[0])
        color, marker = STYLES[positional]
        points = own[:, 0, 0], permuted[:, 0, 0]
        right.scatter(*points, s=14, color=color, marker=marker, alpha=0.7, linewidth=0)
    right.axline((0, 0), slope=1, color=claims_figure.PLAIN, linewidth=1, zorder=0)
    right.set_xlabel("forecast from the history (standard deviations)")
    right.set_ylabel("forecast from the permuted history")
    right.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal")
    return figure
