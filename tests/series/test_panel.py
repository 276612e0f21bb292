"""The buffer of a panel: its parts, and rejection of invalid buffers."""

import numpy as np
import pytest

from tsattn.series.panel import Panel

NAN = np.nan


@pytest.fixture
def panel():
    values = np.array([[0, 10], [1, NAN], [2, 12], [3, 13], [4, 14], [5, 15]], dtype="float32")
    return Panel(values, np.array([0, 1, 4, 6]))


def test_series_are_views_of_the_buffer(panel):
    assert len(panel) == 3
    assert panel.channels == 2
    assert panel.lengths.tolist() == [1, 3, 2]
    assert panel.series(1)[:, 0].tolist() == [1, 2, 3]
    assert np.shares_memory(panel.series(1), panel.values)


@pytest.mark.parametrize("series", [-1, 3])
def test_a_series_out_of_range_is_refused(panel, series):
    with pytest.raises(IndexError, match=f"Series {series} is out of range for a panel of 3 series"):
        panel.series(series)


def test_last_pads_on_the_left(panel):
    last = panel.last(2)
    assert last.shape == (3, 2, 2)
    assert last.dtype == np.float32
    np.testing.assert_array_equal(last[..., 0], [[NAN, 0], [2, 3], [4, 5]])
    np.testing.assert_array_equal(last[0, :, 1], [NAN, 10])
    last[:] = 7
    assert panel.values[0, 0] == 0


@pytest.mark.parametrize(("steps", "lengths"), [(1, [1, 1, 1]), (2, [1, 2, 2]), (9, [1, 3, 2])])
def test_tail_is_a_copy_of_the_last_rows(panel, steps, lengths):
    tail = panel.tail(steps)
    assert tail.lengths.tolist() == lengths
    for series in range(3):
        np.testing.assert_array_equal(tail.series(series), panel.series(series)[-steps:])
    assert not np.shares_memory(tail.values, panel.values)
    np.testing.assert_array_equal(tail.last(steps), panel.last(steps))


@pytest.mark.parametrize(
    ("values", "offsets", "message"),
    [
        ([[1.0]], np.array([0, 1]), "`values` must be a float array .*, not list"),
        (np.ones(3), np.array([0, 3]), "not float64 .3,."),
        (np.ones((3, 1), int), np.array([0, 3]), "not int64"),
        (np.ones((3, 0)), np.array([0, 3]), "float array"),
        (np.ones((2, 3)).T, np.array([0, 3]), "contiguous"),
        (np.ones((3, 1)), [0, 3], "`offsets` must be an int64 array .*, not list"),
        (np.ones((3, 1)), np.array([0, 3], dtype="int32"), "not int32"),
        (np.ones((3, 1)), np.array([3]), "int64 array"),
        (np.ones((3, 1)), np.array([1, 3]), "increase from 0 to the 3 rows"),
        (np.ones((3, 1)), np.array([0, 2]), "increase from 0 to the 3 rows"),
        (np.ones((3, 1)), np.array([0, 2, 2, 3]), "increase from 0"),
        (np.ones((3, 1)), np.array([0, 2, 1, 3]), "increase from 0"),
    ],
)
def test_invalid_buffers_are_refused(values, offsets, message):
    with pytest.raises(ValueError, match=message):
        Panel(values, offsets)
