"""The network shared by all families: normalize the window, compute a forecast with a body, denormalize the forecast.

window -> normalize -> BODY + linear shortcut -> denormalize -> forecast
"""

from typing import Protocol

import keras
from keras import ops

from tsattn.accelerators.steps import drop_training_steps
from tsattn.layers.instance_normalization import ReversibleInstanceNormalization
from tsattn.networks.covariate_encoding import CovariateEncoding
from tsattn.networks.shortcut import LinearShortcut


class Body(Protocol):
    """Protocol of the body of a `ForecastNetwork`: a Keras layer that forecasts a normalized window.

    Attributes:
        has_attention: Whether `attend` is available.
        has_rollout: Whether `rollout` is available.
    """

    has_attention: bool
    has_rollout: bool

    def call(self, values, observed, covariates, teacher=None, teaching=None, training=None):
        """Forecast normalized windows.

        Args:
            values: Tensor `(batch, lookback, channels)`, normalized, 0 for missing values.
            observed: Boolean tensor of the same shape, False for missing values.
            covariates: Dict of encoded covariates: `"past"` `(batch, lookback, width)`, `"known"`
                `(batch, lookback + horizon, width)`, `"static"` `(batch, width)`.
            teacher: True values `(batch, horizon, channels)`, normalized, NaN for missing values, or None. Defaults to
                None.
            teaching: Probability of feeding the true previous patch, `(batch,)`; None always feeds it. Defaults to
                None.

        Returns:
            Forecast `(batch, horizon, channels, outputs)`.
        """

    def attend(self, values, observed, covariates):
        """Return the forecast and the attention weights `(batch, groups, layers, heads, rows, columns)`."""

    def rollout(self, values, observed, covariates):
        """Return the attention rollout `(batch, groups, columns, columns)` or `(batch, groups, rows, columns)`."""


class ForecastNetwork(keras.Model):
    """A network from a window of history and covariates to a forecast.

    Args:
        body: A layer with the protocol `Body`, such as `tsattn.networks.Patched`.
        lookback: Steps of history.
        horizon: Steps to forecast.
        channels: Variables of the series.
        skeleton: A `Skeleton`.

    Call arguments:
        inputs: Dict of tensors. `"history"` is `(batch, lookback, channels)`, NaN for missing values. The covariates of
            the skeleton are `"past"` `(batch, lookback, columns)`, `"known"` `(batch, lookback + horizon, columns)` and
            `"static"` `(batch, columns)`. Missing numbers are NaN, and categories are codes from 0. For teacher
            forcing, `"target"` is `(batch, horizon, channels)` and `"teaching"` `(batch,)` the probability of feeding
            the true previous patch. Without `"teaching"`, it is always fed.

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
        for name, categories in skeleton.covariates.items():
            encoding = CovariateEncoding(categories, name=name)
            shapes[name] = encoding.compute_output_shape((None, *steps[name], len(categories)))
            encoding.build((None, *steps[name], len(categories)))
            self.encodings[name] = encoding
        self.body = body
        self.body.build((None, lookback, channels), shapes)
        self.shortcut = None
        if skeleton.shortcut is not None:
            self.shortcut = LinearShortcut(horizon, skeleton.shortcut, name="shortcut")
            self.shortcut.build((None, lookback, channels))
        self.built = True

    @property
    def has_attention(self):
        """Whether `attend` is available."""
        return self.body.has_attention

    @property
    def has_rollout(self):
        """Whether `rollout` is available."""
        return self.body.has_rollout

    def compile(self, *args, **kwargs):
        """Compile as `keras.Model.compile` does, and discard previously compiled training steps."""
        super().compile(*args, **kwargs)
        drop_training_steps(self)

    def get_config(self):
        raise NotImplementedError(
            "A ForecastNetwork cannot be saved as a .keras file, because its body may contain a user's layers. Save "
            'the forecaster with `save("model.tsattn")`. For a ModelCheckpoint, pass `save_weights_only=True` and a '
            "path that ends in .weights.h5."
        )

    def call(self, inputs, training=None):
        values, observed, center, scale = self._normalize(inputs["history"])
        teacher = inputs.get("target")
        if teacher is not None:
            teacher = (teacher - center) / scale
        forecast = self.body(values, observed, self._encode(inputs), teacher, inputs.get("teaching"), training=training)
        return self._denormalize(forecast, values, center, scale)

    def attend(self, inputs):
        """Return the forecast and its attention weights, see the `attend` of the body."""
        values, observed, center, scale = self._normalize(inputs["history"])
        forecast, weights = self.body.attend(values, observed, self._encode(inputs))
        return self._denormalize(forecast, values, center, scale), weights

    def rollout(self, inputs):
        """Return the attention rollout, see the `rollout` of the body."""
        values, observed, _, _ = self._normalize(inputs["history"])
        return self.body.rollout(values, observed, self._encode(inputs))

    def _normalize(self, history):
        """Return the normalized values, 0 for missing ones, the mask of observed values, the center and the scale."""
        if history.shape[1:] != (self.lookback, self.channels):
            raise ValueError(
                f"The history has the shape {tuple(history.shape)}, but the network expects (batch, lookback "
                f"{self.lookback}, channels {self.channels})."
            )
        missing = ops.isnan(history)
        # Keep this order: the ONNX converter turns other conditions into products, and NaN times 0 is NaN.
        values, observed = ops.where(missing, 0.0, history), ops.logical_not(missing)
        center, scale = 0.0, 1.0
        if self.normalization is not None:
            values, center, scale = self.normalization(values, observed)
        return values, observed, center, scale

    def _encode(self, inputs):
        return {name: encoding(inputs[name]) for name, encoding in self.encodings.items()}

    def _denormalize(self, forecast, values, center, scale):
        """Add the shortcut from the normalized values to a forecast of the body, and invert the normalization."""
        if self.shortcut is not None:
            forecast = forecast + self.shortcut(values)[..., None]
        if self.normalization is not None:
            center, scale = center[..., None], scale[..., None]
        forecast = forecast * scale + center
        return forecast if self.skeleton.quantiles else forecast[..., 0]
