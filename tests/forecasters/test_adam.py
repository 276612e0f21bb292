"""The optimizer makes the steps of Keras's Adam."""

import keras
import numpy as np
import pytest

from tsattn.accelerators.adam import FlatAdam


@pytest.fixture
def weights(draw):
    """Values, and gradients of some steps."""
    shapes = [(3, 2), (4,), (), (1, 5)]
    return [draw(*shape) for shape in shapes], [[draw(*shape) for shape in shapes] for _ in range(4)]


def steps_of(optimizer, values, gradients):
    """The variables after these steps, the learning rate changed in between."""
    variables = [keras.Variable(value) for value in values]
    optimizer.build(variables)
    for step, grads in enumerate(gradients):
        optimizer.learning_rate = 0.1 / (step + 1)
        optimizer.apply([keras.ops.convert_to_tensor(grad) for grad in grads], variables)
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def test_its_steps_are_those_of_kerass_adam(weights):
    ours, theirs = (steps_of(kind(0.1), *weights) for kind in (FlatAdam, keras.optimizers.Adam))
    for one, other, value in zip(ours, theirs, weights[0], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
        assert not np.allclose(one, value)


def test_it_counts_its_steps_and_has_two_moments(weights):
    optimizer = FlatAdam()
    steps_of(optimizer, *weights)
    assert int(optimizer.iterations) == 4
    assert [tuple(variable.shape) for variable in optimizer.variables[2:]] == [(16,), (16,)]


def test_a_variable_that_is_left_out_stays_and_the_others_move_as_with_it(weights):
    """As when a callback freezes a layer."""
    values, gradients = weights
    every = steps_of(FlatAdam(0.1), values, gradients)
    variables, optimizer = [keras.Variable(value) for value in values], FlatAdam(0.1)
    optimizer.build(variables)
    for step, grads in enumerate(gradients):
        optimizer.learning_rate = 0.1 / (step + 1)
        optimizer.apply(
            [keras.ops.convert_to_tensor(grad) for grad in (grads[0], *grads[2:])], variables[:1] + variables[2:]
        )
    for place, (variable, value, moved) in enumerate(zip(variables, values, every, strict=True)):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), value if place == 1 else moved)
