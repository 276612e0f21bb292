"""The pinball loss of quantile forecasts, in NumPy."""

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
