"""Attention over the steps of a memory: which past step matters for which output."""

import keras
from keras import ops

from tsattn._utils.validation import check_choice, check_count

SCORES = ("additive", "dot", "general")


def masked_softmax(scores, mask=None):
    """Softmax over the last axis in float32, with weight 0 where `mask` is False.

    A row whose steps are all masked gets weight 0 everywhere.

    Args:
        scores: Tensor `(..., steps)`, finite.
        mask: Boolean tensor that broadcasts to `scores`, True where a step may be seen.

    Returns:
        Weights of the shape and dtype of `scores`.
    """
    weights, sees = softmax_where_seen(scores, mask)
    return weights if sees is None else weights * sees


def softmax_where_seen(scores, mask=None):
    """As `masked_softmax`, but what makes the weights of a row 0 whose steps are all masked comes beside them.

    It can be multiplied into what the weights make, which is smaller than they are.

    Args:
        scores, mask: As in `masked_softmax`.

    Returns:
        A pair: weights of the shape and dtype of `scores`; and None without a mask, else a tensor that broadcasts to
        them with one step, 1 for rows that see a step and 0 for those that do not.
    """
    dtype, sees = scores.dtype, None
    scores = ops.cast(scores, "float32")
    if mask is not None:
        # A row of nothing but -inf has no softmax: keep its scores finite, then zero its weights.
        sees = ops.any(mask, axis=-1, keepdims=True)
        hidden = ops.logical_and(sees, ops.logical_not(mask))
        scores = scores + ops.where(hidden, float("-inf"), 0.0)  # the mask is small, the scores are not
        sees = ops.cast(sees, dtype)
    # Of a memory of one step, which is as it should be, `ops.softmax` warns.
    weights = ops.exp(scores - scores) if scores.shape[-1] == 1 else ops.softmax(scores)
    return ops.cast(weights, dtype), sees


def attention_rollout(weights):
    """How much of what layers of self-attention give at each step came in at each step.

    Each layer passes on half of what it got (the residual connection) and half of what it attended to, in the
    mean of its heads: the product over the layers, from the first on, of `0.5 * weights + 0.5 * identity`.

    Args:
        weights: Tensor `(batch, layers, heads, steps, steps)`, whose rows sum to 1.

    Returns:
        Tensor `(batch, steps, steps)`, whose rows sum to 1.

    Reference:
        Abnar and Zuidema, 2020, https://arxiv.org/abs/2005.00928.

    Example:

    >>> import numpy as np
    >>> np.asarray(attention_rollout(np.full((1, 2, 1, 2, 2), 0.5)))[0].tolist()
    [[0.625, 0.375], [0.375, 0.625]]
    """
    weights = ops.mean(weights, axis=2)
    passed = 0.5 * weights + 0.5 * ops.eye(weights.shape[-1], dtype=weights.dtype)
    shares = passed[:, 0]
    for layer in range(1, weights.shape[1]):
        shares = ops.matmul(passed[:, layer], shares)
    return shares


@keras.saving.register_keras_serializable(package="tsattn")
class TemporalAttention(keras.layers.Layer):
    """Attention of queries (decoder states) over a memory (encoder states).

    The score of memory step `h` for query `s` is

    - `"additive"`: `v . tanh(W_s s + W_h h)` (Bahdanau et al., 2015);
    - `"dot"`: `s . h`, which needs equal widths (Luong et al., 2015);
    - `"general"`: `s . W h` (Luong et al., 2015).

    The weights are the softmax of the scores over the memory, the context is the weighted sum of
    the memory. Additive scores hold `batch x steps x memory steps x units` numbers at once: prefer
    another score for long memories.

    Args:
        units: Width of the hidden layer of the additive score. The other scores have the widths of
            their inputs and do not read it.
        score: `"additive"`, `"dot"` or `"general"`. Defaults to `"additive"`.

    Call arguments:
        query: Tensor `(batch, steps, query width)`.
        memory: Tensor `(batch, memory steps, memory width)`.
        memory_mask: Boolean tensor `(batch, memory steps)`, True where a memory step may be seen.

    Returns:
        A pair: context `(batch, steps, memory width)` and weights `(batch, steps, memory steps)`.

    Reference:
        Bahdanau et al., 2015, https://arxiv.org/abs/1409.0473;
        Luong et al., 2015, https://arxiv.org/abs/1508.04025.

    Example:

    >>> import numpy as np
    >>> context, weights = TemporalAttention(8)(np.ones((2, 3, 4)), np.ones((2, 5, 6)))
    >>> tuple(context.shape), tuple(weights.shape)
    ((2, 3, 6), (2, 3, 5))
    """

    def __init__(self, units, score="additive", **kwargs):
        super().__init__(**kwargs)
        self.units = check_count("units", units)
        self.score = check_choice("score", score, SCORES)
        self.supports_masking = True
        if score == "additive":
            self.query_dense = keras.layers.Dense(units, use_bias=False, name="query")
            self.memory_dense = keras.layers.Dense(units, use_bias=False, name="memory")
            self.score_dense = keras.layers.Dense(1, use_bias=False, name="score")

    def build(self, query_shape, memory_shape):
        if self.score == "additive":
            self.query_dense.build(query_shape)
            self.memory_dense.build(memory_shape)
            self.score_dense.build((*query_shape[:-1], memory_shape[-2], self.units))
        elif self.score == "general":
            self.memory_dense = keras.layers.Dense(query_shape[-1], use_bias=False, name="memory")
            self.memory_dense.build(memory_shape)
        elif query_shape[-1] != memory_shape[-1]:
            raise ValueError(
                f"The query has width {query_shape[-1]} and the memory width {memory_shape[-1]}, but the dot "
                "score needs equal widths. Use score='general' or score='additive'."
            )

    def keys(self, memory):
        """What a query is compared with: project a memory once, however many queries follow."""
        return memory if self.score == "dot" else self.memory_dense(memory)

    def attend(self, query, memory, keys, memory_mask=None):
        """As `call`, with the `keys` of the memory already projected."""
        if self.score == "additive":
            sums = ops.expand_dims(self.query_dense(query), 2) + ops.expand_dims(keys, 1)
            scores = ops.squeeze(self.score_dense(ops.tanh(sums)), -1)
        else:
            scores = ops.einsum("bsu,bmu->bsm", query, keys)
        weights = masked_softmax(scores, None if memory_mask is None else ops.expand_dims(memory_mask, 1))
        return ops.einsum("bsm,bmu->bsu", weights, memory), weights

    def call(self, query, memory, memory_mask=None):
        return self.attend(query, memory, self.keys(memory), memory_mask)

    def compute_output_shape(self, query_shape, memory_shape):
        batch, steps = query_shape[:2]
        return (batch, steps, memory_shape[-1]), (batch, steps, memory_shape[-2])

    def get_config(self):
        return {**super().get_config(), "units": self.units, "score": self.score}
