"""Parts of forecast metrics in NumPy: the pinball loss and the error of the seasonal naive forecast."""

import numpy as np


def pinball_loss(actual, quantiles, levels):
    """Return the pinball loss of each quantile forecast.

    Args:
        actual: Array `(...)` of actual values, NaN where not observed.
        quantiles: Array `(..., levels)` of quantile forecasts.
        levels: Levels of the quantiles, between 0 and 1.

    Returns:
        Array `(..., levels)`: `level * error` where the actual value exceeds the quantile, else `(level - 1) * error`.
        NaN where `actual` is NaN.

    Reference:
        Koenker and Bassett, 1978, https://doi.org/10.2307/1913643.

    Example:

    >>> pinball_loss(np.array([3.0]), np.array([[1.0, 2.0, 4.0]]), (0.1, 0.5, 0.9)).round(3).tolist()
    [[0.2, 0.5, 0.1]]
    """
    errors, levels = actual[..., None] - quantiles, np.asarray(levels)
    return np.maximum(levels * errors, (levels - 1) * errors)


def naive_error(values, season, power=1):
    """Return the in-sample mean absolute or squared error of the seasonal naive forecast.

    Args:
        values: Array `(steps, channels)`, NaN where not observed.
        season: Number of steps in a cycle.
        power: 1 for the mean absolute error, 2 for the mean squared error. Defaults to 1.

    Returns:
        Array `(channels,)`, NaN where no pair of values one season apart was observed.

    Example:

    >>> naive_error(np.array([[1.0], [2.0], [4.0], [np.nan]]), season=1, power=2).tolist()
    [2.5]
    """
    differences = values[season:] - values[:-season]
    return mean_observed(np.abs(differences) if power == 1 else differences**2)


def mean_observed(values):
    """Return the mean over the first axis of the values that are not NaN; NaN where there are none."""
    observed = ~np.isnan(values)
    count = observed.sum(axis=0)
    return np.where(count > 0, np.where(observed, values, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
