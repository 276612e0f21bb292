"""The mean absolute scaled error: the error over that of the seasonal naive forecast in the past."""

import warnings

import numpy as np

from tsattn._utils.warnings import warn


def naive_error(panel, scaler, season):
    """Mean absolute difference between values a season apart, `(series, channels)`, in units of the scale.

    NaN where no such pair was observed.
    """
    errors = np.empty((len(panel), panel.channels))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no pair observed
        for s in range(len(panel)):
            values = panel.series(s).astype("float64") / scaler.scale[s]
            errors[s] = (
                np.nanmean(np.abs(values[season:] - values[:-season]), axis=0) if len(values) > season else np.nan
            )
    return errors


def mean_errors(panel, forecasts, firsts):
    """Mean absolute error where something was observed, `(series, channels)`, NaN where nothing was.

    Args:
        panel: What came of each series.
        forecasts: `(series, steps, channels)`.
        firsts: For each series the step of its forecast that its first value is compared with.
    """
    errors = np.empty((len(panel), panel.channels))
    for s, first in enumerate(firsts):
        actual = panel.series(s)
        differences = np.abs(actual - forecasts[s, first : first + len(actual)])
        seen = ~np.isnan(differences)
        with np.errstate(invalid="ignore"):
            errors[s] = np.where(seen, differences, 0).sum(axis=0) / seen.sum(axis=0)
    return errors


def mean_scaled_error(errors, naive_errors):
    """The MASE: the mean of errors over naive errors, both `(series, channels)`, where it is defined.

    Reference:
        Hyndman and Koehler, 2006, https://doi.org/10.1016/j.ijforecast.2006.03.001.
    """
    defined = (naive_errors > 0) & ~np.isnan(errors)
    if not defined.all():
        warn(
            f"The MASE is not defined for {np.sum(~defined)} of {defined.size} series or channels, which are left out: "
            "within the series that `fit` got, the seasonal naive forecast has no error (a constant series), there is "
            "no season to measure it on, or nothing of what came next was observed."
        )
    return float(np.mean(errors[defined] / naive_errors[defined])) if defined.any() else np.nan
