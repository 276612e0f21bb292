"""How names, colours, times and numbers are told to the JavaScript of the page."""

import html
import math

import numpy as np
import pandas as pd

# Six of the colours of Okabe and Ito, which read on light and on dark; then the same again, dashed.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
NOTHING = "\u2013"
LONGEST = 22  # characters beside an axis, so that a phone has room for the chart
DASHES = ("solid", "dash", "dot", "dashdot")


def text(value):
    """A name or a setting as the page writes it: `("store", 3)` as "store / 3", nothing as a dash."""
    if isinstance(value, tuple | list):
        return (" / " if isinstance(value, tuple) else ", ").join(map(text, value))
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return NOTHING
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def shortened(names):
    """Names cut in the middle where they are long, and numbered where they are then the same."""
    half = LONGEST // 2
    cut = [name if len(name) <= LONGEST else f"{name[:half]}\u2026{name[1 - half :]}" for name in names]
    return [name if cut.count(name) == 1 else f"{name} ({place})" for place, name in enumerate(cut, start=1)]


def model_styles(models):
    """Line style of each model, the same in every chart: a dict of name to `color` and `dash`."""
    styles = [{"color": color, "dash": dash} for dash in DASHES for color in COLORS]
    return {model: styles[place % len(styles)] for place, model in enumerate(models)}


def drawn_times(times):
    """Times as Plotly draws them: a list of ISO text, numbers or names, and the axis that they need.

    Times with a zone are drawn as its clocks show them, or as UTC where the clocks were put back within them.
    """
    title = "time"
    if pd.api.types.is_numeric_dtype(times):
        return numbers(times, digits=15), {"type": "linear", "title": {"text": title}}
    try:
        times = times.to_timestamp() if isinstance(times, pd.PeriodIndex) else pd.to_datetime(times, format="ISO8601")
    except (ValueError, TypeError):
        return [text(time) for time in times], {"type": "category", "title": {"text": title}}
    if times.tz is not None:
        clock = times.tz_localize(None)
        put_back = not clock.is_monotonic_increasing or not clock.is_unique
        title = "time (UTC)" if put_back else f"time ({times.tz})"
        times = times.tz_convert(None) if put_back else clock
    months = (times.day == 1).all() and (times == times.normalize()).all()
    texts = np.datetime_as_string(times.to_numpy(), unit="M" if months else "auto", casting="unsafe")
    return texts.tolist(), {"type": "date", "title": {"text": title}}


def numbers(values, digits=6):
    """Numbers of an array for JSON, nested as it is: few digits, and None where there is none."""

    def short(value):
        if isinstance(value, list):
            return [short(part) for part in value]
        if not math.isfinite(value):
            return None
        value = float(f"{value:.{digits}g}")
        return int(value) if value.is_integer() else value

    return short(floats(values).tolist())


def floats(values):
    """Numbers of an array or of a table, NaN where there is none."""
    return values.to_numpy("float64", na_value=np.nan) if hasattr(values, "to_numpy") else np.asarray(values, "float64")


def plotly(value):
    """Text for Plotly, which reads tags in names and in labels of axes."""
    return html.escape(text(value), quote=False)
