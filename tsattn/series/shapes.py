"""The shapes that a table of time series comes in, told apart in one place: one time index, MultiIndex, long."""

from contextlib import suppress
from dataclasses import dataclass

import pandas as pd

from tsattn.series.indexes import typed_index
from tsattn.series.rows import Rows

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
