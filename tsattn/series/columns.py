"""One column of the caller's numbers: is it numbers, and what are they in float64?"""

import numpy as np
import pandas as pd
from pandas.api import types

SAY_MISSING = "Replace it with a finite number, or with NaN if it was not observed."


def floats(column, where):
    """The values of a Series, float64 (rows,), always a copy; NaN where missing. `where` names it in errors.

    Raises:
        TypeError: not numbers. ValueError: infinite or nothing but missing values.
    """
    _refuse_other_types(column.dtype, where)
    values = column.to_numpy(dtype="float64", na_value=np.nan, copy=True)
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        raise ValueError(f"{where} is {values[row]} at {column.index[row]}. {SAY_MISSING}")
    if np.isnan(values).all():
        raise ValueError(f"{where} has no observed value: all {len(values)} are missing. Leave it out or fill it.")
    return values


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
