"""Formats of dates: integers that are dates, and the conversion of text that is not ISO."""

import itertools
import warnings

import numpy as np
import pandas as pd
from pandas.api import types

# Integers in these ranges are dates such as 202401, 20240131 or 2024013123, if all of them are.
INTEGER_FORMATS = {
    "%Y%m": (190001, 210012),
    "%Y%m%d": (19000101, 21001231),
    "%Y%m%d%H": (1900010100, 2100123123),
    "%Y%m%d%H%M": (190001010000, 210012312359),
}
MOSTLY_DATES = 0.75  # of integers; above, the others are errors
DATES = (
    *("%Y%m%d", "%Y%m", "%Y/%m/%d", "%Y.%m.%d", "%Y/%m", "%m/%Y", "%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y"),
    *("%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %Y", "%B %Y", "%b-%Y", "%b %d, %Y", "%B %d, %Y"),
    *("%Y %b", "%Y-%b", "%b-%y", "%d-%b-%y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%y-%m-%d"),
)
# What integers may be, the base of the year, the number that their largest part exceeds, the last one of a year, and
# the conversion.
PARTS_OF_YEARS = (
    ("weeks", 100, 12, 53, "pd.to_datetime({times}.astype(str) + '1', format='%G%V%u')"),
    ("quarters", 10, 1, 4, r"pd.PeriodIndex({times}.astype(str).str.replace(r'(.)$', r'Q\1', regex=True), freq='Q')"),
)
SAMPLE = 100  # texts that are tried first
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
# Expressions that convert text, and the functions that they call, most common first.
CONVERSIONS = {
    "pd.to_datetime({times}, format='ISO8601')": lambda index: pd.to_datetime(index, format="ISO8601"),
    "pd.to_datetime({times}, format='ISO8601', utc=True)": (
        lambda index: pd.to_datetime(index, format="ISO8601", utc=True)
    ),
    "pd.PeriodIndex({times}, freq='Q')": lambda index: _quarters(index),
}


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
        if first <= low and high <= last:
            times = pd.to_datetime(index.astype("int64").astype(str), format=text, errors="coerce")
            is_date = times.notna()
            if is_date.all():
                return pd.DatetimeIndex(times, name=index.name).as_unit("s"), text
            if is_date.mean() >= MOSTLY_DATES:
                raise ValueError(
                    f"The integers from {low} to {high} seem to be dates, but {index[~is_date][0]} is none. Correct "
                    "it, or pass `freq=1` if the integers number the steps."
                )
    return None


def suggest_integer_conversion(index):
    """Return what integers seem to be and an expression that converts them, if they are weeks or quarters of years.

    These are not converted unasked, because numbers of steps may have the same digits.

    Args:
        index: Integer Index without missing values.

    Returns:
        `(words, expression)` with `{times}` for the index, or None.
    """
    low, high = int(index.min()), int(index.max())
    for words, base, least, most, expression in PARTS_OF_YEARS:
        if not (1900 * base < low and high < 2100 * base):
            continue
        years, parts = np.divmod(index.to_numpy(dtype="int64"), base)
        is_part = (parts >= 1) & (parts <= most)
        if is_part.all() and len(np.unique(years)) > 1 and len(np.unique(parts)) > 1 and parts.max() > least:
            return words, expression
    return None


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
        is_whole = np.isfinite(index).all() and (index == np.floor(index)).all()
        return ["{times}.astype('int64')"] if is_whole else []
    if types.is_timedelta64_dtype(index.dtype):
        return ["pd.Timestamp('2000-01-01') + {times}"]
    return _text_conversions(index) if types.infer_dtype(index) == "string" else []


def _text_conversions(index):
    for expression, convert in CONVERSIONS.items():
        if _times(convert, index) is not None:
            return [expression]
    found, read = [], []
    for date, time in itertools.product(DATES, TIMES):
        times = _times(pd.to_datetime, index, format=date + time)
        if times is not None and not any(times.equals(other) for other in read):
            read.append(times)
            found.append(f"pd.to_datetime({{times}}, format={date + time!r})")
    return found


def _times(convert, index, **options):
    if len(index) > SAMPLE and _times(convert, index[:SAMPLE], **options) is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            times = convert(index, **options)
        except (ValueError, TypeError, OverflowError, UserWarning, FutureWarning):
            return None
    return times if isinstance(times, pd.DatetimeIndex | pd.PeriodIndex) else None


def _quarters(index):
    if not index.str.fullmatch(r"\d{4}-?Q[1-4]").all():
        raise ValueError("Not a quarter.")
    return pd.PeriodIndex(index, freq="Q")
