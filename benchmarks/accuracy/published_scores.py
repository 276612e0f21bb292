"""The metrics of the published tasks, in NumPy: MASE, and the quantile losses WQL, CRPS and SQL.

Arrays are `(series, windows, horizon)`, those of quantiles `(series, windows, horizon, levels)`, and the scales
`(series, windows)`. A scale of NaN leaves its window out.
"""

import statistics

import numpy as np

from tsattn.baselines.pinball import pinball_loss
from tsattn.baselines.seasonal_naive import naive_error

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def split(values, horizon, windows):
    """Split a series into windows that follow one another without a gap and end at its end.

    Args:
        values: Array `(steps,)`.
        horizon: Number of steps in a window.
        windows: Number of windows.

    Returns:
        List of pairs of the history, from the start of the series, and the actual values.
    """
    origins = [len(values) - horizon * number for number in range(windows, 0, -1)]
    return [(values[:origin], values[origin : origin + horizon]) for origin in origins]


def scale(history, season):
    """Return the scale of MASE and SQL: the mean absolute error of the seasonal naive forecast in a history.

    NaN if it is 0, or if the history is too short.
    """
    error = naive_error(history[:, None], season)[0]
    return error if error > 0 else np.nan


def mase(actual, forecasts, scales):
    """Return the mean absolute scaled error: the mean over all series, windows and steps."""
    return np.nanmean(np.abs(actual - forecasts) / scales[..., None])


def weighted_quantile_loss(actual, quantiles, scales):
    """Return WQL, which gift-eval calls CRPS: the sum of twice the pinball loss over the sum of absolute values.

    Sums are over all series, windows and steps. The result is the mean over the levels.
    """
    return (2 * pinball_loss(actual, quantiles, LEVELS)).mean(axis=-1).sum() / np.abs(actual).sum()


def scaled_quantile_loss(actual, quantiles, scales):
    """Return SQL: the mean of twice the pinball loss, divided by the scale of MASE."""
    return np.nanmean(2 * pinball_loss(actual, quantiles, LEVELS) / scales[..., None, None])


QUANTILE_METRICS = {"wql": weighted_quantile_loss, "crps": weighted_quantile_loss, "sql": scaled_quantile_loss}


def constant_quantiles(forecasts):
    """Return quantiles that are all equal to the point forecast."""
    return np.repeat(forecasts[..., None], len(LEVELS), axis=-1)


def normal_quantiles(forecasts, histories, season, steps=None):
    """Return the quantiles of the seasonal naive forecast: those of a normal distribution around it.

    The variance is the mean squared error of the seasonal naive forecast in the history. It grows by that amount with
    each cycle.

    Args:
        forecasts: Array `(series, windows, horizon)`.
        histories: For each series, the histories of its windows.
        season: Steps in a cycle.
        steps: Number of last steps of a history whose errors count. Defaults to all.
    """
    recent = [[history if steps is None else history[-steps:] for history in windows] for windows in histories]
    variance = np.array([[naive_error(history[:, None], season, power=2)[0] for history in row] for row in recent])
    cycles = 1 + np.arange(forecasts.shape[-1]) // season
    deviation = np.sqrt(variance[..., None] * cycles)
    normal = np.array([statistics.NormalDist().inv_cdf(level) for level in LEVELS])
    return forecasts[..., None] + deviation[..., None] * normal
