"""`ReversibleInstanceNormalization`, with and without missing values."""

import numpy as np
import numpy_reference as reference
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.layers import ReversibleInstanceNormalization

each_kind = pytest.mark.parametrize("kind", ["standard", "last", "last_scaled"])


@pytest.fixture
def window(draw):
    """Two windows of two channels far from 0, with gaps, also at the end, and one channel without any value."""
    observed = draw(2, 6, 2) < 0.3
    observed[0, :, 0] = [True, False, True, True, False, False]
    observed[1, :, 1] = False
    return 5.0 + 3.0 * draw(2, 6, 2), observed


@each_kind
@pytest.mark.parametrize("complete", [True, False], ids=["complete", "gaps"])
def test_outputs_equal_the_equations(kind, complete, window):
    inputs, observed = window
    observed = np.ones_like(observed) if complete else observed
    outputs = ReversibleInstanceNormalization(kind)(inputs, None if complete else observed)
    center, scale = reference.window_statistics(inputs, observed, kind)
    normalized = np.where(observed, (inputs - center) / scale, 0.0)
    for output, expected in zip(outputs, (normalized, center, scale), strict=True):
        np.testing.assert_allclose(output, expected, atol=1e-5, rtol=1e-5)


def test_standard_windows_have_mean_0_and_deviation_1(draw):
    normalized = np.asarray(ReversibleInstanceNormalization()(100.0 + 7.0 * draw(3, 50, 2))[0])
    np.testing.assert_allclose(normalized.mean(1), 0.0, atol=1e-4)
    np.testing.assert_allclose(normalized.std(1), 1.0, atol=1e-4)


def test_last_subtracts_the_last_observed_value():
    inputs = np.array([[[1.0], [2.0], [9.0]]], "float32")
    observed = np.array([[[True], [True], [False]]])
    normalized, center, _ = ReversibleInstanceNormalization("last")(inputs, observed)
    assert np.asarray(center).ravel().tolist() == [2.0]
    assert np.asarray(normalized).ravel().tolist() == [-1.0, 0.0, 0.0]


def test_the_last_value_of_a_long_window_is_found_in_half_precision():
    values = np.arange(1.0, 1001.0, dtype="float32")[None, :, None]
    _, center, _ = ReversibleInstanceNormalization("last", dtype="bfloat16")(values, values <= 702)
    assert float(center[0, 0, 0]) == pytest.approx(702, rel=0.01)


def test_last_scaled_divides_by_the_standard_deviation_of_the_window():
    inputs = np.array([[[1.0], [50.0], [3.0], [5.0], [70.0]]], "float32")
    observed = np.array([[[True], [False], [True], [True], [False]]])
    normalized, center, scale = ReversibleInstanceNormalization("last_scaled", epsilon=0.0)(inputs, observed)
    assert np.asarray(center).ravel().tolist() == [5.0]
    np.testing.assert_allclose(np.asarray(scale).ravel(), np.std([1.0, 3.0, 5.0]), rtol=1e-6)
    np.testing.assert_allclose(np.asarray(normalized).ravel() * np.std([1.0, 3.0, 5.0]), [-4, 0, -2, 0, 0], rtol=1e-6)


@pytest.mark.parametrize("kind", ["standard", "last_scaled"])
def test_scale_and_level_of_a_window_are_removed(kind, window):
    inputs, observed = window
    layer = ReversibleInstanceNormalization(kind, epsilon=0.0)
    changed = np.asarray(layer(20.0 * inputs[:1] - 300.0, observed[:1])[0])
    np.testing.assert_allclose(changed, layer(inputs[:1], observed[:1])[0], atol=1e-4)


@each_kind
@pytest.mark.parametrize("value", [0.0, 1e6, 1e30])
def test_the_placeholder_of_a_missing_value_has_no_effect(kind, window, value):
    inputs, observed = window
    layer = ReversibleInstanceNormalization(kind)
    before = layer(inputs, observed)
    after = layer(np.where(observed, inputs, value).astype("float32"), observed)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


@each_kind
def test_outputs_are_finite_without_any_observed_value(kind):
    inputs, observed = np.full((1, 4, 1), 7.0, "float32"), np.zeros((1, 4, 1), bool)
    normalized, center, scale = (np.asarray(a) for a in ReversibleInstanceNormalization(kind)(inputs, observed))
    assert (normalized == 0).all()
    assert (center == 0).all()
    assert np.isfinite(scale).all() and (scale > 0).all()


@each_kind
@given(level=st.floats(-1e3, 1e3), size=st.floats(0.1, 100.0), seed=st.integers(0, 9))
@settings(max_examples=10, deadline=None)
def test_inverse_restores_the_inputs(kind, level, size, seed):
    inputs = (level + size * np.random.default_rng(seed).normal(size=(2, 5, 3))).astype("float32")
    layer = ReversibleInstanceNormalization(kind)
    restored = layer.inverse(*layer(inputs))
    np.testing.assert_allclose(restored, inputs, rtol=1e-5, atol=1e-5 * (abs(level) + size))


@each_kind
def test_a_constant_window_becomes_0_and_is_restored(kind):
    layer, inputs = ReversibleInstanceNormalization(kind), np.full((1, 5, 1), 3.0, "float32")
    normalized, center, scale = layer(inputs)
    np.testing.assert_allclose(normalized, 0.0, atol=1e-6)
    np.testing.assert_allclose(layer.inverse(normalized, center, scale), inputs, atol=1e-6)


@pytest.mark.parametrize("kind", ["standard", "last_scaled"])
def test_epsilon_bounds_the_scale_of_a_constant_window(kind):
    _, _, scale = ReversibleInstanceNormalization(kind, epsilon=0.25)(np.ones((1, 5, 1), "float32"))
    np.testing.assert_allclose(scale, 0.5, atol=1e-6)
