"""The fused kernel agrees with a Keras LSTM, in outputs and in gradients."""

import keras
import numpy as np
import pytest

from tsattn.accelerators.lstm import MAX_UNITS, MIN_STEPS, FusedLSTM, can_fuse
from tsattn.layers import RecurrentDecoder, RecurrentEncoder

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's kernel")
STEPS = MIN_STEPS + 3
HOLES = np.arange(STEPS) % 5 != np.array([[1], [2], [9]])  # the last row has none


def gradients(layer, *inputs, training, **options):
    """Return the outputs, the gradients of their sum by weights and inputs, and the traced function."""
    import tensorflow as tf

    inputs = [tf.convert_to_tensor(part) for part in inputs]

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = tf.nest.flatten(
                layer(inputs[0], *([inputs[1:]] if inputs[1:] else []), training=training, **options)
            )
            total = sum(
                tf.reduce_sum(output * tf.reshape(tf.sin(tf.range(tf.size(output), dtype="float32")), tf.shape(output)))
                for output in outputs
            )
        return outputs, tape.gradient(total, [*layer.trainable_variables, *inputs])

    return [np.asarray(part) for part in tf.nest.flatten(run())], run.get_concrete_function()


def kernel_count(function):
    """Return the number of fused kernels in a traced function and in the functions that it calls."""
    graph = function.graph.as_graph_def()
    nodes = [node for inner in graph.library.function for node in inner.node_def]
    return sum(node.op == "BlockLSTM" for node in (*graph.node, *nodes))


@pytest.mark.parametrize(
    ("options", "mask"),
    [
        ({}, None),
        ({}, HOLES),
        ({}, np.ones_like(HOLES)),
        ({"layers": 2}, HOLES),
        ({"bidirectional": True}, None),
        ({"bidirectional": True}, HOLES),
    ],
    ids=["no mask", "holes", "all visible", "two layers", "bidirectional", "bidirectional with holes"],
)
def test_an_encoder_computes_the_same_in_training(draw, options, mask):
    layer = RecurrentEncoder(4, **options)
    inputs = draw(3, STEPS, 2)
    layer.build(inputs.shape)
    options = {} if mask is None else {"mask": mask}
    fused, fused_function = gradients(layer, inputs, training=True, **options)
    plain, plain_function = gradients(layer, inputs, training=False, **options)
    assert kernel_count(fused_function) and not kernel_count(plain_function)
    for one, expected in zip(fused, plain, strict=True):
        np.testing.assert_allclose(one, expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_decoder_of_known_inputs_computes_the_same_in_training(draw, layers):
    layer, inputs = RecurrentDecoder(4, layers=layers), draw(3, STEPS, 2)
    layer.build(inputs.shape)
    states = [draw(3, 4) for _ in range(2 * layers)]
    fused, fused_function = gradients(layer, inputs, *states, training=True)
    plain, plain_function = gradients(layer, inputs, *states, training=False)
    assert kernel_count(fused_function) == 2 * layers  # two halves of the batch
    assert not kernel_count(plain_function)
    for one, expected in zip(fused, plain, strict=True):
        np.testing.assert_allclose(one, expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "options",
    [{"activation": "relu"}, {"use_bias": False}, {"dropout": 0.5}, {"recurrent_dropout": 0.5}, {"dtype": "float64"}],
    ids=str,
)
def test_options_that_the_kernel_lacks_are_left_to_keras(options):
    inputs = np.zeros((2, STEPS, 3), "float32")
    layer = FusedLSTM(4, **options)
    layer.build(inputs.shape)
    assert can_fuse([FusedLSTM(4).cell], inputs)
    assert not can_fuse([layer.cell], inputs)


@pytest.mark.parametrize("width", [12, 2 * MAX_UNITS])
def test_wide_cells_are_left_to_keras(width):
    """The kernel is slower with more units, for narrow inputs too."""
    inputs, narrow, wide = np.zeros((2, STEPS, width)), FusedLSTM(MAX_UNITS).cell, FusedLSTM(MAX_UNITS + 1).cell
    assert can_fuse([narrow, narrow], inputs)
    assert not can_fuse([wide], inputs) and not can_fuse([narrow, wide], inputs)


def test_short_sequences_are_left_to_keras():
    assert not can_fuse([FusedLSTM(4).cell], np.zeros((2, MIN_STEPS - 1, 3)))
    assert can_fuse([FusedLSTM(4).cell], np.zeros((2, MIN_STEPS, 3)))


@pytest.mark.parametrize(
    "options", [{}, {"return_sequences": True, "return_state": True}, {"go_backwards": True}], ids=str
)
def test_outputs_are_those_of_a_keras_lstm(draw, options):
    inputs = draw(2, STEPS, 3)
    fused, plain = FusedLSTM(4, **options), keras.layers.LSTM(4, **options, use_cudnn=False)
    fused.build(inputs.shape), plain.build(inputs.shape)
    fused.set_weights(plain.get_weights())
    pairs = zip(*(keras.tree.flatten(layer(inputs, training=True)) for layer in (fused, plain)), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), atol=1e-6)
