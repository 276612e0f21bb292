"""Times of day in files: columns of hours or clock times, which complete the dates in another column."""

import re

import pandas as pd
from pandas.api import types

from tsattn._utils.warnings import warn
from tsattn.io.messages import format_value

HOUR = r"hours?|hrs?|hh|he|hour ending|hour of day|time|time of day|stunden?|uhrzeit|zeit|heure|hora"
HOURS = re.compile(HOUR, re.IGNORECASE)  # names of columns
MINUTES = re.compile(r"minutes?|mins?|mm", re.IGNORECASE)
PART_OF_DAY = re.compile(rf".*\b({HOUR}|{MINUTES.pattern}|period|interval|slot)\b.*", re.IGNORECASE)
RANGE = r"\s+[-\u2013]\s+"  # between the start and the end of an interval
HOUR_RANGE = r"\s*[-\u2013]\s*"
CLOCK = r"(\d{1,2})(?:[:h](\d\d))?(?::(\d\d)(?:\.0+)?)?\s*(h|uhr)?([ap])?(?:\.?m\.?)?"
HAS_MARK = r"[:hrm]|\d\s*[-\u2013]\s*\d"  # of a clock time or an hour such as 13 - 14, not of an integer


def complete_dates(index, table, names, path):
    """Add the times of day in other columns to dates, if a series has several rows of the same date.

    Args:
        index: The dates of the rows.
        table: DataFrame of the other columns.
        names: Ids of the rows, None for one series.
        path: Path of the file, for messages.

    Returns:
        The completed times, and the names of the columns that completed them.
    """
    if not isinstance(index, pd.DatetimeIndex) or (index != index.normalize()).any():
        return index, []
    repeated, used = _count_repeated(index, names), []
    if not repeated:
        return index, []
    for name, duration in _find_times_of_day(table):
        completed = index + duration
        if (left := _count_repeated(completed, names)) < repeated:
            index, repeated, used = completed, left, [*used, name]
            hours = table[name]
            if types.is_integer_dtype(hours.dtype) and hours.min() == 1 and hours.max() == 24:
                warn(
                    f"Column {format_value(name)} of {path} contains hours from 1 to 24. They are read as the ends of "
                    "hours: 1 as 01:00, 24 as 00:00 of the next day."
                )
        if not repeated:
            break
    return index, used


def is_part_of_day(column):
    """Return whether a column seems to be a part of the time of day, by its values or its name."""
    words = _words(column.name)
    is_named = HOURS.fullmatch(words) or (types.is_integer_dtype(column.dtype) and PART_OF_DAY.fullmatch(words))
    return bool(is_named) or _parse_clock(column) is not None


def _find_times_of_day(table):
    """Yield names of columns and their times of day as TimedeltaIndex: hours or clock times, then minutes."""
    # Names are required: a column of opening times, for example, does not contain the times of its rows.
    for names, parse in ((HOURS, _parse_hours), (HOURS, _parse_clock), (MINUTES, _parse_minutes)):
        for name in table.columns:
            if names.fullmatch(_words(name)):
                duration = parse(table[name])
                if duration is not None:
                    yield name, duration


def _words(name):
    """Return the name of a column as words, without a unit such as (UTC)."""
    return re.sub(r"[(\[].*", "", str(name)).replace("_", " ").strip()


def _parse_hours(column):
    """Return hours from 0 to 24, or integers such as 1330, as a TimedeltaIndex; None for other values."""
    if not types.is_integer_dtype(column.dtype):
        return None
    if column.between(0, 24).all():
        return pd.to_timedelta(pd.Index(column), unit="h")
    hours, minutes = column // 100, column % 100
    if hours.between(0, 24).all() and minutes.between(0, 59).all() and column.max() >= 100:
        return pd.to_timedelta(pd.Index(60 * hours + minutes), unit="min")
    return None


def _parse_minutes(column):
    is_minute = types.is_integer_dtype(column.dtype) and column.between(0, 59).all()
    return pd.to_timedelta(pd.Index(column), unit="min") if is_minute else None


def _parse_clock(column):
    """Return times such as 13:00, 1:00 PM or 13h, or the starts of intervals such as 13 - 14; None for other values."""
    if types.is_numeric_dtype(column.dtype) or types.is_datetime64_any_dtype(column.dtype):
        return None
    if len(column) == 0 or column.isna().any():
        return None
    whole = column.astype(str).str.strip().str.lower()
    texts = whole.str.split(HOUR_RANGE, regex=True).str[0]
    if not (texts.str.fullmatch(CLOCK) & whole.str.contains(HAS_MARK)).all():
        return None
    parts = texts.str.extract(f"^{CLOCK}$")
    hour, minute, second = (parts[group].fillna("0").astype("int64") for group in range(3))
    half = parts[4]
    is_valid = (hour <= 24) & (minute < 60) & (second < 60) & ((hour < 24) | (minute + second == 0))
    if not (is_valid & (half.isna() | hour.between(1, 12))).all():
        return None
    hour = hour.where(half.isna(), hour % 12 + 12 * (half == "p"))
    return pd.to_timedelta(pd.Index(3600 * hour + 60 * minute + second), unit="s")


def _count_repeated(index, names):
    return int(pd.MultiIndex.from_arrays([index if names is None else names, index]).duplicated().sum())
