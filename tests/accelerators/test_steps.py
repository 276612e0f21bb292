"""The compiled steps agree with `train_on_batch`, `test_on_batch` and `predict_on_batch` of Keras."""

import keras
import numpy as np
import pytest

from tsattn.accelerators.steps import forecast_step, measure_step, train_step
from tsattn.networks import Skeleton, attention

LOOKBACK, HORIZON = 12, 4
SKELETON = Skeleton(
    units=4,
    patch_size=2,
    normalization="last",
    embedding="relu",
    decoding="direct",
    mix_channels=False,
    dropout=0.0,
    shortcut=None,
)


def compiled_network():
    """Build a network with the same initial weights each time."""
    keras.utils.set_random_seed(3)
    options = {"attention_score": "additive", "layers": 1, "bidirectional": False}
    network = attention(LOOKBACK, HORIZON, 1, SKELETON, **options)
    network.compile(keras.optimizers.Adam(0.01), "mae", jit_compile=False)
    network.optimizer.build(network.trainable_variables)
    return network


def batches(draw, sizes=(8, 8, 3)):
    for size in sizes:
        yield {"history": draw(size, LOOKBACK, 1)}, draw(size, HORIZON, 1)


def test_a_step_trains_and_measures_as_keras_does(draw):
    ours, theirs = compiled_network(), compiled_network()
    before = ours.get_weights()
    for inputs, target in batches(draw):
        assert measure_step(ours, inputs, target) == pytest.approx(float(theirs.test_on_batch(inputs, target)))
        assert train_step(ours, inputs, target) == pytest.approx(float(theirs.train_on_batch(inputs, target)))
    for one, other, first in zip(ours.get_weights(), theirs.get_weights(), before, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)
        assert not np.array_equal(one, first)


def test_measuring_changes_nothing(draw):
    network = compiled_network()
    before = network.get_weights()
    for inputs, target in batches(draw):
        assert measure_step(network, inputs, target) == measure_step(network, inputs, target)
    for one, first in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, first)


def test_a_step_forecasts_as_keras_does(draw):
    ours, theirs = compiled_network(), compiled_network()
    for inputs, _ in batches(draw, (1, 8, 3)):
        forecast = forecast_step(ours, inputs)
        assert isinstance(forecast, np.ndarray)
        np.testing.assert_allclose(forecast, theirs.predict_on_batch(inputs), rtol=1e-6, atol=1e-6)


def test_a_forecast_does_not_depend_on_the_size_of_the_first_batch(draw):
    few, many = (inputs for inputs, _ in batches(draw, (1, 8)))
    one, other = compiled_network(), compiled_network()
    first = [forecast_step(one, inputs) for inputs in (few, many)]
    second = [forecast_step(other, inputs) for inputs in (many, few)]
    for forecast, expected in zip(first, reversed(second), strict=True):
        np.testing.assert_array_equal(forecast, expected)


@pytest.fixture
def is_trained(draw):
    """Return a function that returns whether a step of a network changes its weights."""

    def is_trained(network):
        before = network.get_weights()
        train_step(network, *next(batches(draw)))
        return any(not np.array_equal(now, then) for now, then in zip(network.get_weights(), before, strict=True))

    return is_trained


def test_a_new_compile_replaces_the_training_step(is_trained):
    network = compiled_network()
    assert is_trained(network)
    network.compile(keras.optimizers.SGD(0.0), "mae", jit_compile=False)
    assert not is_trained(network)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the compiled steps of TensorFlow")
def test_steps_run_eagerly_on_request(is_trained):
    network, calls = compiled_network(), []

    def loss(true, forecast):
        calls.append(true)
        return keras.losses.mean_absolute_error(true, forecast)

    network.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=True)
    assert is_trained(network) and is_trained(network)
    assert len(calls) == 2
