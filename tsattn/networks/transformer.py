"""The Transformer: every step attends to every other, in parallel."""

import keras
from keras import ops

from tsattn._utils.validation import check_choice
from tsattn.layers.attention import attention_rollout
from tsattn.layers.positional import KINDS, PositionalEncoding
from tsattn.layers.transformer import TransformerDecoder, TransformerEncoder
from tsattn.networks.patched_body import around


class TransformerCore(keras.layers.Layer):
    """Encodes the patches by self-attention, and decodes by attention to the encoding.

    The queries pass through causal self-attention and cross-attention, in direct decoding as in
    recursive. Their positions go on where those of the patches end.

    Args:
        layers: Encoder blocks.
        decoder_layers: Decoder blocks.
        heads: Attention heads.
        feed_forward: Width of the feed-forward layers.
        norm: `"post"` or `"pre"`.
        positional: `"sinusoidal"`, `"learned"` or None.
        dropout: Rate within the blocks.

    Reference:
        Vaswani et al., 2017, https://arxiv.org/abs/1706.03762.
    """

    def __init__(self, layers, decoder_layers, heads, feed_forward, norm, positional, dropout, **kwargs):
        super().__init__(**kwargs)
        self.attention_shape = (decoder_layers, heads)
        self.norm = norm
        self.positional = check_choice("positional", positional, (*KINDS, None))
        options = {"heads": heads, "feed_forward": feed_forward, "norm": norm, "dropout": dropout}
        self.encoders = [TransformerEncoder(**options, name=f"encoder_{i}") for i in range(layers)]
        self.decoders = [TransformerDecoder(**options, name=f"decoder_{i}") for i in range(decoder_layers)]

    def build(self, patches_shape, queries_shape):
        if self.positional is not None:
            self.patch_position = PositionalEncoding(self.positional, name="patch_position")
            self.patch_position.build(patches_shape)
            start = patches_shape[1] if self.positional == "sinusoidal" else 0  # learned rows are only those used
            self.step_position = PositionalEncoding(self.positional, start=start, name="step_position")
            self.step_position.build(queries_shape)
        for block in self.encoders:
            block.build(patches_shape)
        for block in self.decoders:
            block.build(queries_shape, patches_shape)
        if self.norm == "pre":  # the sum of pre-norm blocks has not been normalised yet
            self.encoder_norm = keras.layers.LayerNormalization(epsilon=1e-6, name="encoder_norm")
            self.encoder_norm.build(patches_shape)
            self.decoder_norm = keras.layers.LayerNormalization(epsilon=1e-6, name="decoder_norm")
            self.decoder_norm.build(queries_shape)

    def encode(self, patches, mask=None, training=None):
        """The memory `(batch, patches, units)`."""
        return self._encoded(patches, mask, training)[0]

    def rollout(self, patches, patches_mask=None):
        """How much of the memory at each patch came in at each patch, `(batch, patches, patches)`."""
        return attention_rollout(ops.stack(self._encoded(patches, patches_mask, False)[1], axis=1))

    def _encoded(self, patches, mask, training):
        """The memory, and the weights `(batch, heads, patches, patches)` of each block."""
        memory, layers = patches if self.positional is None else self.patch_position(patches), []
        for block in self.encoders:
            memory, weights = block.attend(memory, mask, training=training)
            layers.append(weights)
        return self.encoder_norm(memory) if self.norm == "pre" else memory, layers

    def decode(self, queries, memory, mask=None, training=None):
        """Decoded steps `(batch, steps, units)` and weights `(batch, layers, heads, steps, patches)`."""
        decoded = queries if self.positional is None else self.step_position(queries)
        layers = []
        for block in self.decoders:
            decoded, weights = block.attend(decoded, memory, mask, training=training)
            layers.append(weights)
        decoded = self.decoder_norm(decoded) if self.norm == "pre" else decoded
        return decoded, ops.stack(layers, axis=1)

    def attend(self, patches, queries, patches_mask=None, training=None):
        return self.decode(queries, self.encode(patches, patches_mask, training), patches_mask, training)

    def call(self, patches, queries, patches_mask=None, training=None):
        return self.attend(patches, queries, patches_mask, training)[0]

    def start(self, patches, steps, patches_mask=None, training=None):
        memory = self.encode(patches, patches_mask, training)
        visible = ops.ones_like(memory[:, :, 0]) if patches_mask is None else ops.cast(patches_mask, memory.dtype)
        asked = ops.tile(ops.zeros_like(memory[:, :1]), (1, steps, 1))
        return [ops.zeros_like(memory[:, 0, :1]), asked, memory, visible]

    def step(self, query, states):
        # The queries so far lie in a buffer of constant size; what follows them cannot be seen.
        position, asked, memory, visible = states
        steps = ops.arange(asked.shape[1], dtype=position.dtype)
        here = ops.equal(steps[None], position)[..., None]
        asked = ops.where(here, query[:, None], asked)
        decoded, weights = self.decode(asked, memory, ops.greater(visible, 0))
        here = ops.cast(here, decoded.dtype)
        decoded = ops.sum(decoded * here, axis=1)
        weights = ops.sum(weights * here[:, None, None], axis=3)
        return decoded, weights, [position + 1, asked, memory, visible]


def transformer(
    lookback,
    horizon,
    channels,
    skeleton,
    *,
    layers=2,
    decoder_layers=1,
    heads=4,
    feed_forward=None,
    norm="post",
    positional="sinusoidal",
):
    """The Transformer network, a `ForecastNetwork` around a `TransformerCore`.

    Args:
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
        layers: Encoder blocks. Defaults to 2.
        decoder_layers: Decoder blocks. Defaults to 1.
        heads: Attention heads; they must divide the width. Defaults to 4.
        feed_forward: Width of the feed-forward layers. Defaults to four times the width.
        norm: `"post"` or `"pre"`. Defaults to `"post"`.
        positional: `"sinusoidal"`, `"learned"` or None. Defaults to `"sinusoidal"`.
    """
    core = TransformerCore(
        layers, decoder_layers, heads, feed_forward, norm, positional, skeleton.dropout, name="transformer"
    )
    return around(core, lookback, horizon, channels, skeleton)
