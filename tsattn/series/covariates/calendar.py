"""What the calendar says of a stamp: where it is in its cycles, and whether it is a weekend or a holiday."""

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd

HOUR, DAY, WEEK = pd.Timedelta(hours=1), pd.Timedelta(days=1), pd.Timedelta(days=7)
MONTH, QUARTER, YEAR = pd.Timedelta(days=30), pd.Timedelta(days=90), pd.Timedelta(days=364)  # the shortest, nearly

# Which steps move through a cycle (those shorter than it), and the part of the cycle that is over at a local time.
CYCLES = {
    "minute": (HOUR, lambda times: times.minute / 60),
    "hour": (DAY, lambda times: times.hour / 24),
    "dayofweek": (WEEK, lambda times: times.day_of_week / 7),
    "day": (MONTH, lambda times: (times.day - 1) / times.days_in_month),
    "dayofyear": (YEAR, lambda times: (times.day_of_year - 1) / (365 + times.is_leap_year)),
    "week": (YEAR, lambda times: _week(times)),
    "month": (YEAR, lambda times: (times.month - 1) / 12),
    "quarter": (YEAR, lambda times: (times.quarter - 1) / 4),
}
HOLIDAYS = "holidays:"
# Steps shorter than the first entry have these features.
AUTO = (
    (HOUR, ("minute", "hour", "dayofweek", "dayofyear")),
    (DAY, ("hour", "dayofweek", "dayofyear")),
    (WEEK, ("dayofweek", "dayofyear")),
    (MONTH, ("week",)),
    (QUARTER, ("month",)),
    (YEAR, ("quarter",)),
)


def resolve(calendar, timeline):
    """The names of the calendar features that the argument `calendar` means on a Timeline.

    Args:
        calendar: None, "auto" or a tuple of names: those of `CYCLES`, "weekend", "holidays:CC" and
            "holidays:CC-SUB" with the country and subdivision codes of the `holidays` library.
        timeline: the Timeline of the history.

    Raises:
        ValueError: what is no such name, comes twice or does not change from step to step; integer stamps.
        ImportError: holidays without the library.
    """
    auto = isinstance(calendar, str) and calendar == "auto"
    if not (calendar is None or auto or isinstance(calendar, tuple | list)):
        raise ValueError(
            f"`calendar` is {calendar!r}, but must be None, 'auto' or a tuple of names such as ('hour', 'dayofweek')."
        )
    if not calendar:
        return ()
    if timeline.kind == "integer":
        raise ValueError(
            f"`calendar` is {calendar!r}, but the stamps of `y` are integers, which have no calendar. "
            "Give `y` dates as its index, or leave `calendar` out."
        )
    pace = _pace(timeline.step)
    if auto:
        return next((names for limit, names in AUTO if pace < limit), ())
    for name in calendar:
        _refuse(name, timeline, pace)
    if len(set(calendar)) < len(calendar):
        raise ValueError(f"`calendar` is {calendar!r}, in which a name comes more than once. Pass each name once.")
    return tuple(calendar)


def width(names):
    """Number of columns of these features."""
    return len(columns(names))


def columns(names):
    """What the columns of these features are called, in order: "month_sin", "month_cos", "weekend"."""
    return [name + part for name in names for part in (("_sin", "_cos") if name in CYCLES else ("",))]


def table(names, timeline, start, count):
    """The features on the rows [start, start + count) of a Timeline, float32 (count, width).

    A cycle gives its sine and its cosine, the rest 0 or 1. Times are local, those of periods their start.
    """
    times = _local_times(timeline, start, count)
    values = np.empty((count, width(names)), dtype="float32")
    features = (feature for name in names for feature in _features(name, times))
    for place, column in enumerate(features):
        values[:, place] = column
    return values


def _local_times(timeline, start, count):
    stamps = replace(timeline, text=None).stamps(start, count)  # ISO text as times
    return stamps.to_timestamp(how="start") if timeline.kind == "period" else stamps.tz_localize(None)


def _features(name, times):
    if name in CYCLES:
        angle = 2 * np.pi * np.asarray(CYCLES[name][1](times))
        return np.sin(angle), np.cos(angle)
    if name == "weekend":
        return (times.day_of_week >= 5,)
    years = range(times.year.min(), times.year.max() + 1)
    days = np.array(list(_holidays(name, years)), dtype="datetime64[D]")
    return (np.isin(times.to_numpy().astype("datetime64[D]"), days),)


def _week(times):
    """ISO weeks, of which a year has 52 or 53."""
    iso = times.isocalendar()
    years, place = np.unique(iso["year"].to_numpy("int64"), return_inverse=True)
    weeks = np.array([datetime.date(year, 12, 28).isocalendar().week for year in years.tolist()])
    return (iso["week"].to_numpy("int64") - 1) / weeks[place]


def _holidays(name, years):
    """The public holidays that "holidays:CC-SUB" names, a dict by date."""
    try:
        from holidays import country_holidays
    except ImportError as problem:
        cure = 'Install it with: pip install "tsattn[calendar]"'
        raise ImportError(f"{name!r} in `calendar` needs the library holidays. {cure}") from problem
    country, _, subdivision = name.removeprefix(HOLIDAYS).partition("-")
    try:
        return country_holidays(country, subdiv=subdivision or None, years=years)
    except NotImplementedError as problem:
        raise ValueError(
            f"`calendar` has {name!r}, which the library holidays does not know: {problem}. "
            "Pass 'holidays:' and an ISO code, with a subdivision if need be: 'holidays:DE', 'holidays:US-CA'."
        ) from problem


def _refuse(name, timeline, pace):
    """ValueError unless the name is known and changes from step to step."""
    holidays = isinstance(name, str) and name.startswith(HOLIDAYS)
    if holidays:
        _holidays(name, ())
    fitting = [cycle for cycle, (length, _) in CYCLES.items() if pace < length]
    if pace < WEEK:
        fitting += ["weekend"] * _has_weekends(timeline.step) + [HOLIDAYS + "CC"]
    if name in fitting or (holidays and pace < WEEK):
        return
    cure = f"What fits: {', '.join(map(repr, fitting))}." if fitting else "Leave `calendar` out: nothing fits."
    if holidays or name in (*CYCLES, "weekend"):
        raise ValueError(f"`calendar` has {name!r}, through which steps of {timeline.freqstr!r} do not move. {cure}")
    raise ValueError(f"`calendar` has {name!r}, which is not known. {cure}")


def _has_weekends(step):
    return any(step.is_on_offset(pd.Timestamp(2001, 1, day, 12)) for day in (6, 7))


def _pace(step):
    """The length of a step, averaged over 20 of them: those of business days are 4 weeks."""
    first = pd.Timestamp("2001-01-01") + step
    return (first + 20 * step - first) / 20
