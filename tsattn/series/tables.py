"""Caller's tables: the series, the timestamp and the numeric values of every row.

A row requires only a few bytes of codes, regardless of the length of its id, so large tables need little additional
memory.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsattn._utils.warnings import warn
from tsattn.series.date_formats import suggest_conversions
from tsattn.series.long_frames import check_index
from tsattn.series.time_axis import axis_class_of
from tsattn.series.time_index import MISSING, Place, check_not_empty, check_unique_stamps
from tsattn.series.values import is_numeric, to_floats

CHUNK_ROWS = 1 << 16
ID, TIME, TARGET = "unique_id", "ds", "y"  # columns of a long frame


@dataclass(frozen=True, eq=False)
class Table:
    """The caller's table, in any format.

    Args:
        rows: The series and the timestamp of each row.
        data: Series or DataFrame of the values, in the same order of rows; its index is not read.
        long: Columns of a long frame, with unique_id unless it is the index; None for other formats. Defaults to
            None.
    """

    rows: "Rows"
    data: pd.Series | pd.DataFrame
    long: pd.Index | None = None

    @classmethod
    def read(cls, table, name):
        """Read a Series or DataFrame in any format.

        Args:
            table: One series with a time index, a MultiIndex (series, time), or a long DataFrame.
            name: Name of the argument, for error messages.

        Raises:
            TypeError: If the column ds of a long frame has the dtype float16.
            ValueError: If the table is empty, has duplicate column names or missing ids or timestamps, or the index
                levels are not in the order (series, time).
        """
        if isinstance(table, pd.DataFrame) and not table.columns.is_unique:
            repeated = list(table.columns[table.columns.duplicated()].unique())
            raise ValueError(f"`{name}` has columns with the same name: {repeated}. Rename or drop them.")
        if isinstance(table.index, pd.MultiIndex):
            return cls(_multiindex_rows(table.index, name), table)
        if _is_long(table):
            keys = [table.index if ID not in table.columns else table[ID], table[TIME]]
            codes, levels = zip(*(_factorize(key, name) for key in keys), strict=True)
            rows = Rows.from_levels(levels, codes, Place.column(name, TIME))
            return cls(rows, table.drop(columns=[ID, TIME], errors="ignore"), table.columns)
        return cls(Rows.from_index(table.index, name), table)

    @classmethod
    def read_targets(cls, y, name):
        """Read the series to forecast, which are in the column y of a long frame.

        Args:
            y: As `table` in `read`.
            name: Name of the argument, for error messages.

        Raises:
            TypeError: If `y` is neither a Series nor a DataFrame, or as in `read`.
            ValueError: If there are no columns, or a long frame has other columns, or as in `read`.
        """
        if not isinstance(y, pd.Series | pd.DataFrame):
            raise TypeError(
                f"`{name}` is a {type(y).__name__}, but a pandas Series or DataFrame with a time index is expected. "
                f"Pass `pd.Series(values, index=pd.date_range(start, periods=len(values), freq=...))`."
            )
        if isinstance(y, pd.DataFrame) and y.shape[1] == 0:
            raise ValueError(f"`{name}` is empty: it has no columns. Pass at least one.")
        is_plain = isinstance(y, pd.DataFrame) and not isinstance(y.index, pd.MultiIndex) and y.columns.is_unique
        if is_plain and not _is_long(y):
            check_index(y, name)
        table = cls.read(y, name)
        if table.long is None:
            return table
        if TARGET not in table.data.columns:
            raise ValueError(
                f"`{name}` is a long frame with the columns {list(y.columns)}, but without y. Rename the column to "
                f"forecast: `{name}.rename(columns={{...: 'y'}})`."
            )
        others = [column for column in table.data.columns if column != TARGET]
        if others:
            raise ValueError(
                f"`{name}` is a long frame with more columns than unique_id, ds and y: {others}. Pass them as "
                "`covariates=` if they are known or past covariates, or drop them. To forecast them too, pass "
                f"`{name}.set_index(['unique_id', 'ds'])`."
            )
        return cls(table.rows, table.data[TARGET], table.long)


def _is_long(table):
    if isinstance(table, pd.Series):
        return False
    columns = set(table.columns)
    return TIME in columns and (ID in columns or table.index.name == ID)


def _factorize(key, name):
    """Return codes and distinct values of a column or index. Tuples and the dtype are preserved."""
    if key.dtype == "float16":
        raise TypeError(
            f"The column {key.name} of `{name}` has the dtype float16, which a pandas index cannot have. Convert it: "
            f"`{name}['{key.name}'] = {name}['{key.name}'].astype('float32')`."
        )
    codes, distinct = pd.Index(key, dtype=key.dtype).factorize()
    return codes, distinct.rename(key.name)


def _multiindex_rows(index, name):
    """Return the rows of a MultiIndex whose last level is the time. Raise a ValueError for another order of levels."""
    message = f"`{name}` has the index levels {list(index.names)}, but must be (series, time), with the time last"
    if index.nlevels == 1:
        raise ValueError(f"{message}. For one series use `{name}.index = {name}.index.get_level_values(0)`.")
    rows = Rows.from_levels(index.levels, index.codes, Place.level(name, index))
    stamps = rows.stamps
    axis_class = axis_class_of(stamps) or axis_class_of(stamps[::-1])  # text may be mixed
    swap = f"Use `{name}.swaplevel()` or `{name}.reorder_levels([...])`"
    levels = f"{name}.index.levels"
    if axis_class is None:
        conversions = suggest_conversions(stamps)
        code = "`, or `".join(map(rows.place.convert, conversions))
        raise ValueError(
            f"{message}: the last holds {stamps[:1].tolist()[0]!r} (dtype {stamps.dtype}). {swap}"
            + (f"; if it is the time, convert it: `{code}`." if conversions else ".")
        )
    classes = [axis_class_of(level) for level in index.levels[:-1]]
    dated = [number for number, other in enumerate(classes) if other is not None and other.has_calendar]
    if not axis_class.has_calendar and dated:
        level = dated[0]
        raise ValueError(
            f"{message}: the last holds integers, but level {level} holds times. {swap}; if these are ids, convert "
            f"them to categories: `{name}.index.set_levels({levels}[{level}].astype('category'), level={level})`."
        )
    return rows


@dataclass(frozen=True, eq=False)
class Codes:
    """An integer for every row, stored as a small code: the integer of row `r` is `numbers[codes[r]]`.

    Args:
        codes: Integers of any size, `(rows,)`.
        numbers: int64 `(distinct codes,)`.
    """

    codes: np.ndarray
    numbers: np.ndarray

    def __len__(self):
        return len(self.codes)

    def __getitem__(self, rows):
        return self.numbers[self.codes[rows]]

    def map(self, values):
        """Replace each integer `n` by `values[n]`."""
        return Codes(self.codes, values[self.numbers])


@dataclass(frozen=True, eq=False)
class Rows:
    """The series and the timestamp of every row of a table.

    Args:
        place: `Place` of the timestamps, for error messages.
        ids: Distinct ids in the order of the series; None for one series without an id.
        series: Index of the series of every row.
        stamps: The timestamps; distinct unless there is one series.
        positions: Position in `stamps` of every row.
    """

    place: Place
    ids: pd.Index | None
    series: Codes
    stamps: pd.Index
    positions: Codes

    @classmethod
    def from_index(cls, index, name):
        """Build the rows of one series from its time index."""
        check_not_empty(index, name)
        positions = np.arange(len(index))
        series = Codes(np.broadcast_to(np.int8(0), len(index)), np.zeros(1, "int64"))
        return cls(Place(name), None, series, index, Codes(positions, positions))

    @classmethod
    def from_levels(cls, levels, codes, place):
        """Build the rows of many series from the levels and codes of a MultiIndex: the last level is the time.

        Args:
            levels: Indexes of ids, then of timestamps.
            codes: Their codes.
            place: `Place` of the timestamps.

        Raises:
            ValueError: If there are no rows, or missing ids or timestamps.
        """
        check_not_empty(codes[-1], place.name)
        ids, series = _encode_ids(levels[:-1], codes[:-1], place.name)
        is_used = _used_entries(levels[-1], codes[-1], "timestamp", place.name)
        return cls(place, ids, series, levels[-1][is_used], Codes(codes[-1], np.cumsum(is_used) - 1))

    @property
    def name(self):
        """Name of the argument."""
        return self.place.name

    def longest(self):
        """Return the sorted positions in `stamps` of the series with the most rows (the first, if several)."""
        counts, slices = np.zeros(len(self.ids), "int64"), list(chunk_slices(len(self.series)))
        for part in slices:
            np.add.at(counts, self.series[part], 1)
        longest = counts.argmax()
        return np.unique(np.concatenate([self.positions[part][self.series[part] == longest] for part in slices]))

    def spans(self, axis_rows):
        """Return the first row on the time axis and the number of rows of every series, both int64 `(series,)`.

        Args:
            axis_rows: int64, the row on the time axis of each entry of `stamps`.
        """
        count = 1 if self.ids is None else len(self.ids)
        limits = np.iinfo("int64")
        firsts, lasts = np.full(count, limits.max), np.full(count, limits.min)
        for part in chunk_slices(len(self.series)):
            series, row = self.series[part], axis_rows[self.positions[part]]
            np.minimum.at(firsts, series, row)
            np.maximum.at(lasts, series, row)
        return firsts, lasts - firsts + 1

    def check_unique(self, row, time_axis):
        """Check that no series has two rows with the same timestamp.

        Args:
            row: int64 `(rows,)`, the row on the time axis of every row of the table.
            time_axis: The `TimeAxis`.

        Raises:
            ValueError: If a series has two rows with the same timestamp.
        """
        low, span = row.min(), row.max() - row.min() + 1
        keys = self.series[:] * span + (row - low)
        if np.all(keys[1:] > keys[:-1]):
            return
        keys = np.sort(keys)
        series, row = np.divmod(np.unique(keys[1:][keys[1:] == keys[:-1]]), span)
        if len(series):
            check_unique_stamps(time_axis.at(low + row[series == series[0]]), self.series_name(series[0]))

    def series_name(self, series):
        """Return the name of the series with this index, for error messages."""
        return describe(self.name, *series_part(self.ids, series))

    def series_name_at(self, position):
        """Return the name of the first series that has the timestamp at a position in `stamps`."""
        if self.ids is None:
            return describe(self.name)
        found = (self.series[part][self.positions[part] == position] for part in chunk_slices(len(self.positions)))
        return self.series_name(next(series[0] for series in found if len(series)))


def chunk_slices(rows):
    """Yield slices that cover the rows 0 to `rows` chunk by chunk."""
    return (slice(start, min(start + CHUNK_ROWS, rows)) for start in range(0, rows, CHUNK_ROWS))


def _encode_ids(levels, codes, name):
    """Return the distinct ids in order, and the index of the series of every row."""
    sorted_levels, members, series = [], [], None
    for level, code in zip(levels, codes, strict=True):
        order = _sorted_entries(level, code, name)
        rank = np.zeros(len(level), "int64")
        rank[order] = np.arange(len(order))
        sorted_levels.append(level[order])
        if series is None:
            series, members = Codes(code, rank), [np.arange(len(order))]
        else:
            series, first, second = _encode_pairs(series, Codes(code, rank), len(order))
            members = [*(member[first] for member in members), second]
    if len(sorted_levels) == 1:
        return sorted_levels[0], series
    return pd.MultiIndex(sorted_levels, members, names=[level.name for level in sorted_levels]), series


def _sorted_entries(level, codes, name):
    """Return the positions of the used entries of a level: sorted, or by first appearance if they cannot be sorted."""
    used = np.flatnonzero(_used_entries(level, codes, "id", name))
    try:
        return used[np.argsort(level[used].factorize(sort=True)[0])]
    except TypeError:
        first = np.full(len(level), len(codes))
        for part in chunk_slices(len(codes)):
            np.minimum.at(first, codes[part], np.arange(part.start, part.stop))
        return used[np.argsort(first[used])]


def _used_entries(level, codes, what, name):
    """Return which entries of a level are used by any row, bool `(entries,)`. Raise a ValueError if a row has none."""
    if codes.min() < 0:
        place = "its index" if level.name is None else repr(level.name)
        raise ValueError(MISSING.format(name=name, what=what, place=place, row=np.argmax(codes < 0)))
    is_used = np.zeros(len(level), bool)
    for part in chunk_slices(len(codes)):
        is_used[codes[part]] = True
    return is_used


def _encode_pairs(first, second, width):
    """Return codes of the sorted distinct pairs of two Codes, and the members of each; the second is below `width`."""
    slices = list(chunk_slices(len(first)))
    keys = np.unique(np.concatenate([np.unique(first[part] * width + second[part]) for part in slices]))
    codes = np.empty(len(first), np.min_scalar_type(len(keys)))
    for part in slices:
        codes[part] = np.searchsorted(keys, first[part] * width + second[part])
    return Codes(codes, np.arange(len(keys))), keys // width, keys % width


def read_values(data, name, code=None):
    """Read the numbers of a Series or DataFrame.

    They are float32 if this is the dtype of every output, else float64. Values that already have this dtype and are
    stored row by row are not copied. Objects of `decimal.Decimal` are numbers.

    Args:
        data: Series or DataFrame.
        name: Name of the argument, for error messages.
        code: Code of the data, for error messages. Defaults to the name.

    Returns:
        `(values, dtypes)`: float `(rows, channels)`, NaN where missing, and the dtype of the output of each channel.

    Raises:
        TypeError: If a column does not hold numbers.
    """
    frame = data if isinstance(data, pd.DataFrame) else data.to_frame()
    numeric = {dtype: is_numeric(dtype) for dtype in frame.dtypes.unique()}
    if not all(numeric.values()):
        columns = [frame.iloc[:, number] for number in range(frame.shape[1])]
        for number, column in enumerate(columns):
            if not numeric[column.dtype]:
                label = [item(data.columns, number)] if frame is data else []
                where = describe(name, *(("column", each) for each in label))
                columns[number] = to_floats(column, where, "".join([code or name, *(f"[{each!r}]" for each in label)]))
        frame = pd.concat(columns, axis=1)
    outputs = {dtype: output_dtype(dtype) for dtype in frame.dtypes.unique()}
    dtype = np.dtype("float32" if {*outputs.values()} <= {"float32", "Float32"} else "float64")
    is_plain = all(isinstance(part, np.dtype) for part in outputs)
    with np.errstate(over="ignore"):  # of long doubles; infinite values are refused later
        values = frame.to_numpy(dtype=dtype) if is_plain else frame.to_numpy(dtype=dtype, na_value=np.nan)
    return np.ascontiguousarray(values), tuple(outputs[each] for each in frame.dtypes)


def output_dtype(dtype):
    """Return the dtype of the forecasts of a column.

    float32 and float64 are kept; float16 becomes float32, integers become float64, nullable numbers Float64 (Float32
    is kept), and pyarrow numbers double[pyarrow].
    """
    if isinstance(dtype, pd.ArrowDtype):
        return "double[pyarrow]"
    if isinstance(dtype, np.dtype):
        return {"float16": "float32", "float32": "float32"}.get(dtype.name, "float64")
    if isinstance(dtype, pd.SparseDtype):
        return output_dtype(dtype.subtype)
    return "Float32" if dtype.name == "Float32" else "Float64"


def check_same_ids(ids, rows, first):
    """Check that both tables have ids with the same number of levels, or neither has ids.

    Args:
        ids: Ids of the first table, None for one series.
        rows: The `Rows` of the second table.
        first: Description of the first table, for error messages.

    Raises:
        TypeError: If only one of them has ids.
        ValueError: If the number of levels differs.
    """
    if ids is None and rows.ids is not None:
        raise TypeError(
            f"`{rows.name}` is a panel with the ids {format_labels(rows.ids)}, but {first} is one series without an "
            "id. Select the rows of one id and keep only the time in the index."
        )
    if ids is not None and rows.ids is None:
        raise TypeError(
            f"`{rows.name}` is one series without an id, but {first} is a panel with the ids {format_labels(ids)}. "
            f"Add an id: `pd.concat({{{ids[:1].tolist()[0]!r}: {rows.name}}}, names={list(ids.names)})`."
        )
    if ids is not None and ids.nlevels != rows.ids.nlevels:
        raise ValueError(
            f"`{rows.name}` has the id levels {list(rows.ids.names)}, but {first} has {list(ids.names)}. "
            "Pass ids with the same levels."
        )


def find_ids(ids, rows):
    """Find the ids of a table among known ids, and warn about unknown ids.

    Args:
        ids: The known ids.
        rows: The `Rows` of the table.

    Returns:
        int64 `(ids of the rows,)`, the position of each id in `ids`, -1 for unknown ids.

    Raises:
        ValueError: If no id is known.
    """
    found = ids.get_indexer(rows.ids)
    unknown = rows.ids[found < 0]
    if len(unknown) == len(found):
        raise ValueError(
            f"`{rows.name}` has the ids {format_labels(unknown)} (dtype {_dtype_text(unknown)}), none of which is in "
            f"`y`, whose ids are {format_labels(ids)} (dtype {_dtype_text(ids)}). Pass rows for the series of `y`, "
            "with ids of the same dtype."
        )
    if len(unknown):
        warn(
            f"`{rows.name}` has {len(unknown)} id(s) that are not in `y`: {format_labels(unknown)}. Their rows are "
            "ignored."
        )
    return found


def select_columns(frame, columns, name):
    """Return these columns of a frame, in this order, and warn about other columns.

    Args:
        frame: DataFrame.
        columns: Index of the columns.
        name: Name of the argument, for error messages.

    Raises:
        ValueError: If a column is missing.
    """
    positions = frame.columns.get_indexer(columns)
    extra = list(frame.columns.delete(positions[positions >= 0]))
    if np.any(positions < 0):
        missing = list(columns[positions < 0])
        raise ValueError(
            f"`{name}` lacks the column(s) {missing}, which were fitted, and has the unknown column(s) {extra}. "
            "Pass all fitted columns under their names."
        )
    if extra:
        warn(f"`{name}` has column(s) that were not fitted: {extra}. They are ignored.")
    return frame.iloc[:, positions].set_axis(columns, axis=1)


def describe(name, *parts):
    """Return a description of an argument or a part of it, for error messages.

    Args:
        name: Name of the argument.
        parts: Pairs such as `("column", label)`, the innermost first.

    Example:

    >>> describe("y", ("column", "b"), ("series", "a"))
    "Column 'b' of series 'a' of `y`"
    """
    text = " of ".join([*(f"{what} {label!r}" for what, label in parts), f"`{name}`"])
    return text[0].upper() + text[1:]


def series_part(ids, series):
    """Return the part for `describe` that identifies the series with this index, empty if there are no ids."""
    return [] if ids is None else [("series", item(ids, series))]


def item(index, position):
    """Return an entry of an Index as a Python object: 3 instead of np.int64(3)."""
    return index[[position]].tolist()[0]


def format_labels(labels):
    """Return the first few labels of an Index as text, for error messages."""
    return ", ".join(repr(label) for label in labels[:3].tolist()) + (", ..." if len(labels) > 3 else "")


def _dtype_text(ids):
    return ", ".join(map(str, ids.dtypes)) if isinstance(ids, pd.MultiIndex) else ids.dtype
