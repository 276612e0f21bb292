"""Formats of dates: integers that are dates, and the conversion of text that is not ISO."""

import itertools
import warnings

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn.series.values import kind_of

# Integers in these ranges are dates such as 202401, 20240131 or 2024013123, if all of them are.
INTEGER_FORMATS = {
    "%Y%m": (190001, 210012),
    "%Y%m%d": (19000101, 21001231),
    "%Y%m%d%H": (1900010100, 2100123123),
    "%Y%m%d%H%M": (190001010000, 210012312359),
}
MOSTLY_DATES = 0.75  # of integers; above, the others are errors
DATES = (
    *(
        "%Y-%m-%d",
        "%Y%m%d",
        "%Y%m",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%Y/%m",
        "%m/%Y",
        "%m-%Y",
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%m/%d/%Y",
    ),
    *("%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %Y", "%B %Y", "%b-%Y", "%b %d, %Y", "%B %d, %Y"),
    *("%Y %b", "%Y-%b", "%b-%y", "%d-%b-%y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%y-%m-%d"),
    *("%m/%y", "%b %y", "%B %y", "%d%b%Y", "%Y-%j", "FY%Y", "FY%y"),
)
# What integers may be, the base of the year, the number that their largest part exceeds, the last one of a year,
# whether those of a single recent year are recognized, and the conversion.
RECENT_YEARS = range(1990, 2050)
PARTS_OF_YEARS = (
    ("weeks", 100, 12, 53, True, "pd.to_datetime({times}.astype(str) + '1', format='%G%V%u')"),
    (
        *("quarters", 10, 1, 4, False),
        r"pd.PeriodIndex({times}.astype(str).str.replace(r'(.)$', r'Q\1', regex=True), freq='Q')",
    ),
)
EPOCH_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # per second
EPOCH_SECONDS = (946684800, 2524608000)  # 2000 to 2050
EXCEL_DAYS = (36526, 54789)  # the same years, in days since 1899-12-30
SAMPLE = 100  # texts that are tried first
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
QUARTER = r"\d{4}-?Q[1-4]"  # as pandas reads it
OFFSET = r"(Z|[+-]\d\d:?\d\d)$"
# Parts of years as text: pairs of a pattern and its replacement, and the format of the result, None for quarters. A
# year of two digits is one from 1970 to 2069.
PARTS = (
    (((r"^(\d{4})[- ]?[Qq]([1-4])$", r"\1Q\2"),), None),
    (((r"^[Qq]([1-4])[-/ ]?(\d{4})$", r"\2Q\1"),), None),
    (((r"^([1-4])[Qq][-/ ]?(\d{4})$", r"\2Q\1"),), None),
    (((r"^[Qq]([1-4])[-/\x27 ]?([0-6]\d)$", r"20\2Q\1"), (r"^[Qq]([1-4])[-/\x27 ]?([7-9]\d)$", r"19\2Q\1")), None),
    (((r"^([1-4])[Qq][-/\x27 ]?([0-6]\d)$", r"20\2Q\1"), (r"^([1-4])[Qq][-/\x27 ]?([7-9]\d)$", r"19\2Q\1")), None),
    (((r"^(\d{4})-?W(\d{1,2})$", r"\1-W\2-1"),), "%G-W%V-%u"),
    (((r"^(\d{4})-?W(\d{2})-?([1-7])$", r"\1-W\2-\3"),), "%G-W%V-%u"),
    (((r"^KW ?(\d{1,2})[-/ ](\d{4})$", r"\2-W\1-1"),), "%G-W%V-%u"),  # Kalenderwoche, the ISO week
    (((r"^(\d{4})-?[Mm](\d{1,2})$", r"\1-\2"),), "%Y-%m"),
    (((r"^(\d{4})-?[HS]1$", r"\1-01"), (r"^(\d{4})-?[HS]2$", r"\1-07")), "%Y-%m"),
    (((r"^[HS]1[-/ ]?(\d{4})$", r"\1-01"), (r"^[HS]2[-/ ]?(\d{4})$", r"\1-07")), "%Y-%m"),
    (((r"^1[HS][-/ ]?(\d{4})$", r"\1-01"), (r"^2[HS][-/ ]?(\d{4})$", r"\1-07")), "%Y-%m"),
    (((r"^1[HS][-/ ]?(\d\d)$", r"\1-01"), (r"^2[HS][-/ ]?(\d\d)$", r"\1-07")), "%y-%m"),
)
# Expressions that convert text, and the functions that they call, most common first.
CONVERSIONS = {
    "pd.to_datetime({times}, format='ISO8601')": lambda index: pd.to_datetime(index, format="ISO8601"),
    f"pd.to_datetime({{times}}.str.replace(r'{OFFSET}', '', regex=True), format='ISO8601')": (
        lambda index: parse_local_dates(index)
    ),
    "pd.to_datetime({times}, format='ISO8601', utc=True)": (
        lambda index: pd.to_datetime(index, format="ISO8601", utc=True)
    ),
    "pd.PeriodIndex({times}, freq='Q')": lambda index: _quarters(index),
}
UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, UserWarning, FutureWarning)


