"""Statistical models of the package statsforecast, fitted to each history separately."""

import dataclasses
import warnings

import numpy as np

from tsattn._utils.warnings import warn

MODELS = {"auto_ets": "AutoETS", "auto_theta": "AutoTheta", "auto_arima": "AutoARIMA", "auto_ces": "AutoCES"}
MIN_STEPS = 8  # of a history; ETS, for example, needs 7
MIN_SEASONS = 2  # of a history of a seasonal model
MAX_MODELLED_SEASON = 24  # as in R; longer seasons of ETS and ARIMA take minutes and have invalid intervals
MEDIAN = 0.5


@dataclasses.dataclass(frozen=True)
class StatisticalModel:
    """A statistical model that is fitted to each window and channel, and forecasts it.

    Args:
        name: Key of `MODELS`.
        season: Number of steps in a cycle.
        horizon: Number of steps to forecast.
        levels: Tuple of increasing quantile levels, with 0.5.

    Reference:
        Garza et al., 2022, "StatsForecast", https://github.com/Nixtla/statsforecast.
    """

    name: str
    season: int
    horizon: int
    levels: tuple

    def forecast(self, inputs):
        """Forecast windows, `(n, horizon, channels, levels)`, from the `"history"` `(n, lookback, channels)`."""
        histories = np.moveaxis(inputs["history"], 1, -1).astype("float64")
        forecasts = np.full((*histories.shape[:2], self.horizon, len(self.levels)), np.nan)
        failed = 0
        for position in np.ndindex(histories.shape[:2]):
            values = histories[position]
            observed = np.flatnonzero(~np.isnan(values))
            if not len(observed):
                continue
            first, last = observed[0], observed[-1] + 1
            season = self.season if last - first >= MIN_SEASONS * self.season else 1
            history = interpolate(values[first:last], season)
            steps = len(values) - last + self.horizon  # a missing end is forecast too
            forecast = self._fitted_forecast(history, season, steps)
            if forecast is None:
                failed += 1
                forecast = self._forecast_of(_last_value(), history, steps)
            forecasts[position] = forecast[-self.horizon :]
        if failed:
            warn(
                f"{self.name} could not be fitted to {failed} of {histories.shape[0] * histories.shape[1]} histories. "
                "Their last value is repeated."
            )
        return np.moveaxis(forecasts, 1, 2)

    def _fitted_forecast(self, history, season, steps):
        """Return the forecast `(steps, levels)` of a history without missing values; None if the fit fails."""
        if len(history) < MIN_STEPS or np.ptp(history) == 0:
            return self._forecast_of(_last_value(), history, steps)
        scale = np.abs(history).mean()  # the optimizers have absolute tolerances
        try:
            forecast = scale * self._forecast_of(_model(self.name, season), history / scale, steps)
        except Exception:  # statsforecast raises plain exceptions, for example if no model can be fitted
            return None
        return forecast if np.isfinite(forecast).all() else None

    def _forecast_of(self, model, history, steps):
        """Return the forecast `(steps, levels)` of an unfitted model of statsforecast."""
        coverages = [round(abs(1 - 2 * level) * 100, 9) for level in self.levels if level != MEDIAN]
        with warnings.catch_warnings(), np.errstate(all="ignore"):  # of trial fits of the automatic selection
            warnings.simplefilter("ignore")
            parts = model.forecast(y=history, h=steps, level=sorted(set(coverages)) or None)
        mean, outputs = np.asarray(parts["mean"], dtype="float64"), []
        for level in self.levels:
            if level == MEDIAN:
                outputs.append(mean)
                continue
            side, limit = ("lo", np.minimum) if level < MEDIAN else ("hi", np.maximum)
            bound = np.asarray(parts[f"{side}-{round(abs(1 - 2 * level) * 100, 9)}"], dtype="float64")
            outputs.append(limit(bound, mean))  # simulated bounds must not cross the point forecast
        return np.stack(outputs, axis=-1)


def interpolate(values, season):
    """Fill the missing values of a history between the same steps of the neighboring cycles.

    A step that is missing in all cycles is interpolated between its neighbors.

    Args:
        values: Array `(steps,)`, NaN where not observed.
        season: Number of steps in a cycle; 1 interpolates between neighbors.

    Returns:
        Array `(steps,)` without missing values.

    Example:

    >>> interpolate(np.array([1.0, 5.0, np.nan, 5.0, 3.0, 5.0]), season=2).tolist()
    [1.0, 5.0, 2.0, 5.0, 3.0, 5.0]
    """
    filled = values.copy()
    for step in range(season):
        _fill(filled[step::season])
    _fill(filled)
    return filled


def _fill(values):
    """Interpolate missing values in place, if any value is observed."""
    missing = np.isnan(values)
    if missing.any() and not missing.all():
        values[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), values[~missing])


def _last_value():
    from statsforecast.models import Naive

    return Naive()


def _model(name, season):
    """Return an unfitted model of statsforecast."""
    from statsforecast import models

    cls = getattr(models, MODELS[name])
    options = {"approximation": None} if name == "auto_arima" else {}  # as in R: fits long series in seconds
    if season > MAX_MODELLED_SEASON and name in ("auto_ets", "auto_arima"):
        options |= {"model": "ZZN"} if name == "auto_ets" else {"seasonal": False}
        return models.MSTL(season_length=season, trend_forecaster=cls(**options))
    return cls(season_length=season, **options)
