"""Read tables on disk as pandas series with a time index: CSV files, Parquet files and embedded data sets."""

import io
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn._utils.warnings import warn
from tsattn.datasets import dataset_names, load_dataset

SEPARATORS = ("\t", ";", ",")  # ties are resolved in favor of the first: names contain commas more often than tabs
DECIMAL_COMMA = re.compile(r'(?:^|[;\t])"?[+-]?\d+,\d+"?(?=[;\t\r\n]|$)', re.MULTILINE)
QUOTED = re.compile(r'"[^"]*"')
UNNAMED = re.compile(r"Unnamed: \d+")  # pandas' name for a column without a name
DATE_INTEGERS = (19000101, 21001231)  # integers in this range are dates such as 20240131, if they can be
MAX_VALUE_LENGTH, MAX_NAMES = 60, 20  # characters of a value, and number of names, in a message


def read_table(source, *, time=None, ids=None, targets=()):
    """Read a file or an embedded data set as one series or as many series.

    A CSV file must be UTF-8 text with a header. Columns are separated by commas, semicolons or tabs; with semicolons
    and tabs, a decimal comma is recognized. Rows may be in any order.

    Args:
        source: Path of a CSV or Parquet file, or name of an embedded data set. An existing file takes precedence.
        time: Name of the time column. If None, use the first column of ISO dates; otherwise the only non-numeric
            column, if it contains dates; otherwise the first column of increasing integers. Defaults to None.
        ids: Name of the column that identifies the series of each row. If None, read one series. Defaults to None.
        targets: Names of the columns to read. If empty, read all numeric columns. Defaults to `()`.

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
    elif not path.exists():
        raise FileNotFoundError(
            f"There is no file or embedded data set {str(source)!r}. Pass the path of a CSV or Parquet file, or "
            f"one of {', '.join(dataset_names())}."
        )
    else:
        table = _read_parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _read_csv(path)
        frame = _set_time_index(table, time, path) if ids is None else _set_panel_index(table, time, ids, path)
        frame = frame.sort_index()
        if ids is None:
            _check_single_series(frame, path)
    return _select_columns(frame, list(dict.fromkeys(targets)), source)


def _read_csv(path):
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise ValueError(
            f"{path} is not UTF-8 text: line {line} contains the byte 0x{byte:02x}. Save it as CSV in UTF-8."
        ) from error
    header = next((line for line in text.splitlines() if line.strip()), None)
    if header is None:
        raise ValueError(f"{path} is empty. Pass a file with a header and at least one row.")
    separator = max(SEPARATORS, key=QUOTED.sub("", header).count)
    decimal = "," if separator != "," and DECIMAL_COMMA.search(text) else "."
    try:
        table = pd.read_csv(io.StringIO(text), sep=separator, decimal=decimal, skipinitialspace=True, low_memory=False)
    except pd.errors.ParserError as error:
        raise ValueError(f"{path} is not a valid CSV table. {str(error).strip()}") from error
    if not isinstance(table.index, pd.RangeIndex):
        raise ValueError(f"{path} has rows with more fields than the header. Name every column in the header.")
    return table


def _read_parquet(path):
    table = pd.read_parquet(path)
    if isinstance(table.index, pd.RangeIndex) and table.index.name is None:
        return table
    return table.reset_index(names=table.index.name or "Unnamed: 0")


def _set_time_index(table, time, path):
    """Make the time column the index, and drop other columns without a name."""
    if table.empty:
        raise ValueError(f"{path} has a header, but no rows. Pass a file with at least one row.")
    if time is None:
        time, index = _find_time_column(table, path)
    elif time not in table.columns:
        raise ValueError(f"{path} has no time column {time!r}. Its columns are {_format_names(table.columns)}.")
    else:
        column = table[time]
        index = _parse_iso_dates(column)
        if index is None:
            index = _parse_integers(column) if types.is_numeric_dtype(column.dtype) else _parse_dates(column, path)
        if index is None:
            raise ValueError(
                f"The time column {time!r} of {path} contains {_example(column)}. Use ISO dates or integers."
            )
    rest = [name for name in table.columns if name != time and not UNNAMED.fullmatch(str(name))]
    return table[rest].set_axis(index.rename(None if UNNAMED.fullmatch(str(time)) else time), axis=0)


def _set_panel_index(table, time, ids, path):
    """Make the ids and the times the index."""
    if ids not in table.columns:
        raise ValueError(f"{path} has no id column {ids!r}. Its columns are {_format_names(table.columns)}.")
    rest = _set_time_index(table.drop(columns=ids), time, path)
    return rest.set_index(pd.MultiIndex.from_arrays([table[ids], rest.index], names=[ids, rest.index.name]))


def _check_single_series(frame, path):
    """Raise a ValueError if times are repeated and another column identifies the rows: the file holds many series."""
    repeated = frame.index[frame.index.duplicated()]
    names = [name for name in frame if not types.is_float_dtype(frame[name].dtype)] if len(repeated) else []
    for name in names:
        if not frame.set_index(name, append=True).index.has_duplicates:
            column = _format_value(name)
            raise ValueError(
                f"{path} has several rows for the time {repeated[0]}. If column {column} identifies the series of each "
                f"row, pass it as `ids`, or on the command line as --id {column}."
            )


def _find_time_column(table, path):
    for name in table.columns:
        if (index := _parse_iso_dates(table[name])) is not None:
            return name, index
    others = [name for name, dtype in table.dtypes.items() if not types.is_numeric_dtype(dtype)]
    if len(others) == 1 and (index := _parse_dates(table[others[0]], path)) is not None:
        return others[0], index
    for name in table.columns:
        index = _parse_integers(table[name])
        if index is not None and index.is_unique and index.is_monotonic_increasing:
            return name, index
    for name in others:
        _check_invalid_dates(table[name], path)
    raise ValueError(
        f"{path} has no column of ISO dates or increasing integers. Its columns are {_format_names(table.columns)}. "
        "Name the time column, and write its values as dates such as 2024-01-31 or 2024-01-31 13:00, or as integers."
    )


def _parse_iso_dates(column):
    """Parse ISO dates, written as text or as integers such as 20240131. Return None for other values."""
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.PeriodIndex(column)
    if types.is_integer_dtype(column.dtype) and column.between(*DATE_INTEGERS).all():
        column = column.astype(str)
    if types.is_numeric_dtype(column.dtype) or column.isna().all():
        return None
    index = _to_datetimes(column, format="ISO8601")
    # UTC is the only common time zone of offsets that change within the file, as with daylight saving time.
    return _to_datetimes(column, format="ISO8601", utc=True) if index is None else index


def _check_invalid_dates(column, path):
    """Raise a ValueError that names the first invalid value, if most values of the column are ISO dates."""
    is_date = pd.to_datetime(column.astype(str), format="ISO8601", errors="coerce", utc=True).notna()
    wrong = column[~is_date & column.notna()]
    if is_date.sum() > len(wrong) > 0:
        raise ValueError(
            f"Column {_format_value(column.name)} of {path} contains ISO dates, but also the value "
            f"{_format_value(wrong.iloc[0])} in row {wrong.index[0] + 1}. Correct or remove that row."
        )


def _parse_dates(column, path):
    """Parse dates in another format. Returns None if they are not dates.

    Raises:
        ValueError: If day and month are ambiguous, or if only a few values are not dates.
    """
    _check_invalid_dates(column, path)  # otherwise a single month 13 would turn all dates into year-day-month
    parsed = [_to_datetimes(column, dayfirst=dayfirst) for dayfirst in (False, True)]
    parsed = [index for index in parsed if index is not None]
    if len(parsed) == 2 and not parsed[0].equals(parsed[1]):
        raise ValueError(
            f"Column {_format_value(column.name)} of {path} contains dates such as {_format_value(column.iloc[0])}, "
            "in which day and month are ambiguous. Write them as 2024-01-31."
        )
    return parsed[0] if parsed else None


def _to_datetimes(column, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns that it infers the format; the caller tries both orders
        try:
            return pd.DatetimeIndex(pd.to_datetime(column, **options))
        except (ValueError, TypeError, OverflowError):
            return None


def _parse_integers(column):
    return pd.Index(column) if types.is_integer_dtype(column.dtype) else None


def _select_columns(frame, targets, source):
    if unknown := [name for name in targets if name not in frame.columns]:
        raise ValueError(
            f"{source} has no column(s) {_format_names(unknown)} to forecast. Its columns are "
            f"{_format_names(frame.columns)}."
        )
    text = [name for name in targets or frame.columns if not _is_numeric(frame[name].dtype)]
    examples = "; ".join(f"{_format_value(name)} contains {_example(frame[name])}" for name in text[:3])
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


def _example(column):
    """Format the first value that is not a number, else the first value."""
    values = column.dropna()
    # As text, because pandas fails on integers of hundreds of digits.
    wrong = values[~np.isfinite(pd.to_numeric(values.astype(str), errors="coerce").to_numpy(dtype="float64"))]
    return f"the value {_format_value(next(iter([*wrong.head(1), *values.head(1)]), None))}"


def _format_value(value):
    """Format a value for a message. Long values are truncated."""
    text = repr(value)
    return text if len(text) <= MAX_VALUE_LENGTH else text[:MAX_VALUE_LENGTH] + "..."


def _format_names(names):
    more = [f"and {len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    return ", ".join([*map(_format_value, names[:MAX_NAMES]), *more])
