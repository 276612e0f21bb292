"""Weights of observed values: every format gives the same weights, and zero weights are not trained on."""

import numpy as np
import pandas as pd
import pytest
from panel_table import SHAPES, long_frame, stack

from tsattn.series.panel import Panel, read_panel
from tsattn.series.sample_weights import read_sample_weight
from tsattn.series.scaling import Unscaled
from tsattn.series.windows import Windows

NAN = np.nan
DAYS = pd.date_range("2024-01-01", periods=8, freq="D", name="day")
ONE = pd.Series(np.arange(8.0), DAYS, name="y")


def read(sample_weight, y):
    return read_sample_weight(sample_weight, y, *read_panel(y))


@pytest.mark.parametrize("shape", SHAPES)
def test_one_weight_per_row_in_every_shape(shape):
    y = SHAPES[shape](stack())
    panel, _ = read_panel(y)
    values = y["y"] if "long" in shape else y
    weights = values.to_numpy("float64", na_value=NAN).reshape(len(y), -1)[:, 0] + 1  # the weight follows its value
    weights = np.where(np.isnan(weights), 1.0, weights)
    expected = np.where(np.isnan(panel.values[:, :1]), 0.0, panel.values[:, :1] + 1) * np.ones(panel.channels)
    expected *= np.count_nonzero(~np.isnan(panel.values)) / expected.sum()
    np.testing.assert_allclose(read(weights, y), np.where(np.isnan(panel.values), 0.0, expected), rtol=1e-6)
    np.testing.assert_array_equal(read(list(weights), y), read(weights, y))
    if "long" not in shape:
        shuffled = pd.Series(weights, y.index).sample(frac=1.0, random_state=0)
        np.testing.assert_array_equal(read(shuffled, y), read(weights, y))
    else:
        frame = y.drop(columns="y").assign(importance=weights)
        np.testing.assert_array_equal(read(frame, y), read(weights, y))


def test_one_weight_per_series():
    y = stack()
    panel, layout = read_panel(y)
    weights = read(pd.Series({"c": 3.0, "a": 1.0, "b": 0.0, "unknown": 9.0}), y)
    expected = np.repeat([1.0, 0.0, 3.0], layout.lengths)[:, None] * ~np.isnan(panel.values)
    np.testing.assert_allclose(weights, expected / expected[~np.isnan(panel.values)].mean(), rtol=1e-6)


def test_one_weight_per_time_for_all_series():
    y = stack()
    times = y.index.get_level_values(-1).unique()
    weights = pd.Series(np.arange(len(times)) + 1.0, times)
    by_row = weights.loc[y.index.get_level_values(-1)].to_numpy()
    np.testing.assert_allclose(read(weights, y), read(by_row, y))


def test_booleans_select_values():
    np.testing.assert_allclose(read(ONE < 4, ONE)[:, 0], [2.0] * 4 + [0.0] * 4)
    np.testing.assert_allclose(read((ONE < 4).to_numpy(), ONE)[:, 0], [2.0] * 4 + [0.0] * 4)


def test_weights_of_channels():
    y = pd.DataFrame({"a": ONE, "b": -ONE})
    weights = pd.DataFrame({"b": np.full(8, 3.0), "a": np.ones(8)}, DAYS)
    np.testing.assert_allclose(read(weights, y), np.tile([0.5, 1.5], (8, 1)))
    np.testing.assert_allclose(read(weights["b"], y), np.ones((8, 2)))


def test_missing_values_need_no_weight():
    y = ONE.where(ONE != 3)
    np.testing.assert_allclose(read(pd.Series(2.0, DAYS).where(ONE != 3), y)[:, 0], ~np.isnan(y))
    np.testing.assert_allclose(read(pd.Series(2.0, DAYS).drop(DAYS[3]), y)[:, 0], ~np.isnan(y))


INVALID = {
    "too few": (ONE, [1.0, 2.0], ValueError, r"shape \(2,\), but `y` has 8 rows"),
    "two dimensions": (ONE, np.ones((8, 2)), ValueError, r"shape \(8, 2\)"),
    "scalar": (ONE, 2.0, ValueError, r"shape \(\), but `y` has 8 rows"),
    "negative": (ONE, np.arange(8.0) - 2, ValueError, r"is -2 for `y` at 2024-01-01"),
    "infinite": (ONE, [1, 1, np.inf, 1, 1, 1, 1, 1], ValueError, "is inf for `y` at 2024-01-03"),
    "missing row": (ONE, pd.Series(1.0, DAYS[:-1]), ValueError, "is missing for `y` at 2024-01-08"),
    "all zero": (ONE, np.zeros(8), ValueError, "is 0 for all observed values"),
    "text": (ONE, pd.Series(list("abcdefgh"), DAYS), TypeError, "sample_weight"),
    "other index": (ONE, pd.Series(1.0, pd.RangeIndex(8)), TypeError, "sample_weight"),
    "missing series": (stack(), pd.Series({"a": 1.0, "c": 1.0}), ValueError, "none for series 'b' of `y`"),
    "repeated series": (stack(), pd.Series([1.0, 2.0], ["a", "a"]), ValueError, "several weights for series 'a'"),
    "unknown column": (pd.DataFrame({"a": ONE, "b": ONE}), pd.DataFrame({"a": ONE, "c": ONE}), ValueError, "'b'"),
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_weights_are_rejected(name):
    y, weights, error, message = INVALID[name]
    with pytest.raises(error, match=f"(?i){message}"):
        read(weights, y)


def test_long_frame_is_not_modified():
    y = long_frame(stack())
    before = y.copy()
    read(np.ones(len(y)), y)
    pd.testing.assert_frame_equal(y, before)


def windows_of(weights, **options):
    weights = np.asarray(weights, dtype="float32")[:, None]
    panel = Panel(np.arange(float(len(weights)))[:, None], np.array([0, len(weights)]), weights)
    return Windows(panel, Unscaled.from_panel(panel, None), **options)


def test_values_with_weight_zero_are_in_histories_only():
    windows = windows_of([1, 1, 1, 0, 0, 2, 1, 0], lookback=2, horizon=2)
    index = np.arange(len(windows))
    inputs, target = windows.gather(index)
    assert inputs["history"][:, :, 0].tolist() == [[0, 1], [2, 3], [3, 4], [4, 5]]  # no target at 3 and 4
    np.testing.assert_array_equal(target[..., 0], [[2, NAN], [NAN, 5], [5, 6], [6, NAN]])
    assert windows.weights(index)[..., 0].tolist() == [[1, 0], [0, 2], [2, 1], [1, 0]]


def test_windows_without_weights_have_none():
    panel = Panel(np.arange(8.0)[:, None], np.array([0, 8]))
    assert Windows(panel, Unscaled.from_panel(panel, None), 2, 2).weights([0]) is None


def test_a_series_can_end_with_weight_zero():
    windows = windows_of([1] * 8 + [0] * 4, lookback=2, horizon=2)
    earlier, held_out = windows.split_validation(0.25)
    assert held_out is None and len(earlier) == len(windows) == 6  # targets from 2 to 7, and at 7 and 8


def test_tail_has_no_weights():
    assert windows_of([1, 2, 3], lookback=1, horizon=1).panel.tail(2).weights is None
