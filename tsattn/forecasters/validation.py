"""What cannot be learnt or forecast from: panels, with the name of the series, and levels of quantiles."""

import numbers

import numpy as np

from tsattn._utils.validation import is_same


def refuse_short(layout, lookback, horizon):
    """A ValueError that names the shortest series unless all hold a window."""
    series = int(layout.lengths.argmin())
    if (length := layout.lengths[series]) < lookback + horizon:
        raise ValueError(
            f"{layout.series_name(series)} has {length} steps, but lookback {lookback} + horizon {horizon} needs at "
            f"least {lookback + horizon}. Lower `lookback` or `horizon`, or pass a longer history."
        )


def refuse_negative(panel, layout):
    """A ValueError that names the series with the lowest value if that is below 0."""
    if (lowest := np.nanmin(panel.values)) < 0:
        row = int(np.argwhere(panel.values == lowest)[0][0])
        series = int(np.searchsorted(panel.offsets, row, side="right")) - 1
        raise ValueError(
            f"{layout.series_name(series)} has the value {lowest:g}, but `positive` is True. "
            "Leave `positive` out, or repair the value."
        )


def refuse_windows(layout, places, span, horizon):
    """A ValueError unless every series was fitted and reaches back beyond the first of several origins."""
    if (places < 0).any():
        raise ValueError(
            f"{layout.series_name(int(places.argmin()))} was not in the fit. Pass series that were, or forecast it "
            "from one origin at a time with `predict(y=...)`."
        )
    series = int(layout.lengths.argmin())
    if (length := layout.lengths[series]) <= span:
        raise ValueError(
            f"{layout.series_name(series)} has {length} steps, but the origins and the horizon {horizon} after the "
            f"last take {span}, and there must be a history before. Lower `windows` or `stride`, or pass more."
        )


def refuse_unrelated(layout, series, ahead):
    """A ValueError unless every part of a series follows one that was fitted, so many steps after its end."""
    wrong = np.flatnonzero((series < 0) | (ahead < 0))
    if len(wrong):
        raise ValueError(
            f"{layout.series_name(wrong[0])} starts at {layout.time_axis.at(layout.firsts[wrong[:1]])[0]}, which "
            "follows no series that `fit` got. Pass the values that followed those series."
        )


def refuse_not_finite(forecast, layout):
    """A ValueError that names the first series whose forecast `(series, ...)` is NaN or infinite anywhere."""
    wrong = np.flatnonzero(~np.isfinite(forecast.reshape(len(forecast), -1)).all(axis=1))
    if len(wrong):
        raise ValueError(
            f"The forecast of {layout.series_name(wrong[0])} is not finite: from this history NaN or infinite numbers "
            "are computed. Look for outliers in the history, or fit again with a lower `learning_rate`."
        )


def refuse_levels(levels, what, bounds, calibrated):
    """A ValueError unless these are levels of quantiles within the bounds of what was trained or calibrated."""
    low, high = bounds
    if not levels or not all(isinstance(level, numbers.Real) for level in levels):
        raise ValueError(f"`quantiles` must be levels such as (0.1, 0.5, 0.9), not {levels}.")
    if not all(low <= level <= high for level in levels):
        wider = "Pass wider `quantiles` or `calibrate=True` when you make the forecaster, and fit it again."
        raise ValueError(
            f"{what} needs quantiles outside of those that were trained or calibrated, from {low:g} to {high:g}. "
            + ("Ask for less." if calibrated else wider)
        )


def refuse_changed(arguments, fitted):
    """Refuse to train on with other arguments than those of the last fit; only the training may change.

    Args:
        arguments, fitted: Dicts of the arguments by name, now and at the last fit.

    Raises:
        ValueError: naming what changed.
    """
    changed = [name for name, value in arguments.items() if name != "training" and not is_same(value, fitted[name])]
    if changed:
        raise ValueError(
            f"`warm_start` goes on with the network of the last fit, but {changed} changed since. "
            "Set them back, or fit afresh."
        )
