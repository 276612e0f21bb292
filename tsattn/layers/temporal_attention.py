"""Attention over time: weights of past steps for each output step."""

import keras
from keras import ops

from tsattn._utils.validation import check_choice, check_count
from tsattn.layers.masked_softmax import masked_softmax

SCORES = ("additive", "dot", "general")


@keras.saving.register_keras_serializable(package="tsattn")
class TemporalAttention(keras.layers.Layer):
    """Attention of queries (decoder states) over a memory (encoder states).

    The score of memory step `h` for query `s` is

    - `"additive"`: `v . tanh(W_s s + W_h h)` (Bahdanau et al., 2015);
    - `"dot"`: `s . h`, which requires equal widths (Luong et al., 2015);
    - `"general"`: `s . W h` (Luong et al., 2015).

    The weights are the softmax of the scores over the memory. The context is the weighted sum of the memory. Additive
    scores need memory for `batch x steps x memory steps x units` values: use another score for long memories.

    Args:
        units: Width of the hidden layer of the additive score. The other scores ignore it.
        score: `"additive"`, `"dot"` or `"general"`. Defaults to `"additive"`.

    Call arguments:
        query: Tensor `(batch, steps, query width)`.
        memory: Tensor `(batch, memory steps, memory width)`.
        memory_mask: Boolean tensor `(batch, memory steps)`, True for visible steps. Defaults to None.

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
                "score requires equal widths. Use score='general' or score='additive'."
            )

    def call(self, query, memory, memory_mask=None):
        return self.attend(query, memory, self.keys(memory), memory_mask)

    def keys(self, memory):
        """Project a memory to its keys `(batch, memory steps, width)`, once for any number of queries."""
        return memory if self.score == "dot" else self.memory_dense(memory)

    def attend(self, query, memory, keys, memory_mask=None):
        """Compute the same as `call`, with `keys` from an earlier call of the method `keys`."""
        if self.score == "additive":
            sums = ops.expand_dims(self.query_dense(query), 2) + ops.expand_dims(keys, 1)
            scores = ops.squeeze(self.score_dense(ops.tanh(sums)), -1)
        else:
            scores = ops.einsum("bsu,bmu->bsm", query, keys)
        weights = masked_softmax(scores, None if memory_mask is None else ops.expand_dims(memory_mask, 1))
        return ops.einsum("bsm,bmu->bsu", weights, memory), weights

    def compute_output_shape(self, query_shape, memory_shape):
        batch, steps = query_shape[:2]
        return (batch, steps, memory_shape[-1]), (batch, steps, memory_shape[-2])

    def get_config(self):
        return {**super().get_config(), "units": self.units, "score": self.score}
