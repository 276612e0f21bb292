"""Whether a network knows more than simpler forecasts, or had luck on few windows; and what stands in for it."""

import numpy as np

from tsattn._utils.warnings import warn
from tsattn.baselines.ridge import by_line, line_of
from tsattn.baselines.seasonal_naive import last_cycle, newest_observed
from tsattn.series.windows import sample_evenly

LINE = "a linear forecast is made"


def stand_in(forecast, held_out, learnt, season, whole):
    """What is to be forecast in place of a network, with a warning; None where it holds its own.

    It does where its error tells it from the last value. A random walk cannot be forecast, yet over few horizons many
    a forecast will seem to know it. So the share of the squared error that is explained is adjusted for the number of
    horizons, of which overlapping windows have no more than windows side by side. Errors are squared after their mean,
    for robustness.

    Else a linear forecast may stand in, if it errs no more than the last value on the held-out windows. By the same
    rule it does where the network errs no less than the last value and the linear forecast less than the network,
    unless, learnt from the first half of what was learnt from, it errs more than the last value on the second. A series
    whose last cycle tells more than its last value is no random walk, however few windows are held out: there the
    network stays. Nor is it one where the linear forecast tells more on that second half: there the network stays if it
    errs less than the linear forecast on the held-out windows, and else that stands in. For the rest the last value
    does. Where that errs 0, the series having come to a stand, a network that does not is not told from it.

    Args:
        forecast: Function of inputs as `Windows.gather` gives them, to `(n, horizon, channels)`.
        held_out: Held-out `Windows`; many series count for themselves, channels together.
        learnt: The `Windows` that were learnt from.
        season: Steps in a cycle.
        whole: The `Windows` that what stands in may learn from.

    Returns:
        None, or coefficients `(steps + 1, horizon)` for `moved`: of at most the newest 1,000 steps of the history, of
        none for the last value.

    Reference:
        Adjusted share of the variance: Theil, 1961, "Economic Forecasts and Policy".
    """
    ratio = _ratio(forecast, held_out)
    if ratio is None or _errs_less(ratio, 1.0, held_out) or (np.isinf(ratio) and _stands_still(learnt)):
        return None
    over = f"over {held_out.horizons:.1f} horizons"
    error = f"{ratio:.2f} of that" if np.isfinite(ratio) else "not the 0"
    line = line_of(learnt)
    straight = _ratio_of(line, held_out)
    told = False
    if straight is not None and straight <= 1:
        earlier, later = learnt.hold_out(0.5, learnt.ends)
        before = _ratio_of(line_of(earlier, few=True), later)
        told = before is not None and _errs_less(before, 1.0, later)
        refused = before is not None and _errs_less(1.0, before, later)
        if ratio >= 1 and not refused and _errs_less(straight, ratio, held_out):
            _warn(f"{error} of repeating the last value {over}, a linear forecast's {straight:.2f}: {LINE}")
            return line if whole is learnt else line_of(whole)
    if season > 1:
        cycle = _ratio(lambda inputs: last_cycle(inputs["history"], season, learnt.horizon), learnt)
        if cycle is not None and _errs_less(cycle, 1.0, learnt):
            return None
    chance = f"{error} of repeating the last value, which {over} does not tell it from chance"
    if told:
        if ratio < straight:
            return None
        _warn(f"{chance}, while earlier windows tell a linear forecast from it: {LINE}")
        return line if whole is learnt else line_of(whole)
    _warn(f"{chance}: the last value is forecast")
    return np.zeros((1, learnt.horizon))


def moved(forecasts, history, coefficients, median):
    """Forecasts `(n, horizon, channels, levels)` moved so that the one at the place `median` is what stands in.

    They are left where a channel has no observed value.
    """
    point = by_line(coefficients)({"history": history})[..., None]
    return np.where(np.isnan(point), forecasts, forecasts + point - forecasts[..., median : median + 1])


def _ratio_of(line, windows):
    """The ratio of a linear forecast; None where there is none."""
    return None if line is None or not len(windows) else _ratio(by_line(line), windows)


def _stands_still(windows):
    """Whether repeating the last value errs nowhere."""
    return _ratio(lambda inputs: newest_observed(inputs["history"])[:, None], windows) is None


def _errs_less(ours, theirs, windows):
    """Whether an error over these windows is less than another beyond chance."""
    return ours**2 * (1 + 1 / windows.horizons) < theirs**2


def _ratio(forecast, windows):
    """The mean absolute error of a forecast over that of the last value; inf where that alone is 0.

    None where nothing was observed, or both are 0.
    """
    ours, naive = [], []
    index = sample_evenly(len(windows), windows.horizon * windows.panel.channels)
    for part in windows.batches(index):
        inputs, target = windows.gather(part)
        ours.append(np.abs(target - forecast(inputs)))
        naive.append(np.abs(target - newest_observed(inputs["history"])[:, None]))
    ours, naive = np.concatenate(ours), np.concatenate(naive)
    if not np.isfinite(ours).any() or not max(np.nanmean(ours), np.nanmean(naive)) > 0:
        return None
    with np.errstate(divide="ignore"):
        return np.nanmean(ours) / np.nanmean(naive)


def _warn(what):
    warn(
        f"On the held-out windows the error of the network is {what}. Train the network longer, pass a longer history, "
        "lower `horizon`, or use it all the same with `fallback=False`."
    )
