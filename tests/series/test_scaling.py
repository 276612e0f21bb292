"""Scaling of each series and channel by its moments, and the inverse."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tsattn.series.panel import Panel, read_panel
from tsattn.series.scaling import Scaler, TransformedScaler, Unscaled
from tsattn.series.transforms import TRANSFORMS

NAN = np.nan
ONE = np.zeros(1, "int64")


class Names:
    """The part of a Layout that error messages use."""

    channel_names = ("first", "second", "third")

    def series_name(self, series):
        return f"Series {series}"


def panel_of(*columns, dtype="float64"):
    """A panel of one series."""
    values = np.ascontiguousarray(np.array(columns, dtype=dtype).T)
    return Panel(values, np.array([0, len(values)]))


def ragged(*series, dtype="float64"):
    """A panel of one channel."""
    values = np.concatenate(series).astype(dtype)[:, None]
    return Panel(values, np.cumsum([0, *map(len, series)]))


def fitted(panel):
    return Scaler.from_panel(panel, Names())


def scaled(scaler, panel):
    """The scaled values (steps, channels) of a panel of one series."""
    return scaler.transform(panel.values[None], ONE)[0]


def test_moments_ignore_missing_values():
    panel = panel_of([1, 2, NAN, 6], [10, 10, 30, 30], [NAN, NAN, NAN, NAN])
    scaler = fitted(panel)
    np.testing.assert_allclose(scaler.center, [[3, 20, 0]])
    np.testing.assert_allclose(scaler.scale, [[np.std([1, 2, 6]), 10, 1]])
    assert scaler.center.dtype == scaler.scale.dtype == np.float64
    values = scaled(scaler, panel)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(values), np.isnan(panel.values))
    np.testing.assert_allclose(np.nanmean(values[:, :2], axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(np.nanstd(values[:, :2], axis=0), 1, rtol=1e-6)


def test_each_series_and_channel_has_its_own_moments():
    values = np.array([[1, -5], [3, NAN], [10, 8], [30, 2], [40, 2], [7, NAN]])
    offsets = np.array([0, 2, 5, 6])
    scaler = fitted(Panel(values, offsets))
    for s in range(3):
        alone = fitted(panel_of(*values[offsets[s] : offsets[s + 1]].T))
        np.testing.assert_array_equal(scaler.center[s], alone.center[0])
        np.testing.assert_array_equal(scaler.scale[s], alone.scale[0])
    assert scaler.center[0, 0] == 2 and scaler.center[2].tolist() == [7, 0]
    windows, series = values[[0, 2, 1, 3, 5, 5]].reshape(3, 2, 2), np.array([1, 0, 2])
    expected = (windows - scaler.center[series][:, None]) / scaler.scale[series][:, None]
    found = scaler.transform(windows, series)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(scaler.inverse(found, series), windows, rtol=1e-6)


def test_the_inverse_accepts_any_axis_after_the_channels():
    scaler = Scaler(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 10.0], [0.5, 2.0]]))
    numbers, series = np.random.default_rng(0).normal(size=(3, 4, 2, 5)), np.array([1, 0, 1])
    values = scaler.inverse(numbers.astype("float32"), series)
    assert values.shape == numbers.shape and values.dtype == np.float64
    for n, steps, channel, label in np.ndindex(numbers.shape):
        s = series[n]
        expected = numbers[n, steps, channel, label] * scaler.scale[s, channel] + scaler.center[s, channel]
        assert values[n, steps, channel, label] == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_take_keeps_the_moments_of_known_series():
    first, other = fitted(ragged([0, 2], [10, 30])), fitted(ragged([5, 7], [100, 200], [1, 5]))
    mixed = first.take(np.array([1, -1, 0]), other)
    assert mixed.center.tolist() == [[20], [150], [1]]
    assert mixed.scale.tolist() == [[10], [50], [1]]


def test_unscaled_keeps_values_and_knows_their_scale():
    scaler, other = fitted(ragged([1, 3], [4, 10])), fitted(ragged([20, 40], [7, 7.5]))
    unscaled, values = Unscaled(scaler), np.array([[[1.0], [NAN]]])
    assert unscaled.transform(values, ONE) is values and unscaled.inverse(values, ONE) is values
    assert unscaled.scale.tolist() == [[1], [3]]
    assert unscaled.scaled_std(np.array([1, 0])).tolist() == [[[3]], [[1]]]
    assert scaler.scaled_std(np.array([1, 0])).tolist() == [[[1]], [[1]]]
    assert unscaled.take(np.array([-1, 1]), Unscaled(other)).scale.tolist() == [[10], [3]]


def transformed(panel, name="log", kind=Scaler):
    return TransformedScaler.from_panel(panel, Names(), TRANSFORMS[name], kind)


def test_transformed_scales_the_function_and_has_the_moments_of_the_values():
    first, second = np.array([1.0, 10.0, 100.0]), np.array([3.0, 5.0])
    panel, scaler = ragged(first, second), transformed(ragged(first, second))
    inner, outer = fitted(ragged(np.log(first), np.log(second))), fitted(panel)
    windows, series = np.array([[[3.0], [5.0], [NAN]], [[1.0], [10.0], [1000.0]]]), np.array([1, 0])
    found = scaler.transform(windows, series)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, inner.transform(np.log(windows), series))
    np.testing.assert_allclose(scaler.inverse(found, series), windows, rtol=1e-6)
    assert scaler.scale is scaler.moments[1]
    np.testing.assert_array_equal(scaler.moments, outer.moments)
    np.testing.assert_array_equal(scaler.scaled_std(series), inner.scaled_std(series))
    other = scaler.for_panel(ragged([7.0, 9.0], [2.0, 8.0]), Names())
    mixed = scaler.take(np.array([-1, 0]), other)
    alone = transformed(ragged([7.0, 9.0], first))
    np.testing.assert_array_equal(mixed.moments, alone.moments)
    np.testing.assert_array_equal(mixed.transform(windows, series), alone.transform(windows, series))


def test_transformed_without_scaling_has_the_values_of_the_function():
    scaler = transformed(ragged([1.0, 10.0], [2.0, 2.0]), kind=Unscaled)
    windows, series = np.array([[[3.0], [NAN]], [[2.0], [2.0]]]), np.array([0, 1])
    np.testing.assert_array_equal(scaler.transform(windows, series), np.log(windows))
    np.testing.assert_allclose(scaler.inverse(np.log(windows), series), windows)
    assert scaler.inverse(np.log(windows), series)[1].tolist() == [[2.0], [2.0]]
    np.testing.assert_allclose(scaler.scaled_std(series)[0], np.log(10) / 2)
    np.testing.assert_array_equal(scaler.scale[0], [4.5])
    for other in (scaler.for_panel(ragged([3.0, 5.0]), Names()), scaler.take(np.array([1]), scaler)):
        assert isinstance(other.scaler, Unscaled)


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("value", [0.0, 0.1, 1.0, 7.3, 1e-30, 2**53 + 2.0, 1e200])
def test_transformed_restores_a_constant_exactly(name, value):
    if value < TRANSFORMS[name].lowest:
        return
    panel = panel_of([value] * 5 + [NAN], [1.0, 2.0, 3.0, 4.0, NAN, 5.0])
    scaler = transformed(panel, name)
    assert scaled(scaler, panel)[:5, 0].tolist() == [0] * 5
    forecast = np.full((1, 3, 2, 4), 1e-3)
    assert np.unique(scaler.inverse(forecast, ONE)[:, :, 0]).tolist() == [value]
    assert np.unique(scaler.inverse(forecast, ONE)[:, :, 1]).tolist() != [3.0]


def test_transformed_refuses_values_out_of_range():
    scaler = transformed(panel_of([1e-300] * 5), "sqrt")
    later = panel_of([1e-300, 1e300])
    with pytest.raises(ValueError, match=r"has the value 1e\+300 in channel first, which is too large.*center 1e-300"):
        scaler.check_range(later, Names())
    with pytest.raises(ValueError, match=r"is -1 at .*requires values of at least 0"):
        read = read_panel(pd.Series([1.0, -1.0], pd.date_range("2024", periods=2)))
        scaler.for_panel(*read)
    scaler = transformed(panel_of([1.0, 10.0]))
    with pytest.raises(ValueError, match=r"overflows float64 in the inverse of `target_transform` 'log'\. Lower `hori"):
        scaler.inverse(np.full((1, 2, 1), 1e3), ONE)
    assert np.isnan(scaler.inverse(np.full((1, 1, 1), NAN), ONE)).all()


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e30, -1e200, 1.7e308, 1e-30, 5e-324, 2**53 + 2.0])
def test_a_constant_becomes_0_and_is_restored_exactly(value):
    panel = panel_of([value, NAN] + [value] * 97)
    scaler = fitted(panel)
    assert scaler.scale > 0
    values = scaled(scaler, panel)
    assert values[~np.isnan(values)].tolist() == [0] * 98
    assert scaler.inverse(np.zeros((1, 3, 1)), ONE).tolist() == [[[value]] * 3]
    np.testing.assert_allclose(scaler.inverse(np.ones((1, 1, 1)), ONE), value, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("size", [1e-320, 1e-300, 1e-20, 1.0, 1e30, 1e200, 8e307])
def test_series_of_every_size_are_restored(size):
    y = np.sin(np.arange(40)) * size
    scaler = fitted(panel_of(y))
    values = scaled(scaler, panel_of(y))
    assert np.isfinite(values).all()
    tolerance = 5e-3 if size == 1e-320 else 1e-6
    np.testing.assert_allclose(scaler.inverse(values[None], ONE)[0, :, 0] / size, y / size, atol=tolerance)


def test_a_tiny_series_next_to_a_huge_one():
    y = np.sin(np.arange(40))
    scaler = fitted(ragged(y * 1e-20, y * 1e30))
    values = scaler.transform(np.stack([y * 1e-20, y * 1e30])[..., None], np.arange(2))
    np.testing.assert_allclose(values[0], values[1], atol=1e-6)
    assert np.abs(values).max() > 1


@pytest.mark.parametrize("outlier", [1e60, -1e200, 1.7e308])
@pytest.mark.parametrize("row", [0, 1])
def test_a_value_out_of_the_range_of_float32_is_refused(outlier, row):
    scaler = fitted(Panel(np.array([[5.0, 1.0], [6.0, 2.0], [1.0, 3.0], [2.0, 4.0]]), np.array([0, 2, 4])))
    values = np.array([[5.0, 1.0], [1.0, 3.0], [NAN, 4.0], [2.0, NAN]])
    values[1 + row, 1] = outlier
    panel = Panel(values, np.array([0, 1, 4]))
    message = r"Series 1 has the value .*e\+.* in channel second, which is too large.*center 3.5 .*Replace the outlier"
    with pytest.raises(ValueError, match=message):
        scaler.check_range(panel, Names())
    values[1 + row, 1] = 1e6
    scaler.check_range(panel, Names())


def test_values_whose_difference_overflows_float64_are_refused():
    with pytest.raises(ValueError, match=r"Series 0 has the value -1.7e\+308 in channel first"):
        fitted(panel_of([-1.7e308] + [1.7e308] * 9))


def test_the_error_names_series_and_channel_of_an_outlier():
    days = pd.date_range("2024-01-01", periods=4)
    y = pd.concat({"a": pd.Series([1.0, 2, 3, 4], days), "b": pd.Series([1.0] * 4, days)}, names=["unique_id"])
    panel, layout = read_panel(y.to_frame("sales"))
    scaler = Scaler.from_panel(panel, layout)
    later = Panel(np.where(np.arange(8)[:, None] == 6, 1e40, panel.values), panel.offsets)
    with pytest.raises(ValueError, match=r"'b' of `y` has the value 1e\+40 in channel sales"):
        scaler.check_range(later, layout)


def test_the_inverse_refuses_values_that_overflow_float64():
    scaler = fitted(panel_of([-1e308, 1e308]))
    with pytest.raises(ValueError, match="too large for float64"):
        scaler.inverse(np.full((1, 2, 1), 3e5), ONE)
    assert np.isnan(scaler.inverse(np.full((1, 1, 1), NAN), ONE)).all()


def test_moments_of_float32_are_computed_in_float64():
    series = 1e6 + np.arange(1000) % 7 * 0.125
    found, expected = fitted(ragged(series, dtype="float32")), fitted(ragged(series))
    np.testing.assert_array_equal(found.center, expected.center)
    np.testing.assert_allclose(found.center, series.mean(), rtol=1e-14)
    np.testing.assert_allclose(found.scale, series.std(), rtol=1e-9)


NUMBERS = arrays("float64", st.integers(3, 30), elements=st.floats(-1, 1).map(lambda x: round(x, 6)))


@settings(deadline=None)
@given(NUMBERS, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_scaled_values_do_not_depend_on_units(y, factor, shift):
    assume(y.std() > 1e-3)
    plain = scaled(fitted(panel_of(y)), panel_of(y))
    scaler = fitted(panel_of(factor * y + shift))
    np.testing.assert_allclose(scaled(scaler, panel_of(factor * y + shift)), plain, atol=1e-4)
    np.testing.assert_allclose(scaler.inverse(plain[None], ONE)[0, :, 0], factor * y + shift, atol=1e-3 * factor)


@settings(deadline=None)
@given(arrays("float64", st.integers(1, 30), elements=st.floats(-1e307, 1e307) | st.just(NAN)))
def test_scaled_values_are_always_finite(y):
    scaler = fitted(panel_of(y))
    assert np.isfinite([scaler.center, scaler.scale]).all()
    assert (scaler.scale > 0).all()
    values = scaled(scaler, panel_of(y))
    assert np.isfinite(values[~np.isnan(y)]).all()
