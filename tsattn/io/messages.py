"""Values and names of a file in messages."""

import numpy as np
import pandas as pd

MAX_VALUE_LENGTH, MAX_NAMES = 60, 20  # characters of a value, and number of names, in a message


def example(column):
    """Format the first value that is not a number, else the first value."""
    values = column.dropna()
    if len(values) == 0:
        return "no value"
    # As text, because pandas fails on integers of hundreds of digits.
    wrong = values[~np.isfinite(pd.to_numeric(values.astype(str), errors="coerce").to_numpy(dtype="float64"))]
    return f"the value {format_value(next(iter([*wrong.head(1), *values.head(1)])))}"


def format_value(value):
    """Format a value for a message. Long values are truncated."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= MAX_VALUE_LENGTH else text[:MAX_VALUE_LENGTH] + "..."


def format_names(names):
    """Format names for a message. Long lists are truncated."""
    more = [f"and {len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    return ", ".join([*map(format_value, names[:MAX_NAMES]), *more])
