"""Whether a network knows more than the last value, or had luck on few windows."""

import numpy as np

from tsattn.forecasters.naive import newest_observed
from tsattn.forecasters.origins import BATCH
from tsattn.forecasters.uncertainty import evenly
from tsattn.warning import warn


def falls_back(forecast, windows):
    """Whether held-out windows do not tell a forecast from chance: then the last value is as good, with a warning.

    A random walk cannot be forecast, yet over few horizons many a forecast will seem to know it. So the share of the
    squared error of the last value that is explained is adjusted for the number of horizons, of which overlapping
    windows have no more than windows side by side. Errors are squared after their mean, for robustness.

    Args:
        forecast: Function of inputs as `Windows.gather` gives them, to `(n, horizon, channels)`.
        windows: Held-out `Windows`; many series count for themselves, channels together.

    Reference:
        Adjusted share of the variance: Theil, 1961, "Economic Forecasts and Policy".
    """
    ours, naive = [], []
    index = evenly(len(windows), windows.horizon * windows.panel.channels)
    for part in np.array_split(index, -(-len(index) // BATCH)):
        inputs, target = windows.gather(part)
        ours.append(np.abs(target - forecast(inputs)))
        naive.append(np.abs(target - newest_observed(inputs["history"])[:, None]))
    ours, naive = np.concatenate(ours), np.concatenate(naive)
    if not np.isfinite(ours).any() or not np.nanmean(naive) > 0:
        return False
    horizons = windows.horizons
    ratio = np.nanmean(ours) / np.nanmean(naive)
    if ratio**2 * (1 + 1 / horizons) < 1:
        return False
    warn(
        f"On the held-out windows the error of the network is {ratio:.2f} of that of repeating the last value, which "
        f"over {horizons:.1f} horizons does not tell it from chance: the last value is forecast. Train it longer, pass "
        "a longer history, lower `horizon`, or use the network all the same with `fallback=False`."
    )
    return True


def at_last_value(forecasts, history, median):
    """Forecasts `(n, horizon, channels, levels)` moved so that the one at the place `median` is the last value."""
    last = newest_observed(history)[:, None, :, None]
    moved = forecasts + last - forecasts[..., median : median + 1]
    return np.where(np.isnan(last), forecasts, moved)
