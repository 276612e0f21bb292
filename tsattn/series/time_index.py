"""Caller's time indexes: conversion of the supported kinds of pandas Index, and errors with advice for all others."""

import numpy as np
import pandas as pd
from pandas.api import types

# Text must be in one of these formats, the same for all timestamps, so that it can be restored unchanged.
TEXT_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m",
)
MISSING = "`{name}` has a missing {what} (NaN, NaT or None) in {place}, in row {row}. Drop or repair that row."


def typed_index(index, name):
    """Check that an index can be a time axis, and convert ISO text to timestamps.

    Args:
        index: Any pandas Index.
        name: Name of the argument, for error messages.

    Returns:
        `(index, text)`: a DatetimeIndex, a PeriodIndex or an integer index; and the `strftime` format of ISO text,
        else None.

    Raises:
        TypeError: If the index is not a time axis.
        ValueError: If the index is empty, or has missing timestamps, integers outside int64, or text that is not ISO.
    """
    check_not_empty(index, name)
    text = None
    if types.infer_dtype(index, skipna=True) == "string" and not isinstance(index.dtype, pd.CategoricalDtype):
        _check_no_missing(index, name)
        index, text = _parse_text(index, name)
    is_integer = types.is_integer_dtype(index.dtype)
    if not is_integer and not isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        raise TypeError(
            f"`{name}` has {_describe_other(index)} "
            "The index must be a DatetimeIndex, a PeriodIndex, or contain integers or ISO date strings."
        )
    _check_no_missing(index, name)
    if is_integer and index.max() > np.iinfo("int64").max:
        raise ValueError(
            f"`{name}` has the integer {index.max()} in its index, which does not fit into int64. Use smaller integers."
        )
    return index, text


def check_not_empty(index, name):
    """Check that an argument is not empty.

    Raises:
        ValueError: If it has no rows.
    """
    if len(index) == 0:
        raise ValueError(f"`{name}` is empty: it has no rows. Pass at least one.")


def check_unique_stamps(repeated, where):
    """Check that no timestamp occurs more than once.

    Args:
        repeated: Index of the repeated timestamps.
        where: Description of the series or the argument, for the error message.

    Raises:
        ValueError: If `repeated` is not empty.
    """
    if len(repeated) == 0:
        return
    shown = ", ".join(str(stamp) for stamp in repeated[:3]) + (", ..." if len(repeated) > 3 else "")
    message = f"{where} has {len(repeated)} duplicate timestamp(s): {shown}. Keep one row per timestamp"
    if isinstance(repeated, pd.DatetimeIndex) and repeated.tz is None and (repeated != repeated.normalize()).any():
        message += (
            "; if clocks were set back there (daylight saving), "
            "distinguish the two hours with `y.tz_localize(zone, ambiguous=...)`"
        )
    raise ValueError(message + ".")


def _describe_other(index):
    if isinstance(index, pd.MultiIndex):
        return "a MultiIndex, but panels (series, time) are not supported here. Pass one series: `y.xs(key, level=0)`."
    if isinstance(index, pd.CategoricalIndex):
        return "a categorical index. Convert it: `y.index = pd.to_datetime(y.index.astype(str))`."
    if types.is_bool_dtype(index.dtype):
        return "a boolean index, which is not a time axis. Number the steps with `y.reset_index(drop=True)` instead."
    if types.is_float_dtype(index.dtype):
        return "a float index. If its values are integers, convert it: `y.index = y.index.astype('int64')`."
    if types.is_timedelta64_dtype(index.dtype):
        return "a timedelta index. Add a date to it: `y.index = pd.Timestamp('2000-01-01') + y.index`."
    return f"an index of dtype {index.dtype}. Convert it: `y.index = pd.to_datetime(y.index)`."


def _check_no_missing(index, name):
    missing = index.isna()
    if missing.any():
        raise ValueError(MISSING.format(name=name, what="timestamp", place="its index", row=missing.argmax()))


def _parse_text(index, name):
    text = next((text for text in TEXT_FORMATS if _has_format(index[:1], text).all()), None)
    matches = _has_format(index, text) if text else [False]
    if not all(matches):
        stamp = index[list(matches).index(False)]
        expected = f"like {index[0]!r}" if text else "ISO dates such as '2024-01-31' or '2024-01-31 13:00'"
        raise ValueError(
            f"`{name}` has the text {stamp!r} in its index, but all timestamps must be {expected}. Convert the index "
            "and pass its format: `y.index = pd.to_datetime(y.index, format='%d/%m/%Y')`."
        )
    return _parse(index, text).as_unit("s"), text


def _parse(index, text):
    return pd.DatetimeIndex(pd.to_datetime(index, format=text, errors="coerce"))


def _has_format(index, text):
    # Formatted and compared, because parsers accept variants that could not be restored ("2024-1-1").
    return (_parse(index, text).strftime(text) == index.astype(object)) & ~index.isna()
