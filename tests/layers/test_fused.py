"""The fused kernel makes the steps of a Keras LSTM, forwards and backwards."""

import keras
import numpy as np
import pytest

from tsattn.accelerators.lstm import LEAST_STEPS, FusedLSTM, can_fuse
from tsattn.layers import RecurrentDecoder, RecurrentEncoder

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a kernel of TensorFlow's")
STEPS = LEAST_STEPS + 3
HOLES = np.arange(STEPS) % 5 != np.array([[1], [2], [9]])  # the last row has none


def gradients(layer, *inputs, training, **options):
    """Outputs, and the gradients of their weighted sum by weights and inputs."""
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


def kernels(graph):
    """How often the fused kernel stands in a traced function, those it calls included."""
    nodes = [node for function in graph.graph.as_graph_def().library.function for node in function.node_def]
    return sum(node.op == "BlockLSTM" for node in (*graph.graph.as_graph_def().node, *nodes))


@pytest.mark.parametrize("mask", [None, HOLES, np.ones_like(HOLES)], ids=["no mask", "holes", "all seen"])
@pytest.mark.parametrize("options", [{}, {"layers": 2}, {"bidirectional": True}], ids=str)
def test_an_encoder_trains_as_it_forecasts(draw, options, mask):
    layer = RecurrentEncoder(4, **options)
    inputs = draw(3, STEPS, 2)
    layer.build(inputs.shape)
    options = {} if mask is None else {"mask": mask}
    fused, graph = gradients(layer, inputs, training=True, **options)
    plain, other = gradients(layer, inputs, training=False, **options)
    assert kernels(graph) and not kernels(other)
    for one, wanted in zip(fused, plain, strict=True):
        np.testing.assert_allclose(one, wanted, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_decoder_of_known_inputs_trains_as_it_forecasts(draw, layers):
    layer, inputs = RecurrentDecoder(4, layers=layers), draw(3, STEPS, 2)
    layer.build(inputs.shape)
    states = [draw(3, 4) for _ in range(2 * layers)]
    fused, graph = gradients(layer, inputs, *states, training=True)
    plain, other = gradients(layer, inputs, *states, training=False)
    assert kernels(graph) == 2 * layers and not kernels(other)  # two halves of the batch
    for one, wanted in zip(fused, plain, strict=True):
        np.testing.assert_allclose(one, wanted, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "options",
    [{"activation": "relu"}, {"use_bias": False}, {"dropout": 0.5}, {"recurrent_dropout": 0.5}, {"dtype": "float64"}],
    ids=str,
)
def test_what_the_kernel_cannot_do_is_left_to_keras(options):
    inputs = np.zeros((2, STEPS, 3), "float32")
    layer = FusedLSTM(4, **options)
    layer.build(inputs.shape)
    assert can_fuse([FusedLSTM(4).cell], inputs)
    assert not can_fuse([layer.cell], inputs)


def test_few_steps_are_left_to_keras():
    assert not can_fuse([FusedLSTM(4).cell], np.zeros((2, LEAST_STEPS - 1, 3)))
    assert can_fuse([FusedLSTM(4).cell], np.zeros((2, LEAST_STEPS, 3)))


@pytest.mark.parametrize(
    "options", [{}, {"return_sequences": True, "return_state": True}, {"go_backwards": True}], ids=str
)
def test_it_gives_what_a_keras_lstm_gives(draw, options):
    inputs = draw(2, STEPS, 3)
    ours, theirs = FusedLSTM(4, **options), keras.layers.LSTM(4, **options, use_cudnn=False)
    ours.build(inputs.shape), theirs.build(inputs.shape)
    ours.set_weights(theirs.get_weights())
    pairs = zip(*(keras.tree.flatten(layer(inputs, training=True)) for layer in (ours, theirs)), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), atol=1e-6)
