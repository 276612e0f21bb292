"""Encoding of covariate columns as float32: numbers are scaled, categories become integer codes."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn._utils.warnings import warn
from tsattn.series.tables import describe, format_labels, output_dtype, read_values
from tsattn.series.values import is_decimal, kind_of


@dataclass(frozen=True, eq=False)
class Column:
    """Encoding of one column, fitted on its history.

    Args:
        label: Name of the column.
        dtype: The caller's dtype, or the corresponding dtype that supports missing values.
        categories: Index of the categories in the history, with the codes 1, 2, ...; None for numbers. Defaults to
            None.
        center: Mean of the numbers; 0 for booleans. Defaults to 0.
        scale: Standard deviation of the numbers; 1 for booleans. Defaults to 1.
    """

    label: Hashable
    dtype: object
    categories: pd.Index | None = None
    center: float = 0.0
    scale: float = 1.0

    @classmethod
    def fit(cls, column, name):
        """Fit the encoding on a Series, the history of a column.

        Args:
            column: The Series.
            name: Name of the argument, for error messages.

        Raises:
            TypeError: If the column does not contain numbers, booleans, text or categories.
            ValueError: If the values are infinite, too large, or all missing.
        """
        where, dtype = _describe(name, column.name), column.dtype
        if column.isna().all():
            raise ValueError(f"{where} has no observed value in the history. Drop it or fill it.")
        if _is_bool(dtype):
            return cls(column.name, dtype if isinstance(dtype, pd.ArrowDtype) else pd.BooleanDtype())
        if _is_categorical(column):
            categories = _comparable(column).astype("category").cat.remove_unused_categories().cat.categories
            return cls(column.name, dtype, categories)
        return cls(column.name, output_dtype(dtype), None, *_moments(_floats(column, name), where))

    @property
    def cardinality(self):
        """Number of codes, including 0 for unknown categories; 0 for numbers."""
        return 0 if self.categories is None else len(self.categories) + 1

    def encode(self, column, name):
        """Encode a column, and warn about unknown categories.

        Args:
            column: The Series.
            name: Name of the argument, for error messages.

        Returns:
            float32 `(rows,)`: NaN where missing, 0 for an unknown category.

        Raises:
            TypeError: If the column is not of the same kind as its history.
            ValueError: If a value is infinite, or too large to be scaled.
        """
        if column.isna().all():
            return np.full(len(column), np.nan, dtype="float32")
        return self._scale(column, name) if self.categories is None else self._codes(column, name)

    def decode(self, values):
        """Convert encoded values back to a Series of the caller's dtype, with the precision of float32."""
        if self.categories is not None:
            codes = np.nan_to_num(values).astype("int64") - 1
            return pd.Series(pd.Categorical.from_codes(codes, self.categories)).astype(self.dtype)
        decoded = values.astype("float64") * self.scale + self.center
        # In float64, because the rounding error of the largest numbers would overflow float32.
        error = float(np.finfo("float32").eps) * self.scale * float(np.abs(np.nan_to_num(values)).max(initial=0))
        if error > 0:
            decoded = np.round(decoded, min(int(-np.log10(error) // 1), 300))
        return pd.Series(pd.array(decoded, dtype=self.dtype))

    def _scale(self, column, name):
        values = _floats(column, name)
        with np.errstate(over="ignore"):
            scaled = ((values - self.center) / self.scale).astype("float32")
        infinite = np.isinf(scaled)
        if infinite.any():
            raise ValueError(
                f"{_describe(name, self.label)} is {values[infinite][0]:g} at {column.index[infinite.argmax()]}, which "
                f"is too large to be scaled: its history has mean {self.center:g} and standard deviation "
                f"{self.scale:g}. Replace it with a smaller number."
            )
        return scaled

    def _codes(self, column, name):
        where = _describe(name, self.label)
        if not _is_categorical(column) and not types.is_numeric_dtype(self.categories.dtype):
            raise TypeError(
                f"{where} has the dtype {column.dtype}, but had categories such as {self.categories[0]!r} in the fit. "
                "Convert it with `astype(str)`, or pass the column that was fitted."
            )
        positions, values = pd.factorize(_comparable(column))
        codes = self.categories.get_indexer(values) + 1
        unknown = values[codes == 0]
        if len(unknown):
            warn(
                f"{where} has {len(unknown)} value(s) that were not in the history of the fit: "
                f"{format_labels(unknown)}. They are encoded as unknown."
            )
        return np.append(codes, np.nan).astype("float32")[positions]


def _describe(name, label):
    return describe(name, ("column", label))


def _is_bool(dtype):
    return types.is_bool_dtype(dtype) and not isinstance(dtype, pd.CategoricalDtype)


def _is_categorical(column):
    return isinstance(column.dtype, pd.CategoricalDtype) or kind_of(_comparable(column)) == "string"


def _comparable(column):
    """Return the column; a pyarrow dictionary as objects, because pandas cannot convert it to categories."""
    is_dictionary = isinstance(column.dtype, pd.ArrowDtype) and column.dtype.name.startswith("dictionary")
    return column.astype(object) if is_dictionary else column


def _floats(column, name):
    """Return numbers, or booleans as 1 and 0, as float64 `(rows,)`, NaN where missing."""
    where = _describe(name, column.name)
    if types.is_object_dtype(column.dtype) and not is_decimal(column):
        raise TypeError(
            f"{where} holds Python objects ({kind_of(column)}), but numbers, booleans, text or categories "
            "are expected. Convert it with `pd.to_numeric`, `astype('boolean')` or `astype(str)`."
        )
    plain = column.astype("Float64") if _is_bool(column.dtype) else column
    values = read_values(plain.to_frame(column.name), name)[0][:, 0].astype("float64")
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        raise ValueError(
            f"{where} is {values[row]} at {column.index[row]}. Replace it with a finite number, or with NaN."
        )
    return values


def _moments(values, where):
    """Return mean and standard deviation. A constant is scaled by its size, to keep later changes moderate."""
    observed = values[~np.isnan(values)]
    if observed.min() == observed.max():
        return float(observed[0]), abs(float(observed[0])) or 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        center, scale = float(observed.mean()), float(observed.std())
    if not 0 < scale < np.inf:
        raise ValueError(
            f"{where} ranges from {observed.min():g} to {observed.max():g}, for which no scale can be computed. "
            "Convert it to a different unit."
        )
    return center, scale
