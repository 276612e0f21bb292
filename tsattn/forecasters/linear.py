"""The linear forecaster: ridge regression."""

import dataclasses
from typing import Self

from tsattn._utils.argument_names import explain_names
from tsattn._utils.types import CovariateData, Data, SampleWeight
from tsattn._utils.validation import check_optional_count, check_rate
from tsattn.baselines.ridge import MAX_LAGS, Ridge
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.conformal import MEDIAN
from tsattn.forecasters.defaults import default_window
from tsattn.series.history import check_length
from tsattn.series.windows import check_has_window


@dataclasses.dataclass(eq=False, repr=False)
class LinearForecaster(Forecaster):
    """Ridge regression from the window, relative to its last value, to the forecast; one matrix for all series and
    channels.

    Covariates are used at the steps of the forecast and at the same number of steps before them. The penalty is chosen
    from a grid of eight values by the lowest error on the last part of the series. The coefficients are then fitted to
    all windows; with `calibrate`, only to the earlier windows.

    Windows with a partly observed target are dropped. If these are the majority, each step is fitted to the windows in
    which it was observed; for a long horizon, in groups of neighboring steps. If there are more than a million
    windows, counted per channel, an evenly spread random sample is used. The default lookback is that of the networks,
    but at most 1,000 steps.

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
        validation_fraction: Fraction at the end of each series on which the penalty is chosen. Defaults to 0.1.

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
        coefficients_: Coefficients, array `(features, horizon)`.
        penalty_: Penalty that was chosen.
        held_out_: Whether the penalty was chosen on held-out windows.

    Reference:
        Zeng et al., 2023, https://arxiv.org/abs/2205.13504. Closed form: Toner and Darlow, 2024,
        https://arxiv.org/abs/2403.14587.

    Example:

    >>> from tsattn import LinearForecaster, load_dataset
    >>> len(LinearForecaster(horizon=12).fit(load_dataset("air_passengers")).predict())
    12
    """

    _: dataclasses.KW_ONLY
    validation_fraction: float = 0.1

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
        lookback = check_optional_count("lookback", self.lookback)
        length, series = history.median_length, len(history.layout)
        chosen, _ = default_window(length, self.horizon_, self.season_, lookback, series=series)
        self.lookback_ = lookback or min(chosen, MAX_LAGS)
        check_length(history.layout, self.lookback_ if lookback else 1, self.horizon_)

    def _train(self, windows, *, keep_held_out):
        fraction = check_rate("validation_fraction", self.validation_fraction)
        split = windows.hold_out(fraction) if fraction else None
        ridge = Ridge.fit(windows, split, self.schema_.cardinalities, refit=not keep_held_out)
        check_has_window(ridge is not None, self.lookback_, self.horizon_)
        self.coefficients_, self.penalty_, self.held_out_ = ridge.coefficients, ridge.penalty, ridge.held_out

    def _held_out(self, windows):
        return windows.hold_out(self.validation_fraction)[1] if self.held_out_ else None

    def _model(self):
        return Ridge(self.coefficients_, self.penalty_, self.held_out_, self.schema_.cardinalities)
