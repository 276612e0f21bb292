"""Buffers of covariate rows: allocated, gathered, cut and separated."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.series.covariates.buffers import RowBuffer


def slow_gather(buffer, series, first, steps):
    """Compute `RowBuffer.gather` one number at a time."""
    windows = np.full((len(series), steps, buffer.values.shape[1]), np.nan, dtype="float32")
    for window, (s, begin) in enumerate(zip(series, first, strict=True)):
        for step in range(steps):
            offset = begin + step
            if -buffer.before[s] <= offset < buffer.after[s]:
                windows[window, step] = buffer.values[buffer.ends[s] + offset]
    return windows


@st.composite
def tables(draw):
    """Series that end at different rows of the time axis, and the rows of a table, which can be shared."""
    count = draw(st.integers(1, 4))
    ends = np.array(draw(st.lists(st.integers(1, 12), min_size=count, max_size=count)))
    before = np.array([draw(st.integers(1, end)) for end in ends])
    shared = draw(st.booleans())
    keys = st.tuples(st.just(0) if shared else st.integers(0, count - 1), st.integers(-3, 16))
    series, rows = np.array(draw(st.lists(keys, min_size=1, max_size=40, unique=True)), dtype="int64").T
    return ends, before, None if shared else series, rows


def buffer_of(table):
    """A RowBuffer whose values are the series (100 if shared) and the row on the time axis."""
    ends, before, series, rows = table
    buffer, positions = RowBuffer.allocate(ends, before, series, rows)
    number = np.full(len(rows), 100) if series is None else series
    kept = positions >= 0
    return buffer.with_columns(positions[kept], [number[kept] * 1000 + rows[kept], rows[kept]])


@settings(deadline=None, max_examples=200)
@given(tables(), st.integers(1, 8), st.data())
def test_gather_returns_every_row_of_the_table(table, steps, data):
    ends, before, series, rows = table
    buffer = buffer_of(table)
    known = {(s, row) for s, row in zip(np.zeros_like(rows) if series is None else series, rows, strict=True)}
    last = max(int(rows.max()) + 1 - int(ends.min()), 0) + 2
    for s in range(len(ends)):
        window = buffer.gather(np.array([s]), np.array([-before[s] - 2]), before[s] + 2 + last)[0]
        for offset, values in zip(range(-before[s] - 2, last), window, strict=True):
            row = ends[s] + offset
            if offset >= -before[s] and (0 if series is None else s, row) in known:
                assert values.tolist() == [(100 if series is None else s) * 1000 + row, row]
            else:
                assert np.isnan(values).all()

    n = data.draw(st.integers(1, 5))
    chosen = np.array(data.draw(st.lists(st.integers(0, len(ends) - 1), min_size=n, max_size=n)))
    first = np.array(data.draw(st.lists(st.integers(-14, 16), min_size=n, max_size=n)))
    windows = buffer.gather(chosen, first, steps)
    assert windows.dtype == np.float32
    np.testing.assert_array_equal(windows, slow_gather(buffer, chosen, first, steps))


@settings(deadline=None, max_examples=100)
@given(tables(), st.integers(1, 12))
def test_tail_keeps_the_last_rows_and_the_future(table, steps):
    buffer = buffer_of(table)
    tail = buffer.tail(steps)
    assert tail.before.tolist() == np.minimum(buffer.before, steps).tolist()
    assert tail.after is buffer.after
    assert len(tail.values) <= (tail.before + tail.after).sum()
    assert not np.shares_memory(tail.values, buffer.values)
    every = np.arange(len(tail.ends))
    size = steps + int(tail.after.max()) + 2
    expected = buffer.gather(every, np.full(len(every), -steps), size)
    np.testing.assert_array_equal(tail.gather(every, np.full(len(every), -steps), size), expected)
    assert np.isnan(tail.gather(every, np.full(len(every), -steps - 3), 3)).all()


@settings(deadline=None, max_examples=100)
@given(tables(), st.integers(0, 3))
def test_separate_gives_each_series_its_own_rows(table, more):
    buffer = buffer_of(table)
    own = buffer.separate(buffer.after + more)
    every, first = np.arange(len(own.ends)), -buffer.before
    size = int((buffer.before + buffer.after).max()) + 5
    windows = own.gather(every, first, size)
    np.testing.assert_array_equal(windows, buffer.gather(every, first, size))
    own.values[own.ends[0] - 1] = -1
    changed = own.gather(every, first, size)
    assert changed[0, buffer.before[0] - 1].tolist() == [-1, -1]
    np.testing.assert_array_equal(changed[1:], windows[1:])


def test_shared_rows_are_stored_once():
    rows = np.arange(100)
    buffer, positions = RowBuffer.allocate(np.array([50, 90, 70]), np.array([50, 40, 70]), None, rows)
    assert len(buffer.values) == 100
    assert positions.tolist() == rows.tolist()
    assert buffer.after.tolist() == [50, 10, 30]
    assert len(buffer.tail(5).values) == 55
    assert len(buffer.separate(buffer.after).values) == 250


@pytest.mark.parametrize("steps", [1, 3])
def test_a_table_without_columns(steps):
    buffer, _ = RowBuffer.allocate(np.array([4]), np.array([4]), None, np.arange(4))
    assert buffer.gather(np.array([0, 0]), np.array([-4, -3]), steps).shape == (2, steps, 0)
