"""Rows of numbers beside the series of a panel, counted from the end of each series."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsattn._utils.warnings import warn


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


@dataclass(frozen=True, eq=False)
class Placed:
    """The rows of a table that are wanted, and where they go.

    Args:
        frame: their columns.
        room: the `Aligned` rows that are wanted, without columns.
        places: int64 (rows,), the row of `room.values` of each.
        history: bool (rows,), which are not after the end of their series, or, shared, of all series.
    """

    frame: pd.DataFrame
    room: Aligned
    places: np.ndarray
    history: np.ndarray

    @classmethod
    def read(cls, layout, covariates, before, needed=None):
        """Reads the `before` (series,) last rows of each history, and all that follow.

        Rows of the history that are missing are not observed, with one UserWarning; but with `needed` (series,) those
        last rows must all have come, and the history begins after the last one that did not.

        Raises:
            TypeError, ValueError: as `placed`. ValueError: a series lacks all rows of its history, or one that is
                needed.
        """
        series, rows, frame = placed(layout, covariates)
        room, places = Aligned.around(layout.ends, before, series, rows)
        wanted = places >= 0
        came = np.zeros(len(room.values), dtype=bool)
        came[places[wanted]] = True
        check_history(layout, series, rows, room, came, needed)
        if needed is not None:
            room = replace(room, before=np.minimum(before, _run_before(came, room.ends)))
        history = rows < (layout.ends.max() if series is None else layout.ends[series])
        return cls(_part(frame, wanted), room, places[wanted], history[wanted])

    def filled(self, columns):
        """The `Aligned` rows with the columns that each `Column` is for."""
        series = dict(self.frame.items())
        return self.room.filled(self.places, [column.encode(series[column.label], "covariates") for column in columns])

    def past(self):
        """What is known up to the ends."""
        room = replace(self.room, after=np.zeros_like(self.room.after))
        return Placed(_part(self.frame, self.history), room, self.places[self.history], self.history[self.history])


def placed(layout, covariates):
    """Where the rows of a caller's covariates lie: `(series, rows, columns)`, see `Layout.place`.

    Raises:
        TypeError, ValueError: as `Layout.place`. ValueError: the target is among the columns.
    """
    series, rows, frame = layout.place(covariates, "covariates")
    targets = list(layout.columns) if layout.columns is not None else ["y" if layout.long is not None else layout.name]
    leaks = [label for label in frame.columns if label is not None and label in targets]
    if leaks:
        raise ValueError(
            f"`covariates` has the column(s) {leaks}, which are what is to be forecast. "
            f"Drop them: `covariates.drop(columns={leaks})`."
        )
    return series, rows, frame


def _run_before(flags, ends):
    """How many flags in a row are True right before each of some ends."""
    last_false = np.maximum.accumulate(np.where(flags, -1, np.arange(len(flags))))
    return ends - 1 - last_false[ends - 1]


def check_history(layout, series, rows, room, came, needed):
    """Refuses a series without any row in its history, and warns of single rows that are missing.

    Args:
        layout: the Layout of the history.
        series: the series of every row of the table, None where they are for all; `rows` its grid row.
        room: the `Aligned` rows that are wanted.
        came: which of them did, bool (rows,).
        needed: int64 (series,), refuses a series that lacks one of so many last rows; None to refuse those that lack
            all.

    Raises:
        ValueError: such a series.
    """
    before = room.before if needed is None else needed
    counts = np.concatenate([[0], np.cumsum(came)])
    lacking = before - (counts[room.ends] - counts[room.ends - before])
    refused = lacking == before if needed is None else lacking > 0
    if not lacking.any():
        return
    s = int(np.argmax(refused if refused.any() else lacking > 0))
    begin = room.ends[s] - before[s]
    first = layout.ends[s] - before[s] + int(np.argmin(came[begin : room.ends[s]]))
    if not refused.any():
        warn(
            f"`covariates` lacks {lacking.sum()} of {before.sum()} rows in the history of "
            f"{np.count_nonzero(lacking)} of {len(lacking)} series. {layout.series_name(s)} lacks the first, "
            f"{span(layout, first)}. They are taken as not observed."
        )
        return
    own = rows if series is None else rows[series == s]
    others = np.count_nonzero(refused) - 1
    raise ValueError(
        f"{layout.series_name(s)} needs a row of `covariates` for each step of its history, "
        f"{span(layout, layout.ends[s] - before[s], layout.ends[s] - 1)}, but {lacking[s]} of {before[s]} "
        f"are missing, the first is {span(layout, first)}. "
        + (f"The rows that came are {span(layout, own.min(), own.max())}" if len(own) else "No row came for it")
        + (f", and {others} other series lack some too. " if others else ". ")
        + "Pass rows for the history as well."
    )


def span(layout, *rows):
    """The stamps of grid rows, as text: "2024-01-01 to 2024-01-05"."""
    return " to ".join(str(stamp) for stamp in layout.timeline.at(np.array(rows)))


def _part(frame, rows):
    return frame if rows.all() else frame[rows]
