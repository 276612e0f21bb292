"""Columns that are not numeric: Decimal objects are converted, all others are refused with code that converts them."""

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn.series.number_formats import suggest_conversions


def is_decimal(column):
    """Return whether a column holds objects of `decimal.Decimal`, as databases return them."""
    return types.is_object_dtype(column.dtype) and types.infer_dtype(column, skipna=True) == "decimal"


def is_numeric(dtype):
    """Return whether a dtype holds real numbers. Unlike in pandas, booleans are no numbers."""
    return types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype) and not types.is_complex_dtype(dtype)


def to_floats(column, where, place):
    """Convert Decimal objects to floats.

    Args:
        column: Series that is not numeric.
        where: Description of the column, for error messages.
        place: Code of the column, such as "y['x']".

    Raises:
        TypeError: If the values are not Decimal objects.
    """
    if is_decimal(column):
        return column.map(lambda value: np.nan if pd.isna(value) else float(value)).astype("float64")
    what, advice = next((what, advice) for is_type, what, advice in UNSUPPORTED_DTYPES if is_type(column.dtype))
    advice = (_advice(column) if advice is None else advice).format(values=place)
    raise TypeError(f"{where} holds {what} (dtype {column.dtype}), but numbers are expected. {advice}")


def _advice(column):
    """Return how to convert text or Python objects, or which value is not a number; with `{values}` for the column."""
    observed = column.dropna()
    if types.infer_dtype(observed) == "string":
        observed = observed.astype(str).str.strip()
        conversions = suggest_conversions(observed.unique())
    else:
        conversions = []
    is_number = pd.to_numeric(observed, errors="coerce").notna().to_numpy()
    if is_number.all():
        conversions = ["pd.to_numeric({values})"]
    if conversions:
        return "Convert it: " + ", or ".join(f"`{{values}} = {conversion}`" for conversion in conversions) + "."
    if not is_number.any():
        return "If it identifies the series, move it into the index; else drop it."
    row = np.flatnonzero(column.notna())[is_number.argmin()]
    value = repr(column.iloc[row]).replace("{", "{{").replace("}", "}}")
    return (
        f"It contains {value} in row {row}. Correct it, or make such values missing: "
        "`{values} = pd.to_numeric({values}, errors='coerce')`."
    )


def _is_categorical(dtype):
    return isinstance(dtype, pd.CategoricalDtype)


def _is_time(dtype):
    return types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype)


AS_FLOATS = "Convert it: `{values} = {values}.astype(float)`."
UNSUPPORTED_DTYPES = (
    # check of the dtype, what such columns hold, advice; None for advice that depends on the values
    (_is_categorical, "categories", "If the categories are numbers, convert it: `{values} = {values}.astype(float)`."),
    (types.is_bool_dtype, "booleans", AS_FLOATS),
    (types.is_complex_dtype, "complex numbers", "Pass the real part or the absolute value."),
    (_is_time, "times", "If they are the time axis, move them into the index with `set_index`."),
    (types.is_timedelta64_dtype, "durations", "Convert it: `{values} = {values}.dt.total_seconds()`."),
    (types.is_object_dtype, "Python objects", None),
    (types.is_string_dtype, "text", None),
    (lambda dtype: True, "values that are not numbers", AS_FLOATS),
)
