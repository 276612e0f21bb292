"""The seasonal naive forecast as a forecaster: the baseline of every comparison."""

import dataclasses
from typing import ClassVar, Self

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_count, check_rate
from tsattn.baselines.seasonal_naive import SeasonalCycle
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.conformal import MEDIAN
from tsattn.series.history import check_length
from tsattn.series.scaling import Unscaled

MAX_SEASONS = 4  # of a default lookback, for missing values of the last season


@dataclasses.dataclass(eq=False, repr=False)
class SeasonalNaiveForecaster(Forecaster):
    """Repeat the last season; with `season=1`, the last value.

    A missing value of the last season is replaced by that of the previous season in the lookback, or by the last
    observed value if there is none. The default lookback is at most four seasons. Covariates are accepted but
    ignored.

    Args:
        horizon: Steps to forecast at once.
        lookback: Steps of history that a forecast is made from. None chooses from the length of the series, the season
            and the horizon. Defaults to None.
        season: Steps in a cycle. None takes the cycle of the time step (24 for hours, 7 for days, 12 for months), or 1
            for a series shorter than two cycles. Defaults to None.
        freq: Step of the time index, a pandas alias or offset. None takes or infers that of the index. Defaults to
            None.
        past_covariates: Columns of `covariates` that are not known in advance. Defaults to none.
        calendar: Calendar features of the time index, such as `("hour", "dayofweek", "holidays:NO")`, or `"auto"` for
            those that suit its step. Defaults to None.
        positive: If True, forecasts are clipped at 0, and the series must not be negative. Defaults to False.
        calibrate: If True, quantiles and intervals are shifted to their nominal coverage on the held-out end of the
            series, and on the steps of a history `y` that follow the fit (conformal calibration, for each step, over
            all series). The point forecast is not changed. Defaults to False.
        validation_fraction: Fraction at the end of each series on which `calibrate` measures the errors. Defaults to
            0.1.

    Attributes:
        horizon_: Steps to forecast at once.
        lookback_: Steps of history that a forecast is made from.
        season_: Steps in a cycle.
        levels_: Tuple of the trained quantile levels, `(0.5,)` for a point forecast.
        layout_: Index, ids and columns of the fitted series.
        schema_: Columns and categories of the covariates.
        origins_: The ends of the fitted series, from which `predict` forecasts.
        naive_error_: In-sample error of the seasonal naive forecast, array `(series, channels)`.
        error_distribution_: Distribution of the held-out errors; None without `quantiles` and `calibrate`.

    Reference:
        Hyndman and Athanasopoulos, 2021, https://otexts.com/fpp3/simple-methods.html.

    Example:

    >>> import pandas as pd
    >>> y = pd.Series([1.0, 2.0, 1.0, 2.0], index=pd.RangeIndex(4))
    >>> SeasonalNaiveForecaster(horizon=3, season=2).fit(y).predict().tolist()
    [1.0, 2.0, 1.0]
    """

    _: dataclasses.KW_ONLY
    validation_fraction: float = 0.1
    _scaler: ClassVar[type] = Unscaled  # repeated values stay equal to the last bit

    def fit(self, y: Data, covariates: CovariateData = None, *, static: CovariateData = None) -> Self:
        """Fit to one or many series.

        Args:
            y: A Series, or a wide DataFrame with one column for each channel, with a `DatetimeIndex`, a `PeriodIndex`
                or an integer index. Many series: a Series or DataFrame with a MultiIndex (series, time), or a long
                DataFrame with the columns `unique_id`, `ds` and `y`. Missing values and missing time stamps are
                masked.
            covariates: DataFrame on the same index, or for many series on the time alone; numbers, booleans,
                categories and text. Its columns are known in advance, except those in `past_covariates`. Rows after
                the end of `y` are kept for `predict`. Defaults to None.
            static: DataFrame with one row for each of many series, the ids in its index or in a column `unique_id`.
                Defaults to None.

        Returns:
            The forecaster itself. If the call fails, it stays as it was.

        Raises:
            ValueError: If the data or an argument cannot be used.
            TypeError: If the data or an argument has the wrong type.
            MemoryError: If the series do not fit into memory.
        """
        return self._fit(y, covariates, static)

    def _resolve(self, history):
        self.levels_ = (MEDIAN,)
        season, longest = self.season_, int(history.layout.lengths.max())
        if self.lookback is None:
            lookback = max(season, min(longest, MAX_SEASONS * season))
        else:
            lookback = check_count("lookback", self.lookback)
        if lookback < season:
            raise ValueError(
                f"`lookback` {lookback} is shorter than the season of {season} steps to repeat. Raise `lookback`, or "
                "lower `season`."
            )
        if longest < lookback:
            check_length(history.layout, lookback, 0)
        self.lookback_ = lookback

    def _train(self, windows):
        check_rate("validation_fraction", self.validation_fraction)

    def _held_out(self, windows):
        return windows.hold_out(self.validation_fraction)[1] if self.validation_fraction else None

    def _model(self):
        return SeasonalCycle(self.season_, self.horizon_)
