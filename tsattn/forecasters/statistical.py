"""The statistical forecaster: ETS, Theta, ARIMA and CES of the package statsforecast."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Self

from tsattn._utils.argument_names import explain_names
from tsattn._utils.types import CovariateData, Data, SampleWeight
from tsattn._utils.validation import check_choice, check_count, check_rate
from tsattn.baselines.statistical import MODELS, StatisticalModel
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.conformal import trained_levels
from tsattn.forecasters.registry import check_installed
from tsattn.series.scaling import Unscaled
from tsattn.series.windows import check_has_window

MAX_STEPS, MAX_SEASONS = 1000, 4  # in a default lookback; ETS takes about a second for 1,000 steps
MAX_HELD_OUT = 50  # windows, to each of which the model is fitted


@dataclasses.dataclass(eq=False, repr=False)
class StatisticalForecaster(Forecaster):
    """Statistical models with automatic selection: exponential smoothing, Theta, ARIMA and complex smoothing.

    The models are those of Nixtla's statsforecast; `pip install "tsattn[statistical]"` installs it. They are local:
    each forecast fits a model to the history of one channel of one series, so `fit` only stores the series, and
    `predict` takes the time of the fits. A new history `y` always gets a new fit.

    Missing values between observed ones are interpolated between the same steps of the neighboring seasons.
    Seasonal models need two observed seasons. In `"auto_ets"` and `"auto_arima"`, a season of more than 24 steps is
    removed by an STL decomposition, and the last season is repeated. The last value is repeated if a history is
    constant or has fewer than eight steps, and with a warning if no model can be fitted. Covariates and weights are
    accepted but ignored. The default lookback is 1,000 steps or four seasons, whichever is longer; a shorter
    history is used as a whole. As a member of an ensemble, which standardizes the series, only additive models are
    fitted.

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
        model: `"auto_ets"`, `"auto_theta"`, `"auto_arima"` or `"auto_ces"`. ARIMA is several times slower than the
            others. Defaults to `"auto_ets"`.
        quantiles: List of quantile levels between 0 and 1, which the model forecasts. The median, 0.5, is added; it is
            the point forecast. If None, no quantiles are forecast. Defaults to None.
        validation_fraction: Fraction at the end of each series on which `calibrate` measures the errors, in at most 50
            windows. Defaults to 0.1.

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
        Hyndman et al., 2002, https://doi.org/10.1016/S0169-2070(01)00110-8. ARIMA: Hyndman and Khandakar, 2008,
        https://doi.org/10.18637/jss.v027.i03. Theta: Fiorucci et al., 2016,
        https://doi.org/10.1016/j.ijforecast.2016.02.005. CES: Svetunkov et al., 2022,
        https://doi.org/10.1002/nav.22074.

    Example:

    >>> from tsattn import StatisticalForecaster, load_dataset
    >>> y = load_dataset("air_passengers")
    >>> len(StatisticalForecaster(horizon=12, model="auto_theta").fit(y).predict())  # doctest: +SKIP
    12
    """

    _: dataclasses.KW_ONLY
    model: str = "auto_ets"
    quantiles: Sequence | None = None
    validation_fraction: float = 0.1
    _scaler: ClassVar[type] = Unscaled  # multiplicative models need the level of the series

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
            ImportError: If statsforecast is not installed.
            MemoryError: If the series do not fit into memory.
        """
        check_installed(type(self).__name__)
        return self._fit(y, covariates, static, sample_weight)

    def _resolve(self, history):
        check_choice("model", self.model, tuple(MODELS))
        self.levels_ = trained_levels(self.quantiles)
        default = max(MAX_STEPS, MAX_SEASONS * self.season_)
        self.lookback_ = default if self.lookback is None else check_count("lookback", self.lookback)

    def _train(self, windows, *, keep_held_out):  # each forecast fits a model
        check_rate("validation_fraction", self.validation_fraction)
        if len(self.levels_) > 1:
            check_has_window(len(windows), self.lookback_, self.horizon_)

    def _held_out(self, windows):
        if self.validation_fraction:
            return windows.hold_out(self.validation_fraction)[1].sample(MAX_HELD_OUT)
        return None if self.calibrate else windows.sample(MAX_HELD_OUT)

    def _model(self):
        check_installed(type(self).__name__)
        return StatisticalModel(self.model, self.season_, self.horizon_, self.levels_)
