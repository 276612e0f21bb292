"""The seasonal naive forecast: the last season of a window, repeated, and its error in the past."""

import dataclasses
import warnings

import numpy as np


@dataclasses.dataclass(frozen=True)
class SeasonalCycle:
    """A model that repeats the last season of each window.

    Args:
        season: Steps in a cycle, 1 for the last value.
        horizon: Steps to forecast.
    """

    season: int
    horizon: int

    def forecast(self, inputs):
        """Forecast `(n, horizon, channels, 1)` from a dict with `"history"` `(n, lookback, channels)`."""
        return last_cycle(inputs["history"], self.season, self.horizon)[..., None]


def last_cycle(history, season, horizon):
    """Repeat the last season of each history.

    A step without an observed value in the last cycle takes the value of the cycle before, else the last observed
    value of the history.

    Args:
        history: Array `(n, lookback, channels)`, NaN where not observed.
        season: Steps in a cycle.
        horizon: Steps to forecast.

    Returns:
        Array `(n, horizon, channels)`, NaN where a channel has no observed value.
    """
    series, lookback, channels = history.shape
    cycles = -(-lookback // season)
    padding = np.full((series, cycles * season - lookback, channels), np.nan, history.dtype)
    cycle = newest_observed(np.concatenate([padding, history], axis=1).reshape(series, cycles, season, channels))
    cycle = np.where(np.isnan(cycle), newest_observed(history)[:, None], cycle)
    return cycle[:, np.arange(horizon) % season]


def newest_observed(values):
    """Return the last value along axis 1 that is not NaN; NaN where there is none."""
    observed = ~np.isnan(values)
    newest = values.shape[1] - 1 - np.argmax(observed[:, ::-1], axis=1)
    return np.take_along_axis(values, newest[:, None], axis=1)[:, 0]


def seasonal_naive_error(panel, scaler, season):
    """Mean absolute difference between values one season apart, in units of the scale.

    Args:
        panel: A `Panel`.
        scaler: Its `Scaler`.
        season: Steps in a cycle.

    Returns:
        Array `(series, channels)`, NaN where no such pair was observed.
    """
    errors = np.empty((len(panel), panel.channels))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no observed pair
        for s in range(len(panel)):
            values = panel.series(s).astype("float64") / scaler.scale[s]
            errors[s] = (
                np.nanmean(np.abs(values[season:] - values[:-season]), axis=0) if len(values) > season else np.nan
            )
    return errors
