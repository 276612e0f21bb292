"""Many series in one contiguous buffer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsattn._utils.memory import memory
from tsattn._utils.warnings import warn
from tsattn.series.tables import chunks, id_parts
from tsattn.series.time_index import refuse_repeated


@dataclass(frozen=True, eq=False)
class Panel:
    """Series of different lengths, one after the other in one buffer.

    Args:
        values: float array (rows, channels), C-contiguous; NaN is a value that was not observed. It may be the
            caller's own memory, and is never written to.
        offsets: int64 array (series + 1,); series `s` has the rows offsets[s] to offsets[s + 1], at least one.

    Raises:
        ValueError: shapes, dtypes or offsets that do not describe such a buffer.
    """

    values: np.ndarray
    offsets: np.ndarray

    def __post_init__(self):
        values, offsets = self.values, self.offsets
        if not isinstance(values, np.ndarray) or values.ndim != 2 or values.shape[1] < 1 or values.dtype.kind != "f":
            raise ValueError(f"`values` must be a float array (rows, channels), not {_described(values)}.")
        if not values.flags.c_contiguous:
            raise ValueError("`values` must be contiguous. Pass `np.ascontiguousarray(values)`.")
        if not isinstance(offsets, np.ndarray) or offsets.ndim != 1 or len(offsets) < 2 or offsets.dtype != np.int64:
            raise ValueError(f"`offsets` must be an int64 array (series + 1,), not {_described(offsets)}.")
        if offsets[0] != 0 or offsets[-1] != len(values) or np.any(np.diff(offsets) < 1):
            raise ValueError(f"`offsets` must rise from 0 to the {len(values)} rows of `values`, not {offsets}.")

    def __len__(self):
        """Number of series."""
        return len(self.offsets) - 1

    @property
    def channels(self):
        return self.values.shape[1]

    @property
    def lengths(self):
        """Rows of every series, (series,)."""
        return np.diff(self.offsets)

    @property
    def observed(self):
        """Which values were observed, bool (rows, channels)."""
        return ~np.isnan(self.values)

    def of(self, series):
        """A view (length, channels) of the series with this number."""
        if not 0 <= series < len(self):
            raise IndexError(f"There is no series {series} among {len(self)}.")
        return self.values[self.offsets[series] : self.offsets[series + 1]]

    def last(self, steps):
        """The last `steps` rows of every series, (series, steps, channels), after NaN where it is shorter."""
        rows = self.offsets[1:, None] + np.arange(-steps, 0)
        missing = rows < self.offsets[:-1, None]
        windows = self.values[np.where(missing, 0, rows)]
        windows[missing] = np.nan
        return windows

    def tail(self, steps):
        """A Panel with a copy of the last `steps` (1 or more) rows of every series, fewer where it is shorter."""
        kept = np.minimum(self.lengths, steps)
        offsets = np.concatenate([[0], np.cumsum(kept)])
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[1:] - offsets[1:], kept)
        return Panel(self.values[rows], offsets)


def _described(array):
    return f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__


MOST_EMPTY, MOST_FOR_A_ROW = 10**7, 1000  # steps that are completed, whatever the rows; and for each row, beyond


def fill(values, rows, grid, layout):
    """A Panel of values (rows, channels) that come in any order; NaN where a stamp of a series is missing.

    Values that lie as the Panel does are not copied: it is a view of them. It cannot be written to.

    Args:
        values: float array (rows, channels).
        rows: the Rows of the values.
        grid: int64, the grid row of each of the stamps of `rows`.
        layout: the Layout of the panel.

    Raises:
        ValueError: a series has two rows at one stamp, an infinite value, or a channel without any value; or nearly
            all steps between the rows would be empty.
        MemoryError: the panel takes more than there is.
    """
    _refuse_deserts(len(values), layout, rows)
    offsets = np.concatenate([[0], np.cumsum(layout.lengths)])
    shift, row = rows.series.mapped(offsets[:-1] - layout.firsts), rows.places.mapped(grid)
    parts = [*chunks(len(values))]
    aligned = (np.array_equal(shift[part] + row[part], np.arange(part.start, part.stop)) for part in parts)
    if offsets[-1] == len(values) and all(aligned):
        buffer = values.view()
    else:
        _refuse_giants(values, layout, rows.name)
        buffer, seen = np.full((offsets[-1], values.shape[1]), np.nan, values.dtype), np.zeros(offsets[-1], bool)
        for part in parts:
            places = shift[part] + row[part]
            buffer[places], seen[places] = values[part], True
        if np.count_nonzero(seen) < len(values):
            refuse_duplicates(rows.series[:], row[:], layout.timeline, rows.series_name)
        _warn_of_gaps(np.flatnonzero(~seen), offsets, layout, rows.name)
    buffer.flags.writeable = False
    panel = Panel(buffer, offsets)
    _refuse_infinite(panel, layout, rows.name)
    _refuse_unseen(panel, layout, rows.name)
    return panel


def _refuse_deserts(count, layout, rows):
    steps = layout.lengths.sum(dtype="float64")  # of integers it may be more than an integer holds
    if steps > max(MOST_EMPTY, MOST_FOR_A_ROW * count):
        series = int(layout.lengths.argmax())
        first, last = layout.timeline.at(layout.firsts[series] + np.array([0, layout.lengths[series] - 1]))
        raise ValueError(
            f"`{rows.name}` has {count} rows, but {steps:.3g} steps ({layout.timeline.freqstr!r}) to complete: "
            f"{layout.series_name(series, rows.name)} goes from {first} to {last}. Repair a stamp that is far from the "
            "others, or pass the step of the rows as `freq=`."
        )


def _refuse_giants(values, layout, name):
    steps, channels = int(layout.lengths.sum()), values.shape[1]
    wanted = steps * (channels * (values.itemsize + 1) + 1)  # values, which of them are missing, and which steps
    if wanted > (most := memory()):
        raise MemoryError(
            f"`{name}` has {len(layout)} series of together {steps} steps ({layout.timeline.freqstr!r}) and {channels} "
            f"channel(s), which take about {wanted / 1e9:.3g} GB of memory, and there are {most / 1e9:.3g}. Pass fewer "
            "series or columns at a time, or float32; if the rows are further apart, pass their step as `freq=`."
        )


def refuse_duplicates(series, row, timeline, series_name):
    """ValueError where a series has two rows at one stamp.

    Args:
        series: int64 (rows,), the number of the series of every row.
        row: int64 (rows,), its grid row on the Timeline.
        series_name: a function from the number of a series to the words for it.
    """
    low, span = row.min(), row.max() - row.min() + 1
    keys = series * span + (row - low)
    if np.all(keys[1:] > keys[:-1]):
        return
    keys = np.sort(keys)
    again, row = np.divmod(np.unique(keys[1:][keys[1:] == keys[:-1]]), span)
    if len(again):
        refuse_repeated(timeline.at(low + row[again == again[0]]), series_name(again[0]))


def _warn_of_gaps(missing, offsets, layout, name):
    if len(missing) == 0:
        return
    series, stamp = _stamp(missing[0], offsets, layout)
    where = of = hint = ""
    if layout.ids is not None:
        lacking = len(np.unique(np.searchsorted(offsets, missing, side="right")))
        [(_, label)] = id_parts(layout.ids, series)
        where, of = f" in {lacking} of {len(layout)} series", f" of series {label!r}"
    run = int(np.argmax(np.append(np.diff(missing) != 1, True))) + 1
    if layout.timeline.naive and run * pd.Timedelta(layout.timeline.step) == pd.Timedelta(hours=1):
        hint = " If clocks were put forward there, name the time zone with `y.tz_localize(zone)`."
    warn(
        f"`{name}` lacks {len(missing)} of {offsets[-1]} stamps{where}, the first is {stamp}{of}. "
        f"They are filled in as not observed.{hint}"
    )


def _refuse_infinite(panel, layout, name):
    infinite = np.isinf(panel.values)
    if infinite.any():
        place, channel = divmod(int(infinite.argmax()), panel.channels)
        series, stamp = _stamp(place, panel.offsets, layout)
        raise ValueError(
            f"{layout.value_name(series, channel, name)} is {panel.values[place, channel]} at {stamp}. "
            "Replace it with a finite number, or with NaN if it was not observed."
        )


def _refuse_unseen(panel, layout, name):
    unseen = np.argwhere(np.logical_and.reduceat(np.isnan(panel.values), panel.offsets[:-1]))
    if len(unseen) == 0:
        return
    names = ", ".join(layout.value_name(series, channel, name) for series, channel in unseen[:3])
    if len(unseen) == 1:
        rows = panel.lengths[unseen[0, 0]]
        raise ValueError(f"{names} has no observed value: all {rows} are missing. Leave it out or fill it.")
    others = f" and {len(unseen) - 3} more" if len(unseen) > 3 else ""
    raise ValueError(f"{names}{others} have no observed value: all are missing. Leave them out or fill them.")


def _stamp(place, offsets, layout):
    """The number of the series, and the stamp, that lie at a place in the buffer."""
    series = int(np.searchsorted(offsets, place, side="right")) - 1
    return series, layout.timeline.at(layout.firsts[[series]] + place - offsets[series])[0]
