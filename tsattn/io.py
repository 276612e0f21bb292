"""Tables as people keep them, CSV, Parquet or an embedded data set, as a pandas series with a time index."""

import io
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn._utils.warnings import warn
from tsattn.datasets import dataset_names, load_dataset

SEPARATORS = ("\t", ";", ",")  # in doubt the first: names hold commas sooner than tabs
DECIMAL_COMMA = re.compile(r'(?:^|[;\t])"?[+-]?\d+,\d+"?(?=[;\t\r\n]|$)', re.MULTILINE)
QUOTED = re.compile(r'"[^"]*"')
UNNAMED = re.compile(r"Unnamed: \d+")  # what pandas calls a column without a name
LONG, MANY = 60, 20  # characters of a value, and names, in a message
DAYS = (19000101, 21001231)  # integers in this range that are dates are read as such, not as counts


def read_table(source, *, time=None, ids=None, targets=()):
    """Read a file, or an embedded data set, as a series or as many.

    A CSV file is UTF-8 with a header; its columns are separated by commas, semicolons or tabs, and beside the last two
    a decimal comma is understood. Rows may come in any order.

    Args:
        source: Path of a CSV or Parquet file, or a name that `load_dataset` knows. A file that exists wins.
        time: Name of the time column. None takes the first column of ISO dates, else the only column that holds no
            numbers, else the first column of rising integers. Defaults to None.
        ids: Name of the column that says which series a row is of. None reads one series. Defaults to None.
        targets: Names of the columns to read. Defaults to all columns of numbers.

    Returns:
        A Series if there is one target, else a DataFrame, with the times as its index, below the ids of many series.

    Raises:
        ValueError: the content is no table of numbers over time; the message names the file and the column.
        OSError: there is no such file, or it cannot be read.
        ImportError: Parquet needs pyarrow.

    Example:

    >>> read_table("weather", targets=["JFK_temp"]).name
    'JFK_temp'
    """
    path = Path(source)
    if str(source) in dataset_names() and not path.is_file():
        frame = load_dataset(str(source))
        frame = frame.to_frame() if isinstance(frame, pd.Series) else frame
        if time not in (None, frame.index.name):
            raise ValueError(f"The time column of {source} is {frame.index.name!r}, not {time!r}. Leave `time` out.")
        if ids is not None:
            raise ValueError(f"The data set {source} has no column {ids!r} of ids: it is one series. Leave `ids` out.")
    elif not path.exists():
        raise FileNotFoundError(
            f"There is no file {str(source)!r}, and no data set of that name. Pass a CSV or Parquet file, "
            f"or one of {', '.join(dataset_names())}."
        )
    else:
        table = _read_parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _read_csv(path)
        frame = _on_times(table, time, path) if ids is None else _on_ids(table, time, ids, path)
        frame = frame.sort_index()
        if ids is None:
            _refuse_many(frame, path)
    return _select(frame, list(dict.fromkeys(targets)), source)


def _read_csv(path):
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = problem.object.count(b"\n", 0, problem.start) + 1
        byte = problem.object[problem.start]
        raise ValueError(
            f"{path} is not UTF-8 text: line {line} has the byte 0x{byte:02x}. Save it as CSV in UTF-8."
        ) from problem
    header = next((line for line in text.splitlines() if line.strip()), None)
    if header is None:
        raise ValueError(f"{path} is empty. Pass a file with a header line and rows.")
    separator = max(SEPARATORS, key=QUOTED.sub("", header).count)
    decimal = "," if separator != "," and DECIMAL_COMMA.search(text) else "."
    try:
        table = pd.read_csv(io.StringIO(text), sep=separator, decimal=decimal, skipinitialspace=True, low_memory=False)
    except pd.errors.ParserError as problem:
        raise ValueError(f"{path} is no regular CSV table. {str(problem).strip()}") from problem
    if not isinstance(table.index, pd.RangeIndex):
        raise ValueError(f"{path} has rows with more fields than its header. Name every column in the header.")
    return table


def _read_parquet(path):
    table = pd.read_parquet(path)
    if isinstance(table.index, pd.RangeIndex) and table.index.name is None:
        return table
    return table.reset_index(names=table.index.name or "Unnamed: 0")


def _on_times(table, time, path):
    """The table with its time column as the index, and without other columns that have no name."""
    if table.empty:
        raise ValueError(f"{path} has a header, but no rows. Pass at least one row.")
    if time is None:
        time, index = _find_times(table, path)
    elif time not in table.columns:
        raise ValueError(f"{path} has no column {time!r} for the time, only {_listed(table.columns)}.")
    else:
        column = table[time]
        index = _iso_dates(column)
        if index is None:
            index = _integers(column) if types.is_numeric_dtype(column.dtype) else _other_dates(column, path)
        if index is None:
            raise ValueError(f"Column {time!r} of {path} has {_example(column)}: no ISO dates and no integers.")
    rest = [name for name in table.columns if name != time and not UNNAMED.fullmatch(str(name))]
    return table[rest].set_axis(index.rename(None if UNNAMED.fullmatch(str(time)) else time), axis=0)


def _on_ids(table, time, ids, path):
    """The table with its ids and times as the index."""
    if ids not in table.columns:
        raise ValueError(f"{path} has no column {ids!r} for the ids, only {_listed(table.columns)}.")
    rest = _on_times(table.drop(columns=ids), time, path)
    return rest.set_index(pd.MultiIndex.from_arrays([table[ids], rest.index], names=[ids, rest.index.name]))


