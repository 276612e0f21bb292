"""Numbers as columns of the caller's dtypes, under the caller's names."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsattn.series.panel import fill, refuse_duplicates
from tsattn.series.tables import ID, TIME, Table, entry, find_ids, id_parts, matching, numbers, refuse_other_ids, spot
from tsattn.series.time_index import Timeline


def dressed(values, dtypes, columns, name, labels=None):
    """Numbers as a Series, or as a DataFrame where there are columns or labels, with a plain index.

    Args:
        values: float array (rows, channels, labels), with one label where `labels` is None.
        dtypes: the dtype of every channel.
        columns: an Index of the channels, or None for one channel without a column.
        name: name of a Series.
        labels: an Index of what there is of each channel, or None.
    """
    flat = values.reshape(len(values), -1).T.astype("float64")
    each = np.repeat(np.array(dtypes, dtype=object), values.shape[2])
    parts = [pd.array(part, dtype=dtype) for part, dtype in zip(flat, each, strict=True)]
    if columns is None and labels is None:
        return pd.Series(parts[0], name=name)
    frame = pd.DataFrame(dict(enumerate(parts)))
    if columns is None:
        frame.columns = labels
    elif labels is None:
        frame.columns = columns
    else:
        frame.columns = crossed(columns, labels, np.tile(np.arange(len(labels)), (len(columns), 1)))
    return frame


def crossed(outer, inner, codes):
    """A MultiIndex of every entry of `outer`, each with the entries of `inner` at its codes.

    Args:
        outer: an Index or MultiIndex of distinct entries.
        inner: an Index of distinct entries.
        codes: integers (entries of outer, any number).
    """
    count = codes.shape[1]
    nested = isinstance(outer, pd.MultiIndex)
    levels, places = (outer.levels, outer.codes) if nested else ([outer], [np.arange(len(outer))])
    codes = [*(np.repeat(part, count) for part in places), codes.ravel()]
    return pd.MultiIndex([*levels, inner], codes, names=[*outer.names, inner.name])


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the rows of a Panel lie on the time grid, and how the caller's table looked.

    A grid row is a row number of the timeline; it may be below 0 or beyond the last.

    Args:
        timeline: the one Timeline of all series, from the earliest stamp of any of them to the latest.
        firsts: int64 (series,), the grid row of each series' first row.
        lengths: int64 (series,), the rows of each series, gaps completed.
        ids: the ids in the order of the series, a MultiIndex where they have several levels; None for one
            series without an id.
        columns: columns Index of a DataFrame; None for one channel without a column (a Series, a long frame's y).
        name: name of a Series.
        dtypes: the dtype of the output of every channel.
        long: columns of a long frame, unique_id among them unless it is the index; None for other shapes.
    """

    timeline: Timeline
    firsts: np.ndarray
    lengths: np.ndarray
    ids: pd.Index | None
    columns: pd.Index | None
    name: Hashable
    dtypes: tuple
    long: pd.Index | None = None

    @classmethod
    def of(cls, table, *, freq=None, like=None):
        """Reads a Table of what is to be forecast: `(Panel, Layout)`; `like` is a Layout whose step it must have."""
        rows, data = table.rows, table.data
        values, dtypes = numbers(data, rows.name)
        if like is not None:
            timeline, grid = like.timeline.continued(rows.stamps, rows.name, rows.whose)
        else:
            longest = None if rows.ids is None else rows.longest
            timeline, grid = Timeline.read(rows.stamps, freq=freq, name=rows.name, longest=longest, whose=rows.whose)
        whole = isinstance(data, pd.Series)
        columns, name = (None, data.name) if whole else (data.columns, None)
        layout = cls(timeline, *rows.spans(grid), rows.ids, columns, name, dtypes, table.long)
        return fill(values, rows, grid, layout), layout

    def __len__(self):
        """Number of series."""
        return len(self.firsts)

    @property
    def ends(self):
        """The grid row after each series' last, int64 (series,)."""
        return self.firsts + self.lengths

    @property
    def channel_names(self):
        """The names of the channels, as text for messages."""
        return [str(label) for label in ([self.name] if self.columns is None else self.columns)]

    def series_name(self, series, name="y"):
        """The series with this number, in words: "Series 'a' of `y`", or "`y`" where it is the only one."""
        return spot(name, *id_parts(self.ids, series))

    def value_name(self, series, channel, name="y"):
        """A channel of a series, in words: "Column 'b' of series 'a' of `y`"."""
        column = [] if self.columns is None else [("column", entry(self.columns, channel))]
        return spot(name, *column, *id_parts(self.ids, series))

    def future_index(self, steps):
        """The stamps that follow each series: a time Index of `steps`, or a MultiIndex (id, time), series by series."""
        if self.ids is None:
            return self.timeline.stamps(int(self.ends[0]), steps)
        rows, codes = np.unique((self.ends[:, None] + np.arange(steps)).ravel(), return_inverse=True)
        return crossed(self.ids, self.timeline.at(rows), codes.reshape(-1, steps))

    def after(self, frame, steps):
        """A Series or DataFrame of (series * steps) rows, series by series, on the stamps that follow each series.

        They become its index; that of a long frame becomes the first columns again.
        """
        index = self.future_index(steps)
        if self.long is None:
            return frame.set_axis(index)
        ids, stamps = (index.get_level_values(level) for level in (ID, TIME))
        frame = pd.DataFrame(frame).set_axis(pd.RangeIndex(len(ids)) if ID in self.long else ids)
        frame.insert(0, TIME, stamps)
        if ID in self.long:
            frame.insert(0, ID, ids)
        return frame

    def dress(self, values, labels=None):
        """Numbers of what follows each series as the caller's type.

        Args:
            values: float array (series, steps, channels), or (series, steps, channels, labels).
            labels: an Index of what there is of every channel, for example the levels of quantiles: a column for
                each, below the channel's own column where it has one.

        Raises:
            ValueError: another number of series, channels or labels.
        """
        series, steps = values.shape[:2]
        wanted = (len(self), steps, len(self.dtypes), *([] if labels is None else [len(labels)]))
        if values.shape != wanted:
            raise ValueError(f"The values have the shape {values.shape}, but the layout and the labels have {wanted}.")
        values = values.reshape(series * steps, len(self.dtypes), -1)
        forecast = self.after(dressed(values, self.dtypes, self.columns, self.name, labels), steps)
        if labels is None and self.long is not None:  # in the caller's order
            forecast = forecast[list(self.long)].set_axis(self.long, axis=1)
        return forecast

    def read_more(self, y, *, name="y"):
        """Reads another history for the same forecaster: `(Panel, Layout)`, the layout being that of the new one.

        The columns of a frame are matched by name, in any order; those that are not known are left out with one
        UserWarning. A Series may have another name, and a panel other ids.

        Raises:
            TypeError: a frame instead of a series, a panel instead of one series, or the reverse, or other stamps.
            ValueError: columns that are missing, another step, and all that `read` refuses.
        """
        table = Table.of_targets(y, name)
        refuse_other_ids(self.ids, table.rows, "what was fitted")
        came_whole, whole = isinstance(table.data, pd.Series), self.columns is None
        if came_whole != whole:
            wanted, cure = ("Series", "y['column']") if whole else ("DataFrame", "y.to_frame()")
            raise TypeError(f"`{name}` is a {type(y).__name__}, but a {wanted} was fitted. Pass `{cure}`.")
        if not whole:
            table = replace(table, data=matching(table.data, self.columns, name))
        return Layout.of(table, like=self)

    def place(self, frame, name):
        """Where the rows of another table lie.

        Args:
            frame: a DataFrame with a time index, with a MultiIndex (series, time), or long.
            name: the argument that error messages name.

        Returns:
            `(series, rows, columns)`: series int64 (rows,), None where there is a time index, which tells the same of
            all series; grid rows int64 (rows,); the DataFrame without the columns unique_id and ds. Rows of ids
            that are not ours are left out, with one UserWarning.

        Raises:
            TypeError: not a DataFrame, or other stamps. ValueError: two rows of a series at one stamp, a stamp off
                the grid, none of our ids, and what `Table.of` refuses.
        """
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(
                f"`{name}` is a {type(frame).__name__}, but a pandas DataFrame with the index of `y` is needed. "
                "Pass a Series as `series.to_frame()`."
            )
        table = Table.of(frame, name)
        rows = table.rows
        if rows.ids is None:
            row = self.timeline.positions(rows.stamps, name)
            refuse_duplicates(rows.series[:], row, self.timeline, rows.series_name)
            return None, row, table.data
        refuse_other_ids(self.ids, rows, "`y`")
        ours = find_ids(self.ids, rows)
        if np.any(ours < 0):
            return self.place(frame[ours[rows.series[:]] >= 0], name)
        row = self.timeline.positions(rows.stamps, name, rows.whose)[rows.places[:]]
        refuse_duplicates(rows.series[:], row, self.timeline, rows.series_name)
        return ours[rows.series[:]], row, table.data

    def find(self, other):
        """Which of our series each series of another Layout is, -1 if none, int64 (series of the other,)."""
        return np.zeros(1, "int64") if self.ids is None else self.ids.get_indexer(other.ids)

    def seen(self, other):
        """How many rows of each series of another Layout lie not after the end of ours, 0 if it is none of ours."""
        ours, stamps = self.find(other), other.timeline.stamps(0, other.timeline.length)
        last = np.searchsorted(stamps, self.timeline.at(self.ends[ours] - 1), side="right")
        return np.where(ours < 0, 0, np.clip(last - other.firsts, 0, other.lengths))

    def ahead(self, other):
        """Where each series of another Layout begins: which of our series it is, -1 if none, and steps after its end.

        Returns:
            `(series, steps)`, both int64 (series of the other,); steps is 0 for the first row after our last, and
            where the series is none of ours.
        """
        ours = self.find(other)
        known, steps = np.flatnonzero(ours >= 0), np.zeros(len(ours), "int64")
        if len(known):
            starts = other.timeline.at(other.firsts[known])
            rows = self.timeline.positions(starts, "y", lambda place: other.series_name(known[place]))
            steps[known] = rows - self.ends[ours[known]]
        return ours, steps


