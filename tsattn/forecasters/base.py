"""What every forecaster does: pandas in, `fit` and `predict`, the same pandas out."""

import abc
import dataclasses
import warnings

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from tsattn.checks import check_count
from tsattn.series.frames import read
from tsattn.series.scaling import Scaler
from tsattn.series.seasons import season_length


@dataclasses.dataclass(eq=False, repr=False)
class Forecaster(BaseEstimator, abc.ABC):
    """Abstract: `fit` and `predict` around one way to learn and one way to forecast.

    A subclass says how it learns from the scaled values of a panel (`_learn`) and how it forecasts
    the next horizon from the last lookback (`_forecast`); all else is here.

    Args:
        horizon: Steps to forecast at once.
        lookback: Steps of history that a forecast is made from. None chooses from the length of the
            series, its season and the horizon. Defaults to None.
        season: Steps in a cycle. None takes the cycle that goes with the step of the time index (24
            for hours, 7 for days, 12 for months and so on), or 1 for a series of less than two
            cycles. Defaults to None.
        freq: Step of the time index, as a pandas alias or offset. None takes the index's own, or
            infers it. Defaults to None.
    """

    horizon: int
    _: dataclasses.KW_ONLY
    lookback: int | None = None
    season: int | None = None
    freq: object = None

    def fit(self, y):
        """Learn from a series.

        Args:
            y: A Series, or a wide DataFrame with a column for each channel, with a
                `DatetimeIndex`, a `PeriodIndex` or an integer index. Missing values and missing
                time stamps are left out of everything that is learnt.

        Returns:
            The forecaster itself. If the call fails, the forecaster stays as it was.

        Raises:
            ValueError, TypeError: what came, what was wanted and what to do.
        """
        return self._fit(y)

    def _fit(self, y, **options):
        horizon = check_count("horizon", self.horizon)
        panel, layout = read(y, freq=self.freq)
        season = self._season(layout.timeline)
        fitted = {"horizon_": horizon, "layout_": layout, "season_": season, "scaler_": self._scaler(panel)}
        scaled = fitted["scaler_"].transform(panel, layout.channel_names)
        fitted.update(self._settings(int(scaled.lengths.min()), horizon, season))
        fitted["history_"] = scaled.tail(fitted["lookback_"])
        _refuse_unseen(fitted["history_"].last(fitted["lookback_"]), layout)
        fitted["naive_error_"] = naive_error(scaled, season)
        fitted.update(self._learn(scaled, fitted, **options))
        vars(self).update(fitted)
        return self

    def _season(self, timeline):
        if self.season is not None:
            return check_count("season", self.season)
        season = season_length(timeline)
        return season if timeline.length >= 2 * season else 1

    def _scaler(self, panel):
        """What scales the values of a panel before they are learnt from."""
        return Scaler.of(panel)

    @abc.abstractmethod
    def _settings(self, length, horizon, season):
        """The lookback, as `lookback_`, and other settings for series of at least `length` steps."""

    @abc.abstractmethod
    def _learn(self, panel, fitted, **options):
        """What `fit` learns from a `Panel` of scaled values, as a dict of attributes that end in `_`."""

    @abc.abstractmethod
    def _forecast(self, history):
        """Scaled forecasts `(series, horizon, channels)` from histories `(series, lookback, channels)`."""

    def predict(self, *, y=None, horizon=None):
        """Forecast what follows a series.

        Args:
            y: History to forecast from, of the kind that `fit` got. Defaults to the end of the
                series that `fit` got.
            horizon: Steps to forecast; beyond the trained horizon the forecast is rolled forward,
                each part from the one before. Defaults to the trained horizon.

        Returns:
            The forecast: type, names, index kind and time zone are those of the history.
        """
        check_is_fitted(self)
        steps = self.horizon_ if horizon is None else check_count("horizon", horizon)
        history, layout = self._history(y)
        parts, total = [], 0
        while total < steps:
            parts.append(self._forecast(history))
            total += parts[-1].shape[1]
            history = np.concatenate([history, parts[-1]], axis=1)[:, -self.lookback_ :]
        values = self.scaler_.inverse(np.concatenate(parts, axis=1)[0, :steps])
        return layout.dress(values, layout.timeline.length)

    def _history(self, y):
        """The last lookback `(series, lookback, channels)`, scaled, and how to dress what follows it."""
        if y is None:
            return self.history_.last(self.lookback_), self.layout_
        panel, layout = self.layout_.read_more(y)
        history = self.scaler_.transform(panel.tail(self.lookback_), layout.channel_names).last(self.lookback_)
        _refuse_unseen(history, layout)
        return history, layout

    def score(self, y):
        """Minus the mean absolute scaled error of the forecast of what came next: higher is better.

        Args:
            y: The values that followed the series that `fit` got, soon or at once.

        Returns:
            Minus the MASE, averaged over the channels: the error over that of the seasonal naive
            forecast within the series that `fit` got (Hyndman and Koehler, 2006).
        """
        check_is_fitted(self)
        actual, _ = self.layout_.read_more(y)
        timeline = self.layout_.timeline
        ahead = timeline.positions(y.index, "y") - timeline.length
        if ahead.min() < 0:
            raise ValueError(
                f"`y` starts at {y.index[ahead.argmin()]}, but the series that `fit` got ends at "
                f"{timeline.stamps(timeline.length - 1, 1)[0]}. Pass the values that followed it."
            )
        forecast = self.predict(horizon=int(ahead.max()) + 1)
        forecast = np.asarray(forecast, dtype="float64").reshape(len(forecast), -1)[ahead.min() :]
        error = np.nanmean(np.abs(actual.values - forecast), axis=0) / self.scaler_.scale
        defined = self.naive_error_ > 0
        if not defined.all():
            warnings.warn(
                "The MASE is not defined: within the series that `fit` got, the seasonal naive forecast has no error "
                "(a constant series) or there is no season to measure it on.",
                UserWarning,
                stacklevel=2,
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            return -float(np.mean(np.where(defined, error / self.naive_error_, np.nan)))


def refuse_short(length, lookback, horizon):
    """A ValueError unless series of this length hold a window."""
    if length < lookback + horizon:
        raise ValueError(
            f"`y` has {length} steps, but lookback {lookback} + horizon {horizon} needs at least "
            f"{lookback + horizon}. Lower `lookback` or `horizon`, or pass a longer history."
        )


def naive_error(panel, season):
    """Mean absolute difference between values a season apart, `(channels,)`, over all series."""
    differences = [np.abs(panel.of(s)[season:] - panel.of(s)[:-season]) for s in range(len(panel))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no pair observed: NaN
        return np.nanmean(np.concatenate(differences).astype("float64"), axis=0)


def _refuse_unseen(history, layout):
    unseen = np.isnan(history).all(axis=1)
    if unseen.any():
        channel = int(np.argwhere(unseen)[0][1])
        name = "`y`" if layout.columns is None else f"Column {layout.columns[channel]!r} of `y`"
        raise ValueError(
            f"{name} has no observed value in its last {history.shape[1]} steps, from which the forecast is made. "
            "Pass a history that ends where values were observed, or raise `lookback`."
        )
