"""What every forecaster does: pandas in, `fit` and `predict`, the same pandas out."""

import abc
import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tsattn.checks import check_count, check_optional_count
from tsattn.forecasters.mase import mean_errors, mean_scaled_error, naive_error
from tsattn.forecasters.origins import Origins
from tsattn.forecasters.refusals import refuse_negative, refuse_not_finite, refuse_unrelated
from tsattn.forecasters.storable import Storable
from tsattn.forecasters.uncertainty import MEDIAN
from tsattn.kinds import Beside, Data
from tsattn.series.frames import read
from tsattn.series.scaling import Scaler
from tsattn.series.schema import read_covariates
from tsattn.series.seasons import season_length
from tsattn.series.windows import Windows


@dataclasses.dataclass(eq=False, repr=False)
class BaseForecaster(Storable, abc.ABC):
    """Abstract: `fit` and `predict` around one way to learn and one way to forecast.

    A subclass says how it learns from the windows of a panel (`_learn`) and how it forecasts the next
    horizon from the last lookback (`_forecast`); all else is here, and in `Forecaster` how sure it is.

    Args:
        horizon: Steps to forecast at once.
        lookback: Steps of history that a forecast is made from. None chooses from the length of the series, its
            season and the horizon. Defaults to None.
        season: Steps in a cycle. None takes the cycle that goes with the step of the time index (24 for hours, 7 for
            days, 12 for months and so on), or 1 for a series of less than two cycles. Defaults to None.
        freq: Step of the time index, a pandas alias or offset. None takes or infers the index's own. Defaults to None.
        past_covariates: Columns of the covariates that are not known in advance. Defaults to none.
        calendar: Features of the time index, such as `("hour", "dayofweek", "holidays:NO")`, or
            `"auto"` for those that go with its step; see `tsattn.series.calendar`. Defaults to None.
        positive: If True no forecast is below 0, and the series must not be either. Defaults to False.
    """

    horizon: int
    _: dataclasses.KW_ONLY
    lookback: int | None = None
    season: int | None = None
    freq: object = None
    past_covariates: Sequence = ()
    calendar: str | Sequence | None = None
    positive: bool = False
    _scaler: ClassVar[type] = Scaler

    def fit(self, y: Data, covariates: Beside = None, *, static: Beside = None) -> Self:
        """Learn from one series or from many.

        Args:
            y: A Series, or a wide DataFrame with a column for each channel, with a `DatetimeIndex`, a
                `PeriodIndex` or an integer index; or many series, as a Series or DataFrame with a
                MultiIndex (series, time), or as a long DataFrame `unique_id, ds, y`. Missing values
                and missing time stamps are left out of everything that is learnt.
            covariates: DataFrame on the same index, or for many series on the time alone. Its columns are known in
                advance, but for those that `past_covariates` names. It may run past the end of `y`: what it tells of
                the future is kept for `predict`. Numbers, booleans, categories and text.
            static: DataFrame with a row for each of many series, the ids in its index or in a column `unique_id`.

        Returns:
            The forecaster itself. If the call fails, the forecaster stays as it was.

        Raises:
            ValueError, TypeError, MemoryError: what came, what was wanted and what to do.
        """
        return self._fit(y, covariates, static)

    def _fit(self, y, covariates, static, **options):
        """Fits a copy, and takes over its state when that has succeeded."""
        aside = object.__new__(type(self))
        vars(aside).update(vars(self))
        aside._learn_aside(aside._read(y, covariates, static, options.get("warm_start")), **options)
        vars(self).update(vars(aside))
        return self

    def _learn_aside(self, windows, **options):
        """All that learns from the windows that were read."""
        self._learn(windows, **options)

    def _read(self, y, covariates, static, warm_start=False):
        """Reads, settles on the settings unless a warm start keeps them, and gives the `Windows` to learn from."""
        if warm_start:
            panel, self.layout_ = self.layout_.read_more(y)
            span = {"steps": self.horizon_, "lookback": None, "fitted": self.origins_.covariates}
            covariates = self.schema_.read(self.layout_, covariates, static, **span)
        else:
            self.horizon_ = check_count("horizon", self.horizon)
            panel, self.layout_ = read(y, freq=self.freq)
            span = {"steps": self.horizon_, "past": self.past_covariates, "calendar": self.calendar}
            self.schema_, covariates = read_covariates(self.layout_, covariates, static, **span)
            self._settle()
        return self._take(panel, covariates)

    def _settle(self):
        """Chooses the settings for the series of the `layout_`."""
        self.season_ = self._season()
        self.levels_ = self._levels()
        self._choose()

    def _take(self, panel, covariates):
        """Takes over the ends of the series, and gives the `Windows` to learn from."""
        if self.positive:
            refuse_negative(panel, self.layout_)
        scaler = self._scaler.of(panel, self.layout_)
        ends = panel.tail(self.lookback_), self.layout_, scaler, covariates.tail(self.lookback_)
        self.origins_ = Origins(*ends, self.lookback_, self.horizon_)
        self.origins_.check()
        self.naive_error_ = naive_error(panel, scaler, self.season_)
        return Windows(panel, scaler, self.lookback_, self.horizon_, covariates)

    def _season(self):
        season = check_optional_count("season", self.season) or season_length(self.layout_.timeline)
        return season if self.season is not None or np.median(self.layout_.lengths) >= 2 * season else 1

    def _levels(self):
        """The levels of the outputs of a forecast: the median alone, or quantiles with the median."""
        return (MEDIAN,)

    @abc.abstractmethod
    def _choose(self):
        """Sets `lookback_` and what else depends on the `layout_`, the `horizon_` and the `season_`."""

    @abc.abstractmethod
    def _learn(self, windows, **options):
        """Learns from `Windows`, into attributes that end in `_`."""

    @abc.abstractmethod
    def _forecast(self, inputs):
        """Scaled forecasts `(n, horizon, channels, levels)` from inputs as `Windows.gather` gives them."""

    def predict(
        self, covariates: Beside = None, *, y: Data | None = None, static: Beside = None, horizon: int | None = None
    ) -> Data:
        """Forecast what follows each series.

        Args:
            covariates: What is known in advance of the steps to forecast, as `make_future_frame` gives it to be
                filled in; with `y` of its last steps too. Defaults to what `fit` was told of the future.
            y: History to forecast from, of the kind that `fit` got; many series may be others, which
                are then scaled by themselves. Defaults to the series that `fit` got.
            static: With `y`, the static covariates of series that `fit` did not get.
            horizon: Steps to forecast; beyond the trained horizon the forecast is rolled forward,
                each part from the one before. Defaults to the trained horizon.

        Returns:
            The forecast: type, names, index kind and time zone are those of the history.

        Raises:
            ValueError, TypeError: what came, what was wanted and what to do.
        """
        check_is_fitted(self)
        steps = self.horizon_ if horizon is None else check_count("horizon", horizon)
        origins = self._origins(covariates, y, static, steps)
        return origins.layout.dress(self._rolled(origins, steps))

    def make_future_frame(self, horizon: int | None = None, *, y: Data | None = None) -> pd.DataFrame:
        """The covariates that `predict` needs, to be filled in.

        Args:
            horizon: Steps to forecast. Defaults to the trained horizon.
            y: History to forecast from, as in `predict`. Defaults to the series that `fit` got.

        Returns:
            DataFrame with the steps that follow each series and the columns that are known in advance;
            filled in where `fit` was told of them, else missing. With `y` its last lookback too, and the
            columns that are not known in advance.
        """
        check_is_fitted(self)
        steps = self.horizon_ if horizon is None else check_count("horizon", horizon)
        if y is None:
            return self.schema_.future_frame(self.origins_.covariates, self.layout_, steps)
        _, layout = self.layout_.read_more(y)
        return self.schema_.empty_frame(layout, self.lookback_, steps)

    def _origins(self, covariates, y, static, steps, whole=False):
        """The `Origins` of a forecast of so many steps; with all of `y` before them if `whole`."""
        origins = self.origins_
        if y is None:
            beside = origins.covariates
            if covariates is not None:
                beside = self.schema_.extend(beside, origins.layout, covariates)
            origins = dataclasses.replace(origins, covariates=self.schema_.with_steps(beside, origins.layout, steps))
        else:
            panel, layout = self.layout_.read_more(y)
            if self.positive:
                refuse_negative(panel, layout)
            reach = int(layout.lengths.max()) if whole else self.lookback_
            beside = {"steps": steps, "lookback": self.lookback_, "reach": reach, "fitted": origins.covariates}
            beside = self.schema_.read(layout, covariates, static, **beside)
            scaler = origins.scaler.known_or(self._scaler.of(panel, layout), self.layout_.find(layout))
            origins = Origins(panel.tail(reach), layout, scaler, beside, self.lookback_, self.horizon_)
            origins.check()
        self.schema_.require(origins.covariates, origins.layout, steps)
        return origins

    def _rolled(self, origins, steps):
        """Forecasts `(series, steps, channels)` in the units of the data, rolled forward beyond the horizon."""
        forecasts = []
        for series, inputs in origins.batches():
            parts = []
            while True:
                parts.append(self._in_units(origins, series, self._point(self._forecast(inputs))))
                total = len(parts) * self.horizon_
                if total >= steps:
                    break
                inputs = origins.moved(series, inputs, parts[-1], total)
            forecasts.append(np.concatenate(parts, axis=1)[:, :steps])
        forecasts = np.concatenate(forecasts)
        refuse_not_finite(forecasts, origins.layout)
        return forecasts

    def _point(self, forecasts):
        return forecasts[..., self.levels_.index(MEDIAN)]

    def _in_units(self, origins, series, forecasts):
        """Scaled forecasts in the units of the data; none below 0 where they are to be positive."""
        values = origins.scaler.inverse(forecasts, series)
        return np.maximum(values, 0.0) if self.positive else values

    def score(self, y: Data, covariates: Beside = None) -> float:
        """Minus the mean absolute scaled error of the forecast of what came next: higher is better.

        Args:
            y: The values that followed the series that `fit` got, soon or at once.
            covariates: As in `predict`.

        Returns:
            Minus the MASE, averaged over series and channels: the error over that of the seasonal naive
            forecast within the series that `fit` got (Hyndman and Koehler, 2006).
        """
        check_is_fitted(self)
        actual, layout = self.layout_.read_more(y)
        series, ahead = self.layout_.ahead(layout)
        refuse_unrelated(layout, series, ahead)
        steps = int((ahead + layout.lengths).max())
        forecast = self._rolled(self._origins(covariates, None, None, steps), steps)
        errors = mean_errors(actual, forecast[series], ahead) / self.origins_.scaler.scale[series]
        return -mean_scaled_error(errors, self.naive_error_[series])