def parse_integer_dates(index):
    """Parse integers that are dates, such as 202401 or 20240131.

    Args:
        index: Integer Index without missing values.

    Returns:
        `(DatetimeIndex, format)`, or None if they are not dates.

    Raises:
        ValueError: If most integers are dates; the message names one that is not.
    """
    low, high = int(index.min()), int(index.max())
    for text, (first, last) in INTEGER_FORMATS.items():
        if low > last or high < first:
            continue
        inside = index[(index >= first) & (index <= last)]
        times = pd.to_datetime(inside.astype("int64").astype(str), format=text, errors="coerce")
        is_date = times.notna()
        if len(inside) < len(index):
            if len(inside) > 1 and is_date.all() and not _is_mostly_filled(index):
                other = index[(index < first) | (index > last)][0]
                raise ValueError(
                    f"The integers {inside[0]} and {len(inside) - 1} more seem to be dates, but {other} is none of "
                    "this format. Write all as dates of one format, or pass `freq=1` if the integers number the steps."
                )
            continue
        if is_date.all():
            return pd.DatetimeIndex(times, name=index.name).as_unit("s"), text
        if is_date.mean() >= MOSTLY_DATES:
            raise ValueError(
                f"The integers from {low} to {high} seem to be dates, but {index[~is_date][0]} is none. Correct "
                "it, or pass `freq=1` if the integers number the steps."
            )
    return None


def _is_mostly_filled(index):
    """Return whether integers follow a step, with at most half of the positions missing."""
    values = np.unique(index.to_numpy(dtype="float64", na_value=0))  # floats do not overflow
    return len(values) < 2 or np.ptp(values) / np.diff(values).min() < 2 * len(values)


def suggest_integer_conversion(index):
    """Return what integers seem to be and an expression that converts them: weeks or quarters of years, or times.

    These are not converted unasked, because numbers of steps may have the same digits.

    Args:
        index: Integer Index without missing values.

    Returns:
        `(words, expression)` with `{times}` for the index, or None.
    """
    low, high = int(index.min()), int(index.max())
    for words, base, least, most, in_one_year, expression in PARTS_OF_YEARS:
        if not (1900 * base < low and high < 2100 * base):
            continue
        years, parts = np.divmod(index.to_numpy(dtype="int64"), base)
        is_part = (parts >= 1) & (parts <= most)
        is_dated = len(np.unique(years)) > 1 or (in_one_year and years[0] in RECENT_YEARS)
        if is_part.all() and is_dated and len(np.unique(parts)) > 1 and parts.max() > least:
            return f"{words} of years", expression
    unit = epoch_unit(low, high)
    return None if unit is None else (f"times in {unit} since 1970", f"pd.to_datetime({{times}}, unit={unit!r})")


def epoch_unit(low, high):
    """Return the unit in which numbers from `low` to `high` are times since 1970, if they lie in 2000 to 2050."""
    first, last = EPOCH_SECONDS
    return next((unit for unit, per in EPOCH_UNITS.items() if first * per <= low and high <= last * per), None)


def suggest_conversions(index):
    """Return expressions that convert an index to times, with `{times}` for the index.

    Args:
        index: Index without missing values that is not a time axis.

    Returns:
        List of one expression; of several if they return different times; empty if there is none.
    """
    if isinstance(index.dtype, pd.CategoricalDtype):
        as_text = index.astype(str)
        inner = suggest_conversions(as_text)
        return [expression.replace("{times}", "{times}.astype(str)") for expression in inner]
    if types.is_float_dtype(index.dtype):
        return _number_conversions(index)
    if types.is_timedelta64_dtype(index.dtype):
        return ["pd.Timestamp('2000-01-01') + {times}"]
    kind = kind_of(index)
    if kind == "bytes":
        return ["{times}.str.decode('utf-8')"]
    if kind in ("integer", "decimal", "mixed-integer"):
        return _number_conversions(index)
    return _text_conversions(index) if kind == "string" else []


