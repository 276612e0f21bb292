"""Alignment of a caller's covariates with the histories of a panel."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsattn._utils.warnings import warn
from tsattn.series.covariates.buffers import RowBuffer


@dataclass(frozen=True, eq=False)
class CovariateTable:
    """The rows of a caller's table that are needed, and their positions in a buffer.

    Args:
        frame: DataFrame of their columns.
        buffer: `RowBuffer` for them, without columns.
        positions: int64 `(rows,)`, the row of `buffer.values` for each.
        in_history: bool `(rows,)`, True for rows not after the end of their series, or of all series if they share
            rows.
    """

    frame: pd.DataFrame
    buffer: RowBuffer
    positions: np.ndarray
    in_history: np.ndarray

    @classmethod
    def read(cls, layout, covariates, before, needed=None):
        """Read the last rows of each history and all later rows.

        Missing rows of a history are treated as not observed, with one UserWarning. With `needed`, the last rows must
        be complete, and the history starts after the last missing row.

        Args:
            layout: `Layout` of the histories.
            covariates: The caller's DataFrame.
            before: int64 `(series,)`, rows of each history to read.
            needed: int64 `(series,)`, rows that must be complete. Defaults to None.

        Raises:
            TypeError: As in `locate_covariates`.
            ValueError: As in `locate_covariates`, or if a series lacks all rows of its history, or a required row.
        """
        series, rows, frame = locate_covariates(layout, covariates)
        buffer, positions = RowBuffer.allocate(layout.ends, before, series, rows)
        kept = positions >= 0
        received = np.zeros(len(buffer.values), dtype=bool)
        received[positions[kept]] = True
        check_history(layout, series, rows, buffer, received, needed)
        if needed is not None:
            buffer = replace(buffer, before=np.minimum(before, _run_lengths(received, buffer.ends)))
        in_history = rows < (layout.ends.max() if series is None else layout.ends[series])
        return cls(_select(frame, kept), buffer, positions[kept], in_history[kept])

    def history(self):
        """Return the rows up to the ends of the series."""
        buffer = replace(self.buffer, after=np.zeros_like(self.buffer.after))
        return CovariateTable(
            _select(self.frame, self.in_history),
            buffer,
            self.positions[self.in_history],
            self.in_history[self.in_history],
        )

    def encode(self, columns):
        """Return the `RowBuffer` with these columns, each encoded by its `Column`."""
        series = dict(self.frame.items())
        encoded = [column.encode(series[column.label], "covariates") for column in columns]
        return self.buffer.with_columns(self.positions, encoded)


def locate_covariates(layout, covariates):
    """Find the series and the row on the time axis of each row of a caller's covariates.

    Args:
        layout: `Layout` of the histories.
        covariates: The caller's DataFrame.

    Returns:
        `(series, rows, data)` as returned by `Layout.locate_rows`.

    Raises:
        TypeError: As in `Layout.locate_rows`.
        ValueError: As in `Layout.locate_rows`, or if the series to forecast are among the columns.
    """
    series, rows, frame = layout.locate_rows(covariates, "covariates")
    targets = list(layout.columns) if layout.columns is not None else ["y" if layout.long is not None else layout.name]
    leaks = [label for label in frame.columns if label is not None and label in targets]
    if leaks:
        raise ValueError(
            f"`covariates` has the column(s) {leaks}, which are the series to forecast. "
            f"Drop them: `covariates.drop(columns={leaks})`."
        )
    return series, rows, frame


def _run_lengths(flags, ends):
    """Return the number of consecutive True flags immediately before each end."""
    last_false = np.maximum.accumulate(np.where(flags, -1, np.arange(len(flags))))
    return ends - 1 - last_false[ends - 1]


def check_history(layout, series, rows, buffer, received, needed):
    """Check that each series has rows in its history, and warn about missing rows.

    Args:
        layout: `Layout` of the histories.
        series: Series of each row of the table; None if the rows are for all series.
        rows: Row on the time axis of each row of the table.
        buffer: `RowBuffer` of the rows to read.
        received: bool `(rows of the buffer,)`, True for rows that were received.
        needed: int64 `(series,)`, the number of last rows of each series that must be received. If None, at least one
            row is required.

    Raises:
        ValueError: If a series lacks these rows.
    """
    before = buffer.before if needed is None else needed
    counts = np.concatenate([[0], np.cumsum(received)])
    lacking = before - (counts[buffer.ends] - counts[buffer.ends - before])
    invalid = lacking == before if needed is None else lacking > 0
    if not lacking.any():
        return
    s = int(np.argmax(invalid if invalid.any() else lacking > 0))
    begin = buffer.ends[s] - before[s]
    first = layout.ends[s] - before[s] + int(np.argmin(received[begin : buffer.ends[s]]))
    if not invalid.any():
        warn(
            f"`covariates` lacks {lacking.sum()} of {before.sum()} rows in the history of "
            f"{np.count_nonzero(lacking)} of {len(lacking)} series. {layout.series_name(s)} lacks the first, "
            f"{format_span(layout, first)}. They are treated as missing values."
        )
        return
    own = rows if series is None else rows[series == s]
    others = np.count_nonzero(invalid) - 1
    raise ValueError(
        f"{layout.series_name(s)} requires a row of `covariates` for each step of its history, "
        f"{format_span(layout, layout.ends[s] - before[s], layout.ends[s] - 1)}, but {lacking[s]} of {before[s]} "
        f"are missing, the first at {format_span(layout, first)}. "
        + (f"The received rows span {format_span(layout, own.min(), own.max())}. " if len(own) else "It has no rows. ")
        + (f"{others} other series also lack rows. " if others else "")
        + "Pass rows for the history as well."
    )


def format_span(layout, *rows):
    """Return the timestamps of rows on the time axis as text: "2024-01-01 to 2024-01-05"."""
    return " to ".join(str(stamp) for stamp in layout.time_axis.at(np.array(rows)))


def _select(frame, rows):
    return frame if rows.all() else frame[rows]
