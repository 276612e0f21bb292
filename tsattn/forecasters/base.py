"""The base class of all forecasters: `fit` and `predict` on pandas data."""

import abc
import dataclasses
import numbers
from collections.abc import Sequence
from os import PathLike
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from tsattn._utils.argument_names import explain_names, suggest_fractions
from tsattn._utils.types import CovariateData, Data, SampleWeight
from tsattn._utils.validation import check_choice, check_count
from tsattn._utils.warnings import warn
from tsattn.baselines.mase import mean_absolute_errors, mean_absolute_scaled_error
from tsattn.baselines.seasonal_naive import seasonal_naive_error
from tsattn.forecasters.conformal import MEDIAN, ErrorDistribution, check_levels, default_levels, local_scale
from tsattn.forecasters.model_file.write import save_forecaster
from tsattn.forecasters.origins import Origins, check_finite, check_follows, check_origins_fit
from tsattn.forecasters.window_model import WindowModel
from tsattn.series.domain import Domain
from tsattn.series.history import History
from tsattn.series.panel import read_panel
from tsattn.series.scaling import Scaler, TransformedScaler
from tsattn.series.transforms import TRANSFORMS
from tsattn.series.windows import Windows


@dataclasses.dataclass(eq=False, repr=False)
class Forecaster(BaseEstimator, abc.ABC):
    """Abstract base class of all forecasters.

    A subclass implements `fit`, which may be `return self._fit(y, covariates, static)`, and four hooks:

    - `_resolve` sets the attributes that depend on the data,
    - `_train` fits the model to windows,
    - `_held_out` returns the windows that `_train` holds out,
    - `_model` returns the fitted `WindowModel`.

    This class implements everything else: reading, scaling, panels, covariates, quantiles, scores and files. An
    ensemble calls the steps of the fit of its members one by one, see `Member`.

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
    """

    horizon: int
    _: dataclasses.KW_ONLY
    lookback: int | None = None
    season: int | None = None
    freq: object = None
    past_covariates: Sequence = ()
    calendar: str | Sequence | None = None
    positive: bool = False
    counts: bool = False
    target_transform: str | None = None
    calibrate: bool = False
    _scaler: ClassVar[type]  # of the series; a final class may set it, see `_scaler_class`
    _repeats: ClassVar[bool]  # whether forecasts are values of the series; a final class may set it to True

    @abc.abstractmethod
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

    @abc.abstractmethod
    def _resolve(self, history: History) -> None:
        """Set the attributes that depend on a `History`: `lookback_`, `levels_`, and those of the subclass.

        `horizon_` and `season_` are already set.
        """

    @abc.abstractmethod
    def _train(self, windows: Windows, *, keep_held_out: bool) -> None:
        """Fit the model to `Windows`, and set the fitted attributes.

        With `keep_held_out`, the held-out windows are not used for training.
        """

    @abc.abstractmethod
    def _held_out(self, windows: Windows) -> Windows | None:
        """Return the `Windows` that `_train` holds out; None if there are none."""

    @abc.abstractmethod
    def _model(self) -> WindowModel:
        """Return the fitted model."""

    @classmethod
    def _scaler_class(cls):
        """Return the class that scales the series: the `_scaler` that a final class sets, or `Scaler`."""
        return getattr(cls, "_scaler", Scaler)

    def _fit_scaler(self, panel, layout):
        """Return the scaler of the series of a fit. All later scalers are derived from it."""
        name = check_choice("target_transform", self.target_transform, (None, *TRANSFORMS))
        if name is None or getattr(self, "_repeats", False):
            return self._scaler_class().from_panel(panel, layout)
        return TransformedScaler.from_panel(panel, layout, TRANSFORMS[name], self._scaler_class())

    def _fit(self, y, covariates, static, sample_weight=None):
        """Fit a copy, and adopt its state if the fit succeeds."""
        new = self._shallow_copy()
        history = new._read(y, covariates, static, sample_weight)
        new._resolve(history)
        windows = new._start_fit(history)
        new._train(windows, keep_held_out=bool(self.calibrate))
        new._set_error_distribution(new._model(), windows, new._held_out(windows))
        return self._take_state(new)

    def _read(self, y, covariates, static, sample_weight=None):
        """Read the arguments of `fit`, and set the attributes that follow from the data alone."""
        arguments = {"freq": self.freq, "past": self.past_covariates, "calendar": self.calendar}
        history = History.read(
            y, covariates, static, sample_weight, **arguments, steps=check_count("horizon", self.horizon)
        )
        self._set_history(history)
        return history

    def _set_history(self, history):
        self.horizon_ = check_count("horizon", self.horizon)
        self.layout_, self.schema_ = history.layout, history.schema
        self.season_ = history.season(self.season)

    def _start_fit(self, history):
        """Set `origins_` and `naive_error_`, and return the training `Windows`."""
        history = dataclasses.replace(history, panel=self._checked(history.panel, history.layout))
        scaler = self._fit_scaler(history.panel, history.layout)
        tail = history.panel.tail(self.lookback_)
        self.origins_ = Origins(
            dataclasses.replace(tail, counts=False),  # a forecast needs no noise
            history.layout,
            scaler,
            history.covariates.tail(self.lookback_),
            self.lookback_,
            self.horizon_,
        )
        self.origins_.check()
        self.naive_error_ = seasonal_naive_error(history.panel, scaler, self.season_)
        return history.windows(scaler, self.lookback_, self.horizon_)

    def _set_error_distribution(self, model, windows, held_out):
        """Compute the errors of the fitted model on the held-out windows, if quantiles require them."""
        self.error_distribution_ = None
        if not self.calibrate and len(self.levels_) == 1:
            return
        if self.calibrate and not held_out:
            raise ValueError(
                "`calibrate` needs held-out windows, but there are none: the series are too short for lookback "
                f"{self.lookback_} + horizon {self.horizon_}, or `validation_fraction` is 0, or so high that too few "
                "windows remain for training. Change `validation_fraction`, lower `horizon` or `lookback`, pass a "
                "longer history, or remove `calibrate`."
            )
        self.error_distribution_ = self._error_distribution_on(held_out or windows, model)

    def _error_distribution_on(self, windows, model):
        calibrate = bool(self.calibrate)
        return ErrorDistribution.measure(model, windows, self.levels_, self.season_, calibrate=calibrate)

    def _shallow_copy(self):
        """Return a shallow copy, without `__getstate__` and `__setstate__`."""
        new = object.__new__(type(self))
        vars(new).update(vars(self))
        return new

    def _take_state(self, new):
        vars(self).update(vars(new))
        return self

    @explain_names
    def predict(
        self,
        covariates: CovariateData = None,
        *,
        y: Data | None = None,
        static: CovariateData = None,
        horizon: int | None = None,
    ) -> Data:
        """Forecast the steps that follow each series.

        Args:
            covariates: Known covariates of the steps to forecast, in the format of `make_future_frame`; with `y`, also
                those of its last steps. Defaults to the rows passed to `fit`.
            y: History to forecast from, of the same kind as in `fit`. It may contain series that were not fitted; each
                of these is scaled by its own values, as is another series under a known id. Defaults to the series
                passed to `fit`.
            static: With `y`, static covariates of series that were not fitted. Defaults to None.
            horizon: Number of steps to forecast. Beyond the trained horizon the forecast is rolled forward: each part
                is based on the previous one. Defaults to the trained horizon.

        Returns:
            The forecast, with the type, names, kind of index and time zone of the history.

        Raises:
            ValueError: If the data or an argument is invalid.
            TypeError: If the data or an argument has the wrong type.
        """
        check_is_fitted(self)
        steps = self.horizon_ if horizon is None else check_count("horizon", horizon)
        origins = self._origins(covariates, y, static, steps)
        return origins.layout.to_pandas(origins.forecast(self._model(), self._median, steps, self._domain))

    @explain_names
    def make_future_frame(self, horizon: int | None = None, *, y: Data | None = None) -> pd.DataFrame:
        """Return a template for the covariates that `predict` needs.

        Args:
            horizon: Number of steps to forecast. Defaults to the trained horizon.
            y: History to forecast from, as in `predict`. Defaults to the series passed to `fit`.

        Returns:
            DataFrame with one row for each step that follows a series, and the columns that are known in advance.
            Values that were passed to `fit` are filled in, all others are missing. With `y`, the last `lookback_` steps
            of each series and the columns that are not known in advance are included.
        """
        check_is_fitted(self)
        steps = self.horizon_ if horizon is None else check_count("horizon", horizon)
        if y is None:
            return self.schema_.future_frame(self.origins_.covariates, self.layout_, steps)
        _, layout = read_panel(y, like=self.layout_)
        return self.schema_.empty_frame(layout, min(self.lookback_, int(layout.lengths.max())), steps)

    @explain_names
    def score(self, y: Data, covariates: CovariateData = None) -> float:
        """Return the negative mean absolute scaled error (MASE) of the forecast; higher is better.

        Args:
            y: Actual values after the end of the series passed to `fit`, immediately or with a gap.
            covariates: As in `predict`. Defaults to None.

        Returns:
            Minus the MASE, averaged over series and channels. The MASE is the mean absolute error divided by that of
            the seasonal naive forecast in the series passed to `fit`.

        Reference:
            Hyndman and Koehler, 2006, https://doi.org/10.1016/j.ijforecast.2006.03.001.
        """
        check_is_fitted(self)
        actual, layout = read_panel(y, like=self.layout_)
        series, ahead = self.layout_.steps_ahead(layout)
        check_follows(layout, series, ahead)
        if len(layout) < len(self.layout_):
            warn(
                f"{len(self.layout_) - len(layout)} of the {len(self.layout_)} fitted series are not scored. If "
                "`TimeSeriesSplit` made these parts: it splits rows, not times. Evaluate a panel with `backtest`."
            )
        steps = int((ahead + layout.lengths).max())
        origins = self._origins(covariates, None, None, steps)
        forecast = origins.forecast(self._model(), self._median, steps, self._domain)
        errors = mean_absolute_errors(actual, forecast[series], ahead) / self.origins_.scaler.scale[series]
        return -mean_absolute_scaled_error(errors, self.naive_error_[series])

    @explain_names
    def predict_quantiles(
        self,
        quantiles: Sequence | None = None,
        covariates: CovariateData = None,
        *,
        y: Data | None = None,
        static: CovariateData = None,
    ) -> pd.DataFrame:
        """Forecast quantiles of the steps that follow each series.

        Args:
            quantiles: Level between 0 and 1, or list of levels. Quantiles between the trained levels are interpolated
                linearly. Defaults to the trained levels, or to 0.1, 0.5 and 0.9 for a calibrated point forecast.
            covariates, y, static: As in `predict`.

        Returns:
            DataFrame with the index of the forecast and one column per level; for a frame, one per channel and level.

        Raises:
            ValueError: If the forecaster has neither `quantiles` nor `calibrate`, or a level is outside the trained or
                calibrated range.
        """
        self._check_has_distribution()
        if quantiles is None:
            quantiles = default_levels(self.levels_)
        levels = [quantiles] if isinstance(quantiles, numbers.Real | str) else list(quantiles)
        check_levels(levels, f"`quantiles` is {levels}", self.error_distribution_)
        origins, distribution = self._with_distribution(covariates, y, static)
        labels = pd.Index(levels, name="quantile")
        return self._distributed(
            origins, lambda forecasts, scale: distribution.quantiles(forecasts, levels, scale), labels
        )

    @explain_names
    def predict_interval(
        self,
        coverage: float = 0.9,
        covariates: CovariateData = None,
        *,
        y: Data | None = None,
        static: CovariateData = None,
    ) -> pd.DataFrame:
        """Forecast a central prediction interval for each value.

        Args:
            coverage: Probability that the interval contains the value. Defaults to 0.9.
            covariates, y, static: As in `predict`.

        Returns:
            DataFrame with the index of the forecast and the columns `lower` and `upper`; for a frame, both for each
            channel.

        Raises:
            ValueError: If `coverage` is not between 0 and 1 or too high for the trained or calibrated range, or as in
                `predict_quantiles`.
        """
        self._check_has_distribution()
        if not isinstance(coverage, numbers.Real) or isinstance(coverage, bool) or not 0 < coverage < 1:
            is_frame = isinstance(coverage, pd.DataFrame | pd.Series)
            received = f"a {type(coverage).__name__}" if is_frame else repr(coverage)
            advice = "Pass covariates as `covariates=`." if is_frame else suggest_fractions("coverage", coverage)
            raise ValueError(
                f"`coverage` is {received}, but must be a number between 0 and 1, such as 0.9. {advice}".rstrip()
            )
        levels = [round((1 - coverage) / 2, 12), round((1 + coverage) / 2, 12)]  # 0.8 means 0.1 and 0.9
        check_levels(
            levels, f"`coverage` is {coverage:g}, which needs the quantiles {levels}", self.error_distribution_
        )
        origins, distribution = self._with_distribution(covariates, y, static)
        most = (distribution.windows - 1) / (distribution.windows + 1)
        if self.calibrate and coverage > most:
            warn(
                f"The interval was calibrated on {distribution.windows} held-out window(s), which support a coverage "
                f"of at most {max(most, 0):.2f}, not {coverage:g}. Increase `validation_fraction`, or pass a longer "
                "history."
            )
        labels = pd.Index(["lower", "upper"], name="bound")
        return self._distributed(
            origins, lambda forecasts, scale: distribution.quantiles(forecasts, levels, scale), labels
        )

    @explain_names
    def sample_paths(
        self,
        n: int = 100,
        covariates: CovariateData = None,
        *,
        y: Data | None = None,
        static: CovariateData = None,
        random_state: int | None = None,
    ) -> pd.DataFrame:
        """Draw sample paths over the horizon, for example for sums or maxima over several steps.

        At each step, the paths have the distribution of `predict_quantiles`. The ranks of the held-out errors determine
        the dependence between steps and channels.

        Args:
            n: Number of paths. Defaults to 100.
            covariates, y, static: As in `predict`.
            random_state: Seed, or None for different paths in each call. Defaults to None.

        Returns:
            DataFrame with the index of the forecast and one column per path; for a frame, one per channel and path.

        Raises:
            ValueError: As in `predict_quantiles`.

        Reference:
            Clark et al., 2004, "The Schaake shuffle".
        """
        self._check_has_distribution()
        n, generator = check_count("n", n), np.random.default_rng(random_state)
        origins, distribution = self._with_distribution(covariates, y, static)
        labels = pd.RangeIndex(n, name="path")
        return self._distributed(
            origins, lambda forecasts, scale: distribution.paths(forecasts, n, generator, scale), labels
        )

    def predict_windows(
        self,
        y: Data,
        covariates: CovariateData = None,
        *,
        static: CovariateData = None,
        windows: int,
        stride: int = 1,
        quantiles: Sequence = (),
    ) -> np.ndarray:
        """Forecast from several origins in a history in one call.

        Args:
            y: History of fitted series, which ends one horizon after the last origin.
            covariates, static: As in `predict`, for the steps of this history.
            windows: Number of origins in each series.
            stride: Number of steps from one origin to the next. Defaults to 1.
            quantiles: List of levels, calibrated as in `fit`. Defaults to `()`.

        Returns:
            float64 array `(series, windows, horizon, channels, 1 + quantiles)`, with the point forecast first. Series
            are in the order of `predict`, origins from the earliest to the latest.

        Raises:
            ValueError: If a series was not fitted or is too short, or as in `predict_quantiles`.
        """
        check_is_fitted(self)
        levels = list(quantiles)
        if levels:
            self._check_has_distribution()
            check_levels(levels, f"`quantiles` is {levels}", self.error_distribution_)
        origins, before = self._origins_in(y, covariates, static, windows, stride)

        def outputs(forecasts, scale):
            at_levels = forecasts[..., :0]
            if levels:
                at_levels = self.error_distribution_.quantiles(forecasts, levels, scale)
            return np.concatenate([forecasts[..., self._median, None], at_levels], axis=-1)

        values = self._values(origins, outputs, before)
        return values.reshape(-1, windows, *values.shape[1:])

    def save(self, path: str | PathLike, *, overwrite: bool = False) -> None:
        """Save the fitted forecaster to a file for `load_forecaster`.

        The file is written under a temporary name and then renamed, so that the path always holds a complete file.

        Args:
            path: Path of the file, ending in `.tsattn`.
            overwrite: If True, replace an existing file and keep its permissions. Defaults to False.

        Raises:
            ModelFileError: If an argument, a name or an id has a type that a file cannot store, such as a function as
                the loss.
            FileExistsError: If the file exists, or the path is that of a folder or device.
            ValueError: If the path does not end in `.tsattn`.
            OSError: If the file cannot be written, for example because the folder does not exist or the disk is full.

        Example:

        >>> from tsattn import LinearForecaster, load_dataset
        >>> LinearForecaster(horizon=12).fit(load_dataset("air_passengers")).save("linear.tsattn")
        """
        check_is_fitted(self)
        save_forecaster(self, path, overwrite)

    def export(self, path: str | PathLike, *, format: str = "saved_model", overwrite: bool = False) -> dict:
        """Export the fitted network as one graph that runs without tsattn.

        The graph maps float32 arrays in the units of the data to the point forecast, or with `quantiles` to the trained
        levels without calibration. Scaling, normalization, decoding, `target_transform`, `positive` and `counts` are
        part of the graph. Its inputs are:

        - `history` `(batch, lookback, channels)`, NaN where not observed;
        - `past` `(batch, lookback, columns)`, `known` `(batch, lookback + horizon, columns)` with calendar features
          last, and `static` `(batch, columns)`: covariates, numbers unscaled and categories as codes;
        - `series` `(batch,)` for many fitted series: the index of the series.

        float32 loses precision if values are much larger than their changes.

        Args:
            path: Path of a folder for `"saved_model"`, or of a file `.onnx` for `"onnx"` or `.tflite` for `"litert"`.
            format: `"saved_model"` for TensorFlow, `"onnx"` for ONNX Runtime, or `"litert"` for LiteRT with a batch
                of 1. Defaults to `"saved_model"`.
            overwrite: If True, replace a file, or a folder that contains a graph. Defaults to False.

        Returns:
            Dict that describes the inputs and outputs:

            - `"channels"`, `"past"`, `"known"` and `"static"`: lists of columns. Calendar features such as
              `"month_sin"` and `"month_cos"` are the sine and cosine of 2 pi times the elapsed fraction of the cycle
              (1/12 in February).
            - `"categories"`: dict from columns to their categories. The first category has code 1; 0 is unknown.
            - `"series"`: list of the ids, in the order of their indices.
            - `"levels"`: list of the quantile levels.

        Raises:
            TypeError: If the forecaster has no single network.
            ImportError: If a converter is not installed.
            ValueError: If float32 cannot represent the numbers, or `format` or `path` is invalid.
            OSError: If the file cannot be written.

        Example:

        >>> from tsattn import Seq2SeqForecaster, Training, load_dataset
        >>> training = Training(epochs=1, random_state=0, verbose=0)
        >>> model = Seq2SeqForecaster(horizon=12, units=4, fallback=False, training=training)
        >>> model.fit(load_dataset("air_passengers")).export("air_graph")["channels"]
        ['passengers']
        """
        check_is_fitted(self)
        from tsattn.forecasters.export_graph import export_model  # imports Keras, which only networks need

        return export_model(self, self._model(), path, format, overwrite)

    @property
    def _domain(self):
        """The `Domain` of the series and their forecasts, or None for any values."""
        return Domain(bool(self.counts)) if self.positive or self.counts else None

    def _checked(self, panel, layout):
        """Check that the values of a panel are in the domain, and return the panel; see `Domain.checked`."""
        return panel if self._domain is None else self._domain.checked(panel, layout)

    @property
    def _median(self):
        """Index of the point forecast among the outputs of the model."""
        return self.levels_.index(MEDIAN)

    def _origins(self, covariates, y, static, steps, full_history=False):
        """Return the `Origins` of a forecast; if `full_history`, with all earlier steps of `y`."""
        origins = self.origins_
        if y is None:
            rows = origins.covariates
            if covariates is not None:
                rows = self.schema_.extend(rows, origins.layout, covariates)
            origins = dataclasses.replace(origins, covariates=self.schema_.with_steps(rows, origins.layout, steps))
        else:
            panel, layout = read_panel(y, like=self.layout_)
            panel = self._checked(panel, layout)
            reach = int(layout.lengths.max()) if full_history else self.lookback_
            span = {"steps": steps, "lookback": self.lookback_, "reach": reach, "fitted": origins.covariates}
            rows = self.schema_.read(layout, covariates, static, **span)
            scaler = origins.scaler_of(panel, layout)
            origins = Origins(panel.tail(reach), layout, scaler, rows, self.lookback_, self.horizon_)
            origins.check()
        self.schema_.check_future(origins.covariates, origins.layout, steps)
        return origins

    def _origins_in(self, y, covariates, static, windows, stride):
        """Return the `Origins` in a history, and the number of steps from each to the end of its series."""
        span = self.horizon_ + (check_count("windows", windows) - 1) * check_count("stride", stride)
        panel, layout = read_panel(y, like=self.layout_)
        panel = self._checked(panel, layout)
        places = self.layout_.match_series(layout)
        check_origins_fit(layout, places, span, self.horizon_)
        rows = {"steps": 0, "lookback": self.lookback_ + span, "fitted": self.origins_.covariates}
        rows = self.schema_.read(layout, covariates, static, **rows)
        scaler = self.origins_.scaler.take(places, self.origins_.scaler.for_panel(panel, layout))
        panel = panel.tail(self.lookback_ + span)
        origins = Origins(panel, layout, scaler, rows, self.lookback_, self.horizon_)
        return origins, span - stride * np.arange(windows)

    def _with_distribution(self, covariates, y, static):
        """Return `Origins` and `ErrorDistribution`; if calibrated, including the errors since the fit."""
        origins = self._origins(covariates, y, static, self.horizon_, full_history=self.calibrate)
        later = origins.windows_since(self.layout_) if self.calibrate and y is not None else None
        if not later:
            return origins, self.error_distribution_
        later = self._error_distribution_on(later, self._model())
        return origins, self.error_distribution_.with_later(later)

    def _check_has_distribution(self):
        check_is_fitted(self)
        if self.error_distribution_ is None:
            raise ValueError(
                f"This {type(self).__name__} was fitted for a point forecast. Set `calibrate=True`, or for a network "
                "`quantiles=(0.1, 0.5, 0.9)`, and fit it again."
            )

    def _distributed(self, origins, function, labels):
        """Apply a function to scaled forecasts and their scale, and return its values as pandas."""
        values = self._values(origins, function)
        check_finite(values, origins.layout)
        return origins.layout.to_pandas(values, labels)

    def _values(self, origins, function, before=(0,)):
        """Return the values in the units of the data, for origins `before` steps before the end of each series."""
        parts, model = [], self._model()
        for series, inputs in origins.batches(before):
            scale = local_scale(inputs["history"], self.season_, origins.scaler.scaled_std(series))
            parts.append(origins.in_units(series, function(model.forecast(inputs), scale), self._domain))
        return np.concatenate(parts)
