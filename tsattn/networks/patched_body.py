"""The body of the three families: a window in patches, a temporal core, and patches of the horizon.

normalised window -> cut into patches -> embed -> TEMPORAL CORE -> head -> forecast
"""

import math

import keras
from keras import ops

from tsattn.layers.normalization import window_statistics
from tsattn.layers.patching import Patching
from tsattn.networks.decoding import DirectDecoding, RecursiveDecoding
from tsattn.networks.forecast_network import ForecastNetwork
from tsattn.networks.head import PatchHead


class Patched(keras.layers.Layer):
    """Forecasts a normalised window patch by patch, around any temporal core.

    The core is a Keras layer `core(patches, queries)` from embedded patches
    `(batch, patches, units)` and queries `(batch, steps, units)` to decoded steps
    `(batch, steps, units)`; one step is one patch of the horizon. It may also have

    - an argument `patches_mask` of `call`, `(batch, patches)`, False where a patch holds no observed value;
    - `attend`, as `call`, giving decoded steps and attention weights
      `(batch, layers, heads, steps, patches)`;
    - `rollout(patches, patches_mask)`: how much of what it looks at, as encoded for each patch, came in at each
      patch, `(batch, patches, patches)`;
    - for recursive decoding, `start(patches, steps, patches_mask, training) -> states` and
      `step(query, states) -> decoded, weights or None, states`, where weights are
      `(batch, layers, heads, patches)` and the core's `attention_shape` is `(layers, heads)`; `call`
      then lets step t depend on the queries up to t only.

    A patch is its values, followed by its context: the covariates of its steps and the static ones. In the
    horizon the context is known before the values, and enters the query of its step.

    Args:
        core: The temporal core.
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.

    Call arguments:
        values: Tensor `(batch, lookback, channels)`, normalised, 0 where not observed.
        observed: Boolean tensor of the same shape.
        covariates: Dict of encoded covariates: `"past"` `(batch, lookback, width)`, `"known"`
            `(batch, lookback + horizon, width)`, `"static"` `(batch, width)`.
        teacher: None, or the true values `(batch, horizon, channels)`, NaN where not observed.
        teaching: None, or `(batch,)`, the probability that a step is fed the true patch before it.

    Returns:
        Forecast `(batch, horizon, channels, outputs)`. `attend` takes the first three and gives the attention
        weights `(batch, channels, layers, heads, steps, patches)` too; one channel stands for all where they
        are mixed. `rollout` gives the shares `(batch, channels, patches, patches)` of the core's `rollout`.
    """

    def __init__(self, core, lookback, horizon, channels, skeleton, **kwargs):
        super().__init__(**kwargs)
        self.lookback = lookback
        self.horizon = horizon
        self.channels = channels
        self.tokens = channels if skeleton.mix_channels else 1  # channels within one patch
        self.groups = channels // self.tokens  # rows that a window becomes
        self.patching = Patching(skeleton.patch_size)
        self.steps = math.ceil(horizon / skeleton.patch_size)
        if skeleton.embedding is None:
            embed = keras.layers.Identity(name="embed")
        else:
            embed = keras.layers.Dense(skeleton.units, activation=skeleton.embedding, name="embed")
        head = PatchHead(skeleton.patch_size * self.tokens, skeleton.quantiles, name="head")
        parts = (core, embed, head, skeleton.dropout, self.steps)
        self.recursive = skeleton.decoding == "recursive"
        if not self.recursive:
            self.decoding = DirectDecoding(*parts, units=skeleton.units, channels=self.groups)
        else:
            self.decoding = RecursiveDecoding(*parts)

    @property
    def core(self):
        """The temporal core."""
        return self.decoding.core

    def build(self, values_shape, covariates_shape):
        size, widths = self.patching.patch_size, {name: shape[-1] for name, shape in covariates_shape.items()}
        context = size * (widths.get("past", 0) + widths.get("known", 0)) + widths.get("static", 0)
        patches_shape = self.patching.compute_output_shape((None, self.lookback, self.tokens))
        future = context if self.recursive else context - size * widths.get("past", 0)
        self.decoding.build((*patches_shape[:2], patches_shape[2] + context), (None, self.steps, future))

    def call(self, values, observed, covariates, teacher=None, teaching=None, training=None):
        window = self._cut(values, observed, covariates)
        if teacher is not None:
            teacher = self.patching(self._split_channels(self._padded(teacher)))
        if teaching is not None:
            teaching = ops.repeat(teaching, self.groups, axis=0)
        return self._join(self.decoding(**window, teacher=teacher, teaching=teaching, training=training))

    def attend(self, values, observed, covariates):
        forecast, weights = self.decoding.attend(**self._cut(values, observed, covariates))
        return self._join(forecast), ops.reshape(weights, (-1, self.groups, *weights.shape[1:]))

    def rollout(self, values, observed, covariates):
        window = self._cut(values, observed, covariates)
        shares = self.decoding.rollout(window["patches"], window["observed"])
        return ops.reshape(shares, (-1, self.groups, *shares.shape[1:]))

    def _cut(self, values, observed, covariates):
        """The window as the arguments of `Decoding`, a row for each group of channels."""
        size = self.patching.patch_size
        last, _ = window_statistics(values, observed, "last")
        newest = ops.where(observed[:, -size:], values[:, -size:], last)
        patches, newest, observed = (self.patching(self._split_channels(part)) for part in (values, newest, observed))
        past, future = self._context(covariates)
        if past is not None:
            patches = ops.concatenate([patches, past], axis=-1)
        return {"patches": patches, "observed": ops.any(observed, axis=-1), "newest": newest[:, 0], "future": future}

    def _context(self, covariates):
        """What a patch holds besides its values, for those of the history and of the horizon; None without covariates.

        In recursive decoding both have one width, as they pass the same embedding: what is known up to the origin
        only is 0 in the future. In direct decoding the future goes without it.
        """
        history, horizon = [], []
        if "past" in covariates:
            past = covariates["past"]
            history.append(past)
            if self.recursive:
                horizon.append(ops.zeros_like(past[:, :1]) + ops.zeros((1, self.horizon, 1), past.dtype))
        if "known" in covariates:
            history.append(covariates["known"][:, : self.lookback])
            horizon.append(covariates["known"][:, self.lookback :])
        contexts = []
        for parts, steps in ((history, self.lookback // self.patching.patch_size), (horizon, self.steps)):
            context = []
            if parts:
                context.append(self.patching(self._padded(ops.concatenate(parts, axis=-1))))
            if "static" in covariates:
                context.append(ops.repeat(covariates["static"][:, None], steps, axis=1))
            context = ops.concatenate(context, axis=-1) if context else None
            contexts.append(context if context is None else ops.repeat(context, self.groups, axis=0))
        return contexts

    def _padded(self, values):
        """`(batch, steps, width)` with as many steps as whole patches have, 0 behind."""
        return ops.pad(values, ((0, 0), (0, -values.shape[1] % self.patching.patch_size), (0, 0)))

    def _join(self, patches):
        """Patches `(rows, steps, patch width, outputs)` as `(batch, horizon, channels, outputs)`."""
        outputs = patches.shape[-1]
        values = ops.reshape(patches, (-1, self.groups, self.steps * self.patching.patch_size, self.tokens, outputs))
        values = ops.transpose(values[:, :, : self.horizon], (0, 2, 1, 3, 4))
        return ops.reshape(values, (-1, self.horizon, self.channels, outputs))

    def _split_channels(self, values):
        """`(batch, steps, channels)` as `(batch x channels, steps, 1)`, unless channels are mixed."""
        if self.groups == 1:
            return values
        return ops.reshape(ops.transpose(values, (0, 2, 1)), (-1, values.shape[1], 1))


def around(core, lookback, horizon, channels, skeleton):
    """A `ForecastNetwork` with a `Patched` body around a core.

    Args:
        core: See `Patched`.
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
    """
    body = Patched(core, lookback, horizon, channels, skeleton, name="patched")
    return ForecastNetwork(body, lookback, horizon, channels, skeleton)
