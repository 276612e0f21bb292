"""Formats of numbers: which sign separates the decimals, and which one the thousands."""

import dataclasses
import functools
import re

import numpy as np
import pandas as pd

DECIMALS = (".", ",")
THOUSANDS = (",", ".", " ", "\u00a0", "\u202f", "'", "\u2019")  # with two kinds of non-breaking spaces
MAX_LENGTH = 300  # of a number; longer ones exceed float64
LONG_INTEGER = re.compile(r"[+-]?\d{4,}", re.ASCII)
MINUS = "\u2212"  # the sign of typography, which some spreadsheets write instead of a hyphen
# A currency or a percent sign before or after a number. Others may be a sign or a unit: (1), 1-, 1k.
# Currencies by their codes, not any three letters: USW1 is a station.
CODES = "AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HUF|INR|JPY|KRW|MXN|NOK|NZD|PLN|SEK|TRY|USD|ZAR"
SIGN = rf"[%$\u20ac\u00a3\u00a5\u20b9]|{CODES}"
UNIT = re.compile(rf"[+\u2212-]?\s*(?P<before>{SIGN})[^A-Z]*|[^A-Z]*?(?P<after>{SIGN})")


@dataclasses.dataclass(frozen=True)
class NumberFormat:
    """A way to write numbers.

    Args:
        decimal: Sign before the decimals. Defaults to a point.
        thousands: Sign between groups of three digits, or None. Defaults to None.
        minus: Sign of negative numbers. Defaults to a hyphen.
    """

    decimal: str = "."
    thousands: str | None = None
    minus: str = "-"

    @functools.cached_property
    def pattern(self):
        """Regular expression of a number."""
        point, whole = re.escape(self.decimal), r"\d+"
        if self.thousands:
            whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:{re.escape(self.thousands)}\d{{3}})+)"
        number = rf"(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"
        return re.compile(rf"[+{re.escape(self.minus)}]?(?:{number}|inf|infinity)", re.IGNORECASE | re.ASCII)

    @property
    def replacements(self):
        """Methods of a column of text that replace the signs by those of Python."""
        pairs = ((self.thousands, ""), (self.decimal, "."), (self.minus, "-"))
        return "".join(
            f".str.replace({sign!r}, {new!r}, regex=False)" for sign, new in pairs if sign not in (None, new)
        )

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
        values = [value.replace(self.decimal, ".").replace(self.minus, "-") for value in values]
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
        if MINUS in signs:
            each = dataclasses.replace(each, minus=MINUS)
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
    if (unit := common_unit(values)) is None:
        return []
    formats = possible_formats(pd.unique(pd.Series(without_unit(values, unit))))
    removal = rf".str.replace(r'\s*{re.escape(unit)}\s*', '', regex=True)"
    return [f"pd.to_numeric({{values}}{removal}{each.replacements})" for each in formats]


def common_unit(values):
    """Return the currency or percent sign before or after all values, or None.

    Args:
        values: Array of distinct texts without missing values.
    """
    matches = [UNIT.fullmatch(value) for value in values]
    units = {match and (match["before"] or match["after"]) for match in matches}
    unit = units.pop() if len(units) == 1 else None
    return unit if unit and all(value.count(unit) == 1 for value in values) else None


def without_unit(values, unit):
    """Return texts without a unit and the spaces next to it."""
    return [re.sub(rf"\s*{re.escape(unit)}\s*", "", value) for value in values]
