"""The losses over what was observed, against NumPy."""

import keras
import numpy as np
import pytest
from keras import ops

from tsattn.training.losses import masked_loss, pinball_loss


def value_of(loss):
    """The one value of a loss."""
    return keras.ops.convert_to_numpy(loss).item()


LOSSES = {"mae": "mae", "mse": "mse", "object": keras.losses.Huber(0.5), "function": keras.losses.log_cosh}
LEVELS = (0.1, 0.5, 0.8)


@pytest.fixture
def made(draw):
    """True values with gaps, `(4, 3, 2)`, and forecasts of them, `(4, 3, 2, 3)`."""
    true, forecasts = draw(4, 3, 2), draw(4, 3, 2, 3)
    true[draw(4, 3, 2) < -0.5] = np.nan
    return true, forecasts


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_the_loss_is_the_mean_over_what_was_observed(loss, made):
    true, forecast = made[0], made[1][..., 0]
    seen = ~np.isnan(true)
    function = keras.losses.get(loss)
    function = function.call if isinstance(function, keras.losses.Loss) else function
    expected = np.mean(ops.convert_to_numpy(function(true[seen][:, None], forecast[seen][:, None])))
    assert 0 < seen.sum() < seen.size
    assert value_of(masked_loss(loss)(true, forecast)) == pytest.approx(expected, rel=1e-5)


def pinball(true, forecasts, levels):
    """Twice the pinball loss, a number at a time."""
    losses = []
    for place in np.ndindex(true.shape):
        for level, forecast in zip(levels, forecasts[place], strict=True):
            error = true[place] - forecast
            if not np.isnan(error):
                losses.append(2 * (level * error if error > 0 else (1 - level) * -error))
    return np.mean(losses)


def test_the_pinball_loss_is_the_mean_over_what_was_observed_and_over_the_levels(made):
    true, forecasts = made
    found = value_of(pinball_loss(LEVELS)(true, forecasts))
    assert found == pytest.approx(pinball(true, forecasts, LEVELS), rel=1e-5)


def test_the_pinball_loss_of_the_median_is_the_absolute_error(made):
    true, forecasts = made
    found = value_of(pinball_loss([0.5])(true, forecasts[..., :1]))
    assert found == pytest.approx(value_of(masked_loss("mae")(true, forecasts[..., 0])), rel=1e-6)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_the_pinball_loss_is_least_at_the_quantile(level):
    true = np.random.default_rng(0).normal(size=(999, 1, 1)).astype("float32")
    grid = np.linspace(-2.0, 2.0, 401, dtype="float32")
    losses = [value_of(pinball_loss([level])(true, np.full((999, 1, 1, 1), q))) for q in grid]
    assert grid[np.argmin(losses)] == pytest.approx(np.quantile(true, level), abs=0.02)


NAMED = {"mse": masked_loss("mse"), "pinball": pinball_loss(LEVELS)}


@pytest.mark.parametrize("name", NAMED)
def test_a_loss_of_nothing_is_zero_and_gives_no_nan(name):
    forecasts = np.ones((2, 3, 1) if name == "mse" else (2, 3, 1, 3), "float32")
    assert value_of(NAMED[name](np.full((2, 3, 1), np.nan, "float32"), forecasts)) == 0.0


class Given(keras.layers.Layer):
    """Forecasts that are weights, so that training shows their gradients."""

    def build(self, inputs_shape):
        self.values = self.add_weight(shape=inputs_shape[1:], initializer="zeros")

    def call(self, inputs):
        return inputs + self.values


@pytest.mark.parametrize("name", NAMED)
def test_only_what_was_observed_has_a_gradient(name, made):
    true, forecasts = made[0][:1], made[1][:1, ..., 0] if name == "mse" else made[1][:1]
    layer = Given()
    model = keras.Sequential([keras.Input(forecasts.shape[1:]), layer])
    model.compile(keras.optimizers.SGD(1.0), NAMED[name], run_eagerly=keras.backend.backend() == "tensorflow")
    model.train_on_batch(forecasts, true)
    moved, seen = layer.values.numpy() != 0, ~np.isnan(true[0])
    assert 0 < seen.sum() < seen.size
    np.testing.assert_array_equal(moved, seen if name == "mse" else np.repeat(seen[..., None], len(LEVELS), -1))
