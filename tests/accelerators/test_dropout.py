"""`FastDropout` drops values as `keras.layers.Dropout` does, with different random numbers."""

import keras
import numpy as np
import pytest

from tsattn.accelerators.dropout import LEVELS, FastDropout

on_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="uses TensorFlow's random numbers")


def dropped(layer, inputs, **options):
    return np.asarray(layer(inputs, training=True, **options))


@on_tensorflow
@pytest.mark.parametrize("rate", [0.1, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_it_drops_at_the_rounded_rate_and_scales_the_kept_values(rate, dtype):
    rounded = round(rate * LEVELS) / LEVELS
    assert abs(rounded - rate) <= 0.5 / LEVELS
    layer, inputs = FastDropout(rate, seed=0, dtype=dtype), np.arange(1, 30_001).reshape(3, 2500, 4) / 30_001
    values = dropped(layer, inputs.astype(dtype))
    assert values.dtype == dtype and values.shape == inputs.shape
    kept = values != 0
    deviation = np.sqrt(rate * (1 - rate) / inputs.size)
    assert abs((1 - kept.mean()) - rounded) < 4 * deviation
    np.testing.assert_allclose(values[kept], inputs[kept] / (1 - rounded), rtol=2e-3 if dtype == "float16" else 1e-6)
    neighbors = kept.ravel()[1:] & kept.ravel()[:-1]
    assert abs(neighbors.mean() - (1 - rounded) ** 2) < 8 * deviation  # values are dropped independently


@pytest.mark.parametrize("rate", [0.25, 0.5])
def test_values_that_both_layers_keep_are_equal(draw, rate):
    inputs = 1.0 + np.abs(draw(40, 50))
    fast, plain = (dropped(kind(rate, seed=0), inputs) for kind in (FastDropout, keras.layers.Dropout))
    both = (fast != 0) & (plain != 0)
    assert both.mean() > 0.1
    np.testing.assert_allclose(fast[both], plain[both], rtol=1e-6)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1001])
def test_the_number_of_values_is_arbitrary(size):
    values = dropped(FastDropout(0.5, seed=0), np.ones(size, "float32"))
    assert values.shape == (size,)
    assert set(values.tolist()) <= {0.0, 2.0}


def test_a_seed_repeats_the_sequence_and_each_call_differs():
    inputs, one, other = np.ones((50, 4), "float32"), FastDropout(0.5, seed=3), FastDropout(0.5, seed=3)
    first, second = dropped(one, inputs), dropped(one, inputs)
    assert (first != second).any()
    np.testing.assert_array_equal([dropped(other, inputs), dropped(other, inputs)], [first, second])
    assert (dropped(FastDropout(0.5, seed=4), inputs) != first).any()


@pytest.mark.parametrize("options", [{"rate": 0.0}, {"rate": 0.5, "training": False}], ids=str)
def test_nothing_is_dropped_at_rate_0_or_outside_training(options):
    inputs, training = np.ones((5, 4), "float32"), options.pop("training", True)
    np.testing.assert_array_equal(np.asarray(FastDropout(**options)(inputs, training=training)), inputs)


@pytest.mark.parametrize("options", [{"rate": 0.001}, {"rate": 0.999}, {"rate": 0.5, "noise_shape": (5, 1)}], ids=str)
def test_other_cases_are_equal_to_keras(options):
    inputs = np.ones((5, 400), "float32")
    expected = dropped(keras.layers.Dropout(**options, seed=0), inputs)
    np.testing.assert_array_equal(dropped(FastDropout(**options, seed=0), inputs), expected)


@on_tensorflow
@pytest.mark.parametrize("kind", [FastDropout, keras.layers.Dropout])
def test_gradients_pass_where_values_do_in_batches_of_any_size(kind):
    import tensorflow as tf

    layer = kind(0.25, seed=0)

    @tf.function(input_signature=[tf.TensorSpec((None, 3))])
    def run(inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs, training=True)
        return outputs, tape.gradient(outputs, inputs)

    for rows in (1, 7, 40):
        outputs, gradient = run(tf.ones((rows, 3)))
        assert outputs.shape == (rows, 3)
        np.testing.assert_array_equal(outputs, gradient)
        np.testing.assert_allclose(np.unique(outputs)[-1], 4 / 3, rtol=1e-6)
        assert len(set(np.unique(outputs)) - {0.0}) == 1
