"""What can be written to files."""

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

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_count, check_optional_count
from tsattn._utils.warnings import warn
from tsattn.export.formats import checked_target, write_graph
from tsattn.forecasters.conformal import MEDIAN, ErrorDistribution, local_scale
from tsattn.forecasters.mase import mean_errors, mean_scaled_error, naive_error
from tsattn.forecasters.model_file.write import save_forecaster
from tsattn.forecasters.origins import Origins
from tsattn.forecasters.validation import (
    refuse_levels,
    refuse_negative,
    refuse_not_finite,
    refuse_unrelated,
    refuse_windows,
)
from tsattn.series.covariates.schema import read_covariates
from tsattn.series.panel import read_panel
from tsattn.series.scaling import Scaler
from tsattn.series.windows import Windows, sample_evenly


class Storable(BaseEstimator):
    """Abstract: an estimator that can be written to a file once it is fitted."""

    def save(self, path: str | PathLike, *, overwrite: bool = False) -> None:
        """Write the fitted forecaster to a file, to be read by `load_forecaster`.

        The file is written beside its place and then renamed: whatever happens, it is there whole, old or new.

        Args:
            path: Name of the file, which ends in `.tsattn`.
            overwrite: If True a file of that name is replaced; it keeps its permissions. Defaults to False.

        Raises:
            ModelFileError: an argument, a name or an id is of a kind that a file cannot hold, such as a loss that is
                a function.
            FileExistsError: there is such a file, or something of that name that is no file.
            ValueError: the path does not end in `.tsattn`.
            OSError: the file cannot be written, for example because the folder is not there or the disk is full.

        Example:

        >>> from tsattn import LinearForecaster, load_dataset
        >>> LinearForecaster(horizon=12).fit(load_dataset("air_passengers")).save("linear.tsattn")
        """
        check_is_fitted(self)
        save_forecaster(self, path, overwrite)

    def export(self, path: str | PathLike, *, format: str = "saved_model", overwrite: bool = False) -> dict:
        """Write the fitted network to a file that runs without tsattn: from a history to a forecast.

        One graph takes float32 arrays in the units of the data and gives the point forecast, or with `quantiles` the
        trained levels, not calibrated; scaling, normalisation and decoding are inside. Its inputs are `history`
        `(batch, lookback, channels)`, NaN where not observed; of the covariates that were fitted `past` `(batch,
        lookback, columns)`, `known` `(batch, lookback + horizon, columns)`, those of the calendar last, and `static`
        `(batch, columns)`, numbers as they are and categories as their codes; and `series` `(batch,)`, the number
        of the series, if several were fitted. Numbers far larger than their changes lose digits in float32.

        Args:
            path: A folder for `"saved_model"`, a file `.onnx` for `"onnx"` or `.tflite` for `"litert"`.
            format: `"saved_model"` for TensorFlow, `"onnx"` for ONNX Runtime, or `"litert"` for LiteRT, whose batch
                is 1. Defaults to `"saved_model"`.
            overwrite: If True a file, or a folder that holds a graph, is replaced. Defaults to False.

        Returns:
            Dict that says what goes in and comes out: `"channels"`, `"past"`, `"known"` and `"static"` are lists of
            columns, those of the calendar such as `"month_sin"` and `"month_cos"`, the sine and cosine of 2 pi times
            the part of the cycle that is over (1/12 in February); `"categories"` the levels of those that have
            some, of which the first has code 1 and 0 is for unknown, `"series"` the ids in the order of their
            numbers, and `"levels"` the quantiles.

        Raises:
            TypeError: the forecaster has no network of its own. ImportError: a converter is missing.
            ValueError: numbers that float32 does not hold. ValueError, OSError: `format` or `path` cannot be used.

        Example:

        >>> from tsattn import Seq2SeqForecaster, Training, load_dataset
        >>> training = Training(epochs=1, random_state=0, verbose=0)
        >>> model = Seq2SeqForecaster(horizon=12, units=4, fallback=False, training=training)
        >>> model.fit(load_dataset("air_passengers")).export("air_graph")["channels"]
        ['passengers']
        """
        check_is_fitted(self)
        graph, described, backend = self._graph()
        path = checked_target(path, format, backend, overwrite)
        write_graph(graph, path, format, overwrite)
        return described

    def _graph(self):
        """The `ForecastGraph`, what goes in and comes out, and the backend that it runs on."""
        raise TypeError(
            f"{type(self).__name__} has no network of its own to export. Export a network, of an ensemble each of its "
            "`members_`; or save the forecaster, and load it where it is to run."
        )


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
            `"auto"` for those that go with its step; see `tsattn.series.covariates.calendar`. Defaults to None.
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

    def fit(self, y: Data, covariates: CovariateData = None, *, static: CovariateData = None) -> Self:
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
            panel, self.layout_ = read_panel(y, like=self.layout_)
            span = {"steps": self.horizon_, "lookback": None, "fitted": self.origins_.covariates}
            covariates = self.schema_.read(self.layout_, covariates, static, **span)
        else:
            self.horizon_ = check_count("horizon", self.horizon)
            panel, self.layout_ = read_panel(y, freq=self.freq)
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
        scaler = self._scaler.from_panel(panel, self.layout_)
        ends = panel.tail(self.lookback_), self.layout_, scaler, covariates.tail(self.lookback_)
        self.origins_ = Origins(*ends, self.lookback_, self.horizon_)
        self.origins_.check()
        self.naive_error_ = naive_error(panel, scaler, self.season_)
        return Windows(panel, scaler, self.lookback_, self.horizon_, covariates)

    def _season(self):
        season = check_optional_count("season", self.season) or self.layout_.time_axis.season_length
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
        self,
        covariates: CovariateData = None,
        *,
        y: Data | None = None,
        static: CovariateData = None,
        horizon: int | None = None,
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
        return origins.layout.to_pandas(self._rolled(origins, steps))

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
        _, layout = read_panel(y, like=self.layout_)
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
            panel, layout = read_panel(y, like=self.layout_)
            if self.positive:
                refuse_negative(panel, layout)
            reach = int(layout.lengths.max()) if whole else self.lookback_
            beside = {"steps": steps, "lookback": self.lookback_, "reach": reach, "fitted": origins.covariates}
            beside = self.schema_.read(layout, covariates, static, **beside)
            scaler = origins.scaler.take(self.layout_.match_series(layout), self._scaler.from_panel(panel, layout))
            origins = Origins(panel.tail(reach), layout, scaler, beside, self.lookback_, self.horizon_)
            origins.check()
        self.schema_.check_future(origins.covariates, origins.layout, steps)
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

    def score(self, y: Data, covariates: CovariateData = None) -> float:
        """Minus the mean absolute scaled error of the forecast of what came next: higher is better.

        Args:
            y: The values that followed the series that `fit` got, soon or at once.
            covariates: As in `predict`.

        Returns:
            Minus the MASE, averaged over series and channels: the error over that of the seasonal naive
            forecast within the series that `fit` got (Hyndman and Koehler, 2006).
        """
        check_is_fitted(self)
        actual, layout = read_panel(y, like=self.layout_)
        series, ahead = self.layout_.steps_ahead(layout)
        refuse_unrelated(layout, series, ahead)
        steps = int((ahead + layout.lengths).max())
        forecast = self._rolled(self._origins(covariates, None, None, steps), steps)
        errors = mean_errors(actual, forecast[series], ahead) / self.origins_.scaler.scale[series]
        return -mean_scaled_error(errors, self.naive_error_[series])


