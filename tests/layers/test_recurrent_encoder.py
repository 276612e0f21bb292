"""`RecurrentEncoder` against its equations."""

import keras
import numpy as np
import numpy_reference as reference
import pytest

from tsattn.layers import RecurrentEncoder

MASK = np.array([[True, False, True, True, False], [False, True, True, False, True]])


def encoder(**options):
    layer = RecurrentEncoder(4, **options)
    layer.build((None, 5, 3))
    return reference.randomized(layer)


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
def test_outputs_equal_the_equations(draw, layers, bidirectional, mask):
    layer, inputs = encoder(layers=layers, bidirectional=bidirectional), draw(2, 5, 3)
    memory, states = layer(inputs, mask=mask)
    weights = reference.named_weights(layer)
    expected_memory, expected = reference.recurrent_encoder(inputs, weights, layers, bidirectional, mask)
    visible = np.ones((2, 5), bool) if mask is None else mask  # the memory at a skipped step is not specified
    np.testing.assert_allclose(np.asarray(memory)[visible], expected_memory[visible], atol=1e-5)
    assert len(states) == 2 * layers
    for state, value in zip(states, expected, strict=True):
        np.testing.assert_allclose(state, value, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"layers": 2, "bidirectional": True}], ids=["plain", "stacked"])
def test_the_value_of_a_skipped_step_has_no_effect(draw, options):
    layer, inputs = encoder(**options), draw(2, 5, 3)
    before = layer(inputs, mask=MASK)
    inputs[~MASK] = 1e6
    after = layer(inputs, mask=MASK)
    for one, other in zip(keras.tree.flatten(before), keras.tree.flatten(after), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_the_end_of_the_memory_is_the_last_state(draw):
    memory, (h, _) = encoder()(draw(2, 5, 3))
    np.testing.assert_array_equal(np.asarray(memory)[:, -1], np.asarray(h))


def test_the_state_is_0_if_all_steps_are_masked(draw):
    _, states = encoder()(draw(2, 5, 3), mask=np.zeros((2, 5), bool))
    assert all((np.asarray(state) == 0).all() for state in states)


def test_options_change_the_number_of_parameters():
    one = 4 * (3 * 4 + 4 * 4 + 4)
    two = 4 * (4 * 4 + 4 * 4 + 4)
    assert encoder().count_params() == one
    assert encoder(layers=2).count_params() == one + two
    assert encoder(bidirectional=True).count_params() == 2 * one
    assert encoder(layers=2, bidirectional=True).count_params() == 2 * (one + two)