def _refuse_many(frame, path):
    """Refuses times that come more than once where a column tells their rows apart: these are many series."""
    again = frame.index[frame.index.duplicated()]
    names = [name for name in frame if not types.is_float_dtype(frame[name].dtype)] if len(again) else []
    for name in names:
        if not frame.set_index(name, append=True).index.has_duplicates:
            raise ValueError(
                f"{path} has more than one row of {again[0]}. If the column {_shown(name)} says which series a row "
                f"is of, name it as `ids`, on the command line with --id {_shown(name)}."
            )


def _find_times(table, path):
    numeric = {name: types.is_numeric_dtype(dtype) for name, dtype in table.dtypes.items()}
    for name in table.columns:
        if (index := _iso_dates(table[name])) is not None:
            return name, index
    others = [name for name, is_numeric in numeric.items() if not is_numeric]
    if len(others) == 1 and (index := _other_dates(table[others[0]], path)) is not None:
        return others[0], index
    for name in table.columns:
        index = _integers(table[name])
        if index is not None and index.is_unique and index.is_monotonic_increasing:
            return name, index
    for name in others:
        _refuse_spoilt_dates(table[name], path)
    raise ValueError(
        f"{path} has no column of ISO dates or rising integers among {_listed(table.columns)}. Say which column holds "
        "the time, and write it as dates such as 2024-01-31 or 2024-01-31 13:00, or as integers."
    )


def _iso_dates(column):
    """Dates in ISO layout, as text or as integers like 20240131; None if the column is anything else."""
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.PeriodIndex(column)
    if types.is_integer_dtype(column.dtype) and column.between(*DAYS).all():
        column = column.astype(str)
    if types.is_numeric_dtype(column.dtype) or column.isna().all():
        return None
    index = _dates(column, format="ISO8601")
    # Offsets that change within the file, for summer time, have no other common zone.
    return _dates(column, format="ISO8601", utc=True) if index is None else index


def _refuse_spoilt_dates(column, path):
    """Refuses a column that would be dates but for some of its values, by the first of these."""
    is_date = pd.to_datetime(column.astype(str), format="ISO8601", errors="coerce", utc=True).notna()
    wrong = column[~is_date & column.notna()]
    if is_date.sum() > len(wrong) > 0:
        raise ValueError(
            f"Column {_shown(column.name)} of {path} has ISO dates, but also the value {_shown(wrong.iloc[0])} in row "
            f"{wrong.index[0] + 1}. Mend that row or leave it out."
        )


def _other_dates(column, path):
    """Dates in another layout that can be read in one way only, or None."""
    _refuse_spoilt_dates(column, path)  # else one month 13 would make years, days and months of them all
    readings = [_dates(column, dayfirst=dayfirst) for dayfirst in (False, True)]
    readings = [index for index in readings if index is not None]
    if len(readings) == 2 and not readings[0].equals(readings[1]):
        raise ValueError(
            f"Column {_shown(column.name)} of {path} has dates such as {_shown(column.iloc[0])}, of which the day and "
            "the month could be either. Write them as 2024-01-31."
        )
    return readings[0] if readings else None


def _dates(column, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas guesses, and says so; we ask for both guesses
        try:
            return pd.DatetimeIndex(pd.to_datetime(column, **options))
        except (ValueError, TypeError, OverflowError):
            return None


def _integers(column):
    return pd.Index(column) if types.is_integer_dtype(column.dtype) else None


def _select(frame, targets, source):
    if unknown := [name for name in targets if name not in frame.columns]:
        raise ValueError(f"{source} has no column(s) {_listed(unknown)} to forecast, only {_listed(frame.columns)}.")
    text = [name for name in targets or frame.columns if not _is_of_numbers(frame[name].dtype)]
    shown = "; ".join(f"{_shown(name)} has {_example(frame[name])}" for name in text[:3])
    if targets and text:
        raise ValueError(f"Not all values to forecast in {source} are numbers: {shown}. Mend them or leave them empty.")
    chosen = targets or [name for name in frame.columns if name not in text]
    if not chosen:
        raise ValueError(f"{source} has no columns of numbers beside the time. {shown}".strip())
    if text:
        warn(f"Left out, since not all values are numbers: {shown}.")
    return frame[chosen[0]] if len(chosen) == 1 else frame[chosen]


def _is_of_numbers(dtype):
    """Whether it is one of numbers; for pandas True and False are numbers too."""
    return types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype)


def _example(column):
    """The first value that is no number, or else the first."""
    values = column.dropna()
    # As text: of integers with hundreds of digits pandas makes no numbers, nor says so in order.
    wrong = values[~np.isfinite(pd.to_numeric(values.astype(str), errors="coerce").to_numpy(dtype="float64"))]
    return f"the value {_shown(next(iter([*wrong.head(1), *values.head(1)]), None))}"


def _shown(value):
    """A value in a message: what is very long is cut."""
    text = repr(value)
    return text if len(text) <= LONG else text[:LONG] + "..."


def _listed(names):
    more = [f"and {len(names) - MANY} more"] if len(names) > MANY else []
    return ", ".join([*map(_shown, names[:MANY]), *more])
