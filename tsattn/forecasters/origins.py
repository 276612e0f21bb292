"""The origins of forecasts: the last steps of each series, and their covariates."""

import dataclasses

import numpy as np

from tsattn.series.covariates.buffers import Covariates
from tsattn.series.layout import Layout
from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler, TransformedScaler, Unscaled
from tsattn.series.windows import Windows

MAX_SHIFT = 10  # of the mean of a history, in units of its scale; beyond, it is another series
MAX_REVISION = 0.1  # median change of values that were fitted, in units of their scale; beyond, it is another series
MAX_OVERLAP = 100  # last steps of the fitted history that are compared


@dataclasses.dataclass(frozen=True, eq=False)
class Origins:
    """The ends of the series, from which forecasts start.

    Args:
        panel: `Panel` of the series or their last steps, in the units of the data.
        layout: Their `Layout`.
        scaler: Their `Scaler`.
        covariates: Their `Covariates`.
        lookback: Number of past steps that a forecast is based on.
        horizon: Number of steps to forecast at once.
    """

    panel: Panel
    layout: Layout
    scaler: Scaler | TransformedScaler | Unscaled
    covariates: Covariates
    lookback: int
    horizon: int

    def batches(self, before=(0,)):
        """Yield the scaled inputs of forecasts.

        Args:
            before: Numbers of steps from an origin to the end of its series, the same for all series. The forecasts of
                a series are adjacent. Defaults to the end of each series.

        Yields:
            Pairs of series numbers `(n,)` and the dict of inputs of a `WindowModel`.
        """
        return ((series, inputs) for series, inputs, _ in self.batches_with_targets(before))

    def batches_with_targets(self, before):
        """Yield series numbers, inputs and the scaled values that followed, NaN where not observed; see `batches`."""
        windows = Windows.at_origins(self.panel, self.scaler, self.lookback, self.horizon, self.covariates, before)
        for index in windows.batches():
            yield windows.runs[0][index], *windows.gather(index)

    def in_units(self, series, scaled, domain=None):
        """Return scaled values in the units of the data.

        Args:
            series: Series numbers `(n,)`.
            scaled: Array `(n, horizon, channels)` or `(n, horizon, channels, any)`.
            domain: `Domain` of the values, or None for any values. Defaults to None.
        """
        values = self.scaler.inverse(scaled, series)
        return values if domain is None else domain.restrict(values)

    def forecast(self, model, median, steps, domain=None):
        """Forecast any number of steps. Beyond the horizon, each part is based on the previous one.

        Args:
            model: A `WindowModel`.
            median: Index of the point forecast among its outputs.
            steps: Number of steps to forecast.
            domain: `Domain` of the forecasts, or None for any values. Defaults to None.

        Returns:
            Array `(series, steps, channels)` in the units of the data.

        Raises:
            ValueError: If a forecast is not finite.
        """
        forecasts = []
        for series, inputs in self.batches():
            parts = []
            while True:
                parts.append(self.in_units(series, model.forecast(inputs)[..., median], domain))
                total = len(parts) * self.horizon
                if total >= steps:
                    break
                inputs = self._advanced(series, inputs, parts[-1], total)
            forecasts.append(np.concatenate(parts, axis=1)[:, :steps])
        forecasts = np.concatenate(forecasts)
        check_finite(forecasts, self.layout)
        return forecasts

    def _advanced(self, series, inputs, forecast, steps):
        """Return the inputs for the next part, `steps` after the origins, with the previous forecast as history."""
        history = np.concatenate([inputs["history"], self.scaler.transform(forecast, series)], axis=1)
        first = np.full(len(series), steps - self.lookback)
        covariates = self.covariates.gather(series, first, self.lookback, self.horizon)
        return {"history": history[:, -self.lookback :], **covariates}

    def windows_since(self, layout):
        """Return the `Windows` whose targets follow the series of another `Layout`.

        All windows of a series that is not in that layout are included. Windows without covariates are omitted.
        """
        windows = Windows(self.panel, self.scaler, self.lookback, self.horizon, self.covariates)
        firsts = self.panel.offsets[:-1] + layout.rows_in_history(self.layout) - self.lookback - self.horizon + 1
        before = self.covariates.before
        if before is not None:
            starts = self.panel.offsets[1:] - before
            firsts = np.where(before < self.panel.lengths, np.maximum(firsts, starts), firsts)
        return windows.starting_from(firsts)

    def scaler_of(self, panel, layout):
        """Return the scaler of other histories, which may be those of the same series.

        A series keeps its scaler, so that its forecast does not depend on how much of its history is passed. It gets
        its own if it is another series under the same id: if its values differ where the times overlap, or if they are
        far outside of the range of the series.

        Args:
            panel, layout: `Panel` and `Layout` of the other histories.

        Raises:
            ValueError: If their values cannot be scaled.
        """
        own = self.scaler.for_panel(panel, layout)
        places = self.layout.match_series(layout)
        try:
            _, ahead = self.layout.steps_ahead(layout)
        except ValueError:  # the timestamps are between those of the fit
            ahead = np.zeros_like(places)
        steps = min(self.lookback, MAX_OVERLAP)
        (center, scale), (own_center, own_scale) = self.scaler.moments, own.moments
        with np.errstate(over="ignore"):
            changes = np.abs(panel.rows(-steps - ahead, steps) - self.panel.last(steps)[places])
            unknown = np.isnan(changes).all(axis=1)
            changes = np.nanmedian(np.where(unknown[:, None], 0.0, changes), axis=1)
            shifts = np.abs(own_center - center[places]) / MAX_SHIFT
        is_shifted = shifts > np.maximum(scale[places], own_scale)
        is_other = np.where(unknown, is_shifted, changes / MAX_REVISION > scale[places])
        return self.scaler.take(np.where(is_other.any(axis=1), -1, places), own)

    def check(self):
        """Check that every series and channel can be forecast.

        Raises:
            ValueError: If a series has no observed value in its lookback, or an outlier; the message names the first.
        """
        self.scaler.check_range(self.panel, self.layout)
        for s in range(len(self.panel)):
            unseen = np.isnan(self.panel.series(s)[-self.lookback :]).all(axis=0)
            if unseen.any():
                name = self.layout.value_name(s, int(unseen.argmax()))
                raise ValueError(
                    f"{name} has no observed value in its last {self.lookback} steps, on which the forecast is based. "
                    "Pass a history that ends with observed values, or increase `lookback`."
                )


