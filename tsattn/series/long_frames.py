"""Long frames with other names or without an index: what their columns seem to be, and code that indexes them."""

import re

import pandas as pd
from pandas.api import types

from tsattn.series.date_formats import parse_integer_dates, suggest_conversions
from tsattn.series.number_formats import possible_formats
from tsattn.series.time_axis import axis_class_of
from tsattn.series.values import kind_of

SAMPLE = 1000  # rows
HOUR = re.compile(r"hours?|hr|minutes?", re.IGNORECASE)  # names of columns that are a part of the time


def check_index(frame, name):
    """Check that no column of a frame seems to be the time or the id of its rows.

    Args:
        frame: DataFrame whose index is the time axis of one series, if it is right.
        name: Name of the argument.

    Raises:
        ValueError: If a column contains times, or if one that contains text identifies series with the same timestamps.
            The message contains code that moves these columns into the index, if they identify the rows.
    """
    is_counted = isinstance(frame.index, pd.RangeIndex)
    others = [label for label, dtype in frame.dtypes.items() if not types.is_numeric_dtype(dtype)]
    if not others and not is_counted and not frame.index.has_duplicates:
        return
    texts = [label for label in others if _is_text(frame[label])]
    columns = f"`{name}` has the columns {list(frame.columns)}"
    if _is_time(frame.index):
        ids = _ids(frame, texts, frame.index) if frame.index.has_duplicates else None
        if ids and (set(ids) <= set(texts) or _repeats(frame, ids)):
            raise ValueError(
                f"{columns}, and its index repeats timestamps. It seems to contain the series of {_label(ids)}. Move "
                "the ids into the index, before the time: "
                f"`{name} = {name}.set_index({_label(ids)}, append=True){_time_last(ids)}{_select(frame, ids)}`."
            )
        return
    integers = _integers(frame) if is_counted else []
    conversions = {label: _conversion(frame[label]) for label in [*others, *integers]}
    times = [label for label, conversion in conversions.items() if conversion is not None]
    if not times:
        return
    time = next((label for label in times if frame[label].nunique() > 1), times[0])
    conversion = conversions[time]
    message = f"{columns}, but its index is not the time, which {time!r} seems to be."
    texts = [label for label in texts if label != time]
    hour = None if conversion else _hour(frame)
    ids = _ids(frame, texts, frame[time], integers=hour is None)
    if ids is None and hour is not None:
        stamps = pd.to_datetime(frame[time]) + pd.to_timedelta(frame[hour], unit="h")
        ids = _ids(frame.drop(columns=hour), texts, stamps.rename(time))
        if ids is not None:
            message += f" {hour!r} seems to be its hour."
            conversion = f"pd.to_datetime({{times}}) + pd.to_timedelta({name}[{hour!r}], unit='h')"
            frame = frame.drop(columns=hour)
    ids = _ids(frame, texts, frame[time]) if ids is None else ids
    if ids is None:
        raise ValueError(f"{message} Move it into the index, after the columns that identify the series, if any.")
    dropped = "" if hour in (None, *frame.columns) else f".drop(columns={hour!r})"
    assigned = f".assign(**{{{time!r}: {conversion.replace('{times}', f'{name}[{time!r}]')}}})" if conversion else ""
    raise ValueError(
        f"{message} Index it as a long frame"
        + (f" of the series {_label(ids)}" if ids else "")
        + f": `{name} = {name}{assigned}{dropped}.set_index({_label([*ids, time])}){_select(frame, [*ids, time])}`."
    )


def _ids(frame, texts, times, integers=True):
    """Return the columns that identify the rows together with the times, or None if there are none."""
    numbers = [label for label in _integers(frame) if not HOUR.fullmatch(str(label))] if integers else []
    for ids in ([], *([label] for label in texts), texts, *([label] for label in numbers)):
        is_left = set(frame.columns) - {*ids, getattr(times, "name", None)}
        keys = pd.MultiIndex.from_arrays([times, *(frame[label] for label in ids)])
        if is_left and not keys.has_duplicates:
            return ids
    return None


def _hour(frame):
    """Return the column that seems to contain the hour of the day, or None."""
    hours = (label for label in _integers(frame) if HOUR.fullmatch(str(label)))
    return next((label for label in hours if frame[label].between(0, 24).all()), None)


def _repeats(frame, ids):
    """Return whether each value of the ids has several timestamps, unlike values that differ in each row."""
    return frame[ids].drop_duplicates().shape[0] <= frame.shape[0] / 2


def _integers(frame):
    return [label for label, dtype in frame.dtypes.items() if types.is_integer_dtype(dtype)]


def _conversion(column):
    """Return code that converts a column to times, empty if it contains times, None if it cannot."""
    if kind_of(column.iloc[:SAMPLE]) == "mixed":
        return None
    sample = pd.Index(column.iloc[:SAMPLE].dropna())
    if len(sample) == 0 or types.is_bool_dtype(column.dtype):
        return None
    if types.is_integer_dtype(column.dtype):
        try:
            return "" if parse_integer_dates(sample) is not None else None
        except ValueError:
            return None
    if _is_time(sample):
        return ""
    if types.infer_dtype(sample) != "string" or sample.str.fullmatch(r"\d{1,5}").all():
        return None
    conversions = suggest_conversions(sample)
    return conversions[0] if len(conversions) == 1 else None


def _is_time(index):
    axis_class = axis_class_of(index)
    return axis_class is not None and axis_class.has_calendar


def _is_text(column):
    """Return whether a column contains categories, or text that is not all numbers with decimals or thousands."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return True
    if kind_of(column.iloc[:SAMPLE]) != "string":
        return False
    sample = column.iloc[:SAMPLE].dropna()
    return sample.astype(str).str.fullmatch(r"\d+").all() or not possible_formats(sample.astype(str).unique())


def _time_last(ids):
    """Return code that moves the first of the index levels behind the levels of the ids."""
    return ".swaplevel()" if len(ids) == 1 else f".reorder_levels({[*range(1, len(ids) + 1), 0]})"


def _label(labels):
    return repr(labels[0] if len(labels) == 1 else list(labels))


def _select(frame, keys):
    """Return code that selects the only other column; empty if there are several."""
    values = [label for label in frame.columns if label not in keys]
    return f"[{values[0]!r}]" if len(values) == 1 else ""
