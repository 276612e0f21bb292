"""Panels: series of different lengths in one contiguous buffer, into which a caller's history is read."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsattn._utils.memory import available_memory
from tsattn._utils.warnings import warn
from tsattn.series.layout import Layout
from tsattn.series.tables import TARGET, Table, chunk_slices, item, read_values
from tsattn.series.time_axis import read_time_axis

# Limits on the number of missing timestamps that are filled in: for any history, or per row.
MAX_STEPS, MAX_STEPS_PER_ROW = 10**7, 1000


@dataclass(frozen=True, eq=False)
class Panel:
    """Series of different lengths, concatenated in one buffer.

    Args:
        values: Float array `(rows, channels)`, C-contiguous; NaN where nothing was observed. It may share the caller's
            memory, and is never written to.
        offsets: int64 `(series + 1,)`; series `s` has the rows `offsets[s]` to `offsets[s + 1]`, at least one.
        weights: float32 `(rows, channels)`, the weights of the values in a loss. If None, all are 1. Defaults to None.
        counts: Whether the values are counts, whose targets in training have noise, see `jitter`. Defaults to False.

    Raises:
        ValueError: If shapes, dtypes or offsets do not describe such a buffer.
    """

    values: np.ndarray
    offsets: np.ndarray
    weights: np.ndarray | None = None
    counts: bool = False

    def __post_init__(self):
        values, offsets = self.values, self.offsets
        if not isinstance(values, np.ndarray) or values.ndim != 2 or values.shape[1] < 1 or values.dtype.kind != "f":
            raise ValueError(f"`values` must be a float array (rows, channels), not {_describe_array(values)}.")
        if not values.flags.c_contiguous:
            raise ValueError("`values` must be contiguous. Pass `np.ascontiguousarray(values)`.")
        if not isinstance(offsets, np.ndarray) or offsets.ndim != 1 or len(offsets) < 2 or offsets.dtype != np.int64:
            raise ValueError(f"`offsets` must be an int64 array (series + 1,), not {_describe_array(offsets)}.")
        if offsets[0] != 0 or offsets[-1] != len(values) or np.any(np.diff(offsets) < 1):
            raise ValueError(f"`offsets` must increase from 0 to the {len(values)} rows of `values`, not {offsets}.")

    def __len__(self):
        """Number of series."""
        return len(self.offsets) - 1

    @property
    def channels(self):
        """Number of channels."""
        return self.values.shape[1]

    @property
    def lengths(self):
        """Number of rows of each series, `(series,)`."""
        return np.diff(self.offsets)

    def series(self, number):
        """Return a view `(length, channels)` of a series."""
        if not 0 <= number < len(self):
            raise IndexError(f"Series {number} is out of range for a panel of {len(self)} series.")
        return self.values[self.offsets[number] : self.offsets[number + 1]]

    def last(self, steps):
        """Return the last rows of each series, `(series, steps, channels)`; NaN before a shorter series."""
        return self.rows(self.lengths - steps, steps)

    def rows(self, firsts, steps):
        """Return rows of each series from a row on, `(series, steps, channels)`; NaN before and after the series.

        Args:
            firsts: First row, counted from the start of each series, `(series,)`; may be negative or beyond its end.
            steps: Number of rows.
        """
        rows = self.offsets[:-1, None] + firsts[:, None] + np.arange(steps)
        missing = (rows < self.offsets[:-1, None]) | (rows >= self.offsets[1:, None])
        windows = self.values[np.where(missing, 0, rows)]
        windows[missing] = np.nan
        return windows

    def tail(self, steps):
        """Return a Panel with a copy of the last rows of each series: `steps`, or all of a shorter series.

        It has no weights: only training uses them.
        """
        kept = np.minimum(self.lengths, steps)
        offsets = np.concatenate([[0], np.cumsum(kept)])
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[1:] - offsets[1:], kept)
        return Panel(self.values[rows], offsets, counts=self.counts)


def _describe_array(array):
    return f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__


def read_panel(y, *, freq=None, like=None, name="y"):
    """Read a caller's history.

    Args:
        y: A Series (one channel) or a wide DataFrame (a channel per column) with a time index; or many series, as a
            Series or DataFrame with a MultiIndex (series, time), of which all levels but the last are the id, or as
            a long DataFrame with the columns unique_id, ds and y, where unique_id can be the index.
        freq: Step of the timestamps. If None, it is read from the index, or inferred from the series with the most
            rows. Defaults to None.
        like: Layout of a fitted history that has the same format and step. Columns are matched by name, in any order.
            Columns that were not fitted are ignored, with one UserWarning. Defaults to None.
        name: Name of the argument, for error messages. Defaults to "y".

    Returns:
        `(Panel, Layout)`: each series from its first timestamp to its last, in the order of sorted ids (of first
        appearance if they cannot be sorted); NaN where nothing was observed. The values are float32 if all columns
        are, else float64, and may be a read-only view of the caller's memory.

    Raises:
        TypeError: If `y` is neither a Series nor a DataFrame, a column does not hold numbers, the index is not a
            time axis, or the format is not that of `like`.
        ValueError: If `y` is empty, has infinite values, a series or channel without values, duplicate columns or
            timestamps, missing ids or columns, index levels in another order, timestamps off the grid, or if its step
            cannot be inferred.
        MemoryError: If the panel needs more memory than is available.
    """
    table = Table.read_targets(y, name)
    if like is not None:
        table = like.match_table(table, y)
    rows, data = table.rows, table.data
    values, dtypes = read_values(data, name, name if table.long is None else f"{name}[{TARGET!r}]")
    time_axis, axis_rows = read_time_axis(
        rows.stamps,
        freq=freq,
        like=None if like is None else like.time_axis,
        place=rows.place,
        longest=None if rows.ids is None else rows.longest,
        describe=rows.series_name_at,
    )
    columns, label = (None, data.name) if isinstance(data, pd.Series) else (data.columns, None)
    layout = Layout(time_axis, *rows.spans(axis_rows), rows.ids, columns, label, dtypes, table.long)
    return _fill(values, rows, axis_rows, layout), layout


def _fill(values, rows, axis_rows, layout):
    """Build the Panel of values in any order, with NaN for missing timestamps.

    Values that are already in the order of the panel are not copied. The buffer is read-only.

    Args:
        values: Float array `(rows, channels)`.
        rows: The `Rows` of the values.
        axis_rows: int64, the row on the time axis of each timestamp of `rows`.
        layout: The `Layout` of the panel.
    """
    _check_density(len(values), layout, rows)
    offsets = np.concatenate([[0], np.cumsum(layout.lengths)])
    shift, row = rows.series.map(offsets[:-1] - layout.firsts), rows.positions.map(axis_rows)
    slices = list(chunk_slices(len(values)))
    in_order = (np.array_equal(shift[part] + row[part], np.arange(part.start, part.stop)) for part in slices)
    if offsets[-1] == len(values) and all(in_order):
        buffer = values.view()
    else:
        _check_memory(values, layout, rows.name)
        buffer, seen = np.full((offsets[-1], values.shape[1]), np.nan, values.dtype), np.zeros(offsets[-1], bool)
        for part in slices:
            target = shift[part] + row[part]
            buffer[target], seen[target] = values[part], True
        if np.count_nonzero(seen) < len(values):
            rows.check_unique(row[:], layout.time_axis)
        _warn_of_gaps(np.flatnonzero(~seen), offsets, layout, rows.name)
    buffer.flags.writeable = False
    panel = Panel(buffer, offsets)
    _check_finite(panel, layout, rows.name)
    _check_observed(panel, layout, rows.name)
    return panel


def _check_density(count, layout, rows):
    steps = layout.lengths.sum(dtype="float64")  # a sum of integers could overflow
    if steps > max(MAX_STEPS, MAX_STEPS_PER_ROW * count):
        series = int(layout.lengths.argmax())
        first, last = layout.time_axis.at(layout.firsts[series] + np.array([0, layout.lengths[series] - 1]))
        raise ValueError(
            f"`{rows.name}` has {count} rows for {steps:.3g} steps ({layout.time_axis.freqstr!r}): "
            f"{layout.series_name(series, rows.name)} spans {first} to {last}. Repair a timestamp that is far from the "
            "others, or pass the step of the rows as `freq=`."
        )


def _check_memory(values, layout, name):
    steps, channels = int(layout.lengths.sum()), values.shape[1]
    needed = steps * (channels * (values.itemsize + 1) + 1)  # values, which are missing, and which steps are
    if needed > (available := available_memory()):
        raise MemoryError(
            f"`{name}` has {len(layout)} series with {steps} steps ({layout.time_axis.freqstr!r}) in total and "
            f"{channels} channel(s), which need about {needed / 1e9:.3g} GB of memory, but {available / 1e9:.3g} GB "
            "are available. Pass fewer series or columns at a time, or float32 values; if the rows are further apart, "
            "pass their step as `freq=`."
        )


def _warn_of_gaps(missing, offsets, layout, name):
    if len(missing) == 0:
        return
    series, stamp = locate(missing[0], offsets, layout)
    where = of = hint = ""
    if layout.ids is not None:
        affected = len(np.unique(np.searchsorted(offsets, missing, side="right")))
        where, of = f" in {affected} of {len(layout)} series", f" of series {item(layout.ids, series)!r}"
    run = int(np.argmax(np.append(np.diff(missing) != 1, True))) + 1
    if layout.time_axis.may_be_clock_change(run):
        hint = " If clocks were set forward there (daylight saving), set the time zone with `y.tz_localize(zone)`."
    warn(
        f"`{name}` lacks {len(missing)} of {offsets[-1]} timestamps{where}, the first is {stamp}{of}. "
        f"They are treated as missing values.{hint}"
    )


def _check_finite(panel, layout, name):
    infinite = np.isinf(panel.values)
    if infinite.any():
        row, channel = divmod(int(infinite.argmax()), panel.channels)
        series, stamp = locate(row, panel.offsets, layout)
        raise ValueError(
            f"{layout.value_name(series, channel, name)} is {panel.values[row, channel]} at {stamp}. "
            "Replace it with a finite number, or with NaN if it was not observed."
        )


def _check_observed(panel, layout, name):
    empty = np.argwhere(np.logical_and.reduceat(np.isnan(panel.values), panel.offsets[:-1]))
    if len(empty) == 0:
        return
    names = ", ".join(layout.value_name(series, channel, name) for series, channel in empty[:3])
    if len(empty) == 1:
        rows = panel.lengths[empty[0, 0]]
        raise ValueError(f"{names} has no observed value: all {rows} are missing. Drop it or fill it.")
    others = f" and {len(empty) - 3} more" if len(empty) > 3 else ""
    raise ValueError(f"{names}{others} have no observed value: all are missing. Drop them or fill them.")


def locate(row, offsets, layout):
    """Return the index of the series and the timestamp of a row of the buffer of a panel, for error messages.

    Args:
        row: Number of the row.
        offsets: Offsets of the `Panel`.
        layout: Its `Layout`.
    """
    series = int(np.searchsorted(offsets, row, side="right")) - 1
    return series, layout.time_axis.at(layout.firsts[[series]] + row - offsets[series])[0]
