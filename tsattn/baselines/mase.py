"""The mean absolute scaled error (MASE) of the forecasts of a panel."""

import numpy as np

from tsattn._utils.warnings import warn


def mean_absolute_errors(panel, forecasts, firsts):
    """Mean absolute error of each series and channel over its observed values.

    Args:
        panel: `Panel` of the actual values.
        forecasts: Array `(series, steps, channels)`.
        firsts: Integers `(series,)`, the step of the forecast that the first value of each series belongs to.

    Returns:
        Array `(series, channels)`, NaN where nothing was observed.
    """
    errors = np.empty((len(panel), panel.channels))
    for s, first in enumerate(firsts):
        actual = panel.series(s)
        differences = np.abs(actual - forecasts[s, first : first + len(actual)])
        seen = ~np.isnan(differences)
        with np.errstate(invalid="ignore"):
            errors[s] = np.where(seen, differences, 0).sum(axis=0) / seen.sum(axis=0)
    return errors


def mean_absolute_scaled_error(errors, naive_errors):
    """Average errors in units of the in-sample errors of the seasonal naive forecast.

    Args:
        errors: Array `(series, channels)`.
        naive_errors: Array of the same shape.

    Returns:
        A float, over the series and channels for which the MASE is defined; NaN if there are none. Emits a
        `UserWarning` if it is undefined for some.

    Reference:
        Hyndman and Koehler, 2006, https://doi.org/10.1016/j.ijforecast.2006.03.001.
    """
    defined = (naive_errors > 0) & ~np.isnan(errors)
    if not defined.all():
        warn(
            f"The MASE is not defined for {np.sum(~defined)} of {defined.size} series or channels, which are left out. "
            "In the series passed to `fit` the seasonal naive forecast has no error (a constant series) or there is no "
            "full season, or none of the actual values was observed."
        )
    return float(np.mean(errors[defined] / naive_errors[defined])) if defined.any() else np.nan
