"""Known covariates of the steps after each series: extension by new rows, and checks for missing values."""

import numpy as np

from tsattn.series.covariates.alignment import format_span


def future_values(known, steps):
    """Return the rows after each series of a `RowBuffer`: float32 `(series, steps, columns)`, NaN where missing."""
    count = len(known.ends)
    return known.gather(np.arange(count), np.zeros(count, "int64"), steps)


def extend_future(known, ends, columns, series, rows, frame):
    """Return a `RowBuffer` with the rows of a table that are after the end of their series; they replace known rows.

    Args:
        known: The `RowBuffer` of some columns.
        ends: int64 `(series,)`, the row on the time axis after the last of each series.
        columns: Tuple of the `Column` of each.
        series: int64 `(rows,)`, the series of each row of the table; None if all rows are for every series.
        rows: int64 `(rows,)`, the row on the time axis of each row of the table.
        frame: The table, a column for each `Column`.
    """
    later = np.flatnonzero(rows >= (ends.min() if series is None else ends[series]))
    frame, rows, source = frame.iloc[later], rows[later], np.arange(len(later))
    if series is None:  # one row applies to all series, which can end at different times
        series, source = np.repeat(np.arange(len(ends)), len(later)), np.tile(source, len(ends))
    else:
        series = series[later]
    steps = rows[source] - ends[series]
    series, source, steps = series[steps >= 0], source[steps >= 0], steps[steps >= 0]
    after = known.after.copy()
    np.maximum.at(after, series, steps + 1)
    known = known.separate(after)
    for number, (column, (_, values)) in enumerate(zip(columns, frame.items(), strict=True)):
        known.values[known.ends[series] + steps, number] = column.encode(values, "covariates")[source]
    return known


def check_future(values, layout, labels):
    """Check that every column has a value in each step after each series.

    Args:
        values: Float `(series, steps, columns)`, NaN where missing.
        layout: `Layout` of the series.
        labels: Names of the columns.

    Raises:
        ValueError: If a value is missing.
    """
    missing = np.isnan(values)
    lacking = np.flatnonzero(missing.any(axis=(1, 2)))
    if len(lacking) == 0:
        return
    s, steps = lacking[0], values.shape[1]
    end = layout.ends[s]
    received = steps - np.argmin(np.append(missing[s].all(axis=1)[::-1], False))
    needed = (
        f"{layout.series_name(s)} is forecast from {format_span(layout, end, end + steps - 1)}, {steps} step(s), "
        f"which needs values of {labels} in `covariates` at every step"
    )
    others = ""
    if len(lacking) > 1:
        others = f" {len(lacking) - 1} other series {'is' if len(lacking) == 2 else 'are'} also affected."
    advice = (
        f"Fill in the frame of `make_future_frame({steps})`, called with the same `y=` if any, and pass it as "
        "`covariates=`."
    )
    if missing[s, :received].any():
        step, column = np.argwhere(missing[s])[0]
        stamp = format_span(layout, end + step)
        raise ValueError(f"{needed}, but {labels[column]!r} is missing at {stamp}.{others} {advice}")
    last = f"the last row is at {format_span(layout, end + received - 1)}" if received else "no row is after its end"
    raise ValueError(
        f"{needed}, but {last}.{others} {advice} (A hyperparameter search splits covariates into folds only if "
        "they are as long as `y`.)"
    )
