"""Attention rollout: attention weights traced back through several layers of self-attention."""

from keras import ops


def attention_rollout(weights):
    """Compute the share of each input step in each output step of a stack of self-attention layers.

    The output of each layer is half its input (the residual connection) and half the attended values, averaged over
    heads. The rollout is the product of `0.5 * weights + 0.5 * identity` over the layers, from the first to the last.

    Args:
        weights: Tensor `(batch, layers, heads, steps, steps)` whose rows sum to 1.

    Returns:
        Tensor `(batch, steps, steps)` whose rows sum to 1.

    Reference:
        Abnar and Zuidema, 2020, https://arxiv.org/abs/2005.00928.

    Example:

    >>> import numpy as np
    >>> np.asarray(attention_rollout(np.full((1, 2, 1, 2, 2), 0.5)))[0].tolist()
    [[0.625, 0.375], [0.375, 0.625]]
    """
    weights = ops.mean(weights, axis=2)
    mixing = 0.5 * weights + 0.5 * ops.eye(weights.shape[-1], dtype=weights.dtype)
    shares = mixing[:, 0]
    for layer in range(1, weights.shape[1]):
        shares = ops.matmul(mixing[:, layer], shares)
    return shares
