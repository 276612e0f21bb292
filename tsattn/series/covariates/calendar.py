"""Calendar features of timestamps: the phase of cycles such as the day or the year, weekends and public holidays."""

import datetime

import numpy as np
import pandas as pd

HOUR, DAY, WEEK = pd.Timedelta(hours=1), pd.Timedelta(days=1), pd.Timedelta(days=7)
# Slightly shorter than the shortest month, quarter and year, so that such steps are not below their limit.
MONTH, QUARTER, YEAR = pd.Timedelta(days=30), pd.Timedelta(days=90), pd.Timedelta(days=364)

# Cycles: the upper limit of the step, and the elapsed fraction of the cycle at local times.
CYCLES = {
    "minute": (HOUR, lambda times: times.minute / 60),
    "hour": (DAY, lambda times: times.hour / 24),
    "dayofweek": (WEEK, lambda times: times.day_of_week / 7),
    "day": (MONTH, lambda times: (times.day - 1) / times.days_in_month),
    "dayofyear": (YEAR, lambda times: (times.day_of_year - 1) / (365 + times.is_leap_year)),
    "week": (YEAR, lambda times: _week_fraction(times)),
    "month": (YEAR, lambda times: (times.month - 1) / 12),
    "quarter": (YEAR, lambda times: (times.quarter - 1) / 4),
}
# Flags: the length that steps must stay below, and whether local times have the property.
FLAGS = {
    "weekend": (WEEK, lambda times: times.day_of_week >= 5),
}
HOLIDAYS = "holidays:"  # the flags of countries, for steps below a week
# Features of calendar="auto": the first row whose limit exceeds the step.
AUTO = (
    (HOUR, ("minute", "hour", "dayofweek", "dayofyear")),
    (DAY, ("hour", "dayofweek", "dayofyear")),
    (WEEK, ("dayofweek", "dayofyear")),
    (MONTH, ("week",)),
    (QUARTER, ("month",)),
    (YEAR, ("quarter",)),
)


def resolve_calendar(calendar, time_axis):
    """Return the names of the calendar features that the argument `calendar` selects on a time axis.

    Args:
        calendar: None, "auto", or a tuple of names: those of `CYCLES` and `FLAGS`, "holidays:CC"
            and "holidays:CC-SUB" with the country and subdivision codes of the `holidays` library.
        time_axis: `TimeAxis` of the history.

    Returns:
        Tuple of names.

    Raises:
        ValueError: If a name is unknown, duplicated, or not informative at this step, or if the timestamps are
            integers.
        ImportError: If holidays are selected and the library is not installed.
    """
    is_auto = isinstance(calendar, str) and calendar == "auto"
    if not (calendar is None or is_auto or isinstance(calendar, tuple | list)):
        raise ValueError(
            f"`calendar` is {calendar!r}, but must be None, 'auto' or a tuple of names such as ('hour', 'dayofweek')."
        )
    if not calendar:
        return ()
    if not time_axis.has_calendar:
        raise ValueError(
            f"`calendar` is {calendar!r}, but the index of `y` holds integers, which have no calendar. "
            "Pass `y` with dates as its index, or omit `calendar`."
        )
    step_length = _mean_step_length(time_axis.step)
    if is_auto:
        return next((names for limit, names in AUTO if step_length < limit), ())
    for name in calendar:
        _check_name(name, time_axis, step_length)
    if len(set(calendar)) < len(calendar):
        raise ValueError(f"`calendar` is {calendar!r}, which has duplicate names. Pass each name once.")
    return tuple(calendar)


def count_columns(names):
    """Return the number of columns of these features."""
    return len(column_names(names))


def column_names(names):
    """Return the names of the columns of these features, in order: "month_sin", "month_cos", "weekend"."""
    return [name + part for name in names for part in (("_sin", "_cos") if name in CYCLES else ("",))]


def calendar_features(names, time_axis, start, count):
    """Compute the features on the rows `[start, start + count)` of a time axis.

    Cycles are encoded as sine and cosine, all other features as 0 or 1. Times are local; a period is represented by its
    start.

    Returns:
        float32 `(count, columns)`.
    """
    times = time_axis.calendar_times(start, count)
    values = np.empty((count, count_columns(names)), dtype="float32")
    columns = (column for name in names for column in _feature_columns(name, times))
    for number, column in enumerate(columns):
        values[:, number] = column
    return values


def _feature_columns(name, times):
    if name in CYCLES:
        angle = 2 * np.pi * np.asarray(CYCLES[name][1](times))
        return np.sin(angle), np.cos(angle)
    if name in FLAGS:
        return (np.asarray(FLAGS[name][1](times)),)
    years = range(times.year.min(), times.year.max() + 1)
    days = np.array(list(_public_holidays(name, years)), dtype="datetime64[D]")
    return (np.isin(times.to_numpy().astype("datetime64[D]"), days),)


def _week_fraction(times):
    """Elapsed fraction of the ISO year, which has 52 or 53 weeks."""
    iso = times.isocalendar()
    years, positions = np.unique(iso["year"].to_numpy("int64"), return_inverse=True)
    weeks = np.array([datetime.date(year, 12, 28).isocalendar().week for year in years.tolist()])
    return (iso["week"].to_numpy("int64") - 1) / weeks[positions]


def _public_holidays(name, years):
    """Return the public holidays that "holidays:CC-SUB" selects, a dict by date."""
    try:
        from holidays import country_holidays
    except ImportError as error:
        advice = 'Install it with: pip install "tsattn[calendar]"'
        raise ImportError(f"{name!r} in `calendar` requires the package holidays. {advice}") from error
    country, _, subdivision = name.removeprefix(HOLIDAYS).partition("-")
    try:
        return country_holidays(country, subdiv=subdivision or None, years=years)
    except NotImplementedError as error:
        raise ValueError(
            f"`calendar` has {name!r}, which the package holidays does not support: {error}. "
            "Pass 'holidays:' and an ISO code, with a subdivision if needed: 'holidays:DE', 'holidays:US-CA'."
        ) from error


def _check_name(name, time_axis, step_length):
    """Check that a name is known and its feature varies from step to step."""
    is_holidays = isinstance(name, str) and name.startswith(HOLIDAYS)
    if is_holidays:
        _public_holidays(name, ())
    supported = [cycle for cycle, (length, _) in CYCLES.items() if step_length < length]
    days = _days_on(time_axis.step)
    supported += [flag for flag, (length, has) in FLAGS.items() if step_length < length and np.any(has(days))]
    supported += [HOLIDAYS + "CC"] * (step_length < WEEK)
    if name in supported or (is_holidays and step_length < WEEK):
        return
    advice = f"Pass one of {', '.join(map(repr, supported))}." if supported else "Omit `calendar`: it has no features."
    if is_holidays or name in (*CYCLES, *FLAGS):
        raise ValueError(
            f"`calendar` has {name!r}, which is not informative at steps of {time_axis.freqstr!r}. {advice}"
        )
    raise ValueError(f"`calendar` has the unknown name {name!r}. {advice}")


def _days_on(step):
    """Return the days of a year on which stamps can be: for business days, none on a weekend."""
    days = pd.date_range("2001-01-01 12:00", periods=365)
    return days[[step.is_on_offset(day) for day in days]]


def _mean_step_length(step):
    """The mean length of 20 steps, since business days and months differ in length."""
    first = pd.Timestamp("2001-01-01") + step
    return (first + 20 * step - first) / 20