def read(y, *, freq=None, name="y"):
    """Reads the caller's history.

    Args:
        y: a Series (one channel) or a wide DataFrame (a channel for each column) with a time index; many series as a
            Series or DataFrame with a MultiIndex (series, time), of which all levels but the last are the id, or
            as a long DataFrame with the columns unique_id, ds and y, where unique_id may be the index.
        freq: the step of the stamps; None takes the index's own or infers it from the series with the most rows.
        name: the argument that error messages name.

    Returns:
        `(Panel, Layout)`: each series from its first stamp to its last, in the order of sorted ids (of first
        appearance where they cannot be sorted); NaN where nothing was observed. The values are float32 where
        all columns are, else float64, and may be a view of the caller's memory that cannot be written to.

    Raises:
        TypeError: neither Series nor DataFrame, columns that are no numbers, an index that is no time axis.
        ValueError: empty, infinite values, a series or column without any value, duplicate columns or stamps,
            missing ids, levels in another order, a step that cannot be decided, a stamp off the grid.
    """
    return Layout.of(Table.of_targets(y, name), freq=freq)


def completed(y, layout):
    """The same table, in order, and with a row of missing values for each stamp that was left out.

    A history that is cut from it ends where it was cut, whatever was left out there.

    Args:
        y: What the layout was read from.
        layout: Its `Layout`.

    Returns:
        `y` itself where it is so already; for one series its index knows its step.
    """
    series, rows, _ = layout.place(y.to_frame() if isinstance(y, pd.Series) else y, "y")
    series = np.zeros_like(rows) if series is None else series
    starts = np.cumsum(layout.lengths) - layout.lengths
    places = (starts - layout.firsts)[series] + rows
    if not np.array_equal(places, np.arange(layout.lengths.sum())):
        taken = np.full(layout.lengths.sum(), -1)
        taken[places] = np.arange(len(y))
        y = _with_index(y.reset_index(drop=True).reindex(taken), layout)  # no row is called -1
    return y.set_axis(layout.timeline.stamps(0, layout.timeline.length)) if layout.ids is None else y


def _with_index(y, layout):
    """A table of all stamps of all series, with these in its index, or in the columns of a long frame."""
    if layout.ids is None:
        return y
    ids, series = layout.ids, np.arange(len(layout)).repeat(layout.lengths)
    starts = np.cumsum(layout.lengths) - layout.lengths
    rows = np.arange(len(y)) + (layout.firsts - starts)[series]
    stamps = layout.timeline.at(np.arange(layout.timeline.length))
    if layout.long is None:
        nested = isinstance(ids, pd.MultiIndex)
        levels, codes = (ids.levels, [code[series] for code in ids.codes]) if nested else ([ids], [series])
        return y.set_axis(pd.MultiIndex([*levels, stamps], [*codes, rows], names=[*ids.names, stamps.name]))
    y = y.assign(**{TIME: stamps.take(rows)})
    if ID in layout.long:
        return y.assign(**{ID: ids.take(series)}).set_axis(pd.RangeIndex(len(y)))
    return y.set_axis(ids.take(series))
