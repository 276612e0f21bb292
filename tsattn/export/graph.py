"""A fitted network, with the scaling of its inputs and outputs, as one Keras model."""

import keras
import numpy as np
from keras import ops

from tsattn.export.transforms import FUNCTIONS


class ForecastGraph(keras.Model):
    """A network that takes a history in the units of the data and returns a forecast in the same units.

    Args:
        network: Built network with scaled inputs and outputs.
        center: Center of each series and channel, `(series, channels)`, after `transform`.
        scale: Scale of each series and channel, `(series, channels)`, after `transform`.
        columns: Dict of pairs (center, scale) of arrays `(columns,)`, by kind of covariate.
        median: Index of the point forecast among the outputs. Defaults to 0.
        fallback: Coefficients of a linear forecast, `(steps + 1, horizon)`: weights of the last steps of the history
            relative to its last value, and a constant. The outputs are shifted so that this forecast is the point
            forecast. If None, the network's forecast is returned. Defaults to None.
        positive: Whether negative forecasts are set to 0. Defaults to False.
        counts: Whether forecasts become counts, see `tsattn.series.domain.Domain`. Defaults to False.
        horizon: Number of steps to forecast; the network is rolled forward to them. Defaults to its horizon.
        level_weights: Matrix `(outputs of the network, outputs)` that maps its quantiles to those to return, or None to
            return them. Defaults to None.
        transform: Key of `FUNCTIONS`: the function that is applied to the history before scaling, and whose inverse is
            applied to the forecast. Defaults to None.

    Call arguments:
        inputs: Dict of tensors: `"history"` `(batch, lookback, channels)`, NaN where not observed; the covariates by
            kind; and with several series `"series"` `(batch,)`, the index of the series.

    Returns:
        Forecast `(batch, horizon, channels)`, or `(batch, horizon, channels, outputs)` if there are several outputs.
    """

    def __init__(
        self,
        network,
        center,
        scale,
        columns,
        median=0,
        fallback=None,
        positive=False,
        counts=False,
        horizon=None,
        level_weights=None,
        transform=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.network = network
        self.horizon = network.horizon if horizon is None else horizon
        self.level_weights = level_weights
        self.center = np.asarray(center, "float32")
        self.scale = np.asarray(scale, "float32")
        self.columns = {kind: tuple(np.asarray(part, "float32") for part in pair) for kind, pair in columns.items()}
        self.median = median
        self.fallback = None if fallback is None else np.asarray(fallback, "float32")
        self.positive = positive or counts
        self.counts = counts
        self.transform = transform
        self.built = True

    def signature(self, batch=None):
        """Return the input specification for Keras' `export`.

        Args:
            batch: Batch size. If None, any size is accepted. Defaults to None.

        Returns:
            List that contains one dict of input name to `keras.InputSpec`.
        """
        network = self.network
        known = network.lookback + self.horizon
        shapes = {"history": (network.lookback, network.channels)}
        steps = {"past": (network.lookback,), "known": (known,), "static": ()}
        shapes |= {kind: (*steps[kind], len(center)) for kind, (center, _) in self.columns.items()}
        specs = {
            name: keras.InputSpec(shape=(batch, *shape), dtype="float32", name=name) for name, shape in shapes.items()
        }
        if len(self.center) > 1:
            specs["series"] = keras.InputSpec(shape=(batch,), dtype="int32", name="series")
        return [specs]

    def call(self, inputs):
        if "series" in inputs:
            center, scale = (ops.take(part, inputs["series"], axis=0)[:, None] for part in (self.center, self.scale))
        else:
            center, scale = self.center[:, None], self.scale[:, None]
        function, inverse_function = FUNCTIONS[self.transform]
        history = (function(inputs["history"]) - center) / scale
        covariates = {kind: (inputs[kind] - pair[0]) / pair[1] for kind, pair in self.columns.items()}
        forecast = self._roll({"history": history, **covariates})
        has_outputs_axis = bool(self.network.skeleton.quantiles)
        if self.fallback is not None:
            forecast = self._shift_to_fallback(forecast, history)
        forecast = inverse_function(forecast * scale[..., None] + center[..., None])
        if self.counts:
            forecast = ops.ceil(forecast - 0.5)
        if self.positive:
            forecast = ops.maximum(forecast, 0.0)
        return forecast if has_outputs_axis else forecast[..., 0]

    def _roll(self, inputs):
        """Return the scaled forecast `(batch, horizon, channels, outputs)`, each part based on the previous one."""
        quantiles, steps = self.network.skeleton.quantiles, self.network.horizon
        parts, inputs = [], dict(inputs)
        for first in range(0, self.horizon, steps):
            if first:
                median = parts[-1][..., quantiles.index(0.5) if quantiles else 0]
                inputs["history"] = ops.concatenate([inputs["history"], median], axis=1)[:, steps:]
                for kind in {"past", "known"} & set(inputs):
                    values = inputs[kind][:, steps:]
                    inputs[kind] = ops.pad(values, ((0, 0), (0, steps), (0, 0)), constant_values=np.nan)
            size = {"known": self.network.lookback + steps}
            part = {kind: values[:, : size[kind]] if kind in size else values for kind, values in inputs.items()}
            forecast = self.network(part, training=False)
            parts.append(forecast if quantiles else forecast[..., None])
        forecast = ops.concatenate(parts, axis=1)[:, : self.horizon]
        return forecast if self.level_weights is None else ops.matmul(forecast, self.level_weights)

    def _shift_to_fallback(self, forecast, history):
        """Shift the outputs so that the point forecast is the fallback, except where no value is observed."""
        missing = ops.isnan(history)
        steps = ops.cast(ops.arange(1, history.shape[1] + 1), "float32")[None, :, None]
        observed = ops.where(missing, 0.0, steps)
        newest = ops.max(observed, axis=1, keepdims=True)
        is_last = ops.cast(ops.equal(observed, newest), "float32")
        last = ops.sum(ops.where(missing, 0.0, history) * is_last, axis=1, keepdims=True)
        weights, constant = self.fallback[:-1], self.fallback[-1]
        point = last + constant[:, None]
        if len(weights):
            recent = ops.where(missing, 0.0, history - last)[:, -len(weights) :]
            change = ops.matmul(ops.transpose(recent, (0, 2, 1)), weights)
            point = point + ops.transpose(change, (0, 2, 1))
        shifted = forecast + point[..., None] - forecast[..., self.median : self.median + 1]
        return ops.where(ops.greater(newest, 0.0)[..., None], shifted, forecast)
