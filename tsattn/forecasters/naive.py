"""The seasonal naive forecast: what every network must beat."""

import dataclasses

import numpy as np

from tsattn.checks import check_count
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.documented import documented
from tsattn.series.scaling import Unscaled

SEASONS = 4  # looked back at most, where the last season was not observed


@documented
@dataclasses.dataclass(eq=False, repr=False)
class SeasonalNaiveForecaster(Forecaster):
    """Repeats the last season; with `season=1`, the last value.

    Where a value of the last season was not observed, that of the season before is taken, within
    the lookback; and where there is none either, the last observed value. A lookback of None is at
    most four seasons.

    Args:

    Reference:
        Hyndman and Athanasopoulos, 2021, https://otexts.com/fpp3/simple-methods.html.

    Example:

    >>> import pandas as pd
    >>> y = pd.Series([1.0, 2.0, 1.0, 2.0], index=pd.RangeIndex(4))
    >>> SeasonalNaiveForecaster(horizon=3, season=2).fit(y).predict().tolist()
    [1.0, 2.0, 1.0]
    """

    def _scaler(self, panel):
        return Unscaled()  # repeated values are to be the same to the last bit

    def _settings(self, length, horizon, season):
        lookback = self.lookback
        lookback = max(season, min(length, SEASONS * season)) if lookback is None else check_count("lookback", lookback)
        if lookback < season:
            raise ValueError(
                f"`lookback` {lookback} is shorter than the season of {season} steps that is to be repeated. "
                "Raise `lookback`, or lower `season`."
            )
        if length < lookback:
            raise ValueError(
                f"`y` has {length} steps, but lookback {lookback} needs at least {lookback}. "
                "Lower `lookback`, or pass a longer history."
            )
        return {"lookback_": lookback}

    def _learn(self, panel, fitted):
        return {}

    def _forecast(self, history):
        series, lookback, channels = history.shape
        last = newest_observed(history)
        seasons = -(-lookback // self.season_)
        padding = np.full((series, seasons * self.season_ - lookback, channels), np.nan, history.dtype)
        cycles = np.concatenate([padding, history], axis=1).reshape(series, seasons, self.season_, channels)
        cycle = newest_observed(cycles)
        cycle = np.where(np.isnan(cycle), last[:, None], cycle)
        return cycle[:, np.arange(self.horizon_) % self.season_]


def newest_observed(values):
    """The last value along axis 1 that is not NaN, NaN where there is none."""
    observed = ~np.isnan(values)
    newest = values.shape[1] - 1 - np.argmax(observed[:, ::-1], axis=1)
    return np.take_along_axis(values, newest[:, None], axis=1)[:, 0]
