"""Windows: gathered lazily, never across series, split without a shared target."""

import numpy as np
import pytest

from tsattn.series.panel import Panel
from tsattn.series.windows import Windows


def panel(*lengths, channels=1):
    rows = np.arange(float(sum(lengths)))[:, None] + np.zeros(channels)
    return Panel(np.ascontiguousarray(rows), np.concatenate([[0], np.cumsum(lengths)]).astype("int64"))


def test_every_window_of_every_series_and_none_across():
    windows = Windows(panel(6, 3, 5), lookback=3, horizon=2)
    assert windows.starts.tolist() == [0, 1, 9]


def test_gathering_gives_what_stands_in_the_buffer():
    windows = Windows(panel(9, channels=2), lookback=4, horizon=3)
    history, target = windows.gather(np.array([2, 0]))
    assert (history.shape, target.shape) == ((2, 4, 2), (2, 3, 2))
    assert history[0, :, 1].tolist() == [2, 3, 4, 5]
    assert target[0, :, 0].tolist() == [6, 7, 8]
    assert history[1, 0, 0] == 0


def test_windows_with_nothing_observed_before_or_after_are_left_out():
    data = panel(10)
    data.values[2:6] = np.nan
    windows = Windows(data, lookback=3, horizon=2)
    seen = [
        start
        for start in range(6)
        if np.isfinite(data.values[start : start + 3]).any() and np.isfinite(data.values[start + 3 : start + 5]).any()
    ]
    assert windows.starts.tolist() == seen
    assert 0 < len(seen) < 6


@pytest.mark.parametrize("fraction, steps", [(0.0, (3, 3)), (0.1, (3, 3)), (0.2, (6, 4)), (0.35, (11, 7))])
def test_no_target_value_is_on_both_sides_of_the_border(fraction, steps):
    windows = Windows(panel(30, 20), lookback=4, horizon=3)
    earlier, later = windows.hold_out(fraction)
    learnt = set(earlier.gather(np.arange(len(earlier)))[1].ravel())
    held_out = set(later.gather(np.arange(len(later)))[1].ravel())
    assert learnt and held_out and not learnt & held_out
    assert held_out == {*range(30 - steps[0], 30), *range(50 - steps[1], 50)}


def test_the_buffer_is_shared_and_not_copied():
    data = panel(20)
    windows = Windows(data, lookback=4, horizon=3)
    assert all(part.panel is data for part in windows.hold_out(0.2))


def test_a_channel_without_a_past_in_the_window_has_no_target_in_it():
    data = panel(9, channels=2)
    data.values[:4, 1] = np.nan
    _, target = Windows(data, lookback=4, horizon=3).gather(np.array([0, 1]))
    assert np.isnan(target[0, :, 1]).all() and np.isfinite(target[0, :, 0]).all()
    assert np.isfinite(target[1]).all() and np.isfinite(data.values[4:]).all()
