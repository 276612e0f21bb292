import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler

NAN = np.nan
NAMES = ("first", "second", "third")


def panel_of(*columns, dtype="float64"):
    values = np.ascontiguousarray(np.array(columns, dtype=dtype).T)
    return Panel(values, np.array([0, len(values)]))


def test_moments_of_what_was_observed():
    panel = panel_of([1, 2, NAN, 6], [10, 10, 30, 30], [NAN, NAN, NAN, NAN])
    scaler = Scaler.of(panel)
    np.testing.assert_allclose(scaler.center, [3, 20, 0])
    np.testing.assert_allclose(scaler.scale, [np.std([1, 2, 6]), 10, 1])
    assert scaler.center.dtype == scaler.scale.dtype == np.float64
    scaled = scaler.transform(panel, NAMES)
    assert scaled.values.dtype == np.float32
    assert scaled.offsets is panel.offsets
    np.testing.assert_array_equal(scaled.observed, panel.observed)
    np.testing.assert_allclose(np.nanmean(scaled.values[:, :2], axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(np.nanstd(scaled.values[:, :2], axis=0), 1, rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e30, -1e200, 1.7e308, 1e-30, 5e-324, 2**53 + 2.0])
def test_a_constant_becomes_0_and_comes_back_exactly(value):
    panel = panel_of([value, NAN] + [value] * 97)
    scaler = Scaler.of(panel)
    assert scaler.scale > 0
    scaled = scaler.transform(panel, NAMES).values
    assert scaled[~np.isnan(scaled)].tolist() == [0] * 98
    assert scaler.inverse(np.zeros((3, 1))).tolist() == [[value]] * 3
    np.testing.assert_allclose(scaler.inverse(np.ones((1, 1))), value, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("size", [1e-320, 1e-300, 1e-20, 1.0, 1e30, 1e200, 8e307])
def test_sizes_from_tiny_to_huge(size):
    y = np.sin(np.arange(40)) * size
    scaler = Scaler.of(panel_of(y))
    scaled = scaler.transform(panel_of(y), NAMES).values.astype("float64")
    assert np.isfinite(scaled).all()
    tolerance = 5e-3 if size == 1e-320 else 1e-6
    np.testing.assert_allclose(scaler.inverse(scaled)[:, 0] / size, y / size, atol=tolerance)


@pytest.mark.parametrize("outlier", [1e60, -1e200, 1.7e308])
def test_a_new_value_that_float32_cannot_hold(outlier):
    scaler = Scaler.of(panel_of([1.0, 2.0], [3.0, 4.0]))
    with pytest.raises(ValueError, match=r"in channel second is too large.*center 3.5.*Replace the outlier"):
        scaler.transform(panel_of([1.0, 2.0], [3.0, outlier]), NAMES)


def test_numbers_that_leave_float64_on_the_way_back():
    scaler = Scaler.of(panel_of([-1e308, 1e308]))
    with pytest.raises(ValueError, match="too large for float64"):
        scaler.inverse(np.full((2, 1), 3e5))
    assert np.isnan(scaler.inverse(np.array([[NAN]]))).all()


def test_over_all_series_and_from_float32():
    values = np.array([[1], [2], [30], [40]], dtype="float32")
    one, two = (Scaler.of(Panel(values, offsets)) for offsets in (np.array([0, 4]), np.array([0, 2, 4])))
    assert one.center == two.center == 18.25


NUMBERS = arrays("float64", st.integers(3, 30), elements=st.floats(-1, 1).map(lambda x: round(x, 6)))


@settings(deadline=None)
@given(NUMBERS, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_a_change_of_units_changes_nothing(y, factor, shift):
    assume(y.std() > 1e-3)
    plain = Scaler.of(panel_of(y)).transform(panel_of(y), NAMES).values
    scaler = Scaler.of(panel_of(factor * y + shift))
    np.testing.assert_allclose(scaler.transform(panel_of(factor * y + shift), NAMES).values, plain, atol=1e-4)
    np.testing.assert_allclose(scaler.inverse(plain)[:, 0], factor * y + shift, atol=1e-3 * factor)


@settings(deadline=None)
@given(arrays("float64", st.integers(1, 30), elements=st.floats(-1e307, 1e307) | st.just(NAN)))
def test_never_a_silent_infinity(y):
    scaler = Scaler.of(panel_of(y))
    assert np.isfinite([scaler.center, scaler.scale]).all()
    assert (scaler.scale > 0).all()
    scaled = scaler.transform(panel_of(y), NAMES)
    assert np.isfinite(scaled.values[scaled.observed]).all()
