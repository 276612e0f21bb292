"""What is known in advance of the steps after each series: extended, checked."""

import numpy as np

from tsattn.series.covariates.alignment import span


def following(known, steps):
    """The `Aligned` rows that follow each series: float32 (series, steps, columns), NaN where missing."""
    count = len(known.ends)
    return known.gather(np.arange(count), np.zeros(count, "int64"), steps)


def extended(known, ends, columns, series, rows, frame):
    """The `Aligned` rows with those of a table that lie after the end of their series, which replace others there.

    Args:
        known: the `Aligned` rows of some `columns`, a tuple of `Column`.
        ends: int64 (series,), the grid row after the last of each series.
        series: int64 (rows,), the series of each row of the table; None where all rows are for every series.
        rows: int64 (rows,), the grid row of each.
        frame: the table, a column for each `Column`.
    """
    wanted = np.flatnonzero(rows >= (ends.min() if series is None else ends[series]))
    frame, rows, source = frame.iloc[wanted], rows[wanted], np.arange(len(wanted))
    if series is None:  # one row goes to many series, which may end at different times
        series, source = np.repeat(np.arange(len(ends)), len(wanted)), np.tile(source, len(ends))
    else:
        series = series[wanted]
    steps = rows[source] - ends[series]
    series, source, steps = series[steps >= 0], source[steps >= 0], steps[steps >= 0]
    after = known.after.copy()
    np.maximum.at(after, series, steps + 1)
    known = known.apart(after)
    for place, (column, (_, values)) in enumerate(zip(columns, frame.items(), strict=True)):
        known.values[known.ends[series] + steps, place] = column.encode(values, "covariates")[source]
    return known


def refuse_missing(values, layout, labels):
    """ValueError where a column lacks a value in the steps after a series.

    Args:
        values: float (series, steps, columns), NaN where missing.
        layout: the Layout of the series.
        labels: the names of the columns.
    """
    missing = np.isnan(values)
    lacking = np.flatnonzero(missing.any(axis=(1, 2)))
    if len(lacking) == 0:
        return
    s, steps = lacking[0], values.shape[1]
    end, others = layout.ends[s], f" So it is for {len(lacking) - 1} other series." if len(lacking) > 1 else ""
    came = steps - np.argmin(np.append(missing[s].all(axis=1)[::-1], False))
    needed = (
        f"{layout.series_name(s)} is to be forecast from {span(layout, end, end + steps - 1)}, {steps} step(s), for "
        f"which `covariates` must have {labels} at every step"
    )
    cure = f"Fill in the frame of `make_future_frame({steps})`, told the same `y=` if any; pass it as `covariates=`."
    if missing[s, :came].any():
        step, column = np.argwhere(missing[s])[0]
        raise ValueError(f"{needed}. But {labels[column]!r} is missing at {span(layout, end + step)}.{others} {cure}")
    known = f"the last that came are of {span(layout, end + came - 1)}" if came else "none came after its end"
    raise ValueError(
        f"{needed}. But {known}.{others} {cure} (A search cuts a frame that is as long as `y` to its folds, and keeps "
        "a longer one whole.)"
    )
