"""Caller's timestamps: conversion of the supported notations to pandas indexes, and errors with advice for all others.

Datetimes, periods and integers are supported as they are. Datetimes may also be ISO text, integers such as 202401,
`datetime.date` objects or of a pyarrow dtype; `write_stamps` restores this notation.
"""

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn.series.date_formats import (
    INTEGER_FORMATS,
    has_one_time_of_day,
    parse_integer_dates,
    suggest_conversions,
    suggest_integer_conversion,
)
from tsattn.series.values import kind_of

# Text must be in one of these formats, the same for all timestamps, so that it can be restored unchanged.
TEXT_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m",
)
OBJECTS = ("date", "datetime", "datetime64", "period")  # kinds of Python objects and of pyarrow times
DATE_OBJECTS = "datetime.date"  # in place of a format
MISSING = "`{name}` has a missing {what} (NaN, NaT or None) in {place}, in row {row}. Drop or repair that row."
UNUSED = "{name}.index.remove_unused_levels()"
EXPECTED = "The timestamps must be datetimes, periods, integers or ISO dates such as '2024-01-31'."


@dataclass(frozen=True)
class Place:
    """Where the timestamps of an argument are, for error messages with code that converts them.

    Args:
        name: Name of the argument.
        words: What contains the timestamps. Defaults to "its index".
        source: Expression of the timestamps. Defaults to "{name}.index".
        assignment: Statement that replaces them. Defaults to "{name}.index = {value}".
    """

    name: str
    words: str = "its index"
    source: str = "{name}.index"
    assignment: str = "{name}.index = {value}"

    @classmethod
    def level(cls, name, index):
        """The last level of a MultiIndex."""
        used = "{name}.index" if len(index.remove_unused_levels().levels[-1]) == len(index.levels[-1]) else UNUSED
        words, assignment = "the last level of its index", "{name}.index = " + used + ".set_levels({value}, level=-1)"
        return cls(name, words, used + ".levels[-1]", assignment)

    @classmethod
    def column(cls, name, label):
        """A column."""
        return cls(name, f"the column {label}", f"{{name}}[{label!r}]", f"{{name}}[{label!r}] = {{value}}")

    def convert(self, expression):
        """Return a statement that converts the timestamps; the expression contains `{times}`."""
        # Not by `str.format`, because regular expressions contain braces.
        value = expression.replace("{times}", self.source.replace("{name}", self.name))
        return self.assignment.replace("{name}", self.name).replace("{value}", value)


INDEX_OF_Y = Place("y")


def typed_index(index, place, *, integer_dates=True):
    """Check that an index can be a time axis, and convert other notations of dates to timestamps.

    Args:
        index: Any pandas Index.
        place: Its `Place`.
        integer_dates: Whether integers such as 202401 or 20240131 are dates. Defaults to True.

    Returns:
        `(index, text)`: a DatetimeIndex, a PeriodIndex or an integer index; and the `strftime` format of ISO text or of
        integers that are dates, `DATE_OBJECTS` for objects of `datetime.date`, else None.

    Raises:
        TypeError: If the index is not a time axis.
        ValueError: If the index is empty, or has missing timestamps, integers outside int64, or text that is not ISO.
    """
    check_not_empty(index, place.name)
    typed, text = _convert(index, place)
    if not isinstance(typed, pd.MultiIndex):
        _check_no_missing(typed, place)
    if types.is_integer_dtype(typed.dtype):
        if integer_dates:
            typed, text = parse_integer_dates(typed) or (typed, None)
    elif not isinstance(typed, pd.DatetimeIndex | pd.PeriodIndex):
        raise TypeError(f"`{place.name}` has {_describe_other(typed, place)} {EXPECTED}")
    if types.is_integer_dtype(typed.dtype) and typed.max() > np.iinfo("int64").max:
        raise ValueError(
            f"`{place.name}` has the integer {typed.max()} in {place.words}, which does not fit into int64. Use "
            "smaller integers."
        )
    return typed, text


def write_stamps(times, text, dtype):
    """Restore the notation of timestamps that `typed_index` converted.

    Args:
        times: DatetimeIndex.
        text: As returned by `typed_index`.
        dtype: Dtype of the original index.

    Raises:
        ValueError: If a timestamp is outside the range of `datetime.date` objects.
    """
    if text == DATE_OBJECTS:
        if times.year.max() > datetime.MAXYEAR or times.year.min() < datetime.MINYEAR:
            raise ValueError(
                f"The timestamps from {times.min()} to {times.max()} exceed the range of `datetime.date`. Convert the "
                "index: `y.index = pd.DatetimeIndex(y.index)`."
            )
        return pd.Index(times.date, dtype=object, name=times.name)
    if text in INTEGER_FORMATS:
        return times.strftime(text).astype("int64").astype(dtype)
    if text is not None:
        return times.strftime(text).astype(dtype)
    return times.astype(dtype) if isinstance(dtype, pd.ArrowDtype) else times


def check_not_empty(index, name):
    """Check that an argument is not empty.

    Raises:
        ValueError: If it has no rows.
    """
    if len(index) == 0:
        raise ValueError(f"`{name}` is empty: it has no rows. Pass at least one.")


