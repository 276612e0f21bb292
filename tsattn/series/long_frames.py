"""Long frames with other names or without an index: what their columns seem to be, and code that indexes them."""

import pandas as pd
from pandas.api import types

from tsattn.series.date_formats import suggest_conversions
from tsattn.series.time_axis import axis_class_of

SAMPLE = 1000  # rows


def check_index(frame, name):
    """Check that no column of a frame seems to be the time or the id of its rows.

    Args:
        frame: DataFrame whose index is the time axis of one series, if it is right.
        name: Name of the argument.

    Raises:
        ValueError: If a column that is not numeric contains times, or if one that contains text identifies series with
            the same timestamps. The message contains code that moves these columns into the index.
    """
    others = [label for label, dtype in frame.dtypes.items() if not types.is_numeric_dtype(dtype)]
    if not others:
        return
    columns = f"`{name}` has the columns {list(frame.columns)}"
    if _is_time(frame.index):
        if (ids := [label for label in others if _is_text(frame[label])]) and frame.index.has_duplicates:
            raise ValueError(
                f"{columns}, and its index repeats timestamps. It seems to contain the series of {_label(ids)}. Move "
                "the ids into the index, before the time: "
                f"`{name} = {name}.set_index({_label(ids)}, append=True){_time_last(ids)}{_select(frame, ids)}`."
            )
        return
    conversions = ((label, _conversion(frame[label])) for label in others)
    time, conversion = next((found for found in conversions if found[1] is not None), (None, None))
    if conversion is None:
        return
    ids = [label for label in others if label != time and _is_text(frame[label])]
    if not ids and frame[time].duplicated().any():
        ids = _integer_ids(frame, time)
    assigned = f".assign(**{{{time!r}: {conversion.format(times=f'{name}[{time!r}]')}}})" if conversion else ""
    raise ValueError(
        f"{columns}, but its index is not the time. It seems to be a long frame with the times {time!r}"
        + (f" of the series {_label(ids)}" if ids else "")
        + f". Index it: `{name} = {name}{assigned}.set_index({_label([*ids, time])}){_select(frame, [*ids, time])}`."
    )


def _conversion(column):
    """Return code that converts a column to times, empty if it contains times, None if it cannot."""
    sample = column.iloc[:SAMPLE].dropna()
    if len(sample) == 0 or types.is_bool_dtype(column.dtype):
        return None
    index = pd.Index(sample)
    if _is_time(index):
        return ""
    conversions = suggest_conversions(index) if types.infer_dtype(index) == "string" else []
    return conversions[0] if len(conversions) == 1 else None


def _is_time(index):
    axis_class = axis_class_of(index)
    return axis_class is not None and axis_class.has_calendar


def _is_text(column):
    return isinstance(column.dtype, pd.CategoricalDtype) or types.infer_dtype(column.iloc[:SAMPLE]) == "string"


def _integer_ids(frame, time):
    """Return the first integer column that distinguishes rows of the same time, in a list; empty if there is none."""
    for label, dtype in frame.dtypes.items():
        if types.is_integer_dtype(dtype) and not frame.duplicated([label, time]).any():
            return [label]
    return []


def _time_last(ids):
    """Return code that moves the first of the index levels behind the levels of the ids."""
    return ".swaplevel()" if len(ids) == 1 else f".reorder_levels({[*range(1, len(ids) + 1), 0]})"


def _label(labels):
    return repr(labels[0] if len(labels) == 1 else list(labels))


def _select(frame, keys):
    """Return code that selects the only other column; empty if there are several."""
    values = [label for label in frame.columns if label not in keys]
    return f"[{values[0]!r}]" if len(values) == 1 else ""
