"""The mean absolute scaled error (MASE) of the forecasts of a panel."""

import numpy as np

from tsattn._utils.warnings import warn
from tsattn.baselines.seasonal_naive import mean_observed


def mean_absolute_errors(panel, forecasts, firsts):
    """Return the mean absolute error of each series and channel over its observed values.

    Args:
        panel: `Panel` of the actual values.
        forecasts: Array `(series, steps, channels)`.
        firsts: Integers `(series,)`, the step of the forecast that corresponds to the first value of each series.

    Returns:
        Array `(series, channels)`, NaN where nothing was observed.
    """
    errors = np.empty((len(panel), panel.channels))
    for s, first in enumerate(firsts):
        actual = panel.series(s)
        errors[s] = mean_observed(np.abs(actual - forecasts[s, first : first + len(actual)]))
    return errors


def mean_absolute_scaled_error(errors, naive_errors):
    """Average errors relative to the in-sample errors of the seasonal naive forecast.

    Args:
        errors: Array `(series, channels)`.
        naive_errors: Array of the same shape.

    Returns:
        A float, the mean over the series and channels for which the MASE is defined; NaN if there are none. Emits a
        `UserWarning` if it is undefined for some.

    Reference:
        Hyndman and Koehler, 2006, https://doi.org/10.1016/j.ijforecast.2006.03.001.
    """
    defined = (naive_errors > 0) & ~np.isnan(errors)
    if not defined.all():
        warn(
            f"The MASE is not defined for {np.sum(~defined)} of {defined.size} series or channels, which are left out. "
            "Either the series passed to `fit` are constant or not longer than a season, so that their seasonal naive "
            "error is 0 or undefined, or no actual value was observed."
        )
    return float(np.mean(errors[defined] / naive_errors[defined])) if defined.any() else np.nan
