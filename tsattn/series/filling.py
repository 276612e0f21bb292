"""Rows of a table into the buffer of a Panel: series after series, every stamp once, gaps completed."""

import numpy as np
import pandas as pd

from tsattn.series.indexes import refuse_repeated
from tsattn.series.memory import memory
from tsattn.series.panel import Panel
from tsattn.series.rows import chunks, id_parts
from tsattn.warning import warn

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
