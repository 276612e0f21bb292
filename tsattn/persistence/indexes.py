"""pandas dtypes and indexes as plain values, by a closed list of dtypes."""

import re

import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

from tsattn.persistence.error import ModelFileError
from tsattn.persistence.labels import read_label, write_label
from tsattn.persistence.steps import read_step, write_step

# Other names would be passed to dtypes that other libraries registered with pandas.
_NUMBERS = r"bool|u?int(8|16|32|64)|float(16|32|64)"
_ZONE = r"[\w+-]+([:/][\w+-]+)*"
_TIMES = rf"timedelta64\[(s|ms|us|ns)\]|datetime64\[(s|ms|us|ns)(, {_ZONE})?\]"
_NULLABLE = r"boolean|U?Int(8|16|32|64)|Float(32|64)"
_ARROW = rf"{_NUMBERS}|half|halffloat|double|float|string|large_string|date32\[day\]|date64\[ms\]"
_ARROW_TIMES = rf"timestamp\[(s|ms|us|ns)(, tz={_ZONE})?\]|duration\[(s|ms|us|ns)\]"
KNOWN = re.compile(
    rf"object|str|{_NUMBERS}|{_TIMES}|{_NULLABLE}|period\[[\w-]+\]"
    rf"|interval\[({_NUMBERS}|{_TIMES}), (left|right|both|neither)\]|({_ARROW}|{_ARROW_TIMES})\[pyarrow\]"
)


def _known_dtype(text, name):
    if type(text) is not str or not KNOWN.fullmatch(text):
        raise ModelFileError(f"{name} is {str(text)[:80]}, which is not a dtype of a model file.")
    return pandas_dtype(text)


def write_dtype(dtype, name):
    """Convert a dtype of NumPy or pandas, or its name, to plain values.

    Args:
        dtype: The dtype.
        name: Location of the value, for error messages.

    Raises:
        ModelFileError: If it would not be restored unchanged.
    """
    if type(dtype) is str:
        plain = {"name": dtype}
    elif isinstance(dtype, pd.CategoricalDtype):
        categories = None if dtype.categories is None else write_index(dtype.categories, f"{name}.categories")
        plain = {"categories": categories, "ordered": dtype.ordered}
    elif isinstance(dtype, pd.StringDtype):
        # The storage of strings is omitted, because it depends on whether pyarrow is installed.
        return {"string": "NA" if dtype.na_value is pd.NA else "nan"}
    else:
        plain = {"dtype": str(dtype)}
    try:
        is_same = read_dtype(plain, name) == dtype
    except (TypeError, ValueError, NotImplementedError):  # ModelFileError is a ValueError
        is_same = False
    if not is_same:
        raise ModelFileError(
            f"{name} is {dtype!r}, which a model file cannot store. Convert the column before the fit."
        )
    return plain


def read_dtype(plain, name):
    """Convert plain values from `write_dtype` back to a dtype.

    Args:
        plain: The plain values.
        name: Location of the values, for error messages.

    Raises:
        ModelFileError: If the plain values have an invalid structure.
        ValueError: If there is no such dtype.
        TypeError: If there is no such dtype.
    """
    if set(plain) == {"name"}:
        _known_dtype(plain["name"], name)
        return plain["name"]
    if set(plain) == {"categories", "ordered"}:
        categories = plain["categories"]
        categories = None if categories is None else read_index(categories, f"{name}.categories")
        return pd.CategoricalDtype(categories, plain["ordered"])
    if plain in ({"string": "NA"}, {"string": "nan"}):
        return pd.StringDtype(na_value=pd.NA if plain["string"] == "NA" else np.nan)
    if set(plain) == {"dtype"}:
        return _known_dtype(plain["dtype"], name)
    raise ModelFileError(f"{name} is {str(plain)[:80]}, which is not a dtype.")


def write_index(index, name):
    """Convert an Index of any kind to plain values.

    Args:
        index: The Index.
        name: Location of the value, for error messages.

    Raises:
        ModelFileError: If it holds values that a model file cannot store.
    """
    if isinstance(index, pd.MultiIndex):
        levels = [write_index(level, f"{name}.{number}") for number, level in enumerate(index.levels)]
        codes = [np.asarray(part).tolist() for part in index.codes]
        return {"levels": levels, "codes": codes, "names": [write_label(each, name) for each in index.names]}
    names = {"name": write_label(index.name, name)}
    if isinstance(index, pd.RangeIndex):
        return {"range": [index.start, index.stop, index.step], **names}
    if isinstance(index, pd.CategoricalIndex):
        return {"dtype": write_dtype(index.dtype, name), "codes": index.codes.tolist(), **names}
    freq = getattr(index, "freq", None) if isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex) else None
    return {
        "dtype": write_dtype(index.dtype, name),
        "values": [write_label(value, name) for value in index],
        "freq": None if freq is None else write_step(freq, name),
        **names,
    }


def read_index(plain, name):
    """Convert plain values from `write_index` back to an Index.

    Args:
        plain: The plain values.
        name: Location of the values, for error messages.

    Raises:
        ModelFileError: If the plain values have an invalid structure.
        ValueError: If the content is not a valid Index.
        TypeError: If the content is not a valid Index.
    """
    if set(plain) == {"levels", "codes", "names"}:
        levels = [read_index(level, f"{name}.{number}") for number, level in enumerate(plain["levels"])]
        return pd.MultiIndex(levels, plain["codes"], names=[read_label(each, name) for each in plain["names"]])
    own = read_label(plain.get("name"), name)
    if set(plain) == {"range", "name"}:
        return pd.RangeIndex(*plain["range"], name=own)
    if set(plain) == {"dtype", "codes", "name"}:
        dtype = read_dtype(plain["dtype"], name)
        return pd.CategoricalIndex(pd.Categorical.from_codes(plain["codes"], dtype=dtype), name=own)
    if set(plain) != {"dtype", "values", "freq", "name"}:
        raise ModelFileError(f"{name} is {str(plain)[:80]}, which is not an index.")
    values, dtype = [read_label(value, name) for value in plain["values"]], read_dtype(plain["dtype"], name)
    if dtype == np.dtype(object):  # pandas would infer another dtype for some values
        array = np.empty(len(values), dtype=object)
        array[:] = values
        values = array
    index = pd.Index(values, dtype=dtype, name=own, tupleize_cols=False)
    if plain["freq"] is not None:
        index.freq = read_step(plain["freq"], name)
    return index
