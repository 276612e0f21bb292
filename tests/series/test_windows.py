"""Windows: gathered in batches, never across series, and split without shared targets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.series.covariates.buffers import Covariates, RowBuffer
from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler, Unscaled
from tsattn.series.windows import Windows, check_has_window

NAN = np.nan


def panel(*lengths, channels=1):
    """A panel whose values are their row numbers."""
    rows = np.arange(float(sum(lengths)))[:, None] + np.zeros(channels)
    return Panel(np.ascontiguousarray(rows), np.concatenate([[0], np.cumsum(lengths)]).astype("int64"))


def windows_of(data, lookback, horizon):
    return Windows(data, Unscaled.from_panel(data, None), lookback, horizon)


def starts(windows):
    """Pairs of series and first step in the series of every window, in order."""
    return [
        (int(s), int(first - windows.panel.offsets[s]) + i)
        for s, first, count in zip(*windows.runs, strict=True)
        for i in range(count)
    ]


def gather_all(windows):
    inputs, target = windows.gather(np.arange(len(windows)))
    return inputs["history"], target


def slow(data, lookback, horizon, shortest=None):
    """Expected starts, histories and targets, one number at a time."""
    shortest = lookback if shortest is None else min(shortest, lookback)
    positions, histories, targets = [], [], []
    for s in range(len(data)):
        rows, length = data.series(s), len(data.series(s))
        first = shortest - lookback
        if length < shortest + horizon:  # half of its rows before a target are history
            first = max(1, (length - horizon + 1) // 2) - lookback
        for start in range(first, length - lookback - horizon + 1):
            window = [rows[t] if t >= 0 else np.full(data.channels, NAN) for t in range(start, start + lookback)]
            target = rows[start + lookback : start + lookback + horizon].copy()
            window = np.array(window).reshape(lookback, data.channels)
            if np.isnan(window).all() or np.isnan(target).all():
                continue
            target[:, np.isnan(window).all(axis=0)] = NAN
            positions.append((s, start))
            histories.append(window)
            targets.append(target)
    return positions, histories, targets


def check_against_slow(data, lookback, horizon, shortest=None):
    windows = windows_of(data, lookback, horizon)
    if shortest is not None:
        windows = windows.with_short_histories(shortest)
    positions, histories, targets = slow(data, lookback, horizon, shortest)
    assert starts(windows) == positions
    assert len(windows) == len(positions)
    if positions:
        history, target = gather_all(windows)
        np.testing.assert_array_equal(history, histories)
        np.testing.assert_array_equal(target, targets)


def test_windows_are_in_one_series():
    windows = windows_of(panel(6, 2, 5), lookback=3, horizon=2)
    assert starts(windows) == [(0, 0), (0, 1), (2, 0)]
    assert len(windows) == 3


def test_gather_returns_the_rows_of_the_buffer():
    windows = windows_of(panel(9, channels=2), lookback=4, horizon=3)
    inputs, target = windows.gather(np.array([2, 0]))
    history = inputs["history"]
    assert inputs.keys() == {"history"}
    assert (history.shape, target.shape) == ((2, 4, 2), (2, 3, 2))
    assert history[0, :, 1].tolist() == [2, 3, 4, 5]
    assert target[0, :, 0].tolist() == [6, 7, 8]
    assert history[1, 0, 0] == 0


def test_gather_in_any_order_and_with_repetitions():
    windows = windows_of(panel(9, 3, 12, 8), lookback=4, horizon=2)
    history, target = gather_all(windows)
    index = np.random.default_rng(0).integers(len(windows), size=50)
    inputs, some = windows.gather(index)
    np.testing.assert_array_equal(inputs["history"], history[index])
    np.testing.assert_array_equal(some, target[index])


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (7, [0]),  # a complete window
        (6, [-2, -1]),  # (6 - 3 + 1) // 2 = 2 of the lookback of 4
        (5, [-3, -2]),
        (4, [-3]),
        (3, []),  # no step remains for a history
        (1, []),
    ],
)
def test_windows_of_a_short_series_start_before_it(length, expected):
    windows = windows_of(panel(9, length), lookback=4, horizon=3)
    assert starts(windows)[3:] == [(1, start) for start in expected]
    history, target = gather_all(windows)
    assert np.isfinite(target).all()
    for start, window in zip(expected, history[3:, :, 0], strict=True):
        assert np.isnan(window[:-start]).all() or start == 0
        assert window[max(0, -start) :].tolist() == [9 + start + t for t in range(max(0, -start), 4)]


def test_windows_without_observed_history_or_target_are_skipped():
    data = panel(10)
    data.values[2:6] = NAN
    seen = [
        start
        for start in range(6)
        if np.isfinite(data.values[start : start + 3]).any() and np.isfinite(data.values[start + 3 : start + 5]).any()
    ]
    windows = windows_of(data, lookback=3, horizon=2)
    assert starts(windows) == [(0, start) for start in seen]
    assert 0 < len(seen) < 6


LENGTHS = st.lists(st.integers(1, 14), min_size=1, max_size=4)


@settings(deadline=None)
@given(LENGTHS, st.integers(1, 5), st.integers(1, 4), st.integers(1, 2), st.sampled_from([0, 0.5, 0.8]), st.data())
def test_windows_equal_a_slow_loop(lengths, lookback, horizon, channels, missing, source):
    data = panel(*lengths, channels=channels)
    seed = source.draw(st.integers(0, 2**16))
    data.values[np.random.default_rng(seed).random(data.values.shape) < missing] = NAN
    check_against_slow(data, lookback, horizon)
    check_against_slow(data, lookback, horizon, source.draw(st.integers(1, 7)))


def test_short_histories_begin_before_their_series():
    windows = windows_of(panel(9, 4), lookback=4, horizon=3).with_short_histories(2)
    assert starts(windows) == [(0, start) for start in range(-2, 3)] + [(1, -3)]
    earlier, later = windows.split_validation(0.1, 0.2)
    assert (starts(earlier), starts(later)) == ([(0, -2), (0, -1)], [(0, 2), (1, -3)])


@settings(deadline=None)
@given(LENGTHS, st.integers(1, 6), st.integers(1, 4), st.floats(0, 0.9), st.integers(0, 99))
def test_hold_out_splits_the_targets_of_any_panel(lengths, lookback, horizon, fraction, seed):
    data = panel(*lengths)
    data.values[np.random.default_rng(seed).random(len(data.values)) < seed / 200] = NAN
    windows = windows_of(data, lookback, horizon)
    border = data.lengths - np.maximum(np.ceil(fraction * data.lengths), horizon)
    earlier, later = windows.hold_out(fraction)
    assert starts(earlier) == [(s, t) for s, t in starts(windows) if t + lookback + horizon <= border[s]]
    assert starts(later) == [(s, t) for s, t in starts(windows) if t + lookback >= border[s]]
    trained, held_out = (set(gather_all(part)[1].ravel()) if len(part) else set() for part in (earlier, later))
    assert all(np.isnan(value) for value in trained & held_out)


@pytest.mark.parametrize("fraction, steps", [(0.0, (3, 3)), (0.1, (3, 3)), (0.2, (6, 4)), (0.35, (11, 7))])
def test_no_target_value_is_in_both_parts(fraction, steps):
    earlier, later = windows_of(panel(30, 20), lookback=4, horizon=3).hold_out(fraction)
    trained, held_out = (set(gather_all(part)[1].ravel()) for part in (earlier, later))
    assert trained and held_out and not trained & held_out
    assert held_out == {*range(30 - steps[0], 30), *range(50 - steps[1], 50)}


@pytest.mark.parametrize("channels, most", [(1, 256), (7, 36), (300, 1)])
def test_the_size_of_a_batch_is_limited(channels, most):
    windows = windows_of(panel(400, channels=channels), lookback=4, horizon=3)
    for index in (None, np.arange(0, 394, 2)):
        parts = windows.batches(index)
        sizes = [len(part) for part in parts]
        assert max(sizes) <= most and max(sizes) - min(sizes) <= 1 and len(parts) == -(-sum(sizes) // most)
        np.testing.assert_array_equal(np.concatenate(parts), np.arange(394) if index is None else index)


@pytest.mark.parametrize("fraction, counts", [(0.1, (41, 1)), (0.3, (29, 13))])
def test_split_validation_splits_windows(fraction, counts):
    windows = windows_of(panel(60), lookback=8, horizon=6)
    assert tuple(map(len, windows.split_validation(fraction))) == counts


@pytest.mark.parametrize("steps, fraction", [(60, 0.0), (24, 0.1)])
def test_split_validation_holds_out_nothing_without_a_fraction_or_if_few_windows_would_remain(steps, fraction):
    windows = windows_of(panel(steps), lookback=8, horizon=6)
    assert windows.split_validation(fraction) == (windows, None)


def test_split_validation_holds_out_only_if_the_remaining_fraction_of_windows_suffices():
    windows = windows_of(panel(24), lookback=8, horizon=6)
    assert tuple(map(len, windows.split_validation(0.1, remaining=0.4))) == (5, 1)
    assert windows.split_validation(0.1, remaining=0.5) == (windows, None)


@pytest.mark.parametrize(("most", "expected"), [(3, [0, 3, 6]), (7, range(7)), (100, range(7))])
def test_a_sample_has_evenly_spaced_windows(most, expected):
    windows = windows_of(panel(6, 7), 2, 2)
    sample = windows.sample(most)
    assert starts(sample) == [starts(windows)[number] for number in expected]
    (inputs, _), (all_inputs, _) = sample.gather(np.arange(len(sample))), windows.gather(np.arange(len(windows)))
    np.testing.assert_array_equal(inputs["history"], all_inputs["history"][list(expected)])
    assert len(sample.sample(1)) == 1 and len(windows_of(panel(1), 2, 2).sample(5)) == 0


def test_hold_out_of_a_part_starts_from_its_end():
    windows = windows_of(panel(30, 20, 3), lookback=4, horizon=3)
    np.testing.assert_array_equal(windows.ends, [30, 50, 50])  # the last series is too short for a window
    earlier, _ = windows.hold_out(0.2)
    np.testing.assert_array_equal(earlier.ends, [24, 46, 50])
    first, second = earlier.hold_out(0.25, earlier.ends)
    np.testing.assert_array_equal(first.ends, [18, 42, 50])
    trained, held_out = (set(gather_all(part)[1].ravel()) for part in (first, second))
    assert held_out == {*range(18, 24), *range(42, 46)} and not trained & held_out


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_buffer_is_not_copied(dtype):
    own = np.arange(40, dtype=dtype).reshape(20, 2)
    data = Panel(own[4:], np.array([0, 16]))
    before = own.copy()
    windows = windows_of(data, lookback=4, horizon=3)
    for part in (windows, *windows.hold_out(0.2), Windows.at_origins(data, Unscaled.from_panel(data, None), 4, 3)):
        assert part.panel is data and np.shares_memory(part.panel.values, own)
        history, target = gather_all(part)
        assert history.dtype == target.dtype == dtype
        history[:], target[:] = -1, -1
    np.testing.assert_array_equal(own, before)


@pytest.mark.parametrize("steps", [100, 10_000])
def test_memory_does_not_grow_with_the_number_of_windows(steps):
    windows = windows_of(panel(steps, steps, 5), lookback=8, horizon=4)
    assert len(windows) == 2 * (steps - 11) + 1
    for part in (windows, *windows.hold_out(0.1)):
        assert all(len(run) <= 3 for run in part.runs)
        assert sum(run.nbytes for run in part.runs) <= 3 * 3 * 8


def test_a_gap_splits_a_run_in_two():
    data = panel(1000)
    data.values[400:500] = NAN
    assert [len(run) for run in windows_of(data, lookback=8, horizon=4).runs] == [2] * 3
    data.values[400:500:3] = 1.0
    assert [len(run) for run in windows_of(data, lookback=8, horizon=4).runs] == [1] * 3


def test_a_channel_without_observed_history_has_no_target():
    data = panel(9, channels=2)
    data.values[:4, 1] = NAN
    _, target = windows_of(data, lookback=4, horizon=3).gather(np.array([0, 1]))
    assert np.isnan(target[0, :, 1]).all() and np.isfinite(target[0, :, 0]).all()
    assert np.isfinite(target[1]).all() and np.isfinite(data.values[4:]).all()


def test_windows_at_origins_end_with_each_series():
    data = panel(6, 2, 3)
    windows = Windows.at_origins(data, Unscaled.from_panel(data, None), lookback=3, horizon=2)
    assert len(windows) == 3
    history, target = gather_all(windows)
    np.testing.assert_array_equal(history[..., 0], [[3, 4, 5], [NAN, 6, 7], [8, 9, 10]])
    assert target.shape == (3, 2, 1) and np.isnan(target).all()
    np.testing.assert_array_equal(windows.gather([2, 0])[0]["history"], history[[2, 0]])


def test_windows_are_scaled_by_series():
    data = Panel(np.array([[1.0], [3], [NAN], [5], [100], [200], [300], [500], [7]]), np.array([0, 4, 8, 9]))
    scaler = Scaler.from_panel(data, None)
    for windows in (Windows(data, scaler, 2, 1), Windows.at_origins(data, scaler, 2, 1)):
        history, target = gather_all(windows)
        plain, plain_target = gather_all(Windows(data, Unscaled.from_panel(data, None), 2, 1, runs=windows.runs))
        series = np.array([s for s, _ in starts(windows)])
        assert set(series) >= {0, 1}
        center, scale = scaler.center[series][:, None], scaler.scale[series][:, None]
        np.testing.assert_allclose(history, (plain - center) / scale, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(target, (plain_target - center) / scale, rtol=1e-6, atol=1e-7)
        assert history.dtype == target.dtype == np.float32


def test_covariates_are_gathered_with_their_windows():
    """The values of covariates are their series and step; windows of the short series start before it."""
    data, (lookback, horizon) = panel(9, 4), (3, 2)
    values = np.arange(13, dtype="float32")[:, None]
    ends, lengths = data.offsets[1:], data.lengths
    past = RowBuffer(values, ends, lengths, np.zeros(2, "int64"))
    future = np.concatenate([values[:9], [[9], [10]], values[9:] + 100, [[113]]]).astype("float32")
    known = RowBuffer(future, np.array([9, 15]), lengths, np.array([2, 1]))
    static = np.array([[7.0], [8.0]], "float32")
    cardinalities = {"past": (0,), "known": (0,), "static": (0,)}
    covariates = Covariates(cardinalities, past=past, known=known, static=static)
    windows = Windows(data, Unscaled.from_panel(data, None), lookback, horizon, covariates)
    inputs, target = windows.gather(np.arange(len(windows)))
    assert inputs.keys() == {"history", "past", "known", "static"}
    assert starts(windows) == [*((0, t) for t in range(5)), (1, -2), (1, -1)]
    np.testing.assert_array_equal(inputs["past"], inputs["history"])
    series = np.array([0] * 5 + [1] * 2)
    values = np.concatenate([inputs["history"], target], axis=1)
    np.testing.assert_array_equal(inputs["known"], values + 100 * series[:, None, None])
    assert inputs["static"][:, 0].tolist() == [7 + s for s in series]
    for part in windows.hold_out(0.2):
        assert part.covariates is covariates
    last, _ = Windows.at_origins(data, Unscaled.from_panel(data, None), lookback, horizon, covariates).gather(
        np.arange(2)
    )
    np.testing.assert_array_equal(last["known"][..., 0], [[6, 7, 8, 9, 10], [110, 111, 112, 113, NAN]])
    np.testing.assert_array_equal(last["past"][..., 0], [[6, 7, 8], [10, 11, 12]])


def test_series_too_short_for_any_window():
    windows = windows_of(panel(2, 1), lookback=4, horizon=3)
    assert len(windows) == 0
    assert [len(part) for part in windows.hold_out(0.2)] == [0, 0]


def test_missing_windows_raise_an_error_with_advice():
    check_has_window(True, 5, 2)
    message = r"`y` has no window of lookback 5 \+ horizon 2 steps .*Lower `horizon` or `lookback`, or fill the missing"
    with pytest.raises(ValueError, match=message):
        check_has_window(False, 5, 2)


@pytest.mark.parametrize("lengths, horizons", [((12,), 4), ((12, 6), 5), ((10,), 3)])
def test_an_error_must_be_lower_by_more_on_fewer_horizons(lengths, horizons):
    windows = windows_of(panel(*lengths), lookback=4, horizon=2)
    assert windows.horizons == horizons
    assert windows.significant_ratio == pytest.approx(np.sqrt(horizons / (horizons + 1)))
