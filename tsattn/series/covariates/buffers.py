"""Covariates of a panel as buffers of numbers, gathered window by window."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

ROLES = ("past", "known", "static")  # of the columns; the calendar features are known
TIME_VARYING = ("past", "known", "calendar")  # parts with one row for each step


@dataclass(frozen=True, eq=False)
class RowBuffer:
    """A buffer of covariate rows, with the rows before and after the end of each series.

    Series can share rows: a table that is valid for all of them is stored once.

    Args:
        values: float32 `(rows, columns)`, NaN where missing.
        ends: int64 `(series,)`, the row of `values` of the first step after each series.
        before: int64 `(series,)`, the number of known rows before that row.
        after: int64 `(series,)`, the number of known rows from that row on.
    """

    values: np.ndarray
    ends: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @classmethod
    def allocate(cls, ends, before, series, rows):
        """Allocate a buffer without columns for the rows of a table.

        Args:
            ends: int64 `(series,)`, the row on the time axis after the last of each series.
            before: int64 `(series,)`, the number of rows to keep before that row; all later rows are kept.
            series: int64 `(rows,)`, the series of each row of the table; None if all rows are for every series.
            rows: int64 `(rows,)`, the row on the time axis of each row of the table.

        Returns:
            `(RowBuffer, positions)`; the positions are int64 `(rows,)` in `values`, -1 for a row that is not kept.
        """
        firsts, lasts = ends - before, ends
        block = np.arange(len(ends))
        if series is None:
            firsts, lasts, block = firsts[[firsts.argmin()]], lasts[[lasts.argmax()]], np.zeros_like(block)
            series = np.zeros_like(rows)
        lasts = lasts.copy()
        np.maximum.at(lasts, series, rows + 1)
        offsets = np.concatenate([[0], np.cumsum(lasts - firsts)])
        shift = offsets[:-1] - firsts
        positions = np.where(rows >= firsts[series], rows + shift[series], -1)
        values = np.empty((offsets[-1], 0), dtype="float32")
        return cls(values, ends + shift[block], before, lasts[block] - ends), positions

    def with_columns(self, positions, columns):
        """Return a `RowBuffer` of the same rows with these columns, NaN elsewhere.

        Args:
            positions: int64 `(n,)` in `values`.
            columns: The columns, each `(n,)`.
        """
        values = np.full((len(self.values), len(columns)), np.nan, dtype="float32")
        for number, column in enumerate(columns):
            values[positions, number] = column
        return replace(self, values=values)

    def gather(self, series, first, steps):
        """Return windows of some series, float32 `(n, steps, columns)`, NaN for unknown rows.

        Args:
            series: int64 `(n,)`.
            first: int64 `(n,)`, the start of each window, counted from the end of its series.
            steps: Rows of a window.
        """
        starts, before, after = self.ends[series] + first, self.before[series], self.after[series]
        is_whole = (first >= -before) & (first + steps <= after)
        if is_whole.all():
            return self._blocks(starts, steps)
        if is_whole.any():
            windows = self._blocks(np.where(is_whole, starts, 0), steps)
        else:
            windows = np.empty((len(starts), steps, self.values.shape[1]), dtype="float32")
        cut = np.flatnonzero(~is_whole)
        windows[cut] = np.nan
        offsets = first[cut, None] + np.arange(steps)
        window, step = np.nonzero((offsets >= -before[cut, None]) & (offsets < after[cut, None]))
        windows[cut[window], step] = self.values[starts[cut][window] + step]
        return windows

    def _blocks(self, starts, steps):
        """Windows `(n, steps, columns)`, each copied as one block, which is ten times as fast as row by row."""
        columns = self.values.shape[1]
        if columns == 0:
            return np.empty((len(starts), steps, 0), dtype="float32")
        blocks = np.lib.stride_tricks.sliding_window_view(self.values.reshape(-1), steps * columns)[::columns]
        return blocks[starts].reshape(len(starts), steps, columns)

    def tail(self, steps):
        """Return a copy of the rows in the last `steps` of each series or after it."""
        before = np.minimum(self.before, steps)
        borders = np.zeros(len(self.values) + 1, dtype="int64")
        np.add.at(borders, self.ends - before, 1)
        np.add.at(borders, self.ends + self.after, -1)
        kept = np.cumsum(borders[:-1]) > 0
        positions = np.concatenate([[0], np.cumsum(kept)])
        return RowBuffer(self.values[kept], positions[self.ends - before] + before, before, self.after)

    def separate(self, after):
        """Return the same rows in a separate block for each series, with empty rows after its end.

        Args:
            after: int64 `(series,)`, rows after the end of each series.
        """
        counts = self.before + after
        starts = np.cumsum(counts) - counts
        series = np.repeat(np.arange(len(counts)), counts)
        offsets = np.arange(len(series)) - (starts + self.before)[series]
        values = np.full((len(series), self.values.shape[1]), np.nan, dtype="float32")
        known = offsets < self.after[series]
        values[known] = self.values[(self.ends[series] + offsets)[known]]
        return RowBuffer(values, starts + self.before, self.before, after)


@dataclass(frozen=True, eq=False)
class Covariates:
    """Covariates of a panel, in the order of its series.

    Args:
        cardinalities: For "past", "known" and "static" the number of codes of each column, 0 for numbers.
        past: `RowBuffer` of the columns known up to the end of each series. Defaults to None.
        known: `RowBuffer` of the columns known in advance, without the calendar. Defaults to None.
        calendar: `RowBuffer` of the calendar features. Defaults to None.
        static: float32 `(series, columns)`, one row per series. Defaults to None.
        ids: Ids of the series, if there are `static` columns. Defaults to None.
    """

    cardinalities: dict
    past: RowBuffer | None = None
    known: RowBuffer | None = None
    calendar: RowBuffer | None = None
    static: np.ndarray | None = None
    ids: pd.Index | None = None

    def gather(self, series, before, lookback, horizon):
        """Return the covariates of some windows.

        Args:
            series: int64 `(n,)`, the series of each window.
            before: int64 `(n,)`, the start of each window, counted from the end of its series: -lookback for the last
                one.
            lookback: Steps of history in a window.
            horizon: Steps after it.

        Returns:
            Dict with `"past"` `(n, lookback, columns)`, `"known"` `(n, lookback + horizon, columns)` with the calendar
            last, and `"static"` `(n, columns)`, if there are such columns: float32, NaN for unknown numbers, 0 for
            unknown categories.
        """
        windows = {}
        if self.past is not None:
            windows["past"] = self.past.gather(series, before, lookback)
        known = [part for part in (self.known, self.calendar) if part is not None]
        if known:
            windows["known"] = _concatenate([part.gather(series, before, lookback + horizon) for part in known])
        if self.static is not None:
            windows["static"] = self.static[series]
        for role, values in windows.items():
            for column in np.flatnonzero(self.cardinalities[role]):
                np.nan_to_num(values[..., column], copy=False)
        return windows

    def has_valid_codes(self):
        """Return whether each value of a categorical column is missing or a valid category code."""
        parts = {"past": self.past, "known": self.known}
        values = {role: part.values for role, part in parts.items() if part is not None}
        if self.static is not None:
            values["static"] = self.static
        return all(
            np.all(np.isnan(rows[:, column]) | np.isin(rows[:, column], np.arange(self.cardinalities[role][column])))
            for role, rows in values.items()
            for column in np.flatnonzero(self.cardinalities[role])
        )

    @property
    def before(self):
        """Rows of the history of each series that all columns have, int64 `(series,)`; None without such columns."""
        parts = [getattr(self, role) for role in TIME_VARYING]
        rows = [part.before for part in parts if part is not None]
        return np.min(rows, axis=0) if rows else None

    def tail(self, steps):
        """Return the same covariates with only the last `steps` rows of each history, and all later rows."""
        roles = {role: getattr(self, role) for role in TIME_VARYING}
        return replace(self, **{role: part.tail(steps) for role, part in roles.items() if part is not None})


def _concatenate(parts):
    """Concatenate parts `(n, steps, columns)` column by column, which is twice as fast as `np.concatenate`."""
    if len(parts) == 1:
        return parts[0]
    columns = [part[..., number] for part in parts for number in range(part.shape[-1])]
    values = np.empty((*columns[0].shape, len(columns)), dtype="float32")
    for number, column in enumerate(columns):
        values[..., number] = column
    return values
