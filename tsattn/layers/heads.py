"""Attention by several heads, as products of matrices."""

import math

from keras import ops

from tsattn.layers.attention import softmax_where_seen


def attend_by_heads(attention, query, memory, mask=None, drop=None):
    """What a `keras.layers.MultiHeadAttention` gives, from its weights, but faster.

    Keras sums by `einsum`, which TensorFlow turns into transpositions of the scores, the largest tensors of all, and
    into products window by window. Here heads come first, and all windows are one matrix where one kernel maps them.

    Args:
        attention: The built layer.
        query: Tensor `(batch, steps, units)`.
        memory: Tensor `(batch, memory steps, width)`, for keys and values.
        mask: Boolean tensor that broadcasts to the weights, True where a step may be seen. Defaults to None.
        drop: What the weights pass on their way to the contexts, such as a dropout. Defaults to None.

    Returns:
        A pair: the outputs `(batch, steps, units)`, and the weights `(batch, heads, steps, memory steps)`.
    """
    query, memory = (ops.cast(inputs, attention.compute_dtype) for inputs in (query, memory))
    queries = ops.transpose(_mapped(attention.query_dense, query, 1), (0, 2, 1, 3)) * attention.key_dim**-0.5
    keys = ops.transpose(_mapped(attention.key_dense, memory, 1), (0, 2, 3, 1))
    values = ops.transpose(_mapped(attention.value_dense, memory, 1), (0, 2, 1, 3))
    weights, sees = softmax_where_seen(ops.matmul(queries, keys), mask)
    contexts = ops.matmul(weights if drop is None else drop(weights), values)
    if sees is not None:
        contexts, weights = contexts * sees, weights * sees
    return _mapped(attention.output_dense, ops.transpose(contexts, (0, 2, 1, 3)), 2), weights


def _mapped(dense, inputs, axes):
    """What a `keras.layers.EinsumDense` gives, which maps so many last axes, as one product of two matrices."""
    if inputs.shape[1] is None:  # of unknown length, what comes out could not be shaped
        return dense(inputs)
    kept, width = inputs.shape[1:-axes], math.prod(inputs.shape[-axes:])
    kernel, bias = (ops.cast(weight, inputs.dtype) for weight in (dense.kernel, dense.bias))
    mapped = ops.matmul(ops.reshape(inputs, (-1, width)), ops.reshape(kernel, (width, -1)))
    return ops.reshape(mapped, (-1, *kept, *kernel.shape[axes:])) + bias
