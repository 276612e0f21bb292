"""Numbers in text files: which sign separates the decimals, and which one the thousands."""

import dataclasses
import functools
import re

import numpy as np
import pandas as pd

from tsattn._utils.validation import check_choice
from tsattn.io.messages import format_value

DECIMALS = (".", ",")
THOUSANDS = (",", ".", " ", "\u00a0", "\u202f", "'", "\u2019")  # with two kinds of non-breaking spaces
# Text for a missing number, as in `pandas.read_csv`.
MISSING = frozenset(
    [
        *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
        *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
    ]
)
MAX_LENGTH = 300  # of a number; longer ones exceed float64
SHORT_INTEGER, LONG_INTEGER = re.compile(r"[+-]?\d{3}"), re.compile(r"[+-]?\d{4,}")


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


def parse_numbers(table, separator, path, text_columns=(), targets=(), decimal=None, thousands=None):
    """Convert the columns of text that contain numbers only. Missing values do not count.

    Args:
        table: DataFrame of text.
        separator: Separator of the columns of the file: numbers with a comma have quotes between commas.
        path: Path of the file, for messages.
        text_columns: Names of columns that remain text. Defaults to `()`.
        targets: Names of the columns that must be clear; all if empty. Others remain text if they are not. Defaults to
            `()`.
        decimal, thousands: See `NumberFormat`. None to infer them. Defaults to None.

    Returns:
        DataFrame with numbers in these columns.

    Raises:
        ValueError: If it is not clear which sign separates the decimals, or if an argument is invalid.
    """
    check_choice("decimal", decimal, (None, *DECIMALS))
    check_choice("thousands", thousands, (None, *(sign for sign in THOUSANDS if sign != decimal)))
    texts = {name: column.mask(column.isin(MISSING)) for name, column in table.items() if name not in text_columns}
    values = {name: text.dropna().unique() for name, text in texts.items()}
    formats = {name: _possible_formats(part, decimal, thousands) for name, part in values.items()}
    known = set.union(set(), *(set(part) for part in formats.values() if len(part) == 1))
    parsed = dict(table.items())
    for name, possible in formats.items():
        if len(possible) > 1:
            possible = [each for each in possible if each in known] or possible
        if len(possible) > 1:
            is_required = not targets or name in targets
            possible = _usual_format(possible, values[name], separator, table[name], path if is_required else None)
        if possible:
            numbers = possible[0].numbers(values[name])
            has_missing = texts[name].isna().any()
            mapped = texts[name].map(dict(zip(values[name], numbers, strict=True)))
            parsed[name] = mapped.astype("float64" if has_missing else numbers.dtype)
    return pd.DataFrame(parsed, index=table.index, columns=table.columns)


def _possible_formats(values, decimal, thousands):
    """Return the formats that read all values, but only one of those that read them as the same numbers."""
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


def _usual_format(possible, values, separator, column, path):
    """Choose between two readings, of which one has decimals and the other has thousands.

    A comma within a field of a file with commas separates thousands, any other sign decimals, unless both are usual.

    Returns:
        List of the format; empty without a path, if both are usual.
    """
    decimals, thousands = sorted(possible, key=lambda each: each.thousands is not None)
    sign = decimals.decimal
    if sign == "," and separator == ",":
        return [thousands]
    if separator == ";" or (separator == "\t" and sign == ",") or any(map(SHORT_INTEGER.fullmatch, values)):
        if path is None:
            return []
        value = next(value for value in values if sign in value)
        row = column.index[column == value][0] + 1
        raise ValueError(
            f"Column {format_value(column.name)} of {path} contains the value {format_value(value)} in row {row}, in "
            f'which the sign {sign!r} separates either decimals or thousands. Pass `decimal="{sign}"` or '
            f'`thousands="{sign}"`, on the command line --decimal "{sign}" or --thousands "{sign}".'
        )
    return [decimals]
