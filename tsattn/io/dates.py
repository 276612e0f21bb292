"""Dates in files: ISO dates, other dates with a year of four digits, months such as 202401, and integers."""

import contextlib
import itertools
import re
import warnings

import pandas as pd
from pandas.api import types
from pandas.tseries.api import guess_datetime_format

from tsattn.io.messages import format_names, format_value
from tsattn.io.times_of_day import RANGE, is_part_of_day
from tsattn.series.date_formats import (
    DATES,
    EXCEL_DAYS,
    MOSTLY_DATES,
    TIMES,
    epoch_unit,
    parse_integer_dates,
    parse_local_dates,
    parse_parts,
)

YEAR = re.compile(r"(?<!\d)(?:1[5-9]|2[01])\d\d(?!\d)")  # of four digits
PART_OF_DATE = re.compile(  # a date without such a year, or a time without a date
    r"(?:\d{1,2}[-/. ])?\d{1,2}[-/. ]\d{1,2}(?:[ T].*)?|\d{1,2}:\d\d.*|[1-4]Q\d\d|Q[1-4][-/' ]?\d\d|FY\d\d|"
    r"(?:\d{1,2}[-/. ]*)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?:[-/., ]*\d{1,2}(?!\d).*)?",
    re.IGNORECASE,
)
LAST_YEAR = 2200  # later ones are probably of another calendar
LETTERS = ("", "T", "Z", "FY", "GMT", "UTC")  # in a format of dates
TIME_NAME = re.compile(
    r".*(?:time|date|datum|epoch|unix|stamp|\bts\b|\bday\b|\btag\b|\bmonth\b|monat).*", re.IGNORECASE
)
WEEK_NAME = re.compile(r".*(?:week|woche|\bkw\b|semaine).*", re.IGNORECASE)
DATE_NAME = re.compile(r"\d{4}(?:-\d\d){0,2}")
# Names of columns of integers that together are a date.
YEARS = re.compile(r"year|yyyy|jahr|ann[e\u00e9]e", re.IGNORECASE)
PARTS_OF_YEARS = {
    "month": re.compile(r"months?|monat|mois", re.IGNORECASE),
    "quarter": re.compile(r"quarter|qtr|quartal|trimestre", re.IGNORECASE),
    "day": re.compile(r"days?|tag|jour", re.IGNORECASE),
    "week": re.compile(r"weeks?|woche|kw|semaine", re.IGNORECASE),
}


def find_time_column(table, path, date_format=None):
    """Find the time column of a table whose numeric columns have numeric dtypes.

    Args:
        table: DataFrame.
        path: Path of the file, for messages.
        date_format: See `parse_dates`. Defaults to None.

    Returns:
        `(names, index)`: the name of the column, or the names of columns that together are dates; and the times.

    Raises:
        ValueError: If there is none, or if a column contains dates that cannot be read without doubt.
    """
    if date_format is not None:
        return _column_of_format(table, path, date_format)
    others = [name for name, dtype in table.dtypes.items() if not types.is_numeric_dtype(dtype)]
    integers = [name for name in table.columns if name not in others]
    if found := _iso_columns(table[others]):
        return next((([name], index) for name, index in found if index.nunique() > 1), ([found[0][0]], found[0][1]))
    others = [name for name in others if not is_part_of_day(table[name])] or others
    for name in others:
        _check_invalid_dates(table[name], path)
    errors = []
    for name in others:
        try:
            index = parse_dates(table[name], path)
        except ValueError as error:  # another column may contain clear dates
            errors.append(error)
        else:
            if index is not None and (index.nunique() > 1 or len(others) == 1):
                return [name], index
    for name, index in _iso_columns(table[integers]):  # after text, because values may have the same digits
        if not errors or TIME_NAME.fullmatch(str(name)):
            check_no_weeks(table[name], path)
            return [name], index
    if errors:
        raise errors[0]
    _check_seeming_dates(table[others], path)
    parts, index = _parse_parts_of_dates(table)
    if index is not None:
        return parts, index
    for name in integers:
        check_no_weeks(table[name], path)
        index = parse_numbers_as_times(table[name], path)
        if name not in parts and index is not None and index.is_unique and index.is_monotonic_increasing:
            return [name], index
    expected = (
        "Name the time column, and write its values as dates such as 2024-01-31 or 2024-01-31 13:00, or as integers."
    )
    if sum(bool(DATE_NAME.fullmatch(str(name).strip())) for name in table.columns) > len(table.columns) / 2:
        expected = (
            "Most of them seem to be times. Transpose the table: one row for each time, a column for each series."
        )
    if parts:
        expected = f"Write {format_names(parts)} as one column of dates, such as 2024-01-31, 2024-W01 or 2024-Q1."
    raise ValueError(
        f"{path} has no column of ISO dates or increasing integers. Its columns are {format_names(table.columns)}. "
        f"{expected}"
    )


