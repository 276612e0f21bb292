"""`FlatAdam` updates weights as `keras.optimizers.Adam` does."""

import keras
import numpy as np
import pytest
from forecaster_table import HORIZON, NETWORKS, GatedCore, monthly

from tsattn.accelerators.adam import FlatAdam
from tsattn.accelerators.steps import train_step
from tsattn.networks import Skeleton, around

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="JAX has no missing gradients, and freezes no built network"
)
SHAPES = [(3, 2), (4,), (), (1, 5)]
MISSING = "Gradients do not exist for variables"


@pytest.fixture
def values(draw):
    return [draw(*shape) for shape in SHAPES]


@pytest.fixture
def gradients(draw):
    """The gradients of four steps."""
    return [[draw(*shape) for shape in SHAPES] for _ in range(4)]


def run_steps(optimizer, values, gradients, constraint=None):
    """Return the variables after all steps. The learning rate changes between the steps; a gradient may be None."""
    variables = [keras.Variable(value) for value in values]
    variables[0].constraint = constraint
    optimizer.build(variables)
    for step, grads in enumerate(gradients):
        optimizer.learning_rate = 0.1 / (step + 1)
        grads = [grad if grad is None else keras.ops.convert_to_tensor(grad) for grad in grads]
        optimizer.apply(grads, variables)
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def test_steps_are_those_of_adam_to_the_bit(values, gradients):
    flat, plain = (run_steps(kind(0.1), values, gradients) for kind in (FlatAdam, keras.optimizers.Adam))
    for one, other, value in zip(flat, plain, values, strict=True):
        np.testing.assert_array_equal(one, other)
        assert not np.allclose(one, value)


def test_it_counts_steps_and_has_two_vectors_of_moments(values, gradients):
    optimizer = FlatAdam()
    run_steps(optimizer, values, gradients)
    assert int(optimizer.iterations) == 4
    assert [tuple(variable.shape) for variable in optimizer.variables[2:]] == [(16,), (16,)]


def test_an_omitted_variable_is_kept_and_the_others_are_updated_as_usual(values, gradients):
    """For example, a callback freezes a layer."""
    updated = run_steps(FlatAdam(0.1), values, gradients)
    variables, optimizer = [keras.Variable(value) for value in values], FlatAdam(0.1)
    optimizer.build(variables)
    for step, grads in enumerate(gradients):
        optimizer.learning_rate = 0.1 / (step + 1)
        optimizer.apply(
            [keras.ops.convert_to_tensor(grad) for grad in (grads[0], *grads[2:])], variables[:1] + variables[2:]
        )
    for place, (variable, value, expected) in enumerate(zip(variables, values, updated, strict=True)):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), value if place == 1 else expected)


@pytest.mark.filterwarnings(f"ignore:{MISSING}")
def test_a_gradient_that_is_sometimes_missing_is_skipped_as_in_adam(values, gradients):
    gradients[1][0] = gradients[1][2] = gradients[2][3] = None
    flat, plain = (run_steps(kind(0.1), values, gradients) for kind in (FlatAdam, keras.optimizers.Adam))
    for one, other in zip(flat, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_variable_without_a_gradient_is_kept_with_a_warning_as_in_adam(values, gradients):
    gradients = [[None, *grads[1:]] for grads in gradients[:1]]
    for optimizer in (FlatAdam(0.1), keras.optimizers.Adam(0.1)):
        with pytest.warns(UserWarning, match=rf"{MISSING} \['variable.*'\] when minimizing the loss"):
            first, *others = run_steps(optimizer, values, gradients)
        np.testing.assert_array_equal(first, values[0])
        assert not any(np.allclose(other, value) for other, value in zip(others, values[1:], strict=True))


@pytest.mark.parametrize("kind", [FlatAdam, keras.optimizers.Adam])
def test_without_any_gradient_it_raises_as_adam_does(kind, values):
    with pytest.raises(ValueError, match=r"No gradients provided for any variable\."):
        run_steps(kind(0.1), values, [[None] * len(values)])


def test_constraints_are_applied_as_in_adam(values, gradients):
    constraint = keras.constraints.NonNeg()
    flat, plain = (run_steps(kind(0.1), values, gradients, constraint) for kind in (FlatAdam, keras.optimizers.Adam))
    np.testing.assert_allclose(flat[0], plain[0], rtol=1e-6)
    assert (flat[0] >= 0).all() and (values[0] < 0).any()


class UnusedWeight(GatedCore):
    """A core with a weight that the loss does not depend on."""

    def build(self, *shapes):
        self.unused = self.add_weight(shape=(3,), name="unused", initializer="ones")


@on_tensorflow
def test_a_network_with_an_unused_weight_is_trained(draw):
    skeleton = Skeleton(
        units=4,
        patch_size=1,
        normalization=None,
        embedding="linear",
        decoding="direct",
        mix_channels=False,
        dropout=0.0,
        shortcut=None,
    )
    network = around(UnusedWeight(4), 6, 3, 1, skeleton)
    network.compile(FlatAdam(0.1), "mse", jit_compile=False)
    network.optimizer.build(network.trainable_variables)
    before = {weight.path: np.copy(weight.numpy()) for weight in network.weights}
    with pytest.warns(UserWarning, match=rf"{MISSING} \[.*unused.*Remove the unused weights"):
        train_step(network, {"history": draw(4, 6, 1)}, draw(4, 3, 1))
    for weight in network.weights:
        assert np.array_equal(weight.numpy(), before[weight.path]) == weight.path.endswith("/unused")


@on_tensorflow
def test_a_forecaster_with_an_unused_weight_is_fitted():
    with pytest.warns(UserWarning, match=rf"{MISSING} \[.*unused"):
        model = NETWORKS["core"](horizon=HORIZON, core=UnusedWeight).fit(monthly())
    assert np.isfinite(model.predict()).all()
    assert sum(np.array_equal(weight, np.ones(3)) for weight in model.network_.weights) == 1


@on_tensorflow
@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
def test_a_network_that_is_completely_frozen_is_fitted_twice():
    class Freeze(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.trainable = False

    model = NETWORKS["seq2seq"](horizon=HORIZON)
    first = model.fit(monthly(), callbacks=Freeze()).predict()
    np.testing.assert_array_equal(model.fit(monthly(), callbacks=Freeze()).predict(), first)
