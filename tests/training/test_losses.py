"""Losses over the observed values, against NumPy."""

import keras
import numpy as np
import pytest
from keras import ops

from tsattn.baselines import pinball as numpy_pinball
from tsattn.training.losses import masked_loss, pinball_loss


def value_of(loss):
    """Return the value of a loss as a float."""
    return keras.ops.convert_to_numpy(loss).item()


LOSSES = {"mae": "mae", "mse": "mse", "object": keras.losses.Huber(0.5), "function": keras.losses.log_cosh}
LEVELS = (0.1, 0.5, 0.8)


@pytest.fixture
def data(draw):
    """True values `(4, 3, 2)`, of which some are missing, and forecasts `(4, 3, 2, 3)`."""
    true, forecasts = draw(4, 3, 2), draw(4, 3, 2, 3)
    true[draw(4, 3, 2) < -0.5] = np.nan
    return true, forecasts


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_loss_is_mean_over_observed_values(loss, data):
    true, forecast = data[0], data[1][..., 0]
    observed = ~np.isnan(true)
    function = keras.losses.get(loss)
    function = function.call if isinstance(function, keras.losses.Loss) else function
    expected = np.mean(ops.convert_to_numpy(function(true[observed][:, None], forecast[observed][:, None])))
    assert 0 < observed.sum() < observed.size
    assert value_of(masked_loss(loss)(true, forecast)) == pytest.approx(expected, rel=1e-5)


def pinball(true, forecasts, levels):
    """Return twice the mean pinball loss, computed value by value."""
    losses = []
    for index in np.ndindex(true.shape):
        for level, forecast in zip(levels, forecasts[index], strict=True):
            error = true[index] - forecast
            if not np.isnan(error):
                losses.append(2 * (level * error if error > 0 else (1 - level) * -error))
    return np.mean(losses)


def test_pinball_loss_is_mean_over_observed_values_and_levels(data):
    true, forecasts = data
    loss = value_of(pinball_loss(LEVELS)(true, forecasts))
    assert loss == pytest.approx(pinball(true, forecasts, LEVELS), rel=1e-5)


def test_pinball_loss_is_twice_that_in_numpy(data):
    true, forecasts = data
    losses = 2 * numpy_pinball.pinball_loss(true, forecasts, np.array(LEVELS))
    assert value_of(pinball_loss(LEVELS)(true, forecasts)) == pytest.approx(np.nanmean(losses), rel=1e-5)


def test_pinball_loss_of_the_median_is_the_absolute_error(data):
    true, forecasts = data
    loss = value_of(pinball_loss([0.5])(true, forecasts[..., :1]))
    assert loss == pytest.approx(value_of(masked_loss("mae")(true, forecasts[..., 0])), rel=1e-6)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_pinball_loss_is_minimal_at_the_quantile(level):
    true = np.random.default_rng(0).normal(size=(999, 1, 1)).astype("float32")
    grid = np.linspace(-2.0, 2.0, 401, dtype="float32")
    losses = [value_of(pinball_loss([level])(true, np.full((999, 1, 1, 1), q))) for q in grid]
    assert grid[np.argmin(losses)] == pytest.approx(np.quantile(true, level), abs=0.02)


@pytest.mark.parametrize("name", ["mse", "pinball"])
def test_weights_multiply_the_loss_of_each_value(name, data, draw):
    true, forecasts = data
    weights = np.abs(draw(*true.shape))
    if name == "mse":
        losses, weighted = (true - forecasts[..., 0]) ** 2, masked_loss("mse", weighted=True)
        forecasts = forecasts[..., 0]
    else:
        losses = 2 * numpy_pinball.pinball_loss(true, forecasts, np.array(LEVELS)).mean(axis=-1)
        weighted = pinball_loss(LEVELS, weighted=True)
    loss = value_of(weighted(np.stack([true, weights], axis=-1), forecasts))
    assert loss == pytest.approx(np.nanmean(weights * losses), rel=1e-5)


MASKED_LOSSES = {"mse": masked_loss("mse"), "pinball": pinball_loss(LEVELS)}


@pytest.mark.parametrize("name", MASKED_LOSSES)
def test_loss_without_observed_values_is_zero(name):
    forecasts = np.ones((2, 3, 1) if name == "mse" else (2, 3, 1, 3), "float32")
    assert value_of(MASKED_LOSSES[name](np.full((2, 3, 1), np.nan, "float32"), forecasts)) == 0.0


class WeightForecasts(keras.layers.Layer):
    """A model whose forecasts are weights, so that a training step shows their gradients."""

    def build(self, inputs_shape):
        self.values = self.add_weight(shape=inputs_shape[1:], initializer="zeros")

    def call(self, inputs):
        return inputs + self.values


@pytest.mark.parametrize("name", MASKED_LOSSES)
def test_only_observed_values_have_a_gradient(name, data):
    true, forecasts = data[0][:1], data[1][:1, ..., 0] if name == "mse" else data[1][:1]
    layer = WeightForecasts()
    model = keras.Sequential([keras.Input(forecasts.shape[1:]), layer])
    model.compile(keras.optimizers.SGD(1.0), MASKED_LOSSES[name], run_eagerly=keras.backend.backend() == "tensorflow")
    model.train_on_batch(forecasts, true)
    has_gradient, observed = layer.values.numpy() != 0, ~np.isnan(true[0])
    assert 0 < observed.sum() < observed.size
    expected = observed if name == "mse" else np.repeat(observed[..., None], len(LEVELS), -1)
    np.testing.assert_array_equal(has_gradient, expected)
