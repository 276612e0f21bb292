"""Which indexes can be a time axis: sort them into kinds, refuse the rest with a cure."""

import numpy as np
import pandas as pd
from pandas.api import types

# Text is read only in these layouts, all rows in one of them, so that it can be written back letter by letter.
TEXT_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m",
)
KINDS = "a DatetimeIndex, a PeriodIndex, an integer index or ISO date strings"
MISSING = "`{name}` has a missing {what} (NaN, NaT or None) in {place}, in row {row}. Drop or repair that row."


def typed_index(index, name):
    """Checks the index of the argument `name` and gives its kind.

    Returns:
        `(kind, index, text)`: kind is "datetime", "period" or "integer"; the index has that type (ISO text
        becomes a DatetimeIndex); text is the `strftime` layout of ISO text, else None.

    Raises:
        TypeError: an index that is no time axis. ValueError: empty, missing stamps, text that is not ISO.
    """
    refuse_empty(index, name)
    text = None
    if types.infer_dtype(index, skipna=True) == "string" and not isinstance(index.dtype, pd.CategoricalDtype):
        _refuse_missing(index, name)
        index, text = _from_text(index, name)
    kind = _kind(index, name)
    _refuse_missing(index, name)
    if kind == "integer" and index.max() > np.iinfo("int64").max:
        raise ValueError(f"`{name}` has the integer {index.max()} in its index, which does not fit into int64.")
    return kind, index, text


def refuse_empty(index, name):
    """ValueError where the argument `name` has no rows."""
    if len(index) == 0:
        raise ValueError(f"`{name}` is empty: it has no rows. Pass at least one.")


def refuse_repeated(stamps, where):
    """ValueError with the first few of these stamps, if any, which come more than once in what `where` names."""
    if len(stamps) == 0:
        return
    shown = ", ".join(str(stamp) for stamp in stamps[:3]) + (", ..." if len(stamps) > 3 else "")
    message = f"{where} has {len(stamps)} stamp(s) that come more than once: {shown}. Keep one row for each stamp"
    if isinstance(stamps, pd.DatetimeIndex) and stamps.tz is None and (stamps != stamps.normalize()).any():
        message += (
            "; if the clock was put back there (daylight saving), "
            "tell the two hours apart with `y.tz_localize(zone, ambiguous=...)`"
        )
    raise ValueError(message + ".")


def _refuse_missing(index, name):
    missing = index.isna()
    if missing.any():
        raise ValueError(MISSING.format(name=name, what="stamp", place="its index", row=missing.argmax()))


def _kind(index, name):
    if isinstance(index, pd.DatetimeIndex):
        return "datetime"
    if isinstance(index, pd.PeriodIndex):
        return "period"
    if types.is_integer_dtype(index.dtype):
        return "integer"
    raise TypeError(f"`{name}` has {_wrong(index)} The index must be {KINDS}.")


def _wrong(index):
    if isinstance(index, pd.MultiIndex):
        return "a MultiIndex; panels (series, time) are not handled here: pass one series, `y.xs(key, level=0)`."
    if isinstance(index, pd.CategoricalIndex):
        return "a categorical index. Convert it: `y.index = pd.to_datetime(y.index.astype(str))`."
    if types.is_bool_dtype(index.dtype):
        return "a boolean index, which is no time axis. Use `y.reset_index(drop=True)` to count the steps instead."
    if types.is_float_dtype(index.dtype):
        return "a float index. If the stamps are whole numbers: `y.index = y.index.astype('int64')`."
    if types.is_timedelta64_dtype(index.dtype):
        return "a timedelta index. Add a date to it: `y.index = pd.Timestamp('2000-01-01') + y.index`."
    return f"an index of dtype {index.dtype}. Convert it: `y.index = pd.to_datetime(y.index)`."


def _from_text(index, name):
    layout = next((layout for layout in TEXT_FORMATS if _fits(index[:1], layout).all()), None)
    fits = _fits(index, layout) if layout else [False]
    if not all(fits):
        stamp = index[list(fits).index(False)]
        wanted = f"like {index[0]!r}" if layout else "ISO dates such as '2024-01-31' or '2024-01-31 13:00'"
        raise ValueError(
            f"`{name}` has the text {stamp!r} in its index, but all stamps must be {wanted}. Convert the index, and "
            "say how it is written: `y.index = pd.to_datetime(y.index, format='%d/%m/%Y')`."
        )
    return _parsed(index, layout).as_unit("s"), layout


def _parsed(index, layout):
    return pd.DatetimeIndex(pd.to_datetime(index, format=layout, errors="coerce"))


def _fits(index, layout):
    # Written back and compared, because parsers forgive what could not be restored ("2024-1-1").
    return (_parsed(index, layout).strftime(layout) == index.astype(object)) & ~index.isna()
