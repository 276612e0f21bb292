"""Whether a network knows more than the last value, or had luck on few windows."""

import numpy as np

from tsattn.forecasters.naive import last_cycle, newest_observed
from tsattn.forecasters.origins import BATCH
from tsattn.forecasters.uncertainty import evenly
from tsattn.warning import warn


def falls_back(forecast, held_out, learnt, season):
    """Whether held-out windows do not tell a forecast from chance: then the last value is as good, with a warning.

    A random walk cannot be forecast, yet over few horizons many a forecast will seem to know it. So the share of the
    squared error of the last value that is explained is adjusted for the number of horizons, of which overlapping
    windows have no more than windows side by side. Errors are squared after their mean, for robustness.

    By the same rule a series whose last cycle tells more than its last value is no random walk, however few windows
    are held out.

    Args:
        forecast: Function of inputs as `Windows.gather` gives them, to `(n, horizon, channels)`.
        held_out: Held-out `Windows`; many series count for themselves, channels together.
        learnt: The `Windows` that were learnt from.
        season: Steps in a cycle.

    Reference:
        Adjusted share of the variance: Theil, 1961, "Economic Forecasts and Policy".
    """
    if season > 1:
        cycle = _ratio(lambda inputs: last_cycle(inputs["history"], season, learnt.horizon), learnt)
        if _is_told(cycle, learnt):
            return False
    ratio = _ratio(forecast, held_out)
    if ratio is None or _is_told(ratio, held_out):
        return False
    warn(
        f"On the held-out windows the error of the network is {ratio:.2f} of that of repeating the last value, which "
        f"over {held_out.horizons:.1f} horizons does not tell it from chance: the last value is forecast. Train it "
        "longer, pass a longer history, lower `horizon`, or use the network all the same with `fallback=False`."
    )
    return True


def _is_told(ratio, windows):
    """Whether a ratio of errors over these windows is less than chance makes it."""
    return ratio is not None and ratio**2 * (1 + 1 / windows.horizons) < 1


def _ratio(forecast, windows):
    """The mean absolute error of a forecast over that of the last value; None where there is none."""
    ours, naive = [], []
    index = evenly(len(windows), windows.horizon * windows.panel.channels)
    for part in np.array_split(index, -(-len(index) // BATCH)):
        inputs, target = windows.gather(part)
        ours.append(np.abs(target - forecast(inputs)))
        naive.append(np.abs(target - newest_observed(inputs["history"])[:, None]))
    ours, naive = np.concatenate(ours), np.concatenate(naive)
    if not np.isfinite(ours).any() or not np.nanmean(naive) > 0:
        return None
    return np.nanmean(ours) / np.nanmean(naive)


def at_last_value(forecasts, history, median):
    """Forecasts `(n, horizon, channels, levels)` moved so that the one at the place `median` is the last value."""
    last = newest_observed(history)[:, None, :, None]
    moved = forecasts + last - forecasts[..., median : median + 1]
    return np.where(np.isnan(last), forecasts, moved)
