"""How sure a forecast is: quantiles, intervals and paths, for every forecaster."""

import abc
import dataclasses
import numbers
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tsattn.checks import check_count
from tsattn.forecasters.base import BaseForecaster
from tsattn.forecasters.origins import Origins
from tsattn.forecasters.refusals import refuse_levels, refuse_not_finite, refuse_windows
from tsattn.forecasters.uncertainty import Spread, evenly, liveliness
from tsattn.kinds import Beside, Data
from tsattn.warning import warn


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
        """The `Spread` of the errors on the held-out windows; None where nothing is to be known of it."""
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
        index, parts = evenly(len(windows), outputs), []
        for part in windows.batches(index):
            inputs, target = windows.gather(part)
            units = liveliness(inputs["history"], self.season_, windows.units(part))
            parts.append((self._forecast(inputs), target, units))
        return Spread.of(self.levels_, *map(np.concatenate, zip(*parts, strict=True)), calibrate=bool(self.calibrate))

    def predict_quantiles(
        self,
        quantiles: Sequence | None = None,
        covariates: Beside = None,
        *,
        y: Data | None = None,
        static: Beside = None,
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
        self, coverage: float = 0.9, covariates: Beside = None, *, y: Data | None = None, static: Beside = None
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
        covariates: Beside = None,
        *,
        y: Data | None = None,
        static: Beside = None,
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
        covariates: Beside = None,
        *,
        static: Beside = None,
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
        panel, layout = self.layout_.read_more(y)
        places = self.layout_.find(layout)
        refuse_windows(layout, places, span, self.horizon_)
        beside = {"steps": 0, "lookback": self.lookback_ + span, "fitted": self.origins_.covariates}
        beside = self.schema_.read(layout, covariates, static, **beside)
        scaler = self.origins_.scaler.known_or(self._scaler.of(panel, layout), places)
        panel = panel.tail(self.lookback_ + span)
        origins = Origins(panel, layout, scaler, beside, self.lookback_, self.horizon_)
        return origins, span - stride * np.arange(windows)

    def _around(self, covariates, y, static):
        """The `Origins` of forecasts, and the `Spread` around them: if calibrated, of what came since the fit too."""
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
        return origins.layout.dress(values, labels)

    def _values(self, origins, function, before=(0,)):
        """The same as an array, from origins that lie so many steps before the ends."""
        parts = []
        for series, inputs in origins.batches(before):
            units = liveliness(inputs["history"], self.season_, origins.scaler.unit(series))
            parts.append(self._in_units(origins, series, function(self._forecast(inputs), units)))
        return np.concatenate(parts)
