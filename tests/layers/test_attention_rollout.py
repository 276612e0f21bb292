"""`attention_rollout` against the product of its layers."""

import numpy as np
import numpy_reference as reference
import pytest

from tsattn.layers.attention_rollout import attention_rollout

MASK = np.array([[True, False, True, True], [False, False, True, False]])


@pytest.mark.parametrize("layers", [1, 3])
def test_rollout_is_the_product_of_the_layers_from_first_to_last(draw, layers):
    weights = reference.softmax(draw(2, layers, 2, 4, 4), MASK[:, None, None, None])
    expected = np.stack([np.eye(4)] * 2)
    for layer in range(layers):
        expected = (0.5 * weights[:, layer].mean(axis=1) + 0.5 * np.eye(4)) @ expected
    shares = np.asarray(attention_rollout(weights.astype("float32")))
    np.testing.assert_allclose(shares, expected, atol=1e-6)
    np.testing.assert_allclose(shares.sum(-1), 1.0, atol=1e-6)
    for share, visible in zip(shares, MASK, strict=True):
        assert (share[visible][:, ~visible] == 0).all()
