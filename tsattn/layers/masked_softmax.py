"""Softmax with a weight of 0 at masked steps."""

from keras import ops


def masked_softmax(scores, mask=None):
    """Compute the softmax over the last axis in float32, with weight 0 where `mask` is False.

    If no step of a row is visible, all its weights are 0.

    Args:
        scores: Tensor `(..., steps)` of finite values.
        mask: Boolean tensor that broadcasts to `scores`, True for visible steps. None means that all are visible.
            Defaults to None.

    Returns:
        Weights with the shape and dtype of `scores`.
    """
    weights, visible_rows = softmax_and_visible_rows(scores, mask)
    return weights if visible_rows is None else weights * visible_rows


def softmax_and_visible_rows(scores, mask=None):
    """Compute `masked_softmax` without the last product, which sets rows without a visible step to 0.

    It is cheaper to multiply the weighted sums by the factor if they are smaller than the weights.

    Args:
        scores, mask: See `masked_softmax`.

    Returns:
        A pair: weights with the shape and dtype of `scores`, and the factor. The factor is None without a mask, else
        a tensor `(..., 1)` that broadcasts to the weights: 1 for rows with a visible step, else 0.
    """
    dtype, visible_rows = scores.dtype, None
    scores = ops.cast(scores, "float32")
    if mask is not None:
        # The softmax of a row of -inf is NaN: keep the scores of such a row finite.
        visible_rows = ops.any(mask, axis=-1, keepdims=True)
        hidden = ops.logical_and(visible_rows, ops.logical_not(mask))
        scores = scores + ops.where(hidden, float("-inf"), 0.0)  # `where` on the mask, which is smaller than the scores
        visible_rows = ops.cast(visible_rows, dtype)
    # `ops.softmax` warns about an axis of one step, which is valid here.
    weights = ops.exp(scores - scores) if scores.shape[-1] == 1 else ops.softmax(scores)
    return ops.cast(weights, dtype), visible_rows
