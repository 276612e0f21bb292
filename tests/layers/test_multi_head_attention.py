"""`multi_head_attention` computes the same as `keras.layers.MultiHeadAttention`."""

import keras
import numpy as np
import numpy_reference as reference
import pytest
from keras import ops

from tsattn.layers.multi_head_attention import multi_head_attention

HEADS, WIDTH, UNITS = 2, 3, 6


@pytest.fixture(scope="module")
def layer():
    layer = keras.layers.MultiHeadAttention(HEADS, WIDTH)
    layer.build((None, 4, UNITS), (None, 5, 7))
    return reference.randomized(layer)


@pytest.mark.parametrize("masked", [False, True])
def test_outputs_and_weights_equal_keras(layer, draw, masked):
    query, memory = draw(2, 4, UNITS), draw(2, 5, 7)
    mask = np.array([[True, False, True, True, False], [False, True, True, False, True]]) if masked else None
    expected = layer(query, memory, attention_mask=mask[:, None] if masked else None, return_attention_scores=True)
    result = multi_head_attention(
        layer,
        ops.convert_to_tensor(query),
        ops.convert_to_tensor(memory),
        mask if mask is None else mask[:, None, None],
    )
    for one, other in zip(result, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's gradients")
def test_gradients_equal_keras(layer, draw):
    import tensorflow as tf

    query, memory = tf.constant(draw(2, 4, UNITS)), tf.constant(draw(2, 5, 7))
    mask = np.array([[True, False, True, True, False], [False, True, True, False, True]])

    def gradients(attend):
        with tf.GradientTape() as tape:
            tape.watch([query, memory])
            total = tf.reduce_sum(tf.sin(attend()))
        return tape.gradient(total, [query, memory, *[weight.value for weight in layer.trainable_weights]])

    ours = gradients(lambda: multi_head_attention(layer, query, memory, mask[:, None, None])[0])
    theirs = gradients(lambda: layer(query, memory, attention_mask=mask[:, None]))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_dropout_changes_the_outputs_and_not_the_weights(layer, draw):
    query, memory = ops.convert_to_tensor(draw(2, 4, UNITS)), ops.convert_to_tensor(draw(2, 5, 7))
    outputs, weights = multi_head_attention(layer, query, memory, dropout=ops.zeros_like)
    np.testing.assert_allclose(weights, multi_head_attention(layer, query, memory)[1])
    bias = ops.convert_to_numpy(layer.output_dense.bias)
    np.testing.assert_allclose(outputs, np.broadcast_to(bias, (2, 4, UNITS)), atol=1e-6)


@pytest.mark.parametrize("steps", [None, 4])
def test_sequences_may_have_an_unknown_length(layer, draw, steps):
    query, memory = keras.Input((steps, UNITS)), keras.Input((steps, 7))

    class Attend(keras.layers.Layer):
        def call(self, query, memory):
            return multi_head_attention(layer, query, memory)[0]

        def compute_output_shape(self, query_shape, memory_shape):
            return query_shape

    model = keras.Model([query, memory], Attend()(query, memory))
    values = [draw(2, 4, UNITS), draw(2, 4, 7)]
    np.testing.assert_allclose(model(values), layer(*values), atol=1e-5)
