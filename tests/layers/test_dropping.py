"""The dropout that draws from fewer bits drops as Keras's does."""

import keras
import numpy as np
import pytest

from tsattn.accelerators.dropout import DRAWS, FastDropout

fast = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="drawn with TensorFlow")


def dropped(layer, inputs, **options):
    return np.asarray(layer(inputs, training=True, **options))


@fast
@pytest.mark.parametrize("rate", [0.1, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_it_drops_at_its_rate_and_scales_what_is_kept(rate, dtype):
    given = round(rate * DRAWS) / DRAWS
    assert abs(given - rate) <= 0.5 / DRAWS
    layer, inputs = FastDropout(rate, seed=0, dtype=dtype), np.arange(1, 30_001).reshape(3, 2500, 4) / 30_001
    values = dropped(layer, inputs.astype(dtype))
    assert values.dtype == dtype and values.shape == inputs.shape
    kept = values != 0
    spread = np.sqrt(rate * (1 - rate) / inputs.size)
    assert abs((1 - kept.mean()) - given) < 4 * spread
    np.testing.assert_allclose(values[kept], inputs[kept] / (1 - given), rtol=2e-3 if dtype == "float16" else 1e-6)
    neighbours = kept.ravel()[1:] & kept.ravel()[:-1]
    assert abs(neighbours.mean() - (1 - given) ** 2) < 8 * spread  # each is dropped for itself


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1001])
def test_any_number_of_values_is_drawn_for(size):
    values = dropped(FastDropout(0.5, seed=0), np.ones(size, "float32"))
    assert values.shape == (size,)
    assert set(values.tolist()) <= {0.0, 2.0}


def test_a_seed_gives_the_same_again_and_each_call_another():
    inputs, one, other = np.ones((50, 4), "float32"), FastDropout(0.5, seed=3), FastDropout(0.5, seed=3)
    first, second = dropped(one, inputs), dropped(one, inputs)
    assert (first != second).any()
    np.testing.assert_array_equal([dropped(other, inputs), dropped(other, inputs)], [first, second])
    assert (dropped(FastDropout(0.5, seed=4), inputs) != first).any()


@pytest.mark.parametrize("options", [{"rate": 0.0}, {"rate": 0.5, "training": False}], ids=str)
def test_nothing_is_dropped_without_a_rate_or_out_of_training(options):
    inputs, training = np.ones((5, 4), "float32"), options.pop("training", True)
    np.testing.assert_array_equal(np.asarray(FastDropout(**options)(inputs, training=training)), inputs)


@pytest.mark.parametrize("options", [{"rate": 0.001}, {"rate": 0.999}, {"rate": 0.5, "noise_shape": (5, 1)}], ids=str)
def test_what_cannot_be_drawn_so_is_as_keras_does_it(options):
    inputs = np.ones((5, 400), "float32")
    wanted = dropped(keras.layers.Dropout(**options, seed=0), inputs)
    np.testing.assert_array_equal(dropped(FastDropout(**options, seed=0), inputs), wanted)


@fast
def test_gradients_pass_where_values_did_in_batches_of_any_size():
    import tensorflow as tf

    layer = FastDropout(0.25, seed=0)

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
        assert set(np.unique(outputs)) <= {0.0, np.float32(4 / 3)}
