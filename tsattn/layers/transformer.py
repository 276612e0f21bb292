"""Transformer blocks: every step attends to every step at once."""

import functools

import keras
from keras import ops

from tsattn._utils.validation import check_choice, check_count
from tsattn.accelerators.dropout import FastDropout
from tsattn.layers.heads import attend_by_heads

NORMS = ("post", "pre")


class _Residual(keras.layers.Layer):
    """The wiring around a sublayer: dropout, residual connection, layer normalisation.

    Post-norm is `LayerNorm(x + sublayer(x))`, pre-norm is `x + sublayer(LayerNorm(x))`.
    """

    def __init__(self, norm, dropout, **kwargs):
        super().__init__(**kwargs)
        self.norm = norm
        self.supports_masking = True
        self.layer_norm = keras.layers.LayerNormalization(epsilon=1e-6, name="layer_norm")
        self.dropout = FastDropout(dropout, name="dropout")

    def build(self, inputs_shape):
        self.layer_norm.build(inputs_shape)

    def before(self, inputs):
        return self.layer_norm(inputs) if self.norm == "pre" else inputs

    def call(self, inputs, outputs, training=None):
        total = inputs + self.dropout(outputs, training=training)
        return self.layer_norm(total) if self.norm == "post" else total


class _Block(keras.layers.Layer):
    """What the encoder and the decoder block share: arguments, attention with its wiring, feed-forward."""

    def __init__(self, heads, feed_forward=None, norm="post", dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.heads = check_count("heads", heads)
        self.feed_forward = None if feed_forward is None else check_count("feed_forward", feed_forward)
        self.norm = check_choice("norm", norm, NORMS)
        self.dropout = dropout
        self.supports_masking = True

    def _build_parts(self, inputs_shape, names, memory_shape=None):
        units = inputs_shape[-1]
        if units % self.heads:
            raise ValueError(
                f"{self.heads} heads cannot share a width of {units}. Use a width that `heads` divides, or fewer heads."
            )
        self.attentions, self.residuals = {}, {}
        self.weights_dropout = FastDropout(self.dropout, name="weights_dropout")
        for name in names:
            width = units // self.heads
            attention = keras.layers.MultiHeadAttention(self.heads, width, name=name)
            attention.build(inputs_shape, memory_shape if name == "cross_attention" else inputs_shape)
            self.attentions[name] = attention
        self.expand = keras.layers.Dense(self.feed_forward or 4 * units, activation="relu", name="expand")
        self.expand.build(inputs_shape)
        self.contract = keras.layers.Dense(units, name="contract")
        self.contract.build((*inputs_shape[:-1], self.expand.units))
        for name in (*names, "feed_forward"):
            self.residuals[name] = _Residual(self.norm, self.dropout, name=f"{name}_residual")
            self.residuals[name].build(inputs_shape)

    def _attend(self, name, inputs, memory=None, mask=None, causal=False, training=None):
        residual = self.residuals[name]
        query = residual.before(inputs)
        memory = query if memory is None else memory
        if causal:
            steps = ops.cumsum(ops.ones_like(query[:1, :, 0], "int32"), axis=1)  # of any length, also unknown
            mask = steps[:, None, None] <= steps[:, None, :, None]
        elif mask is not None:
            mask = mask[:, None, None]
        drop = functools.partial(self.weights_dropout, training=training)
        outputs, weights = attend_by_heads(self.attentions[name], query, memory, mask, drop)
        return residual(inputs, outputs, training=training), weights

    def _feed(self, inputs, training=None):
        residual = self.residuals["feed_forward"]
        return residual(inputs, self.contract(self.expand(residual.before(inputs))), training=training)

    def get_config(self):
        return {
            **super().get_config(),
            "heads": self.heads,
            "feed_forward": self.feed_forward,
            "norm": self.norm,
            "dropout": self.dropout,
        }


@keras.saving.register_keras_serializable(package="tsattn")
class TransformerEncoder(_Block):
    """One block of a Transformer encoder: self-attention and feed-forward.

    Each of the two is wrapped in dropout, a residual connection and layer normalisation. The
    feed-forward is two linear maps with ReLU between. The width of the inputs is kept.

    Args:
        heads: Attention heads. They must divide the width of the inputs.
        feed_forward: Width between the two linear maps. Defaults to four times the width.
        norm: `"post"`, the normalisation after the residual connection as in the paper, or `"pre"`,
            before the sublayer. Defaults to `"post"`.
        dropout: Rate on the attention weights and on each sublayer's output, with TensorFlow on a CPU to the
            nearest 1/256. Defaults to 0.

    Call arguments:
        inputs: Tensor `(batch, steps, units)`.
        mask: Boolean tensor `(batch, steps)`, True where a step may be seen.

    Returns:
        Tensor `(batch, steps, units)`. `attend` takes the same arguments and gives the attention
        weights `(batch, heads, steps, steps)` too.

    Reference:
        Vaswani et al., 2017, https://arxiv.org/abs/1706.03762; pre-norm: Xiong et al., 2020,
        https://arxiv.org/abs/2002.04745.

    Example:

    >>> import numpy as np
    >>> encoder = TransformerEncoder(heads=2)
    >>> encoded, weights = encoder.attend(np.ones((1, 5, 8)))
    >>> tuple(encoded.shape), tuple(weights.shape)
    ((1, 5, 8), (1, 2, 5, 5))
    """

    def build(self, inputs_shape):
        self._build_parts(inputs_shape, ["self_attention"])

    def attend(self, inputs, mask=None, training=None):
        """The output and the weights of every head."""
        if not self.built:
            self(inputs)
        attended, weights = self._attend("self_attention", inputs, mask=mask, training=training)
        return self._feed(attended, training=training), weights

    def call(self, inputs, mask=None, training=None):
        attended, _ = self._attend("self_attention", inputs, mask=mask, training=training)
        return self._feed(attended, training=training)

    def compute_output_shape(self, inputs_shape):
        return inputs_shape


@keras.saving.register_keras_serializable(package="tsattn")
class TransformerDecoder(_Block):
    """One block of a Transformer decoder: causal self-attention, cross-attention, feed-forward.

    The arguments, the wiring and the reference are those of `TransformerEncoder`.

    Args:
        heads: Attention heads. They must divide the width of the inputs.
        feed_forward: Width between the two linear maps. Defaults to four times the width.
        norm: `"post"` or `"pre"`. Defaults to `"post"`.
        dropout: Rate on the attention weights and on each sublayer's output, with TensorFlow on a CPU to the
            nearest 1/256. Defaults to 0.

    Call arguments:
        inputs: Tensor `(batch, steps, units)`; step t sees the steps up to t only.
        memory: Tensor `(batch, memory steps, memory width)`, the encoder's output.
        memory_mask: Boolean tensor `(batch, memory steps)`, True where a memory step may be seen.

    Returns:
        Tensor `(batch, steps, units)`. `attend` takes the same arguments and gives the weights of
        the cross-attention `(batch, heads, steps, memory steps)` too.

    Example:

    >>> import numpy as np
    >>> decoder = TransformerDecoder(heads=2)
    >>> decoded, weights = decoder.attend(np.ones((1, 3, 8)), np.ones((1, 5, 8)))
    >>> tuple(decoded.shape), tuple(weights.shape)
    ((1, 3, 8), (1, 2, 3, 5))
    """

    def build(self, inputs_shape, memory_shape):
        self._build_parts(inputs_shape, ["self_attention", "cross_attention"], memory_shape)

    def attend(self, inputs, memory, memory_mask=None, training=None):
        """The output and the weights of the cross-attention of every head."""
        if not self.built:
            self(inputs, memory)
        attended, _ = self._attend("self_attention", inputs, causal=True, training=training)
        attended, weights = self._attend("cross_attention", attended, memory, memory_mask, training=training)
        return self._feed(attended, training=training), weights

    def call(self, inputs, memory, memory_mask=None, training=None):
        return self.attend(inputs, memory, memory_mask, training=training)[0]

    def compute_output_shape(self, inputs_shape, memory_shape):
        return inputs_shape
