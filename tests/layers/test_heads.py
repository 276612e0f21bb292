"""Attention by heads gives what Keras's own layer gives, forwards and back."""

import keras
import numpy as np
import numpy_reference as reference
import pytest
from keras import ops

from tsattn.layers.heads import attend_by_heads

HEADS, WIDTH, UNITS = 2, 3, 6


@pytest.fixture(scope="module")
def attention():
    layer = keras.layers.MultiHeadAttention(HEADS, WIDTH)
    layer.build((None, 4, UNITS), (None, 5, 7))
    return reference.filled(layer)


@pytest.mark.parametrize("masked", [False, True])
def test_it_gives_what_keras_gives(attention, draw, masked):
    query, memory = draw(2, 4, UNITS), draw(2, 5, 7)
    mask = np.array([[True, False, True, True, False], [False, True, True, False, True]]) if masked else None
    wanted = attention(query, memory, attention_mask=mask[:, None] if masked else None, return_attention_scores=True)
    came = attend_by_heads(
        attention,
        ops.convert_to_tensor(query),
        ops.convert_to_tensor(memory),
        mask if mask is None else mask[:, None, None],
    )
    for one, other in zip(came, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_what_drops_weights_drops_them_from_the_outputs_alone(attention, draw):
    query, memory = ops.convert_to_tensor(draw(2, 4, UNITS)), ops.convert_to_tensor(draw(2, 5, 7))
    outputs, weights = attend_by_heads(attention, query, memory, drop=ops.zeros_like)
    np.testing.assert_allclose(weights, attend_by_heads(attention, query, memory)[1])
    bias = ops.convert_to_numpy(attention.output_dense.bias)
    np.testing.assert_allclose(outputs, np.broadcast_to(bias, (2, 4, UNITS)), atol=1e-6)


@pytest.mark.parametrize("steps", [None, 4])
def test_sequences_of_unknown_length(attention, draw, steps):
    query, memory = keras.Input((steps, UNITS)), keras.Input((steps, 7))

    class Attend(keras.layers.Layer):
        def call(self, query, memory):
            return attend_by_heads(attention, query, memory)[0]

        def compute_output_shape(self, query_shape, memory_shape):
            return query_shape

    model = keras.Model([query, memory], Attend()(query, memory))
    values = [draw(2, 4, UNITS), draw(2, 4, 7)]
    np.testing.assert_allclose(model(values), attention(*values), atol=1e-5)
