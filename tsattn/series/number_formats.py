"""Formats of numbers: which sign separates the decimals, and which one the thousands."""

import dataclasses
import functools
import re

import numpy as np
import pandas as pd

DECIMALS = (".", ",")
THOUSANDS = (",", ".", " ", "\u00a0", "\u202f", "'", "\u2019")  # with two kinds of non-breaking spaces
MAX_LENGTH = 300  # of a number; longer ones exceed float64
LONG_INTEGER = re.compile(r"[+-]?\d{4,}")
AFFIX = re.compile(r"([^\d.,+-]*)(.*?)([^\d.,]*)", re.DOTALL)  # of a number, such as a currency or a percent sign
SAFE_AFFIX = re.compile(r"[%$\u20ac\u00a3\u00a5\u20b9]+|[A-Z]{3}")  # others may be a sign or a unit: (1), 1-, 1k


@dataclasses.dataclass(frozen=True)
class NumberFormat:
    """A way to write numbers.

    Args:
        decimal: Sign before the decimals. Defaults to a point.
        thousands: Sign between groups of three digits, or None. Defaults to None.
    """

    decimal: str = "."
    thousands: str | None = None

    @functools.cached_property
    def pattern(self):
        """Regular expression of a number."""
        point, whole = re.escape(self.decimal), r"\d+"
        if self.thousands:
            whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:{re.escape(self.thousands)}\d{{3}})+)"
        number = rf"(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"
        return re.compile(rf"[+-]?(?:{number}|inf|infinity)", re.IGNORECASE)

    @property
    def replacements(self):
        """Methods of a column of text that replace the signs by those of Python."""
        thousands = f".str.replace({self.thousands!r}, '', regex=False)" if self.thousands else ""
        return thousands + (f".str.replace({self.decimal!r}, '.', regex=False)" if self.decimal != "." else "")

    def reads(self, values):
        """Return whether all texts are numbers of this format. Groups of thousands are used for all numbers or none."""
        if not all(map(self.pattern.fullmatch, values)):
            return False
        is_grouped = self.thousands is not None and any(self.thousands in value for value in values)
        return not (is_grouped and any(map(LONG_INTEGER.match, values)))

    def numbers(self, values):
        """Return texts that it reads as numbers."""
        if self.thousands:
            values = [value.replace(self.thousands, "") for value in values]
        values = [value.replace(self.decimal, ".") for value in values]
        numbers = pd.to_numeric(pd.Series(values, dtype=object))
        return numbers if numbers.dtype != object else pd.Series(map(float, values))  # integers beyond 64 bits


def possible_formats(values, decimal=None, thousands=None):
    """Return the formats that read all values, but only one of those that read them as the same numbers.

    Args:
        values: Array of distinct texts without missing values.
        decimal, thousands: See `NumberFormat`. None for any sign. Defaults to None.
    """
    if len(values) == 0 or max(map(len, values)) > MAX_LENGTH:
        return []
    formats, numbers, signs = [], [], set("".join(values))
    for each in _formats(decimal, thousands):
        if each.thousands not in (None, *signs):
            continue
        if each.reads(values):
            read = each.numbers(values)
            if not any(np.array_equal(read, other) for other in numbers):
                formats.append(each)
                numbers.append(read)
    return formats


@functools.cache
def _formats(decimal, thousands):
    decimals = DECIMALS if decimal is None else (decimal,)
    groups = (None, *THOUSANDS) if thousands is None else (thousands,)
    return [NumberFormat(point, group) for point in decimals for group in groups if point != group]


def suggest_conversions(values):
    """Return expressions that convert texts to numbers, with `{values}` for the column.

    Args:
        values: Array of distinct texts without missing values.

    Returns:
        List of one expression; of several if they return different numbers; empty if there is none.
    """
    if formats := possible_formats(values):
        return ["pd.to_numeric({values}" + each.replacements + ")" for each in formats]
    affixes = {tuple(part.strip() for part in AFFIX.fullmatch(value).groups()[::2]) for value in values}
    signs = "".join(sorted({*"".join(next(iter(affixes)))}))
    if len(affixes) > 1 or not signs or not SAFE_AFFIX.fullmatch(signs):
        return []
    formats = possible_formats(pd.unique(pd.Series([value.strip(signs + " ") for value in values])))
    return ["pd.to_numeric({values}" + f".str.strip({signs + ' '!r})" + each.replacements + ")" for each in formats]