def _iso_columns(table):
    found = ((name, parse_iso_dates(column)) for name, column in table.items())
    return [(name, index) for name, index in found if index is not None]


def _parse_parts_of_dates(table):
    """Parse columns of integers that together are a date: a year and a month, and a day, or a year and a quarter.

    Returns:
        The names of the columns that seem to be parts of a date, and a DatetimeIndex, or None if they are not.
    """
    integers = [name for name, dtype in table.dtypes.items() if types.is_integer_dtype(dtype)]
    years = next((name for name in integers if YEARS.fullmatch(str(name).strip())), None)
    if years is None or not table[years].between(1500, 2200).all():
        return [], None
    names = {
        part: next((name for name in table.columns if pattern.fullmatch(str(name).strip())), None)
        for part, pattern in PARTS_OF_YEARS.items()
    }
    names = {part: name for part, name in names.items() if name is not None}
    if not names:
        return [], None
    used = [years, *names.values()]
    if "week" in names or any(name not in integers for name in names.values()):
        return used, None
    if "month" in names:
        months, used = table[names["month"]], [years, names["month"], *([names["day"]] if "day" in names else [])]
    elif "quarter" in names and "day" not in names:
        months = (3 * table[names["quarter"]] - 2).where(table[names["quarter"]].between(1, 4), 0)
    else:
        return used, None
    days = table[names["day"]] if "month" in names and "day" in names else 1
    return used, _to_datetimes(pd.DataFrame({"year": table[years], "month": months, "day": days}))


def _column_of_format(table, path, date_format):
    for name in table.columns:
        index = _parse_format(table[name], date_format)
        if index is not None and index.notna().any():
            return [name], index
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
    if index is not None:
        return index
    with contextlib.suppress(ValueError, TypeError):  # days or longer steps with offsets that change
        observed = pd.Index(column.dropna().unique())
        return pd.DatetimeIndex(column.map(dict(zip(observed, parse_local_dates(observed), strict=True))))
    # UTC is the only common time zone of offsets that change within the file, as with daylight saving time.
    return _to_datetimes(column, format="ISO8601", utc=True)


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
        index = _parse_format(column, date_format)
        if index is None:
            raise ValueError(
                f"Column {format_value(column.name)} of {path} contains the value "
                f"{format_value(_first_without_format(column, date_format))}, which does not have the date format "
                f"{date_format!r}. Correct the format or the value."
            )
        return index
    _check_invalid_dates(column, path)
    _check_years(column, path)
    texts = pd.Index(column.dropna().unique())
    if len(texts) == 0 or not isinstance(texts[0], str):
        return None
    found = _readings(texts)
    if len(found) > 1:
        formats = " or ".join(f'--date-format "{each}"' for each in found)
        raise ValueError(
            f"Column {format_value(column.name)} of {path} contains dates such as {format_value(column.iloc[0])}, "
            'in which day and month are ambiguous. Write them as 2024-01-31, or pass `date_format`, such as "%d/%m/%Y" '
            f"for a day before its month; on the command line {formats}."
        )
    times = next(iter(found.values()), None)
    return None if times is None else pd.DatetimeIndex(column.map(dict(zip(texts, times, strict=True))))


def _readings(texts):
    """Return the possible readings of dates with a year of four digits, by their format.

    Only formats that are stated in full are tried, because parsers complete what they do not find: they would read
    2024-M01 as the first minute of a year.
    """
    times = parse_parts(texts)
    if times is not None:
        return {"": times}
    starts = _starts(texts)
    formats = [date + time for date, time in itertools.product(DATES, TIMES) if "%Y" in date]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of days above 12; both orders are tried
        formats += [guess_datetime_format(starts[0], dayfirst=first) for first in (False, True)]
    found = {}
    for each in dict.fromkeys(each for each in formats if each and "%Y" in each):
        if re.sub(r"%[a-zA-Z]|[^a-zA-Z]", "", each) not in LETTERS:
            continue  # such as CET, which a guessed format would ignore
        times = _to_datetimes(starts, format=each)
        if times is not None and not any(times.equals(other) for other in found.values()):
            found[each] = times
    return found


def _starts(texts):
    """Return the starts of intervals such as 01.03.2024 00:00 - 01.03.2024 01:00; other texts are unchanged."""
    starts = pd.Index([re.split(RANGE, text)[0] for text in texts])
    return starts if starts.str.contains(YEAR).all() else texts


def _parse_format(column, date_format):
    """Parse text, or the starts of intervals, by a format. Return None if a value does not have it."""
    texts = column.map(str, na_action="ignore")
    index = _to_datetimes(texts, format=date_format)
    return _to_datetimes(texts.str.split(RANGE, regex=True).str[0], format=date_format) if index is None else index


