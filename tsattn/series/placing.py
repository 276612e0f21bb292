"""A caller's table of covariates: are its columns fit, and where do its rows lie beside the series?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsattn.series.aligned import Aligned
from tsattn.warning import warn


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
