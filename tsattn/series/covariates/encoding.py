"""How one column of covariates becomes float32 numbers: scaled, or the code of a category."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn._utils.warnings import warn
from tsattn.series.tables import numbers, output_dtype, shown, spot


@dataclass(frozen=True, eq=False)
class Column:
    """What was learnt of a column from its history.

    Args:
        label: the name of the column.
        dtype: a dtype like the caller's that can hold missing values.
        categories: Index of the levels that were seen, whose codes are 1, 2, ...; None for numbers.
        center: the mean of the numbers; 0 for True and False.
        scale: their standard deviation; 1 for True and False.
    """

    label: Hashable
    dtype: object
    categories: pd.Index | None = None
    center: float = 0.0
    scale: float = 1.0

    @classmethod
    def of(cls, column, name):
        """Learns from a Series, the history of a column of the argument `name`.

        Raises:
            TypeError: neither numbers, True and False, text nor categories. ValueError: infinite, too large, or all
                missing.
        """
        where, dtype = _where(name, column.name), column.dtype
        if column.isna().all():
            raise ValueError(f"{where} has no observed value in the history. Leave it out or fill it.")
        if _is_bool(dtype):
            return cls(column.name, dtype if isinstance(dtype, pd.ArrowDtype) else pd.BooleanDtype())
        if _is_categorical(column):
            levels = _comparable(column).astype("category").cat.remove_unused_categories().cat.categories
            return cls(column.name, dtype, levels)
        return cls(column.name, output_dtype(dtype), None, *_moments(_floats(column, name), where))

    @property
    def levels(self):
        """0 for numbers, else the number of codes, 0 for unknown being one of them."""
        return 0 if self.categories is None else len(self.categories) + 1

    def encode(self, column, name):
        """A Series of the argument `name` as float32 (rows,): NaN where missing, 0 for a level that was not seen.

        Warns of levels that were not seen.

        Raises:
            TypeError: another kind than that of the history. ValueError: infinite, or too large to be scaled.
        """
        if column.isna().all():
            return np.full(len(column), np.nan, dtype="float32")
        return self._scaled(column, name) if self.categories is None else self._codes(column, name)

    def decode(self, values):
        """The Series of the caller's kind that `encode` made these of, to the digits that float32 keeps."""
        if self.categories is not None:
            codes = np.nan_to_num(values).astype("int64") - 1
            return pd.Series(pd.Categorical.from_codes(codes, self.categories)).astype(self.dtype)
        decoded = values.astype("float64") * self.scale + self.center
        # In float64: in float32 the error of the largest numbers would overflow.
        error = float(np.finfo("float32").eps) * self.scale * float(np.abs(np.nan_to_num(values)).max(initial=0))
        if error > 0:
            decoded = np.round(decoded, min(int(-np.log10(error) // 1), 300))
        return pd.Series(pd.array(decoded, dtype=self.dtype))

    def _scaled(self, column, name):
        values = _floats(column, name)
        with np.errstate(over="ignore"):
            scaled = ((values - self.center) / self.scale).astype("float32")
        lost = np.isinf(scaled)
        if lost.any():
            raise ValueError(
                f"{_where(name, self.label)} is {values[lost][0]:g} at {column.index[lost.argmax()]}, which is too "
                f"large to be scaled: its history has mean {self.center:g} and standard deviation {self.scale:g}. "
                "Replace it with a smaller number."
            )
        return scaled

    def _codes(self, column, name):
        where = _where(name, self.label)
        if not _is_categorical(column) and not types.is_numeric_dtype(self.categories.dtype):
            raise TypeError(
                f"{where} has the dtype {column.dtype}, but had levels such as {self.categories[0]!r} when fitted. "
                "Convert it with `astype(str)`, or pass the column that was fitted."
            )
        places, levels = pd.factorize(_comparable(column))
        codes = self.categories.get_indexer(levels) + 1
        unseen = levels[codes == 0]
        if len(unseen):
            message = f"{where} has {len(unseen)} level(s) that its history in the fit did not have: {shown(unseen)}."
            warn(f"{message} They are taken as unknown.")
        return np.append(codes, np.nan).astype("float32")[places]


def _where(name, label):
    return spot(name, ("column", label))


def _is_bool(dtype):
    return types.is_bool_dtype(dtype) and not isinstance(dtype, pd.CategoricalDtype)


def _is_categorical(column):
    return isinstance(column.dtype, pd.CategoricalDtype) or types.infer_dtype(_comparable(column)) == "string"


def _comparable(column):
    """The column, but a dictionary of pyarrow as objects: pandas does not make categories of it."""
    is_dictionary = isinstance(column.dtype, pd.ArrowDtype) and column.dtype.name.startswith("dictionary")
    return column.astype(object) if is_dictionary else column


def _floats(column, name):
    """Numbers, or True and False as 1 and 0, as float64 (rows,), NaN where missing."""
    where = _where(name, column.name)
    if types.is_object_dtype(column.dtype):
        raise TypeError(
            f"{where} holds Python objects ({types.infer_dtype(column)}), but numbers, True and False, text or "
            "categories are needed. Convert it with `pd.to_numeric`, `astype('boolean')` or `astype(str)`."
        )
    plain = column.astype("Float64") if _is_bool(column.dtype) else column
    values = numbers(plain.to_frame(column.name), name)[0][:, 0].astype("float64")
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        raise ValueError(
            f"{where} is {values[row]} at {column.index[row]}. Replace it with a finite number, or with NaN."
        )
    return values


def _moments(values, where):
    """Mean and standard deviation. A constant has its own size as its scale: a change of it is to stay moderate."""
    observed = values[~np.isnan(values)]
    if observed.min() == observed.max():
        return float(observed[0]), abs(float(observed[0])) or 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        center, scale = float(observed.mean()), float(observed.std())
    if not 0 < scale < np.inf:
        raise ValueError(
            f"{where} goes from {observed.min():g} to {observed.max():g}, from which no scale can be computed. "
            "Bring it into another unit."
        )
    return center, scale
