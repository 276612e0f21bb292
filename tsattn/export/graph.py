"""The whole way from a history in the units of the data to a forecast in the same units, as one Keras model."""

import keras
import numpy as np
from keras import ops


class ForecastGraph(keras.Model):
    """A network between the scaling of its inputs and the unscaling of its forecast.

    Args:
        network: A built network, whose inputs and outputs are scaled.
        center, scale: Of each series and channel, `(series, channels)`.
        columns: For each kind of covariate a pair of arrays `(columns,)`, what is taken away and divided by.
        median: The place of the point forecast among the outputs. Defaults to 0.
        fallback: Coefficients `(steps + 1, horizon)` of a linear forecast from the newest steps of the history, less
            its last value, and a constant. The outputs are moved so that it is the point forecast. None leaves them.
            Defaults to None.
        positive: Whether no forecast is to be below 0. Defaults to False.

    Call arguments:
        inputs: Dict of `"history"` `(batch, lookback, channels)`, NaN where not observed; of the covariates that there
            are; and of `"series"` `(batch,)`, the number of the series, if there are several.

    Returns:
        Forecast `(batch, horizon, channels)`, with several outputs `(batch, horizon, channels, outputs)`.
    """

    def __init__(self, network, center, scale, columns, median=0, fallback=None, positive=False, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.center = np.asarray(center, "float32")
        self.spread = np.asarray(scale, "float32")
        self.columns = {kind: tuple(np.asarray(part, "float32") for part in pair) for kind, pair in columns.items()}
        self.median = median
        self.fallback = None if fallback is None else np.asarray(fallback, "float32")
        self.positive = positive
        self.built = True

    def signature(self, batch=None):
        """What the inputs are, as Keras's `export` wants it, for batches of a size or of any."""
        network = self.network
        known = network.lookback + network.horizon
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
            center, scale = (ops.take(part, inputs["series"], axis=0)[:, None] for part in (self.center, self.spread))
        else:
            center, scale = self.center[:, None], self.spread[:, None]
        history = (inputs["history"] - center) / scale
        beside = {kind: (inputs[kind] - pair[0]) / pair[1] for kind, pair in self.columns.items()}
        forecast = self.network({"history": history, **beside}, training=False)
        several = len(forecast.shape) == 4
        if not several:
            forecast = forecast[..., None]
        if self.fallback is not None:
            forecast = self._at_fallback(forecast, history)
        forecast = forecast * scale[..., None] + center[..., None]
        if self.positive:
            forecast = ops.maximum(forecast, 0.0)
        return forecast if several else forecast[..., 0]

    def _at_fallback(self, forecast, history):
        """Moved so that the point forecast is that of the fallback; left where there is no observed value."""
        missing = ops.isnan(history)
        steps = ops.cast(ops.arange(1, history.shape[1] + 1), "float32")[None, :, None]
        order = ops.where(missing, 0.0, steps)
        newest = ops.max(order, axis=1, keepdims=True)
        is_last = ops.cast(ops.equal(order, newest), "float32")
        last = ops.sum(ops.where(missing, 0.0, history) * is_last, axis=1, keepdims=True)
        weights, constant = self.fallback[:-1], self.fallback[-1]
        point = last + constant[:, None]
        if len(weights):
            used = ops.where(missing, 0.0, history - last)[:, -len(weights) :]
            used = ops.matmul(ops.transpose(used, (0, 2, 1)), weights)
            point = point + ops.transpose(used, (0, 2, 1))
        moved = forecast + point[..., None] - forecast[..., self.median : self.median + 1]
        return ops.where(ops.greater(newest, 0.0)[..., None], moved, forecast)
