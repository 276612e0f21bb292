"""Ridge regression as a forecaster."""

import dataclasses
from typing import Self

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_optional_count, check_rate
from tsattn.baselines.ridge import MAX_LAGS, Ridge
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.conformal import MEDIAN
from tsattn.forecasters.defaults import default_window
from tsattn.series.history import check_length


@dataclasses.dataclass(eq=False, repr=False)
class LinearForecaster(Forecaster):
    """Ridge regression from the window, minus its last value, to the forecast; one matrix for all series and channels.

    Covariates enter with the steps of the forecast and as many steps before them. The penalty with the lowest error
    on the last part of the series is chosen from a grid of eight values; the coefficients are then fitted to all
    windows, with `calibrate` only to the earlier ones. Windows with a partly observed target are dropped. If most
    windows are such, each step is fitted to the windows in which it was observed; with a long horizon, a few
    neighbouring steps together. Of more than a million windows, counted for each channel, an even sample is used. The
    default lookback is that of the networks, but at most 1,000 steps.

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
        validation_fraction: Fraction at the end of each series on which the penalty is chosen. Defaults to 0.1.

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
        coefficients_: Array `(features, horizon)`.
        penalty_: The chosen penalty.
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
        lookback = check_optional_count("lookback", self.lookback)
        length, series = history.median_length, len(history.layout)
        chosen, _ = default_window(length, self.horizon_, self.season_, lookback, series=series)
        self.lookback_ = lookback or min(chosen, MAX_LAGS)
        check_length(history.layout, self.lookback_ if lookback else 1, self.horizon_)

    def _train(self, windows):
        fraction = check_rate("validation_fraction", self.validation_fraction)
        split = windows.hold_out(fraction) if fraction else None
        ridge = Ridge.fit(windows, split, self.schema_.cardinalities, refit=not self.calibrate)
        if ridge is None:
            raise ValueError(
                f"`y` has no window of lookback {self.lookback_} + horizon {self.horizon_} steps with an observed past "
                "and an observed target. Lower `horizon` or `lookback`, or fill the missing values."
            )
        self.coefficients_, self.penalty_, self.held_out_ = ridge.coefficients, ridge.penalty, ridge.held_out

    def _held_out(self, windows):
        return windows.hold_out(self.validation_fraction)[1] if self.held_out_ else None

    def _model(self):
        return Ridge(self.coefficients_, self.penalty_, self.held_out_, self.schema_.cardinalities)
