"""The Transformer, in which all patches attend to each other in parallel."""

import keras
from keras import ops

from tsattn._utils.validation import check_choice, check_count
from tsattn.layers.attention_rollout import attention_rollout
from tsattn.layers.positional_encoding import POSITIONAL_ENCODINGS, PositionalEncoding
from tsattn.layers.transformer_blocks import TransformerDecoder
from tsattn.networks.encoder_stack import attend_through, encoder_stack
from tsattn.networks.patched_body import around


class TransformerCore(keras.layers.Layer):
    """Encodes the patches by self-attention, and decodes by attention to the encoded patches.

    The queries pass through causal self-attention and cross-attention, in direct and in recursive decoding. Their
    positions continue those of the patches.

    Args:
        skeleton: A `Skeleton`.
        layers, decoder_layers, positional: See `tsattn.TransformerForecaster`.
        **block_options: Further arguments of `TransformerEncoder` and `TransformerDecoder`.

    Reference:
        Vaswani et al., 2017, https://arxiv.org/abs/1706.03762.
    """

    def __init__(self, skeleton, *, layers, decoder_layers, positional, **block_options):
        super().__init__(name="transformer")
        if skeleton.embedding is None:
            raise ValueError(
                "`embedding` is None, but a Transformer requires patches that are mapped to its width. Use "
                "embedding='linear'."
            )
        self.positional = check_choice("positional", positional, (*POSITIONAL_ENCODINGS, None))
        self.encoders = encoder_stack(skeleton, layers, **block_options)
        self.decoders = [
            TransformerDecoder(**block_options, dropout=skeleton.dropout, name=f"decoder_{place}")
            for place in range(check_count("decoder_layers", decoder_layers))
        ]
        self.attention_shape = (len(self.decoders), self.decoders[0].heads)
        self.norm = self.decoders[0].norm

    def build(self, patches_shape, queries_shape):
        if self.positional is not None:
            self.patch_position = PositionalEncoding(self.positional, name="patch_position")
            self.patch_position.build(patches_shape)
            start = (
                patches_shape[1] if self.positional == "sinusoidal" else 0
            )  # a learned encoding has separate positions
            self.step_position = PositionalEncoding(self.positional, start=start, name="step_position")
            self.step_position.build(queries_shape)
        for block in self.encoders:
            block.build(patches_shape)
        for block in self.decoders:
            block.build(queries_shape, patches_shape)
        if self.norm == "pre":  # the output of pre-norm blocks is a sum that is not normalized
            self.encoder_norm = keras.layers.LayerNormalization(epsilon=1e-6, name="encoder_norm")
            self.encoder_norm.build(patches_shape)
            self.decoder_norm = keras.layers.LayerNormalization(epsilon=1e-6, name="decoder_norm")
            self.decoder_norm.build(queries_shape)

    def call(self, patches, queries, patches_mask=None, training=None):
        return self.attend(patches, queries, patches_mask, training)[0]

    def attend(self, patches, queries, patches_mask=None, training=None):
        memory, _ = self.encode(patches, patches_mask, training)
        return self.decode(queries, memory, patches_mask, training)

    def rollout(self, patches, patches_mask=None):
        _, layers = self.encode(patches, patches_mask, False)
        return attention_rollout(ops.stack(layers, axis=1))

    def start(self, patches, steps, patches_mask=None, training=None):
        memory, _ = self.encode(patches, patches_mask, training)
        visible = ops.ones_like(memory[:, :, 0]) if patches_mask is None else ops.cast(patches_mask, memory.dtype)
        queries = ops.tile(ops.zeros_like(memory[:, :1]), (1, steps, 1))
        return [ops.zeros_like(memory[:, 0, :1]), queries, memory, visible]

    def step(self, query, states):
        # A buffer of constant size holds the queries so far. The causal mask hides the empty rows.
        position, queries, memory, visible = states
        steps = ops.arange(queries.shape[1], dtype=position.dtype)
        is_current = ops.equal(steps[None], position)[..., None]
        queries = ops.where(is_current, query[:, None], queries)
        decoded, weights = self.decode(queries, memory, ops.greater(visible, 0))
        is_current = ops.cast(is_current, decoded.dtype)
        decoded = ops.sum(decoded * is_current, axis=1)
        weights = ops.sum(weights * is_current[:, None, None], axis=3)
        return decoded, weights, [position + 1, queries, memory, visible]

    def encode(self, patches, mask=None, training=None):
        """Return the memory `(batch, patches, units)`, and the weights of each block as in `attend_through`."""
        patches = patches if self.positional is None else self.patch_position(patches)
        memory, layers = attend_through(self.encoders, patches, mask, training)
        return self.encoder_norm(memory) if self.norm == "pre" else memory, layers

    def decode(self, queries, memory, mask=None, training=None):
        """Return decoded steps `(batch, steps, units)` and weights `(batch, layers, heads, steps, patches)`."""
        decoded = queries if self.positional is None else self.step_position(queries)
        layers = []
        for block in self.decoders:
            decoded, weights = block.attend(decoded, memory, mask, training=training)
            layers.append(weights)
        decoded = self.decoder_norm(decoded) if self.norm == "pre" else decoded
        return decoded, ops.stack(layers, axis=1)

    def compute_output_shape(self, patches_shape, queries_shape):  # without it, Keras traces the call
        return queries_shape


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
    """Build a `ForecastNetwork` around a `TransformerCore`.

    Args:
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
        layers, decoder_layers, heads, feed_forward, norm, positional: See `tsattn.TransformerForecaster`.
    """
    block = {"heads": heads, "feed_forward": feed_forward, "norm": norm}
    core = TransformerCore(skeleton, layers=layers, decoder_layers=decoder_layers, positional=positional, **block)
    return around(core, lookback, horizon, channels, skeleton)