def check_origins_fit(layout, places, span, horizon):
    """Check that every series was fitted, and starts before the first of several origins.

    Args:
        layout: `Layout` of the series.
        places: Positions of the series among the fitted series, -1 for series that were not fitted.
        span: Number of steps from the first origin to the end.
        horizon: Number of steps to forecast.

    Raises:
        ValueError: If a series was not fitted or is too short; the message names the first such series.
    """
    if (places < 0).any():
        raise ValueError(
            f"{layout.series_name(int(places.argmin()))} was not fitted. Pass only fitted series, or forecast it from "
            "one origin at a time with `predict(y=...)`."
        )
    series = int(layout.lengths.argmin())
    if (length := layout.lengths[series]) <= span:
        raise ValueError(
            f"{layout.series_name(series)} has {length} steps, but the origins and the horizon {horizon} after the "
            f"last need {span}, and at least one step of history. Lower `windows` or `stride`, or pass a longer "
            "history."
        )


def check_follows(layout, series, ahead):
    """Check that each series continues a fitted one.

    Args:
        layout: `Layout` of the series.
        series: Positions of the series among the fitted series, -1 for series that were not fitted.
        ahead: Number of steps from the end of the fitted series to the start of the given series.

    Raises:
        ValueError: If a series does not; the message names the first such series.
    """
    wrong = np.flatnonzero((series < 0) | (ahead < 0))
    if len(wrong):
        raise ValueError(
            f"{layout.series_name(wrong[0])} starts at {layout.time_axis.at(layout.firsts[wrong[:1]])[0]}, which does "
            "not follow a fitted series. Pass the values that followed the series passed to `fit`. In scikit-learn, "
            "split in time: `cv=TimeSeriesSplit()`."
        )


def check_finite(forecast, layout):
    """Check that a forecast `(series, ...)` is finite.

    Raises:
        ValueError: If a forecast is not finite; the message names the first such series.
    """
    wrong = np.flatnonzero(~np.isfinite(forecast.reshape(len(forecast), -1)).all(axis=1))
    if len(wrong):
        raise ValueError(
            f"The forecast of {layout.series_name(wrong[0])} is NaN or infinite. Look for outliers in the history, or "
            "fit again with a lower `learning_rate`."
        )
