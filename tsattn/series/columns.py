"""The caller's numbers: are they numbers, what are they as floats, and what dtype do their forecasts have?"""

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn.series.rows import entry, spot


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
