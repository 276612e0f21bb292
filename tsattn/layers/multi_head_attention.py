"""Multi-head attention as matrix products, faster than `keras.layers.MultiHeadAttention`."""

import math

from keras import ops

from tsattn.layers.masked_softmax import softmax_and_visible_rows


def multi_head_attention(layer, query, memory, mask=None, dropout=None):
    """Compute a `keras.layers.MultiHeadAttention` from its weights.

    Keras uses `einsum`, which TensorFlow lowers to transpositions of the scores, the largest of all tensors, and to one
    matrix product per window. Here the head axis comes first, and each projection is one product over all windows.

    Args:
        layer: A built `keras.layers.MultiHeadAttention`.
        query: Tensor `(batch, steps, units)`.
        memory: Tensor `(batch, memory steps, width)`, the keys and the values.
        mask: Boolean tensor that broadcasts to the weights, True for visible steps. Defaults to None.
        dropout: Function to apply to the weights before the weighted sum. Defaults to None.

    Returns:
        A pair: outputs `(batch, steps, units)` and weights `(batch, heads, steps, memory steps)`, the weights without
        dropout.
    """
    query, memory = (ops.cast(inputs, layer.compute_dtype) for inputs in (query, memory))
    queries = ops.transpose(_project(layer.query_dense, query, 1), (0, 2, 1, 3)) * layer.key_dim**-0.5
    keys = ops.transpose(_project(layer.key_dense, memory, 1), (0, 2, 3, 1))
    values = ops.transpose(_project(layer.value_dense, memory, 1), (0, 2, 1, 3))
    weights, visible_rows = softmax_and_visible_rows(ops.matmul(queries, keys), mask)
    contexts = ops.matmul(weights if dropout is None else dropout(weights), values)
    if visible_rows is not None:
        contexts, weights = contexts * visible_rows, weights * visible_rows
    return _project(layer.output_dense, ops.transpose(contexts, (0, 2, 1, 3)), 2), weights


def _project(dense, inputs, axes):
    """Apply a `keras.layers.EinsumDense` over the last `axes` axes as one product of two matrices."""
    if inputs.shape[1] is None:  # unknown length: the static shape of the result would be lost
        return dense(inputs)
    leading, width = inputs.shape[1:-axes], math.prod(inputs.shape[-axes:])
    kernel, bias = (ops.cast(weight, inputs.dtype) for weight in (dense.kernel, dense.bias))
    outputs = ops.matmul(ops.reshape(inputs, (-1, width)), ops.reshape(kernel, (width, -1)))
    return ops.reshape(outputs, (-1, *leading, *kernel.shape[axes:])) + bias
