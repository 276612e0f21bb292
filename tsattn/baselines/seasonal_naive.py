"""The seasonal naive forecast, which repeats the last season, and its in-sample error."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class SeasonalCycle:
    """A model that repeats the last season of each window.

    Args:
        season: Number of steps in a cycle; 1 repeats the last value.
        horizon: Number of steps to forecast.
    """

    season: int
    horizon: int

    def forecast(self, inputs):
        """Forecast windows, `(n, horizon, channels, 1)`, from the `"history"` `(n, lookback, channels)` of `inputs`."""
        return last_cycle(inputs["history"], self.season, self.horizon)[..., None]


def last_cycle(history, season, horizon):
    """Repeat the last season of each history.

    Missing values of the last season are replaced by those of the previous seasons, or by the last observed value of
    the history if these are missing too.

    Args:
        history: Array `(n, lookback, channels)`, NaN where not observed.
        season: Number of steps in a cycle.
        horizon: Number of steps to forecast.

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
    """Return the last value along axis 1 that is not NaN, or NaN if there is none."""
    observed = ~np.isnan(values)
    newest = values.shape[1] - 1 - np.argmax(observed[:, ::-1], axis=1)
    return np.take_along_axis(values, newest[:, None], axis=1)[:, 0]


def seasonal_naive_error(panel, scaler, season):
    """Return the in-sample mean absolute error of the seasonal naive forecast, in units of the scale.

    Args:
        panel: A `Panel`.
        scaler: Its `Scaler`.
        season: Number of steps in a cycle.

    Returns:
        Array `(series, channels)`, NaN where no pair of values one season apart was observed.
    """
    errors = np.empty((len(panel), panel.channels))
    with np.errstate(over="ignore", invalid="ignore"):  # the scale of a constant series is tiny
        for s in range(len(panel)):
            errors[s] = naive_error(panel.series(s).astype("float64") / scaler.scale[s], season)
    return errors


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
