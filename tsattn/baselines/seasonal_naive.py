"""The seasonal naive forecast of windows: the last season, repeated."""

import numpy as np


def last_cycle(history, season, horizon):
    """The last `season` steps of a history `(n, lookback, channels)`, again and again: `(n, horizon, channels)`.

    A step of the cycle without a value has the one of a cycle before, or else the last value; NaN where there is none.
    """
    series, lookback, channels = history.shape
    cycles = -(-lookback // season)
    padding = np.full((series, cycles * season - lookback, channels), np.nan, history.dtype)
    cycle = newest_observed(np.concatenate([padding, history], axis=1).reshape(series, cycles, season, channels))
    cycle = np.where(np.isnan(cycle), newest_observed(history)[:, None], cycle)
    return cycle[:, np.arange(horizon) % season]


def newest_observed(values):
    """The last value along axis 1 that is not NaN, NaN where there is none."""
    observed = ~np.isnan(values)
    newest = values.shape[1] - 1 - np.argmax(observed[:, ::-1], axis=1)
    return np.take_along_axis(values, newest[:, None], axis=1)[:, 0]
