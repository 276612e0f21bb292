"""The network that every family shares; only its temporal core differs.

window -> normalise -> cut into patches -> embed -> CORE -> head -> de-normalise -> forecast
"""

import dataclasses
import math

import keras
from keras import ops

from tsattn.checks import check_choice, check_count, check_rate
from tsattn.layers.normalization import ReversibleInstanceNormalization, window_statistics
from tsattn.layers.patching import Patching
from tsattn.networks.decoding import DirectDecoding, RecursiveDecoding

CHOICES = {
    "normalization": ("standard", "last", None),
    "embedding": ("linear", "relu", None),
    "decoding": ("direct", "recursive"),
}


@dataclasses.dataclass(frozen=True)
class Skeleton:
    """What the families have in common.

    With `patch_size=1, normalization=None, embedding=None, decoding="recursive"` the networks are
    the textbook's, equation by equation (a Transformer needs an embedding: `"linear"`).

    Args:
        units: Width of the embedding, the queries and the core.
        patch_size: Steps in a patch; it must divide the lookback.
        normalization: How each window is normalised, and the forecast de-normalised: `"standard"`
            (mean and standard deviation), `"last"` (the last observed value) or None.
        embedding: Map from a patch to `units`: `"linear"`, `"relu"`, or None for the patch itself.
        decoding: `"direct"`, all steps in parallel, or `"recursive"`, each from the one before.
        mix_channels: If True a patch holds all channels; else one network is shared by them.
        dropout: Rate on the embedded patches and the decoded steps.
    """

    units: int
    patch_size: int
    normalization: str | None
    embedding: str | None
    decoding: str
    mix_channels: bool
    dropout: float

    def __post_init__(self):
        for name in ("units", "patch_size"):
            object.__setattr__(self, name, check_count(name, getattr(self, name)))  # an int, where NumPy's came
        check_rate("dropout", self.dropout)
        for name, choices in CHOICES.items():
            check_choice(name, getattr(self, name), choices)


class ForecastNetwork(keras.Model):
    """A window of history to a forecast, around any temporal core.

    The core is a Keras layer `core(patches, queries)` from embedded patches
    `(batch, patches, units)` and queries `(batch, steps, units)` to decoded steps
    `(batch, steps, units)`; one step is one patch of the horizon. It may also have

    - an argument `patches_mask` of `call`, `(batch, patches)`, False where a patch holds no observed value;
    - `attend`, as `call`, giving decoded steps and attention weights
      `(batch, layers, heads, steps, patches)`;
    - for recursive decoding, `start(patches, steps, patches_mask, training) -> states` and
      `step(query, states) -> decoded, weights or None, states`, where weights are
      `(batch, layers, heads, patches)` and the core's `attention_shape` is `(layers, heads)`; `call`
      then lets step t depend on the queries up to t only.

    Args:
        core: The temporal core.
        lookback: Steps of history.
        horizon: Steps to forecast.
        channels: Variables of the series.
        skeleton: A `Skeleton`.

    Call arguments:
        inputs: Dict of `"history"` `(batch, lookback, channels)`, NaN where not observed; in
            training with teacher forcing also `"target"` `(batch, horizon, channels)`, always fed
            unless there is `"teaching"` `(batch,)`, the probability that a step is fed it.

    Returns:
        Forecast `(batch, horizon, channels)`.
    """

    def __init__(self, core, lookback, horizon, channels, skeleton, **kwargs):
        super().__init__(**kwargs)
        self.lookback = lookback
        self.horizon = horizon
        self.channels = channels
        self.skeleton = skeleton
        self.tokens = channels if skeleton.mix_channels else 1  # channels within one patch
        self.steps = math.ceil(horizon / skeleton.patch_size)
        self.patching = Patching(skeleton.patch_size)
        kind = skeleton.normalization
        self.normalization = None if kind is None else ReversibleInstanceNormalization(kind)
        if skeleton.embedding is None:
            embed = keras.layers.Identity(name="embed")
        else:
            embed = keras.layers.Dense(skeleton.units, activation=skeleton.embedding, name="embed")
        head = keras.layers.Dense(skeleton.patch_size * self.tokens, name="head")
        parts = (core, embed, head, skeleton.dropout, self.steps)
        if skeleton.decoding == "direct":
            self.decoding = DirectDecoding(*parts, units=skeleton.units, channels=channels // self.tokens)
        else:
            self.decoding = RecursiveDecoding(*parts)
        self.decoding.build(self.patching.compute_output_shape((None, lookback, self.tokens)))
        self.built = True

    def call(self, inputs, training=None):
        patches, observed, newest, center, scale = self._read(inputs["history"])
        teacher = None
        if "target" in inputs:
            padding = self.steps * self.patching.patch_size - self.horizon
            target = ops.pad((inputs["target"] - center) / scale, ((0, 0), (0, padding), (0, 0)))
            teacher = self.patching(self._split_channels(target))
        teaching = inputs.get("teaching")
        if teaching is not None:
            teaching = ops.repeat(teaching, self.channels // self.tokens, axis=0)
        decoded = self.decoding(patches, observed, newest, teacher, teaching, training=training)
        return self._write(decoded, center, scale)

    def attend(self, inputs):
        """The forecast and the attention weights behind it.

        Returns:
            Forecast `(batch, horizon, channels)` and weights `(batch, channels, layers, heads,
            steps, patches)`; one channel stands for all where they are mixed.
        """
        patches, observed, newest, center, scale = self._read(inputs["history"])
        decoded, weights = self.decoding.attend(patches, observed, newest)
        channels = self.channels // self.tokens
        return self._write(decoded, center, scale), ops.reshape(weights, (-1, channels, *weights.shape[1:]))

    def _read(self, history):
        """Patches, which of them were observed, the newest one without gaps, and how to de-normalise."""
        if history.shape[1:] != (self.lookback, self.channels):
            raise ValueError(
                f"The history has the shape {tuple(history.shape)}, but (batch, lookback {self.lookback}, "
                f"channels {self.channels}) is needed."
            )
        observed = ops.logical_not(ops.isnan(history))
        values, center, scale = ops.where(observed, history, 0.0), 0.0, 1.0
        last, _ = window_statistics(values, observed, "last")
        if self.normalization is not None:
            values, center, scale = self.normalization(values, observed)
        size = self.patching.patch_size
        newest = ops.where(observed[:, -size:], values[:, -size:], (last - center) / scale)
        patches, newest, observed = (self.patching(self._split_channels(part)) for part in (values, newest, observed))
        return patches, ops.any(observed, axis=-1), newest[:, 0], center, scale

    def _write(self, patches, center, scale):
        values = self.patching.inverse(patches, self.tokens)[:, : self.horizon]
        if self.tokens != self.channels:
            values = ops.transpose(ops.reshape(values, (-1, self.channels, self.horizon)), (0, 2, 1))
        return values * scale + center

    def _split_channels(self, values):
        """`(batch, steps, channels)` as `(batch x channels, steps, 1)`, unless channels are mixed."""
        if self.tokens == self.channels:
            return values
        return ops.reshape(ops.transpose(values, (0, 2, 1)), (-1, values.shape[1], 1))
