"""Which series and which stamp every row of a table has, in little memory however many rows there are."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn._utils.warnings import warn
from tsattn.series.time_index import MISSING, refuse_empty, typed_index

CHUNK = 1 << 16


def chunks(rows):
    """Slices that cover 0..rows, a chunk each."""
    return (slice(start, min(start + CHUNK, rows)) for start in range(0, rows, CHUNK))


def entry(index, place):
    """An entry of an Index as Python shows it: 3, not np.int64(3)."""
    return index[[place]].tolist()[0]


def spot(name, *parts):
    """The argument `name`, or a part of it, in words: "Column 'b' of series 'a' of `y`"."""
    text = " of ".join([*(f"{what} {label!r}" for what, label in parts), f"`{name}`"])
    return text[0].upper() + text[1:]


@dataclass(frozen=True, eq=False)
class Codes:
    """A number for every row, kept as a small code: row `r` has `numbers[codes[r]]`.

    Args:
        codes: integers of any size, (rows,).
        numbers: int64 (distinct codes,).
    """

    codes: np.ndarray
    numbers: np.ndarray

    def __len__(self):
        return len(self.codes)

    def __getitem__(self, rows):
        return self.numbers[self.codes[rows]]

    def mapped(self, numbers):
        """The numbers at the places that the numbers are now."""
        return Codes(self.codes, numbers[self.numbers])


@dataclass(frozen=True, eq=False)
class Rows:
    """The series and the stamp of every row of a table.

    Args:
        name: the argument that the table came as.
        ids: the ids, each once, in the order of the series; None for one series without an id.
        series: Codes of the series of every row.
        stamps: the stamps; each once, unless there is one series.
        places: Codes of the place in `stamps` of every row.
    """

    name: str
    ids: pd.Index | None
    series: Codes
    stamps: pd.Index
    places: Codes

    @classmethod
    def of_one(cls, index, name):
        """The rows of one series, whose stamps are its index."""
        refuse_empty(index, name)
        every = np.arange(len(index))
        one = Codes(np.broadcast_to(np.int8(0), len(index)), np.zeros(1, "int64"))
        return cls(name, None, one, index, Codes(every, every))

    @classmethod
    def of_levels(cls, levels, codes, name):
        """The rows of many series, as a MultiIndex holds them: the last level is the time, those before it the id.

        Raises:
            ValueError: empty, missing ids or stamps.
        """
        refuse_empty(codes[-1], name)
        ids, series = _ids(levels[:-1], codes[:-1], name)
        used = _used(levels[-1], codes[-1], "stamp", name)
        return cls(name, ids, series, levels[-1][used], Codes(codes[-1], np.cumsum(used) - 1))

    def longest(self):
        """The places in `stamps`, sorted, of the series with the most rows, the first of these."""
        counts, parts = np.zeros(len(self.ids), "int64"), [*chunks(len(self.series))]
        for part in parts:
            np.add.at(counts, self.series[part], 1)
        longest = counts.argmax()
        return np.unique(np.concatenate([self.places[part][self.series[part] == longest] for part in parts]))

    def spans(self, grid):
        """First grid row and number of grid rows of every series, int64 (series,); `grid`: grid rows of `stamps`."""
        count, limits = 1 if self.ids is None else len(self.ids), np.iinfo("int64")
        firsts, lasts = np.full(count, limits.max), np.full(count, limits.min)
        for part in chunks(len(self.series)):
            series, row = self.series[part], grid[self.places[part]]
            np.minimum.at(firsts, series, row)
            np.maximum.at(lasts, series, row)
        return firsts, lasts - firsts + 1

    def whose(self, place):
        """The first series that has the stamp at this place, in words."""
        if self.ids is None:
            return spot(self.name)
        found = (self.series[part][self.places[part] == place] for part in chunks(len(self.places)))
        return self.series_name(next(series[0] for series in found if len(series)))

    def series_name(self, series):
        """The series with this number, in words."""
        return spot(self.name, *id_parts(self.ids, series))


def id_parts(ids, series):
    """The part of the argument that one series is, for `spot`: nothing where there are no ids."""
    return [] if ids is None else [("series", entry(ids, series))]


def _ids(levels, codes, name):
    """The distinct ids in order, and the Codes of the series of every row."""
    kept, members, series = [], [], None
    for level, code in zip(levels, codes, strict=True):
        order = _order(level, code, name)
        rank = np.zeros(len(level), "int64")
        rank[order] = np.arange(len(order))
        kept.append(level[order])
        if series is None:
            series, members = Codes(code, rank), [np.arange(len(order))]
        else:
            series, first, second = _pairs(series, Codes(code, rank), len(order))
            members = [*(member[first] for member in members), second]
    return kept[0] if len(kept) == 1 else pd.MultiIndex(kept, members, names=[level.name for level in kept]), series


def _order(level, codes, name):
    """The places of the used entries of a level: sorted, or as they come in the rows where they cannot be sorted."""
    used = np.flatnonzero(_used(level, codes, "id", name))
    try:
        return used[np.argsort(level[used].factorize(sort=True)[0])]
    except TypeError:
        first = np.full(len(level), len(codes))
        for part in chunks(len(codes)):
            np.minimum.at(first, codes[part], np.arange(part.start, part.stop))
        return used[np.argsort(first[used])]


def _used(level, codes, what, name):
    """Which entries of a level any row has, bool (entries,); ValueError where a row has none."""
    if codes.min() < 0:
        place = "its index" if level.name is None else repr(level.name)
        raise ValueError(MISSING.format(name=name, what=what, place=place, row=np.argmax(codes < 0)))
    used = np.zeros(len(level), bool)
    for part in chunks(len(codes)):
        used[codes[part]] = True
    return used


def _pairs(first, second, width):
    """Codes of the distinct pairs of two Codes, sorted, and the two members of each; the second is below `width`."""
    parts = list(chunks(len(first)))
    keys = np.unique(np.concatenate([np.unique(first[part] * width + second[part]) for part in parts]))
    codes = np.empty(len(first), np.min_scalar_type(len(keys)))
    for part in parts:
        codes[part] = np.searchsorted(keys, first[part] * width + second[part])
    return Codes(codes, np.arange(len(keys))), keys // width, keys % width


def numbers(data, name):
    """The values of a Series or DataFrame, float (rows, channels), NaN where missing, and the dtypes of the output.

    They are float32 where that is the dtype of every output, else float64. Values that have this dtype already,
    and lie row after row, are not copied.

    Raises:
        TypeError: not numbers.
    """
    columns = [data] if isinstance(data, pd.Series) else [data.iloc[:, place] for place in range(data.shape[1])]
    kinds = [column.dtype for column in columns]
    for kind in dict.fromkeys(kinds):  # each once: there may be thousands of columns
        where = [] if columns[0] is data else [("column", entry(data.columns, kinds.index(kind)))]
        _refuse_other_types(kind, spot(name, *where))
    dtypes = tuple(output_dtype(column.dtype) for column in columns)
    dtype = np.dtype("float32" if {*dtypes} <= {"float32", "Float32"} else "float64")
    if all(isinstance(column.dtype, np.dtype) and column.dtype == dtype for column in columns):
        values = data.to_numpy()
    else:
        values = np.column_stack([column.to_numpy(dtype=dtype, na_value=np.nan) for column in columns])
    return np.ascontiguousarray(values.reshape(-1, len(columns))), dtypes


def output_dtype(dtype):
    """The dtype in which forecasts of such a column are given.

    float32 and float64 stay, float16 becomes float32, integers float64; nullable numbers Float64, but Float32
    stays; pyarrow numbers double[pyarrow].
    """
    if isinstance(dtype, pd.ArrowDtype):
        return "double[pyarrow]"
    if isinstance(dtype, np.dtype):
        return {"float16": "float32", "float32": "float32"}.get(dtype.name, "float64")
    if isinstance(dtype, pd.SparseDtype):
        return output_dtype(dtype.subtype)
    return "Float32" if dtype.name == "Float32" else "Float64"


def _refuse_other_types(dtype, where):
    for is_type, what, cure in REFUSED:
        if is_type(dtype):
            raise TypeError(f"{where} holds {what} (dtype {dtype}), but numbers are needed. {cure}")
    if not types.is_numeric_dtype(dtype):
        raise TypeError(f"{where} has the dtype {dtype}, but numbers are needed. Convert it with `astype(float)`.")


def _is_categorical(dtype):
    return isinstance(dtype, pd.CategoricalDtype)


def _is_time(dtype):
    return types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype)


REFUSED = (
    (_is_categorical, "categories", "Convert it with `astype(float)` if the categories are numbers."),
    (types.is_bool_dtype, "True and False", "Convert it with `astype(float)`."),
    (types.is_complex_dtype, "complex numbers", "Take the real part or the absolute value."),
    (_is_time, "times", "If they are the time axis, move them into the index with `set_index`."),
    (types.is_timedelta64_dtype, "durations", "Convert them, for example with `.dt.total_seconds()`."),
    (types.is_object_dtype, "Python objects", "Convert it with `pd.to_numeric`."),
    (types.is_string_dtype, "text", "Convert it with `pd.to_numeric`."),
)


ID, TIME, TARGET = "unique_id", "ds", "y"


@dataclass(frozen=True, eq=False)
class Table:
    """A caller's table, whatever its shape.

    Args:
        rows: the Rows: of which series, and at which stamp.
        data: the Series or DataFrame of what is told of them, in the same order; its index is not read.
        long: the columns of a long frame, unique_id among them unless it is the index; None for other shapes.
    """

    rows: Rows
    data: pd.Series | pd.DataFrame
    long: pd.Index | None = None

    @classmethod
    def of(cls, table, name):
        """Reads a Series or DataFrame, the argument `name`.

        Raises:
            ValueError: empty, columns with the same name, missing ids or stamps, levels in another order than
                (series, time). TypeError: the column ds is no time axis.
        """
        if isinstance(table, pd.DataFrame) and not table.columns.is_unique:
            repeated = list(table.columns[table.columns.duplicated()].unique())
            raise ValueError(f"`{name}` has columns with the same name: {repeated}. Rename or drop them.")
        if isinstance(table.index, pd.MultiIndex):
            return cls(_of_multiindex(table.index, name), table)
        if _is_long(table):
            keys = [table.index if ID not in table.columns else table[ID], table[TIME]]
            codes, levels = zip(*(_distinct(key, name) for key in keys), strict=True)
            rows = Rows.of_levels(levels, codes, name)
            _refuse_other_times(rows, name)
            return cls(rows, table.drop(columns=[ID, TIME], errors="ignore"), table.columns)
        return cls(Rows.of_one(table.index, name), table)

    @classmethod
    def of_targets(cls, y, name):
        """Reads what is to be forecast, the argument `name`: the numbers of a long frame are those of its column y.

        Raises:
            TypeError: neither Series nor DataFrame. ValueError: as `of`, no columns, a long frame with other columns.
        """
        if not isinstance(y, pd.Series | pd.DataFrame):
            raise TypeError(
                f"`{name}` is a {type(y).__name__}, but a pandas Series or DataFrame with a time index is needed. "
                f"Pass `pd.Series(values, index=pd.date_range(start, periods=len(values), freq=...))`."
            )
        if isinstance(y, pd.DataFrame) and y.shape[1] == 0:
            raise ValueError(f"`{name}` is empty: it has no columns. Pass at least one.")
        table = cls.of(y, name)
        if table.long is None:
            return table
        if TARGET not in table.data.columns:
            raise ValueError(
                f"`{name}` is a long frame with the columns {list(y.columns)}, but without y. Rename the column that "
                f"is to be forecast: `{name}.rename(columns={{...: 'y'}})`."
            )
        others = [column for column in table.data.columns if column != TARGET]
        if others:
            raise ValueError(
                f"`{name}` is a long frame with more columns than unique_id, ds and y: {others}. Pass them as "
                "`covariates=` if they are known or past covariates, or drop them. If they are to be forecast too, "
                f"pass `{name}.set_index(['unique_id', 'ds'])`."
            )
        return cls(table.rows, table.data[TARGET], table.long)


def _is_long(table):
    if isinstance(table, pd.Series):
        return False
    columns = set(table.columns)
    return TIME in columns and (ID in columns or table.index.name == ID)


def _distinct(key, name):
    """Codes and distinct values of a column or index; tuples stay tuples, and the dtype stays."""
    if key.dtype == "float16":
        raise TypeError(
            f"The column {key.name} of `{name}` is of dtype float16, which pandas has no index of. Convert it: "
            f"`{name}['{key.name}'] = {name}['{key.name}'].astype('float32')`."
        )
    codes, distinct = pd.Index(key, dtype=key.dtype).factorize()
    return codes, distinct.rename(key.name)


def _of_multiindex(index, name):
    """The Rows of a MultiIndex; ValueError unless its last level, and no other in its place, is the time."""
    came = f"`{name}` has an index of the levels {list(index.names)}, but they must be (series, time), the time last"
    if index.nlevels == 1:
        raise ValueError(f"{came}. For one series: `{name}.index = {name}.index.get_level_values(0)`.")
    rows = Rows.of_levels(index.levels, index.codes, name)
    time, kind = rows.stamps, _kind(rows.stamps)
    swap = f"Use `{name}.swaplevel()` or `{name}.reorder_levels([...])`"
    levels = f"{name}.index.levels"
    if kind is None:
        raise ValueError(
            f"{came}: the last holds {time[:1].tolist()[0]!r} (dtype {time.dtype}). {swap}; if it is the time, convert "
            f"it: `{name}.index = {name}.index.set_levels(pd.to_datetime({levels}[-1]), level=-1)`."
        )
    timely = [place for place, level in enumerate(index.levels[:-1]) if _kind(level) in ("datetime", "period")]
    if kind == "integer" and timely:
        place = timely[0]
        raise ValueError(
            f"{came}: the last holds integers, but level {place} holds times. {swap}; if these are ids, make them "
            f"categories: `{name}.index.set_levels({levels}[{place}].astype('category'), level={place})`."
        )
    return rows


def _refuse_other_times(rows, name):
    if _kind(rows.stamps) is None:
        raise TypeError(
            f"The column ds of `{name}` holds {rows.stamps[:1].tolist()[0]!r} (dtype {rows.stamps.dtype}), which is no "
            f"time. Convert it: `{name}['ds'] = pd.to_datetime({name}['ds'])`."
        )


def _kind(index):
    """The kind of time axis of which this index may be, None where it is none; judged by its first entry."""
    with suppress(TypeError, ValueError):
        return typed_index(index[:1], "index")[0]


def refuse_other_ids(ids, rows, first):
    """TypeError or ValueError unless the Rows have ids if and only if `ids` are there, of as many levels.

    Args:
        ids: the ids of what was read first, None for one series.
        rows: the Rows of the other table.
        first: what was read first, in words.
    """
    if ids is None and rows.ids is not None:
        raise TypeError(
            f"`{rows.name}` is a panel with the ids {shown(rows.ids)}, but {first} is one series without an id. "
            "Select the rows of one id and leave only the time in the index."
        )
    if ids is not None and rows.ids is None:
        raise TypeError(
            f"`{rows.name}` is one series without an id, but {first} is a panel with the ids {shown(ids)}. "
            f"Give it one: `pd.concat({{{ids[:1].tolist()[0]!r}: {rows.name}}}, names={list(ids.names)})`."
        )
    if ids is not None and ids.nlevels != rows.ids.nlevels:
        raise ValueError(
            f"`{rows.name}` has the id levels {list(rows.ids.names)}, but {first} has {list(ids.names)}. "
            "Pass ids of the same levels."
        )


def find_ids(ids, rows):
    """The number of each of the ids of the Rows among `ids`, int64 (ids of the rows,); -1, and a warning, for others.

    Raises:
        ValueError: none is among them.
    """
    found = ids.get_indexer(rows.ids)
    unknown = rows.ids[found < 0]
    if len(unknown) == len(found):
        raise ValueError(
            f"`{rows.name}` has the ids {shown(unknown)} (dtype {_dtype(unknown)}), none of which is in `y`: its ids "
            f"are {shown(ids)} (dtype {_dtype(ids)}). Pass rows for the series of `y`, with ids of the same dtype."
        )
    if len(unknown):
        message = f"`{rows.name}` has {len(unknown)} id(s) that are not in `y`: {shown(unknown)}. They are left out."
        warn(message)
    return found


def matching(frame, columns, name):
    """The columns of a frame, the argument `name`, that are in `columns`, in that order; a warning for others.

    Raises:
        ValueError: one is missing.
    """
    places = frame.columns.get_indexer(columns)
    extra = list(frame.columns.delete(places[places >= 0]))
    if np.any(places < 0):
        missing = list(columns[places < 0])
        raise ValueError(
            f"`{name}` lacks the column(s) {missing}, which were fitted, and has the unknown column(s) {extra}. "
            "Pass all fitted columns under their names."
        )
    if extra:
        message = f"`{name}` has column(s) that were not fitted: {extra}. They are left out."
        warn(message)
    return frame.iloc[:, places].set_axis(columns, axis=1)


def shown(labels):
    """The first few labels of an Index, as text for messages."""
    return ", ".join(repr(label) for label in labels[:3].tolist()) + (", ..." if len(labels) > 3 else "")


def _dtype(ids):
    return ", ".join(map(str, ids.dtypes)) if isinstance(ids, pd.MultiIndex) else ids.dtype
