"""`PositionalEncoding`: the sinusoids against their formula, and the learned code."""

import keras
import numpy as np
import numpy_reference as reference
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.layers import PositionalEncoding
from tsattn.layers.positional_encoding import sinusoids


@given(steps=st.sampled_from([1, 12]), units=st.sampled_from([1, 2, 7]), start=st.integers(0, 500))
@settings(max_examples=10, deadline=None)
def test_sinusoids_equal_the_formula(steps, units, start):
    np.testing.assert_allclose(sinusoids(steps, units, start), reference.sinusoids(steps, units, start), atol=2e-4)


@pytest.mark.parametrize("units", [1, 4, 7])
def test_sinusoids_of_a_typical_window_are_precise(units):
    np.testing.assert_allclose(sinusoids(50, units), reference.sinusoids(50, units), atol=1e-5)


def test_each_position_has_a_distinct_code():
    code = np.asarray(sinusoids(200, 8))
    distance = np.abs(code[:, None] - code[None]).max(-1) + np.eye(200)
    assert distance.min() > 1e-2


@pytest.mark.parametrize("start", [0, 3])
def test_the_code_is_added(draw, start):
    inputs = draw(2, 5, 7)
    expected = inputs + reference.sinusoids(5, 7, start)
    np.testing.assert_allclose(PositionalEncoding(start=start)(inputs), expected, atol=1e-5)


def test_start_continues_the_positions_of_a_window():
    complete = np.asarray(PositionalEncoding()(np.zeros((1, 9, 4), "float32")))
    later = PositionalEncoding(start=6)(np.zeros((1, 3, 4), "float32"))
    np.testing.assert_allclose(later, complete[:, 6:], atol=1e-6)


def test_the_learned_code_is_a_weight_and_is_added(draw):
    layer, inputs = PositionalEncoding("learned", start=2), draw(2, 5, 3)
    layer(inputs)
    (positions,) = reference.randomized(layer).get_weights()
    np.testing.assert_allclose(layer(inputs), inputs + positions[2:7], atol=1e-6)
    np.testing.assert_allclose(layer(inputs[:, :4]), inputs[:, :4] + positions[2:6], atol=1e-6)


def test_the_initial_learned_code_differs_between_positions():
    layer = PositionalEncoding("learned")
    code = np.asarray(layer(np.zeros((1, 6, 4), "float32")))[0]
    assert np.abs(np.diff(code, axis=0)).max(-1).min() > 1e-3


@pytest.mark.parametrize("learned", [1, 4])
def test_a_learned_code_ends_at_the_built_length(draw, learned):
    layer = PositionalEncoding("learned", start=2)
    layer(draw(1, learned, 3))
    with pytest.raises(ValueError, match=f"6 steps, but the layer was built for at most {learned} positions"):
        layer(draw(1, 6, 3))


def test_half_precision_is_kept():
    layer = PositionalEncoding(dtype="float16")
    assert keras.backend.standardize_dtype(layer(np.zeros((1, 4, 3), "float16")).dtype) == "float16"
