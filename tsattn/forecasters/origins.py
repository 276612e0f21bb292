"""Where forecasts start: the last steps of some series, and what is known beside and after them."""

import dataclasses

import numpy as np

from tsattn.series.covariates.buffers import Covariates
from tsattn.series.layout import Layout
from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler, Unscaled
from tsattn.series.windows import Windows


@dataclasses.dataclass(frozen=True, eq=False)
class Origins:
    """The ends of some series, from which forecasts are made.

    Args:
        panel: The series, or their last steps, in the units of the data.
        layout: Their `Layout`.
        scaler: Their `Scaler`.
        covariates: Their `Covariates`.
        lookback: Steps that a forecast is made from.
        horizon: Steps that are forecast at once.
    """

    panel: Panel
    layout: Layout
    scaler: Scaler | Unscaled
    covariates: Covariates
    lookback: int
    horizon: int

    def batches(self, before=(0,)):
        """Pairs of series numbers `(n,)` and the inputs of their forecasts, scaled.

        Args:
            before: Steps from each origin to the end of its series; a forecast for each, series by series.
        """
        return ((series, inputs) for series, inputs, _ in self.lessons(before))

    def lessons(self, before):
        """The same, with what followed each origin as the third, scaled, NaN where not observed."""
        cut = self.panel, self.scaler, self.lookback, self.horizon, self.covariates, before
        windows = Windows.at_origins(*cut)
        for index in windows.batches():
            yield windows.runs[0][index], *windows.gather(index)

    def since(self, layout):
        """The `Windows` that forecast what came after the series of another Layout; of a series not in it, all.

        Those that covariates were not passed for are not among them.
        """
        windows = Windows(self.panel, self.scaler, self.lookback, self.horizon, self.covariates)
        firsts = self.panel.offsets[:-1] + layout.rows_in_history(self.layout) - self.lookback - self.horizon + 1
        before = self.covariates.before
        if before is not None:
            beside = self.panel.offsets[1:] - before
            firsts = np.where(before < self.panel.lengths, np.maximum(firsts, beside), firsts)
        return windows.starting_from(firsts)

    def moved(self, series, inputs, forecast, steps):
        """The inputs of the next forecasts, `steps` after the origins, of which the last were `forecast`.

        Args:
            series: Series numbers `(n,)`.
            inputs: The inputs of the forecast.
            forecast: `(n, horizon, channels)` in the units of the data.
            steps: Steps that were forecast so far.
        """
        history = np.concatenate([inputs["history"], self.scaler.transform(forecast, series)], axis=1)
        first = np.full(len(series), steps - self.lookback)
        beside = self.covariates.gather(series, first, self.lookback, self.horizon)
        return {"history": history[:, -self.lookback :], **beside}

    def check(self):
        """A ValueError that names a series and channel with nothing observed, or an outlier, to forecast from."""
        if isinstance(self.scaler, Scaler):
            self.scaler.check_range(self.panel, self.layout)
        for s in range(len(self.panel)):
            unseen = np.isnan(self.panel.series(s)[-self.lookback :]).all(axis=0)
            if unseen.any():
                name = self.layout.value_name(s, int(unseen.argmax()))
                raise ValueError(
                    f"{name} has no observed value in its last {self.lookback} steps, from which the forecast is "
                    "made. Pass a history that ends where values were observed, or raise `lookback`."
                )
