"""Columns that are not numeric: Decimal objects are converted, all others are refused with code that converts them."""

import contextlib
import functools
import math
import numbers
import re
import reprlib
import warnings
from decimal import Decimal

import pandas as pd
from pandas.api import types

from tsattn.series.number_formats import suggest_conversions

# Expressions that may convert a column, and the same as functions. The first that returns numbers is suggested.
CONVERSIONS = {
    "{values}.dt.total_seconds()": lambda column: column.dt.total_seconds(),
    "pd.to_numeric({values})": pd.to_numeric,
    "{values}.astype(float)": lambda column: column.astype(float),
    "{values}.astype('Float64')": lambda column: column.astype("Float64"),
}
FAILURES = (ValueError, TypeError, AttributeError, ArithmeticError, NotImplementedError, Warning)
SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = SHORT.maxlong = 60


def is_decimal(column):
    """Return whether a column holds objects of `decimal.Decimal`, as databases return them."""
    if not types.is_object_dtype(column.dtype):
        return False
    kinds = {type(value) for value in column if not _is_missing(value)}  # pandas fails on a signaling NaN
    return bool(kinds) and all(issubclass(kind, Decimal) for kind in kinds)


def kind_of(values):
    """Return the kind of values as `pd.api.types.infer_dtype`, "mixed" for objects that pandas cannot compare."""
    try:
        return types.infer_dtype(values, skipna=True)
    except (TypeError, ArithmeticError):  # arrays without dimensions, a signaling NaN
        return "mixed"


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
        ValueError: If a finite value exceeds the range of float64.
    """
    if is_decimal(column):
        floats = [math.nan if _is_missing(value) or value.is_nan() else float(value) for value in column]
        for row, (value, number) in enumerate(zip(column, floats, strict=True)):
            if math.isinf(number) and value.is_finite():
                raise ValueError(
                    f"{where} contains {value!r} in row {row}, which exceeds the range of float64. Correct it, or "
                    "divide all values by a power of 10."
                )
        return pd.Series(floats, column.index, dtype="float64", name=column.name)
    what, advice = next((what, advice) for is_type, what, advice in UNSUPPORTED_DTYPES if is_type(column.dtype))
    if types.is_object_dtype(column.dtype) and kind_of(column) == "string":
        what = "text"
    advice = (_advice(column) if advice is None else advice).format(values=place)
    raise TypeError(f"{where} holds {what} (dtype {column.dtype}), but numbers are expected. {advice}")


def _is_missing(value):
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _advice(column):
    """Return code that converts a column, or which value is not a number; with `{values}` for the column."""
    if conversions := _conversions(column):
        return "Convert it: " + ", or ".join(f"`{{values}} = {conversion}`" for conversion in conversions) + "."
    observed = {row: value for row, value in enumerate(column) if not _is_missing(value)}
    wrong = {row: value for row, value in observed.items() if not _is_number(value)}
    if not observed:
        return "It has no observed value. Drop it or fill it."
    if len(wrong) == len(observed):
        return "If it identifies the series, move it into the index; else drop it."
    if not wrong:
        return "Replace its values by numbers of one kind, or drop it."
    row, value = next(iter(wrong.items()))
    advice = f"It contains {SHORT.repr(value)} in row {row}. Correct it".replace("{", "{{").replace("}", "}}")
    # Text with digits may be a number in a notation that is not read, such as (1) for -1.
    has_digits = any(re.search(r"\d", str(value)) for value in wrong.values() if isinstance(value, str | bytes))
    if has_digits or _convert(functools.partial(pd.to_numeric, errors="coerce"), column) is None:
        return f"{advice}."
    return f"{advice}, or make such values missing: `{{values}} = pd.to_numeric({{values}}, errors='coerce')`."


def _conversions(column):
    """Return expressions that convert a column to numbers, with `{values}` for the column; empty if there is none."""
    source = "{values}"
    if isinstance(column.dtype, pd.CategoricalDtype):
        column, source = column.astype(object), "{values}.astype(object)"
    found = []
    if kind_of(column) == "string":
        found = suggest_conversions(column.dropna().astype(str).str.strip().unique())
    if not found:
        numbers_of = {expression: _convert(convert, column) for expression, convert in CONVERSIONS.items()}
        found = [each for each, read in numbers_of.items() if read is not None and _keeps_values(read, column)][:1]
    return [expression.replace("{values}", source) for expression in found]


def _convert(convert, column):
    """Return the result of a conversion, None if it fails or does not return numbers."""
    with contextlib.suppress(*FAILURES), warnings.catch_warnings():
        warnings.simplefilter("error")
        converted = convert(column)
        return converted if is_numeric(converted.dtype) else None
    return None


def _keeps_values(converted, column):
    return 0 < converted.notna().sum() == sum(not _is_missing(value) for value in column)


def _is_number(value):
    """Return whether an object is a number that fits into float64, or text of one."""
    with contextlib.suppress(*FAILURES):
        number = pd.to_numeric(value.strip()) if isinstance(value, str | bytes) else value
        return isinstance(number, numbers.Real | Decimal) and not math.isnan(float(number))
    return False


def _is_categorical(dtype):
    return isinstance(dtype, pd.CategoricalDtype)


def _is_time(dtype):
    return types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype)


UNSUPPORTED_DTYPES = (
    # check of the dtype, what such columns hold, advice; None for advice that depends on the values
    (_is_categorical, "categories", None),
    (types.is_bool_dtype, "booleans", None),
    (types.is_complex_dtype, "complex numbers", "Pass the absolute value, `{values} = {values}.abs()`, or one part."),
    (_is_time, "times", "If they are the time axis, move them into the index with `set_index`."),
    (types.is_timedelta64_dtype, "durations", None),
    (types.is_object_dtype, "Python objects", None),
    (types.is_string_dtype, "text", None),
    (lambda dtype: True, "values that are not numbers", None),
)
