import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.series.covariates.alignment import Aligned

COLUMNS = 2


def slow_gather(aligned, series, first, steps):
    """The same as `Aligned.gather`, a number at a time."""
    windows = np.full((len(series), steps, aligned.values.shape[1]), np.nan, dtype="float32")
    for window, (s, begin) in enumerate(zip(series, first, strict=True)):
        for step in range(steps):
            offset = begin + step
            if -aligned.before[s] <= offset < aligned.after[s]:
                windows[window, step] = aligned.values[aligned.ends[s] + offset]
    return windows


@st.composite
def tables(draw):
    """Series that end at different grid rows, the rows of a table beside them, and whether these are shared."""
    count = draw(st.integers(1, 4))
    ends = np.array(draw(st.lists(st.integers(1, 12), min_size=count, max_size=count)))
    before = np.array([draw(st.integers(1, end)) for end in ends])
    shared = draw(st.booleans())
    keys = st.tuples(st.just(0) if shared else st.integers(0, count - 1), st.integers(-3, 16))
    series, rows = np.array(draw(st.lists(keys, min_size=1, max_size=40, unique=True)), dtype="int64").T
    return ends, before, None if shared else series, rows


def filled(table):
    """The table as Aligned: the value of a row tells of which series (100 where shared) and which grid row it is."""
    ends, before, series, rows = table
    room, places = Aligned.around(ends, before, series, rows)
    owner = np.full(len(rows), 100) if series is None else series
    kept = places >= 0
    return room.filled(places[kept], [owner[kept] * 1000 + rows[kept], rows[kept]])


@settings(deadline=None, max_examples=200)
@given(tables(), st.integers(1, 8), st.data())
def test_every_row_of_a_table_is_found_again(table, steps, data):
    ends, before, series, rows = table
    aligned = filled(table)
    there = {(s, row) for s, row in zip(np.zeros_like(rows) if series is None else series, rows, strict=True)}
    last = max(int(rows.max()) + 1 - int(ends.min()), 0) + 2
    for s in range(len(ends)):
        window = aligned.gather(np.array([s]), np.array([-before[s] - 2]), before[s] + 2 + last)[0]
        for offset, values in zip(range(-before[s] - 2, last), window, strict=True):
            row = ends[s] + offset
            if offset >= -before[s] and (0 if series is None else s, row) in there:
                assert values.tolist() == [(100 if series is None else s) * 1000 + row, row]
            else:
                assert np.isnan(values).all()

    n = data.draw(st.integers(1, 5))
    chosen = np.array(data.draw(st.lists(st.integers(0, len(ends) - 1), min_size=n, max_size=n)))
    first = np.array(data.draw(st.lists(st.integers(-14, 16), min_size=n, max_size=n)))
    windows = aligned.gather(chosen, first, steps)
    assert windows.dtype == np.float32
    np.testing.assert_array_equal(windows, slow_gather(aligned, chosen, first, steps))


@settings(deadline=None, max_examples=100)
@given(tables(), st.integers(1, 12))
def test_the_tail_has_the_last_rows_and_the_future(table, steps):
    aligned = filled(table)
    tail = aligned.tail(steps)
    assert tail.before.tolist() == np.minimum(aligned.before, steps).tolist()
    assert tail.after is aligned.after
    assert len(tail.values) <= (tail.before + tail.after).sum()
    assert not np.shares_memory(tail.values, aligned.values)
    every = np.arange(len(tail.ends))
    size = steps + int(tail.after.max()) + 2
    expected = aligned.gather(every, np.full(len(every), -steps), size)
    np.testing.assert_array_equal(tail.gather(every, np.full(len(every), -steps), size), expected)
    assert np.isnan(tail.gather(every, np.full(len(every), -steps - 3), 3)).all()


@settings(deadline=None, max_examples=100)
@given(tables(), st.integers(0, 3))
def test_apart_each_series_has_rows_of_its_own(table, more):
    aligned = filled(table)
    own = aligned.apart(aligned.after + more)
    every, first = np.arange(len(own.ends)), -aligned.before
    size = int((aligned.before + aligned.after).max()) + 5
    windows = own.gather(every, first, size)
    np.testing.assert_array_equal(windows, aligned.gather(every, first, size))
    own.values[own.ends[0] - 1] = -1
    changed = own.gather(every, first, size)
    assert changed[0, aligned.before[0] - 1].tolist() == [-1, -1]
    np.testing.assert_array_equal(changed[1:], windows[1:])


def test_shared_rows_are_kept_once():
    rows = np.arange(100)
    room, places = Aligned.around(np.array([50, 90, 70]), np.array([50, 40, 70]), None, rows)
    assert len(room.values) == 100
    assert places.tolist() == rows.tolist()
    assert room.after.tolist() == [50, 10, 30]
    assert len(room.tail(5).values) == 55
    assert len(room.apart(room.after).values) == 250


@pytest.mark.parametrize("steps", [1, 3])
def test_a_table_without_columns(steps):
    room, _ = Aligned.around(np.array([4]), np.array([4]), None, np.arange(4))
    assert room.gather(np.array([0, 0]), np.array([-4, -3]), steps).shape == (2, steps, 0)
