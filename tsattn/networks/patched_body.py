"""The body of the patched families: a temporal core maps patches of the history to patches of the horizon.

normalized window -> split into patches -> embed -> TEMPORAL CORE -> head -> forecast
"""

import math

import keras
from keras import ops

from tsattn.layers.instance_normalization import window_statistics
from tsattn.layers.patching import Patching
from tsattn.networks.core import AttentiveCore, RolloutCore
from tsattn.networks.decoding import DirectDecoding, RecursiveDecoding
from tsattn.networks.forecast_network import ForecastNetwork
from tsattn.networks.head import PatchHead
from tsattn.networks.shortcut import PatchCopy


class Patched(keras.layers.Layer):
    """The body of a `ForecastNetwork` that forecasts patch by patch with any temporal core.

    The core is a Keras layer. It receives embedded patches `(batch, patches, units)` and queries `(batch, steps,
    units)`, one for each patch of the horizon, and returns decoded steps `(batch, steps, any width)`.
    `tsattn.networks.core` describes the optional features of a core: a mask of patches, attention weights and recursive
    decoding.

    A patch consists of its values, followed by its context: the covariates of its steps and the static covariates. In
    the horizon, the context is known before the values and is part of the query of its step.

    Args:
        core: The temporal core.
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.

    Call arguments:
        values, observed, covariates, teacher, teaching: See `tsattn.networks.forecast_network.Body`.

    Returns:
        Forecast `(batch, horizon, channels, outputs)`. `attend` also returns the attention weights
        `(batch, groups, layers, heads, steps, patches)`, and `rollout` the rollout of the core
        `(batch, groups, patches, patches)`. There is one group for each channel, or a single one if channels are mixed.
    """

    def __init__(self, core, lookback, horizon, channels, skeleton, **kwargs):
        super().__init__(**kwargs)
        self.lookback = lookback
        self.horizon = horizon
        self.channels = channels
        self.patch_channels = channels if skeleton.mix_channels else 1
        self.groups = channels // self.patch_channels  # rows of the batch for each window
        self.patching = Patching(skeleton.patch_size)
        self.steps = math.ceil(horizon / skeleton.patch_size)
        if skeleton.embedding is None:
            embed = keras.layers.Identity(name="embed")
        else:
            embed = keras.layers.Dense(skeleton.units, activation=skeleton.embedding, name="embed")
        head = PatchHead(skeleton.patch_size * self.patch_channels, skeleton.quantiles, name="head")
        parts = (core, embed, head, skeleton.dropout, self.steps)
        self.recursive = skeleton.decoding == "recursive"
        if not self.recursive:
            copy = PatchCopy(head.width, name="copy") if skeleton.patch_copy else None
            self.decoding = DirectDecoding(*parts, units=skeleton.units, channels=self.groups, copy=copy)
        else:
            self.decoding = RecursiveDecoding(*parts)

    @property
    def core(self):
        """The temporal core."""
        return self.decoding.core

    @property
    def has_attention(self):
        """Whether the core returns attention weights."""
        return isinstance(self.core, AttentiveCore)

    @property
    def has_rollout(self):
        """Whether the core can trace attention weights back through its encoder."""
        return isinstance(self.core, RolloutCore)

    def build(self, values_shape, covariates_shape):
        size, widths = self.patching.patch_size, {name: shape[-1] for name, shape in covariates_shape.items()}
        context = size * (widths.get("past", 0) + widths.get("known", 0)) + widths.get("static", 0)
        patches_shape = self.patching.compute_output_shape((None, self.lookback, self.patch_channels))
        future = context if self.recursive else context - size * widths.get("past", 0)
        self.decoding.build((*patches_shape[:2], patches_shape[2] + context), (None, self.steps, future))

    def call(self, values, observed, covariates, teacher=None, teaching=None, training=None):
        inputs = self._decoding_inputs(values, observed, covariates)
        if teacher is not None:
            teacher = self.patching(self._split_channels(self._pad(teacher)))
        if teaching is not None:
            teaching = ops.repeat(teaching, self.groups, axis=0)
        return self._join_patches(self.decoding(**inputs, teacher=teacher, teaching=teaching, training=training))

    def attend(self, values, observed, covariates):
        forecast, weights = self.decoding.attend(**self._decoding_inputs(values, observed, covariates))
        return self._join_patches(forecast), ops.reshape(weights, (-1, self.groups, *weights.shape[1:]))

    def rollout(self, values, observed, covariates):
        inputs = self._decoding_inputs(values, observed, covariates)
        shares = self.decoding.rollout(inputs["patches"], inputs["observed"])
        return ops.reshape(shares, (-1, self.groups, *shares.shape[1:]))

    def _decoding_inputs(self, values, observed, covariates):
        """Return the arguments of `Decoding`, with one row of the batch for each group of channels."""
        size = self.patching.patch_size
        last, _ = window_statistics(values, observed, "last")
        newest = ops.where(observed[:, -size:], values[:, -size:], last)
        patches, newest, observed = (self.patching(self._split_channels(part)) for part in (values, newest, observed))
        past, future = self._contexts(covariates)
        if past is not None:
            patches = ops.concatenate([patches, past], axis=-1)
        return {"patches": patches, "observed": ops.any(observed, axis=-1), "newest": newest[:, 0], "future": future}

    def _contexts(self, covariates):
        """Return the contexts of the patches of the history and of the horizon, None without covariates.

        In recursive decoding both pass through the same embedding and have the same width: covariates that are known
        up to the origin are 0 in the horizon. In direct decoding the context of the horizon omits them.
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
                context.append(self.patching(self._pad(ops.concatenate(parts, axis=-1))))
            if "static" in covariates:
                context.append(ops.repeat(covariates["static"][:, None], steps, axis=1))
            context = ops.concatenate(context, axis=-1) if context else None
            contexts.append(context if context is None else ops.repeat(context, self.groups, axis=0))
        return contexts

    def _pad(self, values):
        """Pad `(batch, steps, width)` with zeros at the end to complete patches."""
        return ops.pad(values, ((0, 0), (0, -values.shape[1] % self.patching.patch_size), (0, 0)))

    def _split_channels(self, values):
        """Reshape `(batch, steps, channels)` to `(batch x channels, steps, 1)`, unless channels are mixed."""
        if self.groups == 1:
            return values
        return ops.reshape(ops.transpose(values, (0, 2, 1)), (-1, values.shape[1], 1))

    def _join_patches(self, patches):
        """Reshape patches `(rows, steps, patch width, outputs)` to `(batch, horizon, channels, outputs)`."""
        steps, outputs = self.steps * self.patching.patch_size, patches.shape[-1]
        values = ops.reshape(patches, (-1, self.groups, steps, self.patch_channels, outputs))
        values = ops.transpose(values[:, :, : self.horizon], (0, 2, 1, 3, 4))
        return ops.reshape(values, (-1, self.horizon, self.channels, outputs))


def around(core, lookback, horizon, channels, skeleton):
    """Build a `ForecastNetwork` with a `Patched` body around a core.

    Args:
        core: See `Patched`.
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
    """
    body = Patched(core, lookback, horizon, channels, skeleton, name="patched")
    return ForecastNetwork(body, lookback, horizon, channels, skeleton)
