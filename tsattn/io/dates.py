"""Dates in files: ISO dates, other dates with a year of four digits, months such as 202401, and integers."""

import contextlib
import re
import warnings

import pandas as pd
from pandas.api import types

from tsattn.io.messages import format_names, format_value
from tsattn.series.date_formats import parse_integer_dates

TIME_OF_DAY = re.compile(r"hour|hours|hr|hh|time|time of day|hour of day", re.IGNORECASE)  # names of columns
YEAR = re.compile(r"(?<!\d)(?:1[5-9]|2[01])\d\d(?!\d)")  # of four digits
PART_OF_DATE = re.compile(  # a date without such a year, or a time without a date
    r"(?:\d{1,2}[-/. ])?\d{1,2}[-/. ]\d{1,2}(?:[ T].*)?|\d{1,2}:\d\d.*|"
    r"(?:\d{1,2}[-/. ]*)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?:[-/., ]*\d{1,2}(?!\d).*)?",
    re.IGNORECASE,
)


def find_time_column(table, path, date_format=None):
    """Find the time column of a table whose numeric columns have numeric dtypes.

    Args:
        table: DataFrame.
        path: Path of the file, for messages.
        date_format: See `parse_dates`. Defaults to None.

    Returns:
        Its name and its values as an index.

    Raises:
        ValueError: If there is none, or if a column contains dates that cannot be read without doubt.
    """
    if date_format is not None:
        return _column_of_format(table, path, date_format)
    for name in table.columns:
        if (index := parse_iso_dates(table[name])) is not None:
            return name, index
    time_of_day = find_time_of_day(table)
    others = [name for name, dtype in table.dtypes.items() if not types.is_numeric_dtype(dtype) and name != time_of_day]
    if len(others) == 1 and (index := parse_dates(table[others[0]], path)) is not None:
        return others[0], index
    for name in table.columns:
        index = parse_integers(table[name])
        if index is not None and index.is_unique and index.is_monotonic_increasing:
            return name, index
    for name in others:
        _check_invalid_dates(table[name], path)
        _check_years(table[name], path)
    raise ValueError(
        f"{path} has no column of ISO dates or increasing integers. Its columns are {format_names(table.columns)}. "
        "Name the time column, and write its values as dates such as 2024-01-31 or 2024-01-31 13:00, or as integers."
    )


def _column_of_format(table, path, date_format):
    for name in table.columns:
        index = _to_datetimes(table[name].map(str, na_action="ignore"), format=date_format)
        if index is not None and index.notna().any():
            return name, index
    raise ValueError(
        f"{path} has no column of dates with the format {date_format!r}. Its columns are "
        f"{format_names(table.columns)}. Correct the format, or name the time column."
    )


def parse_iso_dates(column):
    """Parse ISO dates, written as text or as integers such as 20240131 or 202401. Return None for other values."""
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.PeriodIndex(column)
    if types.is_integer_dtype(column.dtype):
        with contextlib.suppress(ValueError):  # `fit` refuses integers most of which are dates, unless `freq` is 1
            dates, _ = parse_integer_dates(pd.Index(column)) or (None, None)
            return dates
        return None
    if types.is_numeric_dtype(column.dtype) or column.isna().all():
        return None
    index = _to_datetimes(column, format="ISO8601")
    # UTC is the only common time zone of offsets that change within the file, as with daylight saving time.
    return _to_datetimes(column, format="ISO8601", utc=True) if index is None else index


def parse_dates(column, path, date_format=None):
    """Parse dates in another format. Returns None if they are not dates.

    Args:
        column: Text.
        path: Path of the file, for messages.
        date_format: Format of the dates in the notation of `strptime`, or None to infer it. Defaults to None.

    Raises:
        ValueError: If a date lacks a year of four digits, if day and month are ambiguous, or if only a few values are
            not dates.
    """
    if date_format is not None:
        index = _to_datetimes(column.map(str, na_action="ignore"), format=date_format)
        if index is None:
            raise ValueError(
                f"Column {format_value(column.name)} of {path} contains the value "
                f"{format_value(_first_without_format(column, date_format))}, which does not have the date format "
                f"{date_format!r}. Correct the format or the value."
            )
        return index
    _check_invalid_dates(column, path)  # otherwise a single month 13 would turn all dates into year-day-month
    _check_years(column, path)
    parsed = [_to_datetimes(column, dayfirst=dayfirst) for dayfirst in (False, True)]
    parsed = [index for index in parsed if index is not None]
    if len(parsed) == 2 and not parsed[0].equals(parsed[1]):
        raise ValueError(
            f"Column {format_value(column.name)} of {path} contains dates such as {format_value(column.iloc[0])}, "
            'in which day and month are ambiguous. Write them as 2024-01-31, or pass `date_format`, such as "%d/%m/%Y" '
            "for a day before its month; on the command line --date-format."
        )
    return parsed[0] if parsed else None


def find_time_of_day(table):
    """Return the name of a column of hours or times of day, by which dates in another column are completed, or None.

    It is named "hour" or "time", and contains integers from 0 to 23, or times such as 13:00.
    """
    for name in table.columns:
        if TIME_OF_DAY.fullmatch(str(name).strip().replace("_", " ")) and parse_time_of_day(table[name]) is not None:
            return name
    return None


def parse_time_of_day(column):
    """Return hours from 0 to 23 or times such as 13:00 as a TimedeltaIndex, None for other values."""
    if types.is_integer_dtype(column.dtype):
        return pd.to_timedelta(pd.Index(column), unit="h") if column.between(0, 23).all() else None
    texts = column.astype(str).str.strip()
    if types.is_numeric_dtype(column.dtype) or not texts.str.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?").all():
        return None
    is_short = texts.str.count(":") == 1
    return pd.to_timedelta(pd.Index(texts.where(~is_short, texts + ":00")))


def parse_integers(column):
    """Return integers as an index, None for other values."""
    return pd.Index(column) if types.is_integer_dtype(column.dtype) else None


def _check_invalid_dates(column, path):
    """Raise a ValueError that names the first invalid value, if most values of the column are ISO dates."""
    is_date = pd.to_datetime(column.astype(str), format="ISO8601", errors="coerce", utc=True).notna()
    wrong = column[~is_date & column.notna()]
    if is_date.sum() > len(wrong) > 0:
        raise ValueError(
            f"Column {format_value(column.name)} of {path} contains ISO dates, but also the value "
            f"{format_value(wrong.iloc[0])} in row {wrong.index[0] + 1}. Correct or remove that row."
        )


def _check_years(column, path):
    """Raise a ValueError if the values are parts of dates, which a parser would complete by the current date."""
    values = column.dropna().astype(str).str.strip()
    without = values[~values.str.contains(YEAR)]
    if len(without) and without.map(lambda value: bool(PART_OF_DATE.fullmatch(value))).all():
        raise ValueError(
            f"Column {format_value(column.name)} of {path} contains {format_value(without.iloc[0])} in row "
            f"{without.index[0] + 1}, which has no year of four digits. Write dates as 2024-01-31, and months as "
            '2024-01, or pass `date_format`, such as "%b-%y" for Jan-24; on the command line --date-format.'
        )


def _first_without_format(column, date_format):
    parsed = pd.to_datetime(column.astype(str), format=date_format, errors="coerce")
    return column[parsed.isna() & column.notna()].iloc[0]


def _to_datetimes(column, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns that it infers the format; the caller tries both orders
        try:
            return pd.DatetimeIndex(pd.to_datetime(column, **options))
        except (ValueError, TypeError, OverflowError):
            return None
