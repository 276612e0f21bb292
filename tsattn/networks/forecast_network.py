"""The network that every family shares: it normalises a window, and de-normalises what its body forecasts.

window -> normalise -> BODY + linear shortcut -> de-normalise -> forecast
"""

import keras
from keras import ops

from tsattn.layers.normalization import ReversibleInstanceNormalization
from tsattn.networks.covariate_encoding import CovariateEncoding
from tsattn.networks.shortcut import LinearShortcut


class ForecastNetwork(keras.Model):
    """A window of history and covariates to a forecast.

    Args:
        body: A layer that forecasts a normalised window, such as `tsattn.networks.patched_body.Patched`.
        lookback: Steps of history.
        horizon: Steps to forecast.
        channels: Variables of the series.
        skeleton: A `Skeleton`.

    Call arguments:
        inputs: Dict of `"history"` `(batch, lookback, channels)`, NaN where not observed; of the
            covariates that the skeleton names, `"past"` `(batch, lookback, columns)`, `"known"`
            `(batch, lookback + horizon, columns)` and `"static"` `(batch, columns)`, NaN where not known
            and with codes from 0 for categories; and in training with teacher forcing of `"target"`
            `(batch, horizon, channels)`, always fed unless there is `"teaching"` `(batch,)`, the
            probability that a step is fed it.

    Returns:
        Forecast `(batch, horizon, channels)`, or `(batch, horizon, channels, quantiles)`.
    """

    def __init__(self, body, lookback, horizon, channels, skeleton, **kwargs):
        super().__init__(**kwargs)
        self.lookback = lookback
        self.horizon = horizon
        self.channels = channels
        self.skeleton = skeleton
        kind = skeleton.normalization
        self.normalization = None if kind is None else ReversibleInstanceNormalization(kind)
        self.encodings = {}
        steps, shapes = {"past": (lookback,), "known": (lookback + horizon,), "static": ()}, {}
        for name, levels in skeleton.covariates.items():
            encoding = CovariateEncoding(levels, name=name)
            shapes[name] = encoding.compute_output_shape((None, *steps[name], len(levels)))
            encoding.build((None, *steps[name], len(levels)))
            self.encodings[name] = encoding
        self.body = body
        self.body.build((None, lookback, channels), shapes)
        self.shortcut = None
        if skeleton.shortcut is not None:
            self.shortcut = LinearShortcut(horizon, skeleton.shortcut, name="shortcut")
            self.shortcut.build((None, lookback, channels))
        self.built = True

    def compile(self, *arguments, **options):
        """As in Keras; training steps that were compiled before are dropped."""
        super().compile(*arguments, **options)
        vars(self).pop("_training_steps", None)

    def call(self, inputs, training=None):
        values, observed, center, scale = self._read(inputs["history"])
        teacher = inputs.get("target")
        if teacher is not None:
            teacher = (teacher - center) / scale
        forecast = self.body(
            values, observed, self._encoded(inputs), teacher, inputs.get("teaching"), training=training
        )
        return self._write(forecast, values, center, scale)

    def attend(self, inputs):
        """The forecast and the attention weights behind it, as the body's `attend` gives them."""
        values, observed, center, scale = self._read(inputs["history"])
        forecast, weights = self.body.attend(values, observed, self._encoded(inputs))
        return self._write(forecast, values, center, scale), weights

    def rollout(self, inputs):
        """How much of what is looked at came in where, as the body's `rollout` gives it."""
        values, observed, _, _ = self._read(inputs["history"])
        return self.body.rollout(values, observed, self._encoded(inputs))

    def _read(self, history):
        """The normalised values, 0 where not observed, which of them were observed, and how to de-normalise."""
        if history.shape[1:] != (self.lookback, self.channels):
            raise ValueError(
                f"The history has the shape {tuple(history.shape)}, but (batch, lookback {self.lookback}, "
                f"channels {self.channels}) is needed."
            )
        missing = ops.isnan(history)
        # In this order: of any other condition the converter to ONNX makes a product, and NaN times 0 is NaN.
        values, observed = ops.where(missing, 0.0, history), ops.logical_not(missing)
        center, scale = 0.0, 1.0
        if self.normalization is not None:
            values, center, scale = self.normalization(values, observed)
        return values, observed, center, scale

    def _encoded(self, inputs):
        return {name: encoding(inputs[name]) for name, encoding in self.encodings.items()}

    def _write(self, forecast, values, center, scale):
        """The forecast in the units of the history, of what the body forecasts and of the normalised values."""
        if self.shortcut is not None:
            forecast = forecast + self.shortcut(values)[..., None]
        if self.normalization is not None:
            center, scale = center[..., None], scale[..., None]
        forecast = forecast * scale + center
        return forecast if self.skeleton.quantiles else forecast[..., 0]
