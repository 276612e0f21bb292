"""Time steps: parsing of `freq`, inference from timestamps, and the number of steps in the main seasonal cycle.

`pd.infer_freq` is not sufficient: it returns D for five business days, and None if a single timestamp is missing.
"""

import collections
import functools
import operator
import re
import warnings
from datetime import timedelta

import numpy as np
import pandas as pd
from pandas import offsets

from tsattn.series.date_formats import has_one_time_of_day

DAY, MONTH = np.timedelta64(1, "D"), np.timedelta64(1, "M")
MOSTLY_FILLED = 0.75  # of a grid; below, a few timestamps may be errors
MOST_OUTLIERS = 0.05  # of all timestamps
MIN_PART = 6  # timestamps from which the step of the others is inferred

# Time zones of daylight saving time, one for each offset and rule of clock changes.
ZONES = (
    *("Europe/Berlin", "Europe/London", "Europe/Helsinki", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "America/Sao_Paulo", "Australia/Sydney", "Pacific/Auckland"),
)

# Aliases that are deprecated in pandas 2.2 and rejected by pandas 3, with the new aliases, which both accept.
NEW_ALIASES = {
    **{"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns", "d": "D", "b": "B", "w": "W"},
    **{"M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "AS": "YS", "SM": "SME", "BH": "bh", "CBH": "cbh"},
    **{"BM": "BME", "BQ": "BQE", "BA": "BYE", "BY": "BYE", "BAS": "BYS", "CBM": "CBME"},
}
PERIOD_ALIASES = ("M", "Q", "Y")  # deprecated for timestamps, but current for periods
RELATIVE_KEYWORDS = {
    "years",
    "months",
    "weeks",
    "days",
}  # of a DateOffset; singular names such as `month=1` only replace

# Steps of fixed length: the first row whose limit exceeds the step gives its cycle. A year counts as 52 weeks.
FIXED_CYCLES = (
    # steps shorter than, cycle
    (pd.Timedelta(seconds=1), pd.Timedelta(seconds=1)),  # 100ms 10
    (pd.Timedelta(minutes=1), pd.Timedelta(minutes=1)),  # s 60, 10s 6
    (pd.Timedelta(days=1), pd.Timedelta(days=1)),  # min 1440, 10min 144, 15min 96, 30min 48, h 24, 2h 12
    (pd.Timedelta(weeks=1), pd.Timedelta(weeks=1)),  # D 7
    (pd.Timedelta(weeks=53), pd.Timedelta(weeks=52)),  # 7D 52
)
FIXED_KEYWORDS = {"weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"}
# Calendar steps, by pandas alias without anchor. Years and all other aliases have no cycle, which is a season of 1.
CALENDAR_CYCLES = {
    **dict.fromkeys(("B", "C"), 5),
    "W": 52,
    **dict.fromkeys(("SMS", "SME"), 24),
    **dict.fromkeys(("MS", "ME", "BMS", "BME", "CBMS", "CBME"), 12),
    **dict.fromkeys(("QS", "QE", "BQS", "BQE"), 4),
}


def datetime_step(freq, index, name):
    """Return the step of a DatetimeIndex: `freq`, else the `freq` of the index, else inferred from its timestamps.

    Args:
        freq: Alias, offset or timedelta, or None.
        index: DatetimeIndex with distinct timestamps, in any order.
        name: Name of the argument, for error messages.

    Returns:
        A pandas offset.

    Raises:
        ValueError: If `freq` is not valid, or if no step can be inferred.
    """
    if freq is not None:
        return parse_offset(freq)
    wall = index.tz_localize(None)
    # pandas 2.2 keeps the freq D in `tz_convert`, although the local time then changes with daylight saving.
    is_daily = isinstance(index.freq, offsets.Day) and index.tz is not None
    if index.freq is not None and index.freq.n > 0 and not (is_daily and len((wall - wall.normalize()).unique()) > 1):
        return index.freq
    clock = wall if index.tz is None else index.tz_convert("UTC").tz_localize(None)
    clock, wall = np.sort(clock.to_numpy()), np.sort(wall.to_numpy())
    step, filled = infer_offset(clock, wall)
    if filled < MOSTLY_FILLED:
        _check_outliers(len(index), functools.partial(_on_calendar, clock, wall), index.sort_values(), name)
    if step is None:
        raise ValueError(
            f"`{name}` has {len(index)} timestamp(s) from {index.min()} to {index.max()}, from which no step can be "
            "inferred. This requires at least 3 timestamps and a regular step at which at most half of them are "
            "missing. "
            + (
                "Pass the step, for example `freq='D'` or `freq=pd.DateOffset(months=1)`."
                if (conversion := _suggest_time_zone(index)) is None
                else "They are midnights of a time zone with daylight saving time. Convert them: "
                f"`{name} = {name}{conversion}`, with `level=-1` for a panel."
            )
        )
    return step


def _suggest_time_zone(index):
    """Return code that converts times in UTC to local times, if all are midnights of a time zone; else None."""
    if has_one_time_of_day(index):
        return None
    zoned = index.tz_localize("UTC") if index.tz is None else index
    for zone in ZONES:
        local = zoned.tz_convert(zone).tz_localize(None)
        if (local == local.normalize()).all():
            return (".tz_localize('UTC')" if index.tz is None else "") + f".tz_convert({zone!r})"
    return None


def anchored_step(step, index):
    """Return a step of months with the day of the timestamps, if not all months have this day.

    Otherwise, a history that starts on 28 February would continue on the 28th of each month.

    Args:
        step: A pandas offset.
        index: DatetimeIndex.
    """
    is_unanchored = type(step) is offsets.DateOffset and {*step.kwds} <= {"years", "months"}
    if is_unanchored and (day := int(index.day.max())) > 28:
        return offsets.DateOffset(step.n, **step.kwds, day=day)
    return step


def period_step(freq, index, name):
    """Return the step of a PeriodIndex, which must equal `freq` unless `freq` is None.

    Raises:
        ValueError: If `freq` differs from the step of the index, or if a few periods are far from the others.
    """
    if freq is None:
        values = np.sort(index.astype("int64").to_numpy())
        if len(index) < MOSTLY_FILLED * (int(values[-1]) - int(values[0])) / index.freq.n:
            _check_outliers(len(index), functools.partial(_on_integers, values), index.sort_values(), name)
        return index.freq
    if isinstance(freq, str):
        _check_alias(freq, {old: new for old, new in NEW_ALIASES.items() if old not in PERIOD_ALIASES})
    try:
        is_same = pd.PeriodDtype(freq) == index.dtype
    except (ValueError, TypeError, KeyError):
        is_same = False
    if not is_same:
        raise ValueError(
            f"`freq` is {freq!r}, but the index has periods of {index.freqstr!r}. "
            f"Omit `freq`, or convert the index with `y.asfreq({freq!r})`."
        )
    return index.freq


def integer_step(freq, index, name):
    """Return the step of an integer index: `freq`, else the step of a range, else the largest one that fits.

    Args:
        freq: An integer, or None.
        index: Integer index with distinct values, in any order.
        name: Name of the argument, for error messages.

    Raises:
        ValueError: If `freq` is not a positive integer, or if more than half of the positions are missing.
    """
    if freq is not None:
        is_integer = hasattr(freq, "__index__") and not isinstance(freq, bool | np.bool_ | str)
        if not is_integer or operator.index(freq) < 1:
            raise ValueError(
                f"`freq` is {freq!r}, but must be an integer of at least 1, since the index holds integers."
            )
        return operator.index(freq)
    if isinstance(index, pd.RangeIndex):
        return abs(index.step)
    if len(index) == 1:
        return 1
    # Unsigned, so that gaps larger than int64 do not overflow.
    step = int(np.gcd.reduce(np.diff(np.sort(index.to_numpy(dtype="int64")).astype("uint64"))))
    positions = (int(index.max()) - int(index.min())) // step + 1
    if len(index) < MOSTLY_FILLED * positions:
        values = np.sort(index.to_numpy(dtype="int64"))
        _check_outliers(len(index), functools.partial(_on_integers, values), values, name)
    if 2 * len(index) < positions:
        raise ValueError(
            f"`{name}` has {len(index)} rows, but its integer index spans {positions} positions in steps of {step}, "
            f"more than half of them missing. Pass the step, for example `freq={step}`, or repair the index."
        )
    return step


def parse_offset(freq):
    """Return the pandas offset of an alias, offset or timedelta.

    Raises:
        ValueError: If pandas cannot parse `freq`, if its step is not positive, or if it is a DateOffset of hours or
            less.
    """
    if isinstance(freq, str):
        _check_alias(freq, NEW_ALIASES)
    if isinstance(freq, timedelta) and freq % timedelta(days=1) == timedelta(0):
        freq = offsets.Day(freq.days)  # as in pandas 2.2; pandas 3 interprets them as absolute hours
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            step = pd.tseries.frequencies.to_offset(freq)
    except (ValueError, TypeError, FutureWarning) as error:
        raise ValueError(
            f"`freq` is {freq!r}, which pandas cannot parse as a frequency. "
            "Pass an alias such as 'h', '15min', 'D', 'B', 'W-SUN', 'MS', or a pandas offset."
        ) from error
    if step.n < 1:
        raise ValueError(f"`freq` is {freq!r}, which is not positive. Pass a positive step.")
    if type(step) is offsets.DateOffset and {"hours", "minutes", "seconds", "microseconds"} & set(step.kwds):
        raise ValueError(f"`freq` is {freq!r}. For steps shorter than a day pass an alias such as 'h' or '15min'.")
    if type(step) is offsets.DateOffset and not step.kwds.keys() & RELATIVE_KEYWORDS:
        raise ValueError(f"`freq` is {freq!r}, which has no length. Add a length, such as `months=1`.")
    return step


def _check_alias(freq, new_aliases):
    parts = re.fullmatch(r"([\d.]*)\s*([A-Za-z]+)(-[A-Za-z]+)?", freq.strip())
    if parts and parts[2] in new_aliases:
        new = f"{parts[1]}{new_aliases[parts[2]]}{parts[3] or ''}"
        raise ValueError(f"`freq` is {freq!r}, a deprecated pandas alias. Use `freq={new!r}`.")


def infer_offset(clock, wall):
    """Infer the step whose grid has the fewest missing timestamps.

    Every candidate (months, weeks, days, business days, a fixed time) counts its steps between the timestamps, and the
    greatest common divisor of these counts is the multiple of the candidate. If several candidates are equally good,
    the first one is used.

    Args:
        clock: Sorted, distinct `datetime64` array of absolute (UTC) times.
        wall: The same timestamps as local times; the same array for timestamps without a time zone.

    Returns:
        `(offset, filled)`: a pandas offset, or None for fewer than 3 timestamps or if every grid would be less than
        half full; and the share of the grid that is not missing, 0 for None.
    """
    if len(wall) < 3:
        return None, 0.0
    best, fewest = None, 2 * len(wall) + 1
    for counts, offset in _candidates(clock, wall):
        multiple = int(np.gcd.reduce(np.diff(counts)))
        positions = int(counts[-1] - counts[0]) // multiple + 1
        if positions < fewest:
            best, fewest = offset(multiple), positions
    return best, 0.0 if best is None else len(wall) / fewest


def _check_outliers(count, on_grid, stamps, name):
    """Raise a ValueError that names a few timestamps that do not follow the step of all others, if there are such.

    Args:
        count: Number of timestamps.
        on_grid: Function from a slice of the timestamps to `(step, is_on_grid)`, the step within the slice and which
            of all timestamps follow it nearby; or to None.
        stamps: The timestamps, sorted, for the message.
        name: Name of the argument.
    """
    size = max(count // 6, MIN_PART)
    parts = (slice(start, start + size) for start in range(0, count - size + 1, size))
    found = [result for part in parts if (result := on_grid(part)) is not None]
    if not found:
        return
    step, _ = collections.Counter(step for step, _ in found).most_common(1)[0]
    is_on_grid = max((members for other, members in found if other == step), key=np.sum)
    outliers = stamps[~is_on_grid]
    if 0 < len(outliers) <= max(MOST_OUTLIERS * count, 1):
        shown = ", ".join(str(stamp) for stamp in outliers[:3]) + (", ..." if len(outliers) > 3 else "")
        raise ValueError(
            f"`{name}` has {len(outliers)} timestamp(s) that do not follow the step {step!r} of the other "
            f"{count - len(outliers)}: {shown}. Correct or drop them, or pass the step that all timestamps follow as "
            "`freq=`."
        )


def _on_calendar(clock, wall, part):
    step, filled = infer_offset(clock[part], wall[part])
    if filled < MOSTLY_FILLED:
        return None
    is_absolute = isinstance(step, offsets.Tick) and not isinstance(step, offsets.Day)
    times = clock if is_absolute else wall
    first, count = pd.Timestamp(times[part][0]), 2 * len(times)
    try:
        grid = pd.date_range(first, periods=count, freq=step).union(pd.date_range(end=first, periods=count, freq=step))
    except (OverflowError, pd.errors.OutOfBoundsDatetime):
        return None
    return step.freqstr, np.isin(times, grid.to_numpy())


def _on_integers(values, part):
    step = int(np.gcd.reduce(np.diff(values[part])))
    steps = (values.astype(object) - int(values[part][0])) // step  # Python's integers do not overflow
    is_near = np.abs(steps) < 2 * len(values)
    is_on_grid = is_near & ((values.astype(object) - int(values[part][0])) % step == 0)
    is_filled = MOSTLY_FILLED * (int(values[part][-1] - values[part][0]) // step + 1) <= len(values[part])
    return (step, is_on_grid.astype(bool)) if is_filled else None


def _candidates(clock, wall):
    """Yield pairs (steps up to each timestamp, function from a multiple to an offset), most specific first."""
    days = wall.astype("datetime64[D]")
    if np.any(wall - days != wall[0] - days[0]):
        unit, _ = np.datetime_data(clock.dtype)
        yield (clock - clock[0]).astype("int64"), lambda multiple: _fixed_offset(multiple, unit)
        return
    yield from _month_candidates(days)
    elapsed = ((days - days[0]) // DAY).astype("int64")
    if not np.any(elapsed % 7):
        weekday = pd.Timestamp(days[0]).weekday()
        yield elapsed // 7, lambda multiple: offsets.Week(multiple, weekday=weekday)
    yield elapsed, offsets.Day
    if np.is_busday(days).all():
        yield np.busday_count(days[0], days), offsets.BusinessDay


def _month_candidates(days):
    months = days.astype("datetime64[M]")
    starts, ends = months.astype("datetime64[D]"), (months + MONTH).astype("datetime64[D]") - DAY
    families = (
        (ends, 10, offsets.MonthEnd, offsets.QuarterEnd, offsets.YearEnd),
        (starts, 1, offsets.MonthBegin, offsets.QuarterBegin, offsets.YearBegin),
        (np.busday_offset(ends, 0, "backward"), 10, offsets.BMonthEnd, offsets.BQuarterEnd, offsets.BYearEnd),
        (np.busday_offset(starts, 0, "forward"), 1, offsets.BMonthBegin, offsets.BQuarterBegin, offsets.BYearBegin),
    )
    month = pd.Timestamp(days[0]).month

    def offset(multiple, first_quarter_month, monthly, quarterly, yearly):
        if multiple % 12 == 0:
            return yearly(multiple // 12, month=month)
        if multiple % 3 == 0:  # the month by which pandas names a quarter: QS-JAN, QE-DEC
            return quarterly(multiple // 3, startingMonth=(month - 1) % 3 + first_quarter_month)
        return monthly(multiple)

    for anchors, *family in families:
        if np.array_equal(days, anchors):
            yield months.astype("int64"), lambda multiple, family=family: offset(multiple, *family)


def _fixed_offset(multiple, unit):
    length = pd.Timedelta(np.timedelta64(multiple, unit))
    # 24 absolute hours are not a day when daylight saving starts or ends.
    return offsets.Hour(24 * length.days) if length == length.floor("D") else pd.tseries.frequencies.to_offset(length)


def season_length(step):
    """Return the number of steps in the main seasonal cycle of a pandas offset.

    Returns:
        An int; 1 if there is no such cycle, or if it is not a whole number of steps.
    """
    is_fixed = type(step) is offsets.DateOffset and set(step.kwds) <= FIXED_KEYWORDS
    if is_fixed or isinstance(step, offsets.Day | offsets.Tick):
        length = pd.Timestamp(0) + step - pd.Timestamp(0)
        cycle = next((cycle for limit, cycle in FIXED_CYCLES if length < limit), length)
        return cycle // length if cycle % length == pd.Timedelta(0) else 1
    if type(step) is offsets.DateOffset:
        is_monthly = step.kwds.keys() - {"day"} == {"months"}
        cycle, multiple = (12, step.n * step.kwds["months"]) if is_monthly else (1, 1)
    else:
        try:
            cycle, multiple = CALENDAR_CYCLES.get(step.rule_code.split("-")[0], 1), step.n
        except NotImplementedError:  # raised for an offset without a code, such as Easter
            return 1
    return cycle // multiple if cycle % multiple == 0 else 1