def _number_conversions(index):
    """Return the expression that converts whole numbers to integers, or numbers to times if they seem to be times."""
    try:
        values = index.astype("float64")
    except UNREADABLE:
        return []
    is_whole = bool(np.isfinite(values).all() and (values == np.floor(values)).all())
    plain = "{times}" if types.is_float_dtype(index.dtype) else "{times}.astype('float64')"
    integers = "{times}.astype('int64')"
    if (unit := epoch_unit(values.min(), values.max())) is not None:
        return [f"pd.to_datetime({integers if is_whole else plain}, unit={unit!r})"]
    if not is_whole and values.min() > EXCEL_DAYS[0] and values.max() < EXCEL_DAYS[1]:
        return [f"pd.to_datetime(({plain} * 86400).round(), unit='s', origin='1899-12-30')"]
    return [integers] if is_whole and np.abs(values).max() < 2**53 else []


def _text_conversions(index):
    for expression, convert in CONVERSIONS.items():
        if _times(convert, index) is not None:
            return [expression]
    for pairs, text in PARTS:
        if _times(_parse_parts, index, pairs=pairs, text=text) is not None:
            used = [(part, new) for part, new in pairs if index.str.match(part).any()]
            replaced = "".join(f".str.replace(r'{part}', r'{new}', regex=True)" for part, new in used)
            read = "pd.PeriodIndex({}, freq='Q')" if text is None else f"pd.to_datetime({{}}, format={text!r})"
            return [read.format("{times}" + replaced)]
    if index.str.fullmatch(r"\d{9,19}(\.\d+)?").all() and (conversions := _number_conversions(index)):
        return conversions
    found, read = [], []
    for date, time in itertools.product(DATES, TIMES):
        times = _times(pd.to_datetime, index, format=date + time)
        if times is not None and not any(times.equals(other) for other in read):
            read.append(times)
            found.append(f"pd.to_datetime({{times}}, format={date + time!r})")
    return found


def parse_parts(index):
    """Parse text of quarters, ISO weeks, months or half years such as 2024-Q1, 2024-W01, 2024M01 or 2024-H1.

    Args:
        index: Index of text without missing values.

    Returns:
        DatetimeIndex of their first days; None for other text, or if a year does not have four digits.
    """
    if not index.str.contains(r"\d{4}").all():
        return None
    found = (_times(_parse_parts, index, pairs=pairs, text=text) for pairs, text in PARTS)
    times = next((times for times in found if times is not None), None)
    return times.to_timestamp() if isinstance(times, pd.PeriodIndex) else times


def parse_local_dates(index):
    """Parse ISO text with UTC offsets that change, but with the same local time of day: days or longer steps.

    Returns:
        DatetimeIndex of the local times, without a time zone.

    Raises:
        ValueError: If the local time of day is not the same, as in hours.
    """
    if not index.str.contains(":").all():
        raise ValueError("Not offsets: 2023-2024.")
    local = pd.DatetimeIndex(pd.to_datetime(index.str.replace(OFFSET, "", regex=True), format="ISO8601"))
    if not has_one_time_of_day(local):
        raise ValueError("Not the same time of day.")
    return local


def has_one_time_of_day(index):
    """Return whether all timestamps have the same local time of day."""
    local = index.tz_localize(None)
    return len((local - local.normalize()).unique()) == 1


def _parse_parts(index, pairs, text):
    for pattern, new in pairs:
        index = index.str.replace(pattern, new, regex=True)
    if text is None:
        return _quarters(index)
    times = pd.DatetimeIndex(pd.to_datetime(index, format=text))
    if "%V" in text and (times.isocalendar().week.to_numpy() != index.str.extract(r"W(\d+)")[0].astype(int)).any():
        raise ValueError("Not a week.")  # before pandas 3, week 53 of any year is read
    return times


def _times(convert, index, **options):
    if len(index) > SAMPLE and _times(convert, index[:SAMPLE], **options) is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            times = convert(index, **options)
        except UNREADABLE:
            return None
    return times if isinstance(times, pd.DatetimeIndex | pd.PeriodIndex) and not times.hasnans else None


def _quarters(index):
    if not index.str.fullmatch(QUARTER).all():
        raise ValueError("Not a quarter.")
    return pd.PeriodIndex(index, freq="Q")
