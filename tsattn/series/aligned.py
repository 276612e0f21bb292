"""Rows of numbers beside the series of a panel, counted from the end of each series."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Aligned:
    """One buffer of rows, and which of them lie around the end of each series.

    Series may share rows: a table that holds for all of them is kept once.

    Args:
        values: float32 (rows, columns), NaN where missing.
        ends: int64 (series,), the row of `values` of the first step after each series.
        before: int64 (series,), how many rows before that one are known.
        after: int64 (series,), how many rows from that one on are known.
    """

    values: np.ndarray
    ends: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @classmethod
    def around(cls, ends, before, series, rows):
        """Room for a table, without columns yet, and where its rows go.

        Args:
            ends: int64 (series,), the grid row after the last of each series.
            before: int64 (series,), how many rows before that one are wanted; all that follow are.
            series: int64 (rows,), the series of each row of the table; None where all rows are for every series.
            rows: int64 (rows,), the grid row of each.

        Returns:
            `(Aligned, places)`: places int64 (rows,) in `values`, -1 for a row that is not wanted.
        """
        firsts, lasts = ends - before, ends
        strip = np.arange(len(ends))
        if series is None:
            firsts, lasts, strip = firsts[[firsts.argmin()]], lasts[[lasts.argmax()]], np.zeros_like(strip)
            series = np.zeros_like(rows)
        lasts = lasts.copy()
        np.maximum.at(lasts, series, rows + 1)
        offsets = np.concatenate([[0], np.cumsum(lasts - firsts)])
        shift = offsets[:-1] - firsts
        places = np.where(rows >= firsts[series], rows + shift[series], -1)
        room = np.empty((offsets[-1], 0), dtype="float32")
        return cls(room, ends + shift[strip], before, lasts[strip] - ends), places

    def filled(self, places, columns):
        """The same rows with these columns, each (places,), at these places; NaN elsewhere."""
        values = np.full((len(self.values), len(columns)), np.nan, dtype="float32")
        for place, column in enumerate(columns):
            values[places, place] = column
        return replace(self, values=values)

    def gather(self, series, first, steps):
        """Windows of some series: float32 (n, steps, columns), NaN for rows that are not known.

        Args:
            series: int64 (n,).
            first: int64 (n,), where each window starts, counted from the end of its series.
            steps: rows of a window.
        """
        starts, before, after = self.ends[series] + first, self.before[series], self.after[series]
        whole = (first >= -before) & (first + steps <= after)
        if whole.all():
            return self._blocks(starts, steps)
        if whole.any():
            windows = self._blocks(np.where(whole, starts, 0), steps)
        else:
            windows = np.empty((len(starts), steps, self.values.shape[1]), dtype="float32")
        cut = np.flatnonzero(~whole)
        windows[cut] = np.nan
        offsets = first[cut, None] + np.arange(steps)
        window, step = np.nonzero((offsets >= -before[cut, None]) & (offsets < after[cut, None]))
        windows[cut[window], step] = self.values[starts[cut][window] + step]
        return windows

    def _blocks(self, starts, steps):
        """Windows (n, steps, columns) of neighbouring rows, each copied as one block: ten times as fast as by rows."""
        columns = self.values.shape[1]
        if columns == 0:
            return np.empty((len(starts), steps, 0), dtype="float32")
        blocks = np.lib.stride_tricks.sliding_window_view(self.values.reshape(-1), steps * columns)[::columns]
        return blocks[starts].reshape(len(starts), steps, columns)

    def tail(self, steps):
        """A copy of the rows that lie in the last `steps` of a series or after it."""
        before = np.minimum(self.before, steps)
        borders = np.zeros(len(self.values) + 1, dtype="int64")
        np.add.at(borders, self.ends - before, 1)
        np.add.at(borders, self.ends + self.after, -1)
        kept = np.cumsum(borders[:-1]) > 0
        moved = np.concatenate([[0], np.cumsum(kept)])
        return Aligned(self.values[kept], moved[self.ends - before] + before, before, self.after)

    def apart(self, after):
        """The same rows with a strip for each series, which has room for `after` (series,) rows after its end."""
        counts = self.before + after
        starts = np.cumsum(counts) - counts
        series = np.repeat(np.arange(len(counts)), counts)
        offsets = np.arange(len(series)) - (starts + self.before)[series]
        values = np.full((len(series), self.values.shape[1]), np.nan, dtype="float32")
        known = offsets < self.after[series]
        values[known] = self.values[(self.ends[series] + offsets)[known]]
        return Aligned(values, starts + self.before, self.before, after)
