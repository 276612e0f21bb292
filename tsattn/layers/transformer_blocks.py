"""Transformer blocks: attention between all steps at once, and a feed-forward network for each step."""

import functools

import keras
from keras import ops

from tsattn._utils.validation import check_choice, check_count
from tsattn.accelerators.dropout import FastDropout
from tsattn.layers.multi_head_attention import multi_head_attention

NORMS = ("post", "pre")


class _Residual(keras.layers.Layer):
    """Dropout, residual connection and layer normalization around a sublayer.

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

    def sublayer_inputs(self, inputs):
        return self.layer_norm(inputs) if self.norm == "pre" else inputs

    def call(self, inputs, outputs, training=None):
        total = inputs + self.dropout(outputs, training=training)
        return self.layer_norm(total) if self.norm == "post" else total


class _Block(keras.layers.Layer):
    """Abstract: the arguments, the attention sublayers and the feed-forward sublayer of a Transformer block."""

    def __init__(self, heads, feed_forward=None, norm="post", dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.heads = check_count("heads", heads)
        self.feed_forward = None if feed_forward is None else check_count("feed_forward", feed_forward)
        self.norm = check_choice("norm", norm, NORMS)
        self.dropout = dropout
        self.supports_masking = True

    def get_config(self):
        return {
            **super().get_config(),
            "heads": self.heads,
            "feed_forward": self.feed_forward,
            "norm": self.norm,
            "dropout": self.dropout,
        }

    def _build_sublayers(self, inputs_shape, names, memory_shape=None):
        """Build the attention sublayers `names` and the feed-forward sublayer."""
        units = inputs_shape[-1]
        if units % self.heads:
            raise ValueError(
                f"`heads` is {self.heads}, but must divide the width {units}. Use a width that is a "
                "multiple of `heads`, or another number of heads."
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

    def _apply_attention(self, name, inputs, memory=None, mask=None, causal=False, training=None):
        """Return the output of an attention sublayer and its weights; without `memory` it is self-attention."""
        residual = self.residuals[name]
        query = residual.sublayer_inputs(inputs)
        memory = query if memory is None else memory
        if causal:
            steps = ops.cumsum(ops.ones_like(query[:1, :, 0], "int32"), axis=1)  # also if the length is unknown
            mask = steps[:, None, None] <= steps[:, None, :, None]
        elif mask is not None:
            mask = mask[:, None, None]
        dropout = functools.partial(self.weights_dropout, training=training)
        outputs, weights = multi_head_attention(self.attentions[name], query, memory, mask, dropout)
        return residual(inputs, outputs, training=training), weights

    def _apply_feed_forward(self, inputs, training=None):
        residual = self.residuals["feed_forward"]
        outputs = self.contract(self.expand(residual.sublayer_inputs(inputs)))
        return residual(inputs, outputs, training=training)


@keras.saving.register_keras_serializable(package="tsattn")
class TransformerEncoder(_Block):
    """One block of a Transformer encoder: self-attention and a feed-forward network.

    Each of the two is followed by dropout, a residual connection and layer normalization. The feed-forward network is
    two linear maps with a ReLU between them. The outputs have the width of the inputs.

    Args:
        heads: Number of attention heads. It must divide the width of the inputs.
        feed_forward: Width between the two linear maps. None means four times the width of the inputs. Defaults to
            None.
        norm: Position of the layer normalization: `"post"`, after the residual connection as in the paper, or `"pre"`,
            before the sublayer. Defaults to `"post"`.
        dropout: Dropout rate of the attention weights and of the output of each sublayer. With TensorFlow on a CPU, it
            is rounded to a multiple of 1/256. Defaults to 0.

    Call arguments:
        inputs: Tensor `(batch, steps, units)`.
        mask: Boolean tensor `(batch, steps)`, True for visible steps. Defaults to None.

    Returns:
        Tensor `(batch, steps, units)`. `attend` takes the same arguments and also returns the attention weights
        `(batch, heads, steps, steps)`.

    Reference:
        Vaswani et al., 2017, https://arxiv.org/abs/1706.03762;
        pre-norm: Xiong et al., 2020, https://arxiv.org/abs/2002.04745.

    Example:

    >>> import numpy as np
    >>> encoder = TransformerEncoder(heads=2)
    >>> encoded, weights = encoder.attend(np.ones((1, 5, 8)))
    >>> tuple(encoded.shape), tuple(weights.shape)
    ((1, 5, 8), (1, 2, 5, 5))
    """

    def build(self, inputs_shape):
        self._build_sublayers(inputs_shape, ["self_attention"])

    def call(self, inputs, mask=None, training=None):
        return self.attend(inputs, mask, training=training)[0]

    def attend(self, inputs, mask=None, training=None):
        """Return the output and the attention weights of every head."""
        if not self.built:
            self(inputs)
        attended, weights = self._apply_attention("self_attention", inputs, mask=mask, training=training)
        return self._apply_feed_forward(attended, training=training), weights

    def compute_output_shape(self, inputs_shape):
        return inputs_shape


@keras.saving.register_keras_serializable(package="tsattn")
class TransformerDecoder(_Block):
    """One block of a Transformer decoder: causal self-attention, cross-attention and a feed-forward network.

    The sublayers are connected as in `TransformerEncoder`; see there for the references.

    Args:
        heads: Number of attention heads. It must divide the width of the inputs.
        feed_forward: Width between the two linear maps. None means four times the width of the inputs. Defaults to
            None.
        norm: `"post"` or `"pre"`. Defaults to `"post"`.
        dropout: Dropout rate of the attention weights and of the output of each sublayer. With TensorFlow on a CPU, it
            is rounded to a multiple of 1/256. Defaults to 0.

    Call arguments:
        inputs: Tensor `(batch, steps, units)`; step t attends to the steps up to t only.
        memory: Tensor `(batch, memory steps, memory width)`, the output of the encoder.
        memory_mask: Boolean tensor `(batch, memory steps)`, True for visible steps. Defaults to None.

    Returns:
        Tensor `(batch, steps, units)`. `attend` takes the same arguments and also returns the weights of the
        cross-attention `(batch, heads, steps, memory steps)`.

    Example:

    >>> import numpy as np
    >>> decoder = TransformerDecoder(heads=2)
    >>> decoded, weights = decoder.attend(np.ones((1, 3, 8)), np.ones((1, 5, 8)))
    >>> tuple(decoded.shape), tuple(weights.shape)
    ((1, 3, 8), (1, 2, 3, 5))
    """

    def build(self, inputs_shape, memory_shape):
        self._build_sublayers(inputs_shape, ["self_attention", "cross_attention"], memory_shape)

    def call(self, inputs, memory, memory_mask=None, training=None):
        return self.attend(inputs, memory, memory_mask, training=training)[0]

    def attend(self, inputs, memory, memory_mask=None, training=None):
        """Return the output and the cross-attention weights of every head."""
        if not self.built:
            self(inputs, memory)
        attended, _ = self._apply_attention("self_attention", inputs, causal=True, training=training)
        attended, weights = self._apply_attention("cross_attention", attended, memory, memory_mask, training=training)
        return self._apply_feed_forward(attended, training=training), weights

    def compute_output_shape(self, inputs_shape, memory_shape):
        return inputs_shape
