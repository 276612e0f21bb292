"""Layout of a panel: the positions of its rows on the time axis, and the caller's format for returned values."""

import numbers
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsattn._utils.argument_names import suggest_horizon
from tsattn.series.tables import (
    ID,
    TIME,
    Table,
    check_same_ids,
    describe,
    find_ids,
    item,
    select_columns,
    series_part,
)
from tsattn.series.time_axis import TimeAxis
from tsattn.series.time_index import INDEX_OF_Y


@dataclass(frozen=True, eq=False)
class Layout:
    """The positions of the rows of a Panel on the time axis, and the format of the caller's table.

    Rows of the time axis are counted from the earliest timestamp; they may be negative or beyond the last one.

    Args:
        time_axis: The `TimeAxis` of all series, from the earliest timestamp of any of them to the latest.
        firsts: int64 `(series,)`, the row on the time axis of the first row of each series.
        lengths: int64 `(series,)`, the number of rows of each series, with missing timestamps filled in.
        ids: Ids in the order of the series, a MultiIndex for several levels; None for one series without an id.
        columns: Columns of a DataFrame; None for one channel without a column (a Series, or y of a long frame).
        name: Name of a Series.
        dtypes: Dtype of the output of each channel.
        long: Columns of a long frame, with unique_id unless that is the index; None for other formats. Defaults to
            None.
    """

    time_axis: TimeAxis
    firsts: np.ndarray
    lengths: np.ndarray
    ids: pd.Index | None
    columns: pd.Index | None
    name: Hashable
    dtypes: tuple
    long: pd.Index | None = None

    def __len__(self):
        """Number of series."""
        return len(self.firsts)

    @property
    def ends(self):
        """Row on the time axis after the last row of each series, int64 `(series,)`."""
        return self.firsts + self.lengths

    @property
    def channel_names(self):
        """Names of the channels as text, for error messages."""
        return [str(label) for label in ([self.name] if self.columns is None else self.columns)]

    def series_name(self, series, name="y"):
        """Return the name of a series for error messages: "Series 'a' of `y`", or "`y`" if it is the only one."""
        return describe(name, *series_part(self.ids, series))

    def value_name(self, series, channel, name="y"):
        """Return the name of a channel of a series for error messages: "Column 'b' of series 'a' of `y`"."""
        column = [] if self.columns is None else [("column", item(self.columns, channel))]
        return describe(name, *column, *series_part(self.ids, series))

    def match_table(self, table, y):
        """Check that the table of another history has the same format, and select its columns by name.

        The name of a Series and the ids of a panel may differ. Columns that were not fitted are ignored, with one
        UserWarning.

        Args:
            table: The `Table` of the other history.
            y: The caller's object that it was read from.

        Returns:
            The `Table`, its columns in the order of the fit.

        Raises:
            TypeError: If `y` is a frame instead of a series, a panel instead of one series, or vice versa.
            ValueError: If columns are missing.
        """
        name = table.rows.name
        check_same_ids(self.ids, table.rows, "the fitted history")
        is_series, was_series = isinstance(table.data, pd.Series), self.columns is None
        if is_series != was_series:
            expected, advice = ("Series", "y['column']") if was_series else ("DataFrame", "y.to_frame()")
            raise TypeError(f"`{name}` is a {type(y).__name__}, but a {expected} was fitted. Pass `{advice}`.")
        return table if was_series else replace(table, data=select_columns(table.data, self.columns, name))

    def locate_rows(self, frame, name):
        """Find the series and the row on the time axis of each row of another table.

        Args:
            frame: DataFrame with a time index, with a MultiIndex (series, time), or long.
            name: Name of the argument, for error messages.

        Returns:
            `(series, rows, data)`: series int64 `(rows,)`, or None for a time index, whose rows are for all series;
            rows on the time axis int64 `(rows,)`; and the DataFrame without the columns unique_id and ds. Rows of
            unknown ids are ignored, with one UserWarning.

        Raises:
            TypeError: If `frame` is not a DataFrame, or has timestamps of another kind.
            ValueError: If a series has two rows with the same timestamp, a timestamp is between two rows of the axis,
                no id is known, or as in `Table.read`.
        """
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(
                f"`{name}` is {_describe_type(frame)}, but a pandas DataFrame with the index of `y` is expected. "
                + _other_argument(frame, name)
            )
        table = Table.read(frame, name)
        rows = table.rows
        if rows.ids is None:
            row = self.time_axis.positions(rows.stamps, rows.place)
            rows.check_unique(row, self.time_axis)
            return None, row, table.data
        check_same_ids(self.ids, rows, "`y`")
        known = find_ids(self.ids, rows)
        if np.any(known < 0):
            return self.locate_rows(frame[known[rows.series[:]] >= 0], name)
        row = self.time_axis.positions(rows.stamps, rows.place, rows.series_name_at)[rows.positions[:]]
        rows.check_unique(row, self.time_axis)
        return known[rows.series[:]], row, table.data

    def match_series(self, other):
        """Return the index of each series of another Layout in this one, -1 if unknown, int64 `(other series,)`."""
        return np.zeros(1, "int64") if self.ids is None else self.ids.get_indexer(other.ids)

    def rows_in_history(self, other):
        """Return how many rows of each series of another Layout are not after its end in this Layout; 0 for unknown
        series.

        Returns:
            int64 `(other series,)`.
        """
        known, stamps = self.match_series(other), other.time_axis.stamps(0, other.time_axis.length)
        last = np.searchsorted(stamps, self.time_axis.at(self.ends[known] - 1), side="right")
        return np.where(known < 0, 0, np.clip(last - other.firsts, 0, other.lengths))

    def steps_ahead(self, other):
        """Return which series of this Layout each series of another Layout continues, and how many steps after its end.

        Returns:
            `(series, steps)`, both int64 `(other series,)`: the index of the series, -1 for unknown series; and the
            steps from the first row after its end to the first row of the other series, 0 for unknown series.
        """
        series = self.match_series(other)
        known, steps = np.flatnonzero(series >= 0), np.zeros(len(series), "int64")
        if len(known):
            starts = other.time_axis.at(other.firsts[known])
            rows = self.time_axis.positions(starts, INDEX_OF_Y, lambda position: other.series_name(known[position]))
            steps[known] = rows - self.ends[series[known]]
        return series, steps

    def future_index(self, steps):
        """Return the timestamps after each series: a time Index, or for a panel a MultiIndex (id, time)."""
        if self.ids is None:
            return self.time_axis.stamps(int(self.ends[0]), steps)
        rows, codes = np.unique((self.ends[:, None] + np.arange(steps)).ravel(), return_inverse=True)
        return _cross(self.ids, self.time_axis.at(rows), codes.reshape(-1, steps))

    def set_future_index(self, frame, steps):
        """Set the timestamps after each series as the index of a table, or of a long frame as its first columns.

        Args:
            frame: Series or DataFrame with `series * steps` rows, series by series.
            steps: Number of rows per series.
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

    def to_pandas(self, values, labels=None):
        """Convert numbers for the steps after each series to the caller's format.

        Args:
            values: Float array `(series, steps, channels)`, or `(series, steps, channels, labels)`.
            labels: Index of several values of each channel, such as quantiles. Each becomes a column, in a level below
                the column of its channel if there is one. Defaults to None.

        Raises:
            ValueError: If the number of series, channels or labels differs from the expected one.
        """
        series, steps = values.shape[:2]
        expected = (len(self), steps, len(self.dtypes), *([] if labels is None else [len(labels)]))
        if values.shape != expected:
            raise ValueError(f"`values` has the shape {values.shape}, but {expected} is expected.")
        values = values.reshape(series * steps, len(self.dtypes), -1)
        forecast = self.set_future_index(self._to_columns(values, labels), steps)
        if labels is None and self.long is not None:  # in the caller's order
            forecast = forecast[list(self.long)].set_axis(self.long, axis=1)
        return forecast

    def _to_columns(self, values, labels):
        """Return `(rows, channels, labels)` as a Series, or a DataFrame if it has columns or labels; without index."""
        flat = values.reshape(len(values), -1).T.astype("float64")
        dtypes = np.repeat(np.array(self.dtypes, dtype=object), values.shape[2])
        parts = [pd.array(part, dtype=dtype) for part, dtype in zip(flat, dtypes, strict=True)]
        if self.columns is None and labels is None:
            return pd.Series(parts[0], name=self.name)
        frame = pd.DataFrame(dict(enumerate(parts)))
        if self.columns is None:
            frame.columns = labels
        elif labels is None:
            frame.columns = self.columns
        else:
            frame.columns = _cross(self.columns, labels, np.tile(np.arange(len(labels)), (len(self.columns), 1)))
        return frame


def _describe_type(value):
    article = "an" if type(value).__name__[0].lower() in "aeiou" else "a"
    return f"{article} {type(value).__name__}"


def _other_argument(value, name):
    """Return which argument was probably meant, for a value that is no DataFrame."""
    if name != "covariates":
        return "Pass a Series as `series.to_frame()`."
    if isinstance(value, pd.Series):
        return (
            "Pass covariates as `series.to_frame()`. The series to forecast is the first argument of `fit` and the "
            "argument `y=` of `predict`."
        )
    steps = suggest_horizon(value)
    if steps == "..." or (not isinstance(value, numbers.Integral) and not np.all(np.diff([0, *value]) > 0)):
        return "Pass covariates by name. The series to forecast, with times as index, is the first argument of `fit`."
    return f"To forecast {steps} steps, pass `horizon={steps}` to `predict`."


def insert_missing_rows(y, layout):
    """Return the same table sorted, and with a row of missing values for each missing timestamp.

    A history that is sliced from it ends at the slice, even if its last timestamps are missing.

    Args:
        y: The table that the layout was read from.
        layout: Its `Layout`.

    Returns:
        `y` itself if it is complete and sorted; the index of one series gets its `freq`.
    """
    series, rows, _ = layout.locate_rows(y.to_frame() if isinstance(y, pd.Series) else y, "y")
    series = np.zeros_like(rows) if series is None else series
    starts = np.cumsum(layout.lengths) - layout.lengths
    positions = (starts - layout.firsts)[series] + rows
    if not np.array_equal(positions, np.arange(layout.lengths.sum())):
        sources = np.full(layout.lengths.sum(), -1)
        sources[positions] = np.arange(len(y))
        y = _set_full_index(y.reset_index(drop=True).reindex(sources), layout)  # no row has the label -1
    return y.set_axis(layout.time_axis.stamps(0, layout.time_axis.length)) if layout.ids is None else y


def _set_full_index(y, layout):
    """Set all timestamps of all series as the index or the columns of a table with one row for each."""
    if layout.ids is None:
        return y
    ids, series = layout.ids, np.arange(len(layout)).repeat(layout.lengths)
    starts = np.cumsum(layout.lengths) - layout.lengths
    rows = np.arange(len(y)) + (layout.firsts - starts)[series]
    stamps = layout.time_axis.at(np.arange(layout.time_axis.length))
    if layout.long is None:
        levels, codes = _levels_and_codes(ids)
        codes = [code[series] for code in codes]
        return y.set_axis(pd.MultiIndex([*levels, stamps], [*codes, rows], names=[*ids.names, stamps.name]))
    y = y.assign(**{TIME: stamps.take(rows)})
    if ID in layout.long:
        return y.assign(**{ID: ids.take(series)}).set_axis(pd.RangeIndex(len(y)))
    return y.set_axis(ids.take(series))


def _cross(outer, inner, codes):
    """Return a MultiIndex of each entry of `outer` and the entries of `inner` given by its codes.

    Args:
        outer: Index or MultiIndex of distinct entries.
        inner: Index of distinct entries.
        codes: Integers `(outer entries, any number)`.
    """
    levels, outer_codes = _levels_and_codes(outer)
    codes = [*(np.repeat(code, codes.shape[1]) for code in outer_codes), codes.ravel()]
    return pd.MultiIndex([*levels, inner], codes, names=[*outer.names, inner.name])


def _levels_and_codes(index):
    """Return the levels and codes of a MultiIndex, or of an Index of distinct entries as a single level."""
    if isinstance(index, pd.MultiIndex):
        return index.levels, index.codes
    return [index], [np.arange(len(index))]
