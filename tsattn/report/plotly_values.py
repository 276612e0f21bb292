"""Conversion of names, colors, times and numbers for Plotly and the JavaScript of the report page."""

import html
import math

import numpy as np
import pandas as pd

# Six colors of the Okabe-Ito palette that are readable on light and dark backgrounds; further models are dashed.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
DASHES = ("solid", "dash", "dot", "dashdot")
MISSING = "\u2013"
MAX_LABEL_LENGTH = 22  # characters next to an axis, so that the chart fits on a phone


def text(value):
    """Format a name or a setting: `("store", 3)` as "store / 3", a missing value as a dash."""
    if isinstance(value, tuple | list):
        return (" / " if isinstance(value, tuple) else ", ").join(map(text, value))
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def short_labels(names):
    """Shorten long names in the middle, and number duplicates."""
    half = MAX_LABEL_LENGTH // 2
    short = [name if len(name) <= MAX_LABEL_LENGTH else f"{name[:half]}\u2026{name[1 - half :]}" for name in names]
    return [name if short.count(name) == 1 else f"{name} ({place})" for place, name in enumerate(short, start=1)]


def model_styles(models):
    """Assign each model a line style for all charts, as a dict of name to `color` and `dash`."""
    styles = [{"color": color, "dash": dash} for dash in DASHES for color in COLORS]
    return {model: styles[place % len(styles)] for place, model in enumerate(models)}


def plotly_times(times):
    """Convert times to values of a Plotly axis.

    Times with a time zone are shown in local time, or in UTC if local time is not strictly increasing.

    Args:
        times: Index of times, integers or labels.

    Returns:
        A list of ISO text, numbers or labels, and the layout of the axis that shows them.
    """
    title = "time"
    if pd.api.types.is_numeric_dtype(times):
        return json_numbers(times, digits=15), {"type": "linear", "title": {"text": title}}
    try:
        times = times.to_timestamp() if isinstance(times, pd.PeriodIndex) else pd.to_datetime(times, format="ISO8601")
    except (ValueError, TypeError):
        return [text(time) for time in times], {"type": "category", "title": {"text": title}}
    if times.tz is not None:
        local = times.tz_localize(None)
        ambiguous = not local.is_monotonic_increasing or not local.is_unique
        title = "time (UTC)" if ambiguous else f"time ({times.tz})"
        times = times.tz_convert(None) if ambiguous else local
    months = (times.day == 1).all() and (times == times.normalize()).all()
    texts = np.datetime_as_string(times.to_numpy(), unit="M" if months else "auto", casting="unsafe")
    return texts.tolist(), {"type": "date", "title": {"text": title}}


def json_numbers(values, digits=6):
    """Convert an array to nested lists of numbers with few digits, None where a value is not finite."""

    def short(value):
        if isinstance(value, list):
            return [short(part) for part in value]
        if not math.isfinite(value):
            return None
        value = float(f"{value:.{digits}g}")
        return int(value) if value.is_integer() else value

    return short(floats(values).tolist())


def floats(values):
    """Convert an array or a table to float64, with NaN for missing values."""
    if isinstance(values, pd.Series | pd.DataFrame | pd.Index):
        return values.to_numpy("float64", na_value=np.nan)
    return np.asarray(values, "float64")


def plotly_text(value):
    """Format text for Plotly, which interprets tags in names and axis titles."""
    return html.escape(text(value), quote=False)
