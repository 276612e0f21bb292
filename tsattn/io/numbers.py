"""Numbers in text files: which sign separates the decimals, and which one the thousands."""

import re

import pandas as pd

from tsattn._utils.validation import check_choice
from tsattn._utils.warnings import warn
from tsattn.io.messages import format_value
from tsattn.series.number_formats import DECIMALS, THOUSANDS, common_unit, possible_formats, without_unit

# Text for a missing number, as in `pandas.read_csv`, of databases, statistical offices and Home Assistant. Not "-",
# which accountants write for 0.
MISSING = frozenset(
    [
        *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
        *("<NA>", "N/A", "NA", "NULL", "NaN", "NaT", "None", "n/a", "nan", "null", "(null)", "\\N"),
        *(".", "..", "...", ":", "unavailable", "unknown"),
    ]
)
FILLERS = (-99, -99.9, -999, -999.9, -9999, -99999)  # for missing values, in files of weather services
SHORT_INTEGER = re.compile(r"[+-]?\d{3}")


def parse_numbers(table, separator, path, text_columns=(), targets=(), decimal=None, thousands=None):
    """Convert the columns of text that contain numbers only. Missing values do not count.

    A currency or a percent sign that all numbers of a column have is dropped.

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
    originals = {name: text.dropna().unique() for name, text in texts.items()}
    values = {name: _without_common_unit(part) for name, part in originals.items()}
    formats = {name: possible_formats(part, decimal, thousands) for name, part in values.items()}
    known = {(part[0].decimal, part[0].thousands) for part in formats.values() if len(part) == 1}
    parsed = dict(table.items())
    for name, possible in formats.items():
        if len(possible) > 1:
            possible = [each for each in possible if (each.decimal, each.thousands) in known] or possible
        if len(possible) > 1:
            is_required = not targets or name in targets
            possible = _usual_format(possible, values[name], separator, table[name], path if is_required else None)
        if possible:
            numbers = possible[0].numbers(values[name])
            has_missing = texts[name].isna().any()
            mapped = texts[name].map(dict(zip(originals[name], numbers, strict=True)))
            parsed[name] = mapped.astype("float64" if has_missing else numbers.dtype)
    return pd.DataFrame(parsed, index=table.index, columns=table.columns)


def warn_of_filler(column, path):
    """Warn if the smallest value of a column is usual for missing values, and far below all others."""
    smallest = column.min()
    others = column[column > smallest]
    if smallest in FILLERS and len(others) and others.min() > smallest / 10:
        count = int((column == smallest).sum())
        warn(
            f"Column {format_value(column.name)} of {path} contains {format_value(smallest)} in {count} row(s), while "
            f"its other values are at least {format_value(others.min())}. If it marks missing values, leave them empty."
        )


def _without_common_unit(values):
    unit = common_unit(values)
    return values if unit is None else without_unit(values, unit)


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
        column = column.dropna()
        value, row = next((value, row + 1) for row, value in column.items() if sign in value)
        raise ValueError(
            f"Column {format_value(column.name)} of {path} contains the value {format_value(value)} in row {row}, in "
            f'which the sign {sign!r} separates either decimals or thousands. Pass `decimal="{sign}"` or '
            f'`thousands="{sign}"`, on the command line --decimal "{sign}" or --thousands "{sign}".'
        )
    return [decimals]
