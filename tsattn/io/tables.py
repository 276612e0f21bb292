"""Read tables on disk as pandas series with a time index: CSV files, Parquet files and embedded data sets."""

import re
from pathlib import Path

import pandas as pd
from pandas.api import types

from tsattn._utils.warnings import warn
from tsattn.datasets import dataset_names, load_dataset
from tsattn.io.dates import (
    check_no_weeks,
    check_not_far_ahead,
    find_time_column,
    parse_dates,
    parse_iso_dates,
    parse_numbers_as_times,
)
from tsattn.io.messages import example, format_names, format_value
from tsattn.io.numbers import parse_numbers, warn_of_filler
from tsattn.io.text import STANDARD_INPUT, read_text
from tsattn.io.times_of_day import complete_dates, is_part_of_day

UNNAMED = re.compile(r"Unnamed: \d+")  # pandas' name for a column without a name


def read_table(source, *, time=None, ids=None, targets=(), decimal=None, thousands=None, date_format=None):
    """Read a file or an embedded data set as one series or as many series.

    A CSV file is UTF-8 or UTF-16 text with a header, or a zip or gzip file of it. Columns are separated by commas,
    semicolons, tabs or vertical bars. Rows may be in any order. Numbers may have a decimal comma and separated
    thousands, and the same currency or percent sign, which is dropped. Dates must have a year of four digits; text of
    quarters, ISO weeks or half years is read as their first day, and seconds since 1970 as times in UTC. Columns of a
    year, a month and a day are one date. A column "hour" or "time" completes dates without times. Comments and titles
    before the header are ignored.

    Args:
        source: Path of a CSV or Parquet file, "-" for CSV from the standard input, or name of an embedded data set. An
            existing file takes precedence.
        time: Name of the time column. If None, use the first column of different ISO dates; otherwise the first one of
            other dates; otherwise the first column of increasing integers. Defaults to None.
        ids: Name of the column that identifies the series of each row, which is read as text. If None, read one series.
            Defaults to None.
        targets: Names of the columns to read. If empty, read all numeric columns. Defaults to `()`.
        decimal: Sign before the decimals in a CSV file. If None, it is inferred. Defaults to None.
        thousands: Sign between groups of three digits in a CSV file. If None, it is inferred. Defaults to None.
        date_format: Format of the times in the notation of `strptime`, such as `"%d/%m/%Y"`. If None, it is inferred.
            Defaults to None.

    Returns:
        A Series for one column, otherwise a DataFrame. The index contains the times; with `ids` it is a MultiIndex of
        ids and times.

    Raises:
        ValueError: If the content is not a table of numbers over time. The message names the file and the column.
        OSError: If the file does not exist or cannot be read.
        ImportError: If the file is a Parquet file and pyarrow is not installed.

    Example:

    >>> read_table("weather", targets=["JFK_temp"]).name
    'JFK_temp'
    """
    path = Path(source)
    if str(source) in dataset_names() and not path.is_file():
        frame = load_dataset(str(source))
        frame = frame.to_frame() if isinstance(frame, pd.Series) else frame
        if time not in (None, frame.index.name):
            raise ValueError(f"The time column of {source} is {frame.index.name!r}, not {time!r}. Omit `time`.")
        if ids is not None:
            raise ValueError(f"The data set {source} is one series without an id column {ids!r}. Omit `ids`.")
    elif not path.exists() and str(source) != STANDARD_INPUT:
        raise FileNotFoundError(
            f"There is no file or embedded data set {str(source)!r}. Pass the path of a CSV or Parquet file, or "
            f"one of {', '.join(dataset_names())}."
        )
    else:
        if path.suffix.lower() in (".parquet", ".pq"):
            table = _read_parquet(path)
        else:
            text, separator = read_text(path)
            if date_format is not None and time is None and not text.empty:
                (time,), _ = find_time_column(text, path, date_format)  # before 01.2024 becomes a number
            texts = (ids,) if date_format is None else (ids, time)
            table = parse_numbers(text, separator, path, texts, targets, decimal, thousands)
        if ids is None:
            frame = _set_time_index(table, time, path, date_format).sort_index()
            _check_single_series(frame, path)
        else:
            frame = _set_panel_index(table, time, ids, path, date_format).sort_index()
    return _select_columns(frame, list(dict.fromkeys(targets)), source)


def _read_parquet(path):
    table = pd.read_parquet(path)
    if isinstance(table.index, pd.RangeIndex) and table.index.name is None:
        return table
    return table.reset_index(names=table.index.name or "Unnamed: 0")