@dataclasses.dataclass(eq=False, repr=False)
class Forecaster(BaseForecaster):
    """Abstract: a forecaster that can also say how sure it is.

    Args:
        calibrate: If True, quantiles and intervals are moved so that they would have had their coverage on the
            held-out end of the series, and on what the series of a history `y` show of the time since the fit
            (conformal calibration, step by step, over all series). The point forecast stays what the model says, also
            where that was too low or too high. Defaults to False.
    """

    _: dataclasses.KW_ONLY
    calibrate: bool = False

    def _learn_aside(self, windows, **options):
        super()._learn_aside(windows, **options)
        self.spread_ = self._measure(windows)

    @abc.abstractmethod
    def _held_out(self, windows):
        """The `Windows` that were not learnt from; None where there are none."""

    def _measure(self, windows):
        """The `ErrorDistribution` of the errors on the held-out windows; None where nothing is to be known of it."""
        if not self.calibrate and len(self.levels_) == 1:
            return None
        held_out = self._held_out(windows)
        if not held_out:
            if self.calibrate:
                raise ValueError(
                    "`calibrate` needs windows that are not learnt from, but none could be held out: the series are "
                    f"too short for lookback {self.lookback_} + horizon {self.horizon_}, or `validation_fraction` is "
                    "0, or so high that too little is left to learn from. Change it, lower `horizon` or `lookback`, "
                    "pass a longer history, or leave `calibrate` out."
                )
            held_out = windows
        return self._spread_of(held_out)

    def _spread_of(self, windows):
        outputs = self.horizon_ * len(self.layout_.dtypes) * len(self.levels_)
        index, parts = sample_evenly(len(windows), outputs), []
        for part in windows.batches(index):
            inputs, target = windows.gather(part)
            units = local_scale(inputs["history"], self.season_, windows.scaled_std(part))
            parts.append((self._forecast(inputs), target, units))
        return ErrorDistribution.of(
            self.levels_, *map(np.concatenate, zip(*parts, strict=True)), calibrate=bool(self.calibrate)
        )

    def predict_quantiles(
        self,
        quantiles: Sequence | None = None,
        covariates: CovariateData = None,
        *,
        y: Data | None = None,
        static: CovariateData = None,
    ) -> pd.DataFrame:
        """Forecast quantiles of what follows each series.

        Args:
            quantiles: Levels between 0 and 1; between the trained ones the forecast is linear.
                Defaults to the trained levels, calibrated from a point forecast to 0.1, 0.5 and 0.9.
            covariates, y, static: As in `predict`.

        Returns:
            DataFrame on the index of the forecast with a column for each level, below the channels of a
            frame.

        Raises:
            ValueError: neither `quantiles` nor `calibrate` was given to the forecaster, or a level is
                outside of those that are known.
        """
        self._check_uncertain()
        if quantiles is None:
            quantiles = self.levels_ if len(self.levels_) > 1 else (0.1, 0.5, 0.9)
        levels = [quantiles] if isinstance(quantiles, numbers.Real | str) else list(quantiles)
        self._check_levels(levels, f"The level(s) {levels}")
        origins, spread = self._around(covariates, y, static)
        labels = pd.Index(levels, name="quantile")
        return self._dressed(origins, lambda values, units: spread.quantiles(values, levels, units), labels)

    def predict_interval(
        self,
        coverage: float = 0.9,
        covariates: CovariateData = None,
        *,
        y: Data | None = None,
        static: CovariateData = None,
    ) -> pd.DataFrame:
        """Forecast an interval that holds each value with a probability.

        Args:
            coverage: That probability; as much of the rest lies above as below. Defaults to 0.9.
            covariates, y, static: As in `predict`.

        Returns:
            DataFrame on the index of the forecast with the columns `lower` and `upper`, below the channels of a frame.

        Raises:
            ValueError: as `predict_quantiles`.
        """
        self._check_uncertain()
        if not isinstance(coverage, numbers.Real) or isinstance(coverage, bool) or not 0 < coverage < 1:
            came = f"a {type(coverage).__name__}" if isinstance(coverage, pd.DataFrame | pd.Series) else repr(coverage)
            raise ValueError(
                f"`coverage` is {came}, but must be a number between 0 and 1, such as 0.9. Covariates go to "
                "`covariates=`."
            )
        levels = [round((1 - coverage) / 2, 12), round((1 + coverage) / 2, 12)]  # 0.8 is to mean 0.1 and 0.9
        self._check_levels(levels, f"A coverage of {coverage:g}")
        origins, spread = self._around(covariates, y, static)
        most = (spread.windows - 1) / (spread.windows + 1)
        if self.calibrate and coverage > most:
            warn(
                f"The interval was calibrated on {spread.windows} held-out window(s), which back a coverage of at most "
                f"{max(most, 0):.2f}, not {coverage:g}. Raise `validation_fraction` or pass a longer history."
            )
        labels = pd.Index(["lower", "upper"], name="bound")
        return self._dressed(origins, lambda values, units: spread.quantiles(values, levels, units), labels)

    def sample_paths(
        self,
        n: int = 100,
        covariates: CovariateData = None,
        *,
        y: Data | None = None,
        static: CovariateData = None,
        random_state: int | None = None,
    ) -> pd.DataFrame:
        """Draw whole futures, for questions on sums and maxima over the horizon.

        At each step the paths are distributed as `predict_quantiles` says. Which values go together, over
        steps and channels, is taken from the ranks of the errors on the held-out windows.

        Args:
            n: Number of paths. Defaults to 100.
            covariates, y, static: As in `predict`.
            random_state: Seed. Defaults to None.

        Returns:
            DataFrame on the index of the forecast with a column for each path, below the channels of a frame.

        Raises:
            ValueError: as `predict_quantiles`.

        Reference:
            Clark et al., 2004, "The Schaake shuffle".
        """
        self._check_uncertain()
        n, generator = check_count("n", n), np.random.default_rng(random_state)
        origins, spread = self._around(covariates, y, static)
        labels = pd.RangeIndex(n, name="path")
        return self._dressed(origins, lambda values, units: spread.paths(values, n, generator, units), labels)

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
        """Forecast from many origins within a history at once, each from what lies before it alone.

        Args:
            y: History of series that `fit` got, which ends a horizon after the last origin.
            covariates, static: As in `predict`, for these steps of the history.
            windows: Number of origins of each series.
            stride: Steps from one origin to the next. Defaults to 1.
            quantiles: Levels, calibrated as the fit did. Defaults to none.

        Returns:
            float64 array `(series, windows, horizon, channels, 1 + quantiles)`, the forecast first; series in the
            order in which forecasts come, origins from the earliest on.

        Raises:
            ValueError: series that `fit` did not get, or that are too short; and as `predict_quantiles`.
        """
        check_is_fitted(self)
        levels = list(quantiles)
        if levels:
            self._check_uncertain()
            self._check_levels(levels, f"The level(s) {levels}")
        origins, before = self._origins_within(y, covariates, static, windows, stride)

        def outputs(forecasts, units):
            told = self.spread_.quantiles(forecasts, levels, units) if levels else forecasts[..., :0]
            return np.concatenate([self._point(forecasts)[..., None], told], axis=-1)

        values = self._values(origins, outputs, before)
        return values.reshape(-1, windows, *values.shape[1:])

    def _origins_within(self, y, covariates, static, windows, stride):
        """`Origins`, and how many steps before the ends of a history each of its forecasts starts."""
        span = self.horizon_ + (check_count("windows", windows) - 1) * check_count("stride", stride)
        panel, layout = read_panel(y, like=self.layout_)
        places = self.layout_.match_series(layout)
        refuse_windows(layout, places, span, self.horizon_)
        beside = {"steps": 0, "lookback": self.lookback_ + span, "fitted": self.origins_.covariates}
        beside = self.schema_.read(layout, covariates, static, **beside)
        scaler = self.origins_.scaler.take(places, self._scaler.from_panel(panel, layout))
        panel = panel.tail(self.lookback_ + span)
        origins = Origins(panel, layout, scaler, beside, self.lookback_, self.horizon_)
        return origins, span - stride * np.arange(windows)

    def _around(self, covariates, y, static):
        """The `Origins` of forecasts, and the `ErrorDistribution` around them."""
        origins, spread = self._origins(covariates, y, static, self.horizon_, whole=self.calibrate), self.spread_
        later = origins.since(self.layout_) if self.calibrate and y is not None else None
        return origins, spread.with_later(self._spread_of(later)) if later else spread

    def _check_uncertain(self):
        check_is_fitted(self)
        if self.spread_ is None:
            raise ValueError(
                f"This {type(self).__name__} was fitted to give one value a step. Make it with `calibrate=True`, or a "
                "network with `quantiles=(0.1, 0.5, 0.9)`, and fit it again."
            )

    def _check_levels(self, levels, what):
        refuse_levels(levels, what, self.spread_.range, self.calibrate)

    def _dressed(self, origins, function, labels):
        """What a function of scaled forecasts and their units gives for each label, as the caller's type."""
        values = self._values(origins, function)
        refuse_not_finite(values, origins.layout)
        return origins.layout.to_pandas(values, labels)

    def _values(self, origins, function, before=(0,)):
        """The same as an array, from origins that lie so many steps before the ends."""
        parts = []
        for series, inputs in origins.batches(before):
            units = local_scale(inputs["history"], self.season_, origins.scaler.scaled_std(series))
            parts.append(self._in_units(origins, series, function(self._forecast(inputs), units)))
        return np.concatenate(parts)
