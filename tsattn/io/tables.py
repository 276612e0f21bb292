"""Read tables on disk as pandas series with a time index: CSV files, Parquet files and embedded data sets."""

import re
from pathlib import Path

import pandas as pd
from pandas.api import types

from tsattn._utils.warnings import warn
from tsattn.datasets import dataset_names, load_dataset
from tsattn.io.dates import (
    find_time_column,
    find_time_of_day,
    parse_dates,
    parse_integers,
    parse_iso_dates,
    parse_time_of_day,
)
from tsattn.io.messages import example, format_names, format_value
from tsattn.io.numbers import parse_numbers
from tsattn.io.text import STANDARD_INPUT, read_text

UNNAMED = re.compile(r"Unnamed: \d+")  # pandas' name for a column without a name


def read_table(source, *, time=None, ids=None, targets=(), decimal=None, thousands=None, date_format=None):
    """Read a file or an embedded data set as one series or as many series.

    A CSV file is UTF-8 or UTF-16 text with a header, or a zip or gzip file of it. Columns are separated by commas,
    semicolons, tabs or vertical bars. Rows may be in any order. Numbers may have a decimal comma and separated
    thousands. Dates must have a year of four digits; a column "hour" or "time" completes dates without times.

    Args:
        source: Path of a CSV or Parquet file, "-" for CSV from the standard input, or name of an embedded data set. An
            existing file takes precedence.
        time: Name of the time column. If None, use the first column of ISO dates; otherwise the only non-numeric
            column, if it contains dates; otherwise the first column of increasing integers. Defaults to None.
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
    if time is None:
        time, index = find_time_column(table, path, date_format)
    elif time not in table.columns:
        raise ValueError(f"{path} has no time column {time!r}. Its columns are {format_names(table.columns)}.")
    else:
        column = table[time]
        index = parse_iso_dates(column) if date_format is None else parse_dates(column, path, date_format)
        if index is None:
            index = parse_integers(column) if types.is_numeric_dtype(column.dtype) else parse_dates(column, path)
        if index is None:
            raise ValueError(
                f"The time column {time!r} of {path} contains {example(column)}. Use ISO dates or integers."
            )
    hours = find_time_of_day(table.drop(columns=time))
    if hours is not None and _repeats_dates(index, names):
        index = index + parse_time_of_day(table[hours])
        table = table.drop(columns=hours)
    rest = [name for name in table.columns if name != time and not UNNAMED.fullmatch(str(name))]
    return table[rest].set_axis(index.rename(None if UNNAMED.fullmatch(str(time)) else time), axis=0)


def _repeats_dates(index, names):
    """Return whether times are dates without a time of day, and a series has several rows of the same date."""
    if not isinstance(index, pd.DatetimeIndex) or (index != index.normalize()).any():
        return False
    return pd.MultiIndex.from_arrays([index if names is None else names, index]).has_duplicates


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
        if not frame.set_index(name, append=True).index.has_duplicates:
            column = format_value(name)
            raise ValueError(
                f"{path} has several rows for the time {repeated[0]}. If column {column} identifies the series of each "
                f"row, pass it as `ids`, or on the command line as --id {column}."
            )


def _select_columns(frame, targets, source):
    if unknown := [name for name in targets if name not in frame.columns]:
        raise ValueError(
            f"{source} has no column(s) {format_names(unknown)} to forecast. Its columns are "
            f"{format_names(frame.columns)}."
        )
    text = [name for name in targets or frame.columns if not _is_numeric(frame[name].dtype)]
    examples = "; ".join(f"{format_value(name)} contains {example(frame[name])}" for name in text[:3])
    if targets and text:
        raise ValueError(
            f"Some values to forecast in {source} are not numbers: {examples}. Correct them or leave them empty."
        )
    selected = targets or [name for name in frame.columns if name not in text]
    if not selected:
        raise ValueError(f"{source} has no numeric columns except the time. {examples}".strip())
    if text:
        warn(f"Ignoring columns with values that are not numbers: {examples}.")
    return frame[selected[0]] if len(selected) == 1 else frame[selected]


def _is_numeric(dtype):
    """Return whether a dtype is numeric. Unlike in pandas, booleans are not numeric."""
    return types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype)