def _set_time_index(table, time, path, date_format, names=None):
    """Make the time column the index, and drop other columns without a name; `names` are the ids of the rows."""
    if table.empty:
        raise ValueError(f"{path} has a header, but no rows. Pass a file with at least one row.")
    used = [time]
    if time is None:
        used, index = find_time_column(table, path, date_format)
    elif time not in table.columns:
        raise ValueError(f"{path} has no time column {time!r}. Its columns are {format_names(table.columns)}.")
    else:
        column = table[time]
        check_no_weeks(column, path)
        index = parse_iso_dates(column) if date_format is None else parse_dates(column, path, date_format)
        if index is None:
            is_numeric = types.is_numeric_dtype(column.dtype)
            index = parse_numbers_as_times(column, path) if is_numeric else parse_dates(column, path)
        if index is None:
            raise ValueError(
                f"The time column {time!r} of {path} contains {example(column)}. Use ISO dates or integers."
            )
    if date_format is None and len(used) == 1:
        check_not_far_ahead(index, table[used[0]], path)
    missing = index.isna()
    if missing.any():
        raise ValueError(
            f"Row {table.index[missing.argmax()] + 1} of {path} has no time in column {format_names(used)}. Complete "
            "or remove that row."
        )
    others = table.drop(columns=used)
    index, completing = complete_dates(index, others, names, path)
    rest = [name for name in others.columns if name not in completing and not UNNAMED.fullmatch(str(name))]
    name = None if len(used) > 1 or UNNAMED.fullmatch(str(used[0])) else used[0]
    return others[rest].set_axis(index.rename(name), axis=0)


def _set_panel_index(table, time, ids, path, date_format):
    """Make the ids and the times the index."""
    if ids not in table.columns:
        raise ValueError(f"{path} has no id column {ids!r}. Its columns are {format_names(table.columns)}.")
    names = table[ids].map(str, na_action="ignore")
    rest = _set_time_index(table.drop(columns=ids), time, path, date_format, names)
    return rest.set_index(pd.MultiIndex.from_arrays([names, rest.index], names=[ids, rest.index.name]))


def _check_single_series(frame, path):
    """Raise a ValueError if times are repeated and another column identifies the rows: the file holds many series."""
    repeated = frame.index[frame.index.duplicated()]
    names = [name for name in frame if not types.is_float_dtype(frame[name].dtype)] if len(repeated) else []
    for name in names:
        if frame.set_index(name, append=True).index.has_duplicates:
            continue
        column = format_value(name)
        message = f"{path} has several rows for the time {repeated[0]}."
        if is_part_of_day(frame[name]):
            values = f"from {format_value(frame[name].min())} to {format_value(frame[name].max())}"
            raise ValueError(
                f"{message} Column {column}, with values {values}, seems to be a part of the time. If it contains "
                'hours from 0 to 24 or times such as 13:00, name it "time"; otherwise write date and time in one '
                "column, such as 2024-01-31 13:00."
            )
        if not types.is_numeric_dtype(frame[name].dtype) and parse_iso_dates(frame[name]) is not None:
            raise ValueError(
                f"{message} Column {column} also contains dates. If it is the time, pass it as `time`, or on the "
                f"command line as --time {column}."
            )
        raise ValueError(
            f"{message} If column {column} identifies the series of each row, pass it as `ids`, or on the command "
            f"line as --id {column}."
        )


def _select_columns(frame, targets, source):
    if unknown := [name for name in targets if name not in frame.columns]:
        raise ValueError(
            f"{source} has no column(s) {format_names(unknown)} to forecast. Its columns are "
            f"{format_names(frame.columns)}."
        )
    text = [name for name in targets or frame.columns if not _is_numeric(frame[name].dtype)]
    examples = "; ".join(f"{format_value(name)} contains {example(frame[name])}" for name in text[:3])
    advice = "Write numbers as -1234.5, without units, and leave missing ones empty."
    if targets and text:
        raise ValueError(
            f"Some values to forecast in {source} are not numbers: {examples}. Correct them or leave them empty. "
            f"{advice}"
        )
    selected = targets or [name for name in frame.columns if name not in text]
    if not selected:
        raise ValueError(
            f"{source} has no numeric columns except the time. " + (f"{examples}. {advice}" if text else "Add one.")
        )
    for name in selected:
        warn_of_filler(frame[name], source)
    if text:
        warn(f"Ignoring columns with values that are not numbers: {examples}.")
    return frame[selected[0]] if len(selected) == 1 else frame[selected]


def _is_numeric(dtype):
    """Return whether a dtype is numeric. Unlike in pandas, booleans are not numeric."""
    return types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype)