def check_unique_stamps(repeated, where, shown=None):
    """Check that no timestamp occurs more than once.

    Args:
        repeated: Index of the repeated timestamps.
        where: Description of the series or the argument, for the error message.
        shown: The repeated timestamps in the caller's notation. Defaults to `repeated`.

    Raises:
        ValueError: If `repeated` is not empty.
    """
    if len(repeated) == 0:
        return
    stamps = repeated if shown is None else shown
    shown = ", ".join(str(stamp) for stamp in stamps[:3]) + (", ..." if len(stamps) > 3 else "")
    message = f"{where} has {len(repeated)} duplicate timestamp(s): {shown}. Keep one row per timestamp"
    if isinstance(repeated, pd.DatetimeIndex) and repeated.tz is None and (repeated != repeated.normalize()).any():
        message += (
            "; if clocks were set back there (daylight saving), "
            "distinguish the two hours with `y.tz_localize(zone, ambiguous=...)`"
        )
    raise ValueError(message + ".")


def _convert(index, place):
    """Convert text, Python objects and pyarrow times. Other indexes are returned unchanged."""
    if isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) or isinstance(index.dtype, pd.CategoricalDtype):
        return index, None
    kind = kind_of(index)
    if kind == "string":
        _check_no_missing(index, place)
        return _parse_text(index, place)
    if kind in OBJECTS:
        typed = pd.PeriodIndex if kind == "period" else pd.DatetimeIndex
        try:
            times = typed(index)
        except pd.errors.OutOfBoundsDatetime as error:  # before pandas 3, years before 1678 and after 2261
            raise ValueError(
                f"`{place.name}` has a timestamp in {place.words} that pandas cannot store: {error}. Correct it."
            ) from error
        except (ValueError, TypeError):
            raise ValueError(
                f"`{place.name}` has timestamps of different kinds or time zones in {place.words}. Convert them: "
                f"`{place.convert(_suggest_common_zone(index))}`."
            ) from None
        # Among dates, there may be objects of the subclass `datetime.datetime`.
        is_date = kind == "date" and index.dtype == object and (times == times.normalize()).all()
        return times, DATE_OBJECTS if is_date else None
    return index, None


def _suggest_common_zone(index):
    """Return an expression that converts objects of several time zones: to local times if all are, say, midnights."""
    stamps = [pd.Timestamp(stamp) for stamp in index if not pd.isna(stamp)]
    local = pd.DatetimeIndex([stamp.tz_localize(None) for stamp in stamps])
    if all(stamp.tz is not None for stamp in stamps) and has_one_time_of_day(local):
        return "pd.to_datetime([stamp.replace(tzinfo=None) for stamp in {times}])"
    return "pd.to_datetime({times}, utc=True)"


def check_parts_of_years(index, place):
    """Check that integers do not seem to be weeks or quarters of years, or times such as seconds since 1970.

    Raises:
        ValueError: If they do; the message contains code that converts them.
    """
    if (suggestion := suggest_integer_conversion(index)) is not None:
        words, expression = suggestion
        raise ValueError(
            f"`{place.name}` has integers from {index.min()} to {index.max()} in {place.words}, which seem to be "
            f"{words}. Convert them: `{place.convert(expression)}`; if they number the steps, pass the step as "
            "`freq=`, such as `freq=1`."
        )


def _describe_other(index, place):
    if isinstance(index, pd.MultiIndex):
        return "a MultiIndex, but panels (series, time) are not supported here. Pass one series: `y.xs(key, level=0)`."
    if types.is_bool_dtype(index.dtype):
        return "booleans as times. Number the steps instead: `y.reset_index(drop=True)`."
    if frequencies := sorted({stamp.freqstr for stamp in index if isinstance(stamp, pd.Period)}):
        conversion = f"pd.PeriodIndex([stamp.asfreq({index[0].freqstr!r}) for stamp in {{times}}])"
        what = "periods of different lengths" if len(frequencies) > 1 else "periods and other values"
        return f"{what} ({', '.join(frequencies)}) in {place.words}. Convert them: `{place.convert(conversion)}`."
    kinds = (
        (isinstance(index.dtype, pd.CategoricalDtype), "categories"),
        (types.is_float_dtype(index.dtype), "floats"),
        (types.is_timedelta64_dtype(index.dtype), "durations"),
        (True, f"values of dtype {index.dtype}, such as {index[:1].tolist()[0]!r},"),
    )
    what = f"{next(words for is_kind, words in kinds if is_kind)} as times in {place.words}."
    conversions = suggest_conversions(index)
    return " ".join([what, *(f"Convert them: `{place.convert(each)}`." for each in conversions)])


def _check_no_missing(index, place):
    missing = index.isna()
    if missing.any():
        raise ValueError(MISSING.format(name=place.name, what="timestamp", place=place.words, row=missing.argmax()))


def _parse_text(index, place):
    text = next((text for text in TEXT_FORMATS if _has_format(index[:1], text).all()), None)
    matches = _has_format(index, text) if text else np.zeros(len(index), bool)
    if matches.all():
        return _parse(index, text).as_unit("s"), text
    stamp = index[matches.argmin()]
    conversions = suggest_conversions(index)
    if not conversions:
        expected = f"like {index[0]!r}" if text else "ISO dates such as '2024-01-31' or '2024-01-31 13:00'"
        raise ValueError(
            f"`{place.name}` has the text {stamp!r} in {place.words}, but all timestamps must be {expected}. Correct "
            "that text, or convert all timestamps to datetimes."
        )
    code = "`, or `".join(place.convert(conversion) for conversion in conversions)
    raise ValueError(
        f"`{place.name}` has the text {stamp!r} in {place.words}, but only ISO dates such as '2024-01-31' or "
        f"'2024-01-31 13:00' in one format are read as they are. Convert them: `{code}`."
    )


def _parse(index, text):
    return pd.DatetimeIndex(pd.to_datetime(index, format=text, errors="coerce"))


def _has_format(index, text):
    # Formatted and compared, because parsers accept variants that could not be restored ("2024-1-1").
    return np.asarray((_parse(index, text).strftime(text) == index.astype(object)) & ~index.isna())
