"""The seasonal naive forecaster, the baseline of comparisons."""

import dataclasses
from typing import ClassVar, Self

from tsattn._utils.argument_names import explain_names
from tsattn._utils.types import CovariateData, Data, SampleWeight
from tsattn._utils.validation import check_count, check_rate
from tsattn.baselines.seasonal_naive import SeasonalCycle
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.conformal import MEDIAN
from tsattn.series.history import check_length
from tsattn.series.scaling import Unscaled

MAX_SEASONS = 4  # in a default lookback; earlier seasons fill missing values of the last season


@dataclasses.dataclass(eq=False, repr=False)
class SeasonalNaiveForecaster(Forecaster):
    """Repeat the last season; with `season=1`, the last value.

    Missing values of the last season are replaced by those of the previous seasons in the lookback, or by the last
    observed value if these are missing too. The default lookback is at most four seasons. Covariates and weights
    are accepted but ignored.

    Args:
        horizon: Number of steps to forecast at once.
        lookback: Number of past steps that a forecast is based on. If None, it is chosen from the length of the series,
            the season and the horizon. Defaults to None.
        season: Number of steps in a cycle. If None, the cycle of the time step is used (24 for hourly, 7 for daily and
            12 for monthly data), or 1 for a series shorter than two cycles. Defaults to None.
        freq: Step of the time index: a pandas alias or offset, or an integer for an integer index. If None, the
            frequency of the index is used, or inferred if it is not set. Defaults to None.
        past_covariates: List of the columns of `covariates` that are not known in advance. Defaults to `()`.
        calendar: List of calendar features of the time index, such as `("hour", "dayofweek", "holidays:NO")`, or
            `"auto"` for the features that match its step. If None, no calendar features are used. Defaults to None.
        positive: If True, forecasts are clipped at 0, and negative values in the series raise an error. Defaults to
            False.
        counts: If True, forecasts, quantiles and sample paths are whole numbers of at least 0, and other values in the
            series raise an error. For this, noise that is uniform between -1/2 and 1/2 is added to the targets of
            networks, so that they learn quantiles between whole numbers. Defaults to False.
        target_transform: Function that is applied to the series before they are scaled, and inverted in forecasts:
            `"log"` for values above 0, `"log1p"` for values above -1, `"sqrt"` for values of at least 0, or `"asinh"`
            for all values. `SeasonalNaiveForecaster` ignores it, because it repeats values. If None, the series are
            only scaled. Defaults to None.
        calibrate: If True, shift quantiles and intervals to their nominal coverage by conformal calibration, separately
            for each step and jointly over all series. Calibration uses the held-out end of the series and the steps of
            a history `y` that follow the fit. It shifts the quantiles only; the held-out end is not used for the fit.
            Defaults to False.
        validation_fraction: Fraction at the end of each series on which `calibrate` measures the errors. Defaults to
            0.1.

    Attributes:
        horizon_: Number of steps to forecast at once.
        lookback_: Number of past steps that a forecast is based on.
        season_: Number of steps in a cycle.
        levels_: Tuple of the trained quantile levels, `(0.5,)` for a point forecast.
        layout_: `Layout` of the fitted series: their index, ids and columns.
        schema_: `Schema` of the covariates: their columns and categories.
        origins_: `Origins`: the ends of the fitted series, from which `predict` forecasts.
        naive_error_: In-sample mean absolute error of the seasonal naive forecast, array `(series, channels)`.
        error_distribution_: `ErrorDistribution` of the held-out errors; None without `quantiles` and `calibrate`.

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
    _scaler: ClassVar[type] = Unscaled  # scaling and transforms would change repeated values in the last bit
    _repeats: ClassVar[bool] = True

    @explain_names
    def fit(
        self,
        y: Data,
        covariates: CovariateData = None,
        *,
        static: CovariateData = None,
        sample_weight: SampleWeight = None,
    ) -> Self:
        """Fit the forecaster to one or many series.

        Args:
            y: A Series, or a wide DataFrame with one column per channel, with a `DatetimeIndex`, a `PeriodIndex` or an
                integer index. Pass many series as a Series or DataFrame with a MultiIndex (series, time), or as a long
                DataFrame with the columns `unique_id`, `ds` and `y`. Missing values and missing timestamps are masked.
            covariates: DataFrame of numbers, booleans, categories and text, with the index of `y`; for many series, an
                index of times alone is sufficient. Columns are known in advance, except those in `past_covariates`.
                Rows after the end of `y` are kept for `predict`. Defaults to None.
            static: DataFrame with one row per series, for many series; the ids are in its index or in a column
                `unique_id`. Defaults to None.
            sample_weight: Relative weights of the values of `y` in training: one number per row of `y`; a Series or
                DataFrame with the index of `y`; or, for many series, a Series with one number per id or per time. A
                value with the weight 0 is not trained on, but remains part of histories. Defaults to None.

        Returns:
            The fitted forecaster itself. If fitting fails, the forecaster is unchanged.

        Raises:
            ValueError: If the data or an argument is invalid.
            TypeError: If the data or an argument has the wrong type.
            MemoryError: If the series do not fit into memory.
        """
        return self._fit(y, covariates, static, sample_weight)

    def _resolve(self, history):
        self.levels_ = (MEDIAN,)
        season, longest = self.season_, int(history.layout.lengths.max())
        if self.lookback is None:
            lookback = max(season, min(longest, MAX_SEASONS * season))
        else:
            lookback = check_count("lookback", self.lookback)
        if lookback < season:
            raise ValueError(
                f"`lookback` {lookback} is shorter than the season of {season} steps that is repeated. "
                "Increase `lookback`, or lower `season`."
            )
        if longest < lookback:
            check_length(history.layout, lookback, 0)
        self.lookback_ = lookback

    def _train(self, windows, *, keep_held_out):
        check_rate("validation_fraction", self.validation_fraction)

    def _held_out(self, windows):
        return windows.hold_out(self.validation_fraction)[1] if self.validation_fraction else None

    def _model(self):
        return SeasonalCycle(self.season_, self.horizon_)