def parse_numbers_as_times(column, path):
    """Return integers as an index, and numbers that are seconds since 1970, or parts of them, as times in UTC.

    Raises:
        ValueError: If a column that is named as a time contains dates as a spreadsheet counts them.
    """
    if len(column) == 0 or column.isna().any():
        return None
    low, high = column.min(), column.max()
    is_named = bool(TIME_NAME.fullmatch(str(column.name)))
    is_integer = types.is_integer_dtype(column.dtype)
    if is_named and EXCEL_DAYS[0] <= low and high <= EXCEL_DAYS[1]:
        raise ValueError(
            f"Column {format_value(column.name)} of {path} contains {format_value(column.iloc[0])}, which seems to be "
            "a date as a spreadsheet counts days. Format the column as dates such as 2024-01-31, and save the file "
            "again."
        )
    if (unit := epoch_unit(low, high)) is not None and (is_integer or is_named):
        return pd.DatetimeIndex(pd.to_datetime(column, unit=unit, utc=True))
    return pd.Index(column) if is_integer else None


def check_not_far_ahead(index, column, path):
    """Check that times do not seem to be those of another calendar, such as the years 2567 of the Buddhist one.

    Args:
        index: The times.
        column: The column that contains them, for messages.
        path: Path of the file, for messages.

    Raises:
        ValueError: If a year is after 2200; the message names the latest.
    """
    if not isinstance(index, pd.DatetimeIndex) or index.isna().all() or index.max().year <= LAST_YEAR:
        return
    latest = column.iloc[index.argmax()]
    raise ValueError(
        f"Column {format_value(column.name)} of {path} contains {format_value(latest)}, a time after the year "
        f"{LAST_YEAR}. If its years are those of another calendar, convert them; if it is a placeholder, remove the "
        "row. Otherwise pass `date_format`; on the command line --date-format."
    )


def check_no_weeks(column, path):
    """Check that integers in a column that is named as weeks are not weeks of years such as 202401.

    Raises:
        ValueError: If they are; the first twelve would be read as months.
    """
    if not types.is_integer_dtype(column.dtype) or not WEEK_NAME.fullmatch(str(column.name)):
        return
    if column.between(190001, 210053).all() and (column % 100).between(1, 53).all():
        raise ValueError(
            f"Column {format_value(column.name)} of {path} contains {format_value(column.min())} to "
            f"{format_value(column.max())}, which seem to be weeks of years. Write ISO weeks as 2024-W01, other weeks "
            "as their first day, such as 2024-01-31."
        )


def _check_invalid_dates(column, path):
    """Raise a ValueError that names the first invalid value, if most values of the column are ISO dates."""
    is_date = pd.to_datetime(column.astype(str), format="ISO8601", errors="coerce", utc=True).notna()
    wrong = column[~is_date & column.notna()]
    texts = pd.Index(wrong.unique())
    if is_date.any() and len(texts) and not texts.astype(str).str.match(r"\d{4}-").any() and _readings(texts):
        raise ValueError(
            f"Column {format_value(column.name)} of {path} contains dates in several formats: "
            f"{format_value(column[is_date].iloc[0])} and, in row {wrong.index[0] + 1}, {format_value(wrong.iloc[0])}. "
            "Write all of them as 2024-01-31. If a spreadsheet converted a part of them, it may have swapped day and "
            "month there: export the original dates."
        )
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
            f"{without.index[0] + 1}, which has no year of four digits. Write dates as 2024-01-31, months as 2024-01 "
            f"and quarters as 2024-Q1{_suggest_short_formats(without)}."
        )


def _suggest_short_formats(values):
    """Return the formats of dates with a year of two digits as the rest of a message, empty if there are none."""
    texts = pd.Index(values.unique())
    formats = [date + time for date, time in itertools.product(DATES, TIMES) if "%y" in date]
    found = {}
    for each in formats:
        times = _to_datetimes(texts, format=each)
        if times is not None and not any(times.equals(other) for other in found.values()):
            found[each] = times
    return "".join(f', or pass `date_format="{each}"`, on the command line --date-format "{each}"' for each in found)


def _check_seeming_dates(table, path):
    """Raise a ValueError that names a column of text with years, which seems to contain dates that are not read."""
    for name in table.columns:
        values = table[name].dropna().astype(str)
        has_year = values.str.contains(YEAR)
        if values[has_year].nunique() < 2 or has_year.mean() < MOSTLY_DATES:
            continue
        if not has_year.all():
            raise ValueError(
                f"Column {format_value(name)} of {path} contains {format_value(values.iloc[0])}, but also the value "
                f"{format_value(values[~has_year].iloc[0])} in row {values[~has_year].index[0] + 1}. Correct or remove "
                "that row."
            )
        raise ValueError(
            f"Column {format_value(name)} of {path} contains {format_value(values.iloc[0])}, which is not read as a "
            "date. Write dates as 2024-01-31 or 2024-01-31 13:00, months as 2024-01, weeks as 2024-W01 and quarters as "
            '2024-Q1, or pass `date_format`, such as "%d/%b/%Y:%H:%M"; on the command line --date-format.'
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
