"""The compiled steps do what Keras's own do, and variables are read and written as one vector."""

import dataclasses

import keras
import numpy as np
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly

from tsattn import Training
from tsattn.accelerators.flat_variables import FlatVariables, flat_of
from tsattn.accelerators.steps import measure_step, train_step
from tsattn.training.losses import masked_loss


@pytest.fixture(scope="module")
def network():
    """Makes networks of equal weights, each compiled anew; Keras draws their dropout anew, so there is none."""
    fitted = NETWORKS["attention"](horizon=HORIZON, dropout=0.0, training=Training(**FAST)).fit(monthly()).network_

    def make():
        network = fitted.spec.network(seed=3)
        network.compile(keras.optimizers.Adam(0.01), masked_loss("mae"), jit_compile=False)
        network.optimizer.build(network.trainable_variables)
        return network

    return make


def batches(network, draw):
    for size in (8, 8, 3):
        target = draw(size, HORIZON, 1)
        target[0, 0] = np.nan
        yield {"history": draw(size, network.lookback, 1)}, target


def test_a_step_learns_and_measures_what_kerass_own_does(network, draw):
    ours, theirs = network(), network()
    before = ours.get_weights()
    for inputs, target in batches(ours, draw):
        assert measure_step(ours, inputs, target) == pytest.approx(float(theirs.test_on_batch(inputs, target)))
        assert train_step(ours, inputs, target) == pytest.approx(float(theirs.train_on_batch(inputs, target)))
    for one, other, first in zip(ours.get_weights(), theirs.get_weights(), before, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)
        assert not np.array_equal(one, first)


def test_to_measure_changes_nothing(network, draw):
    model = network()
    before = model.get_weights()
    for inputs, target in batches(model, draw):
        assert measure_step(model, inputs, target) == measure_step(model, inputs, target)
    for one, first in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, first)


@pytest.mark.parametrize("dtypes", [("float32",) * 4, ("float32", "float16", "int32", "float32")])
@pytest.mark.parametrize("at_once", [True, False])
def test_variables_are_one_vector(draw, dtypes, at_once):
    shapes = [(3, 2), (4,), (), (1, 5)]
    values = [np.round(8 * draw(*shape)).astype(dtype) for shape, dtype in zip(shapes, dtypes, strict=True)]
    variables = [keras.Variable(value, dtype=dtype) for value, dtype in zip(values, dtypes, strict=True)]
    flat, vector = FlatVariables(variables, at_once), np.concatenate([value.ravel() for value in values])
    np.testing.assert_array_equal(flat.read(), vector)
    for factor in (2, 3, 4):  # the first time one by one
        flat.write(factor * vector)
        np.testing.assert_array_equal(flat.read(), factor * vector)
        for variable, value in zip(variables, values, strict=True):
            np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), factor * value)


def test_what_is_read_stays_as_it_is():
    variable = keras.Variable([1.0, 2.0])
    before = FlatVariables([variable]).read()
    variable.assign([3.0, 4.0])
    np.testing.assert_array_equal(before, [1.0, 2.0])


def test_a_network_keeps_the_vectors_of_its_variables(network):
    model = network()
    assert flat_of(model, model.weights) is flat_of(model, list(model.weights))
    assert flat_of(model, model.weights) is not flat_of(model, model.weights[1:])
    assert flat_of(model, model.weights) is not flat_of(network(), model.weights)


@pytest.fixture
def trains(draw):
    """Whether a step of a network moves its weights."""

    def trains(model):
        before = model.get_weights()
        train_step(model, *next(batches(model, draw)))
        return any(not np.array_equal(now, then) for now, then in zip(model.get_weights(), before, strict=True))

    return trains


def test_what_is_compiled_anew_is_used(network, trains):
    model = network()
    assert trains(model)
    model.compile(keras.optimizers.SGD(0.0), masked_loss("mae"), jit_compile=False)
    assert not trains(model)


def test_steps_run_eagerly_if_they_are_told_to(network, trains):
    model, seen = network(), []

    def loss(true, forecast):
        seen.append(true)
        return masked_loss("mae")(true, forecast)

    model.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=True)
    assert trains(model) and trains(model)
    assert len(seen) == 2


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
def test_a_network_that_is_frozen_as_a_whole_is_fitted_twice():
    class Freeze(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.trainable = False

    model = NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**FAST))
    once = model.fit(monthly(), callbacks=Freeze()).predict()
    np.testing.assert_array_equal(model.fit(monthly(), callbacks=Freeze()).predict(), once)


def test_weights_of_another_network_are_refused():
    model = NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**FAST)).fit(monthly())
    turned = [np.ascontiguousarray(part.T) for part in model.network_.weights]
    model.network_ = dataclasses.replace(model.network_, weights=turned)
    with pytest.raises(ValueError, match="its core is not the one that was fitted"):
        model.predict()
