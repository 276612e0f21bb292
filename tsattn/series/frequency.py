"""What step do these stamps have? `pd.infer_freq` says D for five business days and nothing where one is missing."""

import re
import warnings
from contextlib import suppress
from datetime import timedelta
from operator import index as whole

import numpy as np
import pandas as pd
from pandas import offsets

DAY = np.timedelta64(1, "D")


def infer_step(clock, wall):
    """The step whose grid the stamps fill the most.

    Every candidate (a month, a week, a day, a business day, a fixed time) counts its steps between the stamps;
    the greatest common divisor of these counts is its multiple. Ties go to the candidate that comes first.

    Args:
        clock: sorted, distinct `datetime64` array of absolute (UTC) times.
        wall: the same stamps as local times; the same array for stamps without a time zone.

    Returns:
        A pandas offset, or None where there are fewer than 3 stamps or no grid is at least half full.
    """
    if len(wall) < 3:
        return None
    best, shortest = None, 2 * len(wall) + 1
    for counts, offset in _candidates(clock, wall):
        multiple = int(np.gcd.reduce(np.diff(counts)))
        places = int(counts[-1] - counts[0]) // multiple + 1
        if places < shortest:
            best, shortest = offset(multiple), places
    return best


def _candidates(clock, wall):
    """Pairs (count of steps at every stamp, multiple -> offset), the most telling name first."""
    days = wall.astype("datetime64[D]")
    if np.any(wall - days != wall[0] - days[0]):
        unit, _ = np.datetime_data(clock.dtype)
        yield (clock - clock[0]).astype("int64"), lambda multiple: _fixed(multiple, unit)
        return
    yield from _monthly(days)
    since = ((days - days[0]) // DAY).astype("int64")
    if not np.any(since % 7):
        weekday = pd.Timestamp(days[0]).weekday()
        yield since // 7, lambda multiple: offsets.Week(multiple, weekday=weekday)
    yield since, offsets.Day
    if np.is_busday(days).all():
        yield np.busday_count(days[0], days), offsets.BusinessDay


def _monthly(days):
    months = days.astype("datetime64[M]")
    starts, ends = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]") - DAY
    families = (
        (ends, 10, offsets.MonthEnd, offsets.QuarterEnd, offsets.YearEnd),
        (starts, 1, offsets.MonthBegin, offsets.QuarterBegin, offsets.YearBegin),
        (np.busday_offset(ends, 0, "backward"), 10, offsets.BMonthEnd, offsets.BQuarterEnd, offsets.BYearEnd),
        (np.busday_offset(starts, 0, "forward"), 1, offsets.BMonthBegin, offsets.BQuarterBegin, offsets.BYearBegin),
    )
    month = pd.Timestamp(days[0]).month

    def named(multiple, lowest, monthly, quarterly, yearly):
        if multiple % 12 == 0:
            return yearly(multiple // 12, month=month)
        if multiple % 3 == 0:  # the month that pandas names a quarter by: QS-JAN, QE-DEC
            return quarterly(multiple // 3, startingMonth=(month - 1) % 3 + lowest)
        return monthly(multiple)

    for anchors, *family in families:
        if np.array_equal(days, anchors):
            yield months.astype("int64"), lambda multiple, family=family: named(multiple, *family)


def _fixed(multiple, unit):
    length = pd.Timedelta(np.timedelta64(multiple, unit))
    # 24 absolute hours are not a day where clocks are put forward and back.
    return offsets.Hour(24 * length.days) if length == length.floor("D") else pd.tseries.frequencies.to_offset(length)


# pandas 2.2 warns about these and pandas 3 rejects them; we name the new alias on both.
NEW_ALIASES = {
    **{"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns", "d": "D", "b": "B", "w": "W"},
    **{"M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "AS": "YS", "SM": "SME", "BH": "bh", "CBH": "cbh"},
    **{"BM": "BME", "BQ": "BQE", "BA": "BYE", "BY": "BYE", "BAS": "BYS", "CBM": "CBME"},
}
MOVING = {"years", "months", "weeks", "days"}  # of a DateOffset; `month=1` and its like only replace
PERIOD_ALIASES = ("M", "Q", "Y")  # old for stamps, current for periods


def step_of(kind, index, freq, name, longest):
    """The step of a typed index of that kind: `freq`, or else what the index knows or its stamps show.

    Args: as in `Timeline.read`.
    """
    if freq is None and longest is not None and len(places := longest()) > 1:
        with suppress(ValueError):  # too few, too far apart: all stamps may tell
            return step_of(kind, index if len(places) == len(index) else index[places], None, name, None)
    if kind == "period":
        return period_step(freq, index)
    if kind == "integer":
        return integer_step(freq, index, name)
    if freq is not None:
        return datetime_step(freq)
    wall = index.tz_localize(None)
    # pandas 2.2 keeps the freq D through tz_convert, where it is no longer the same time every day.
    daily = isinstance(index.freq, offsets.Day) and index.tz is not None
    if index.freq is not None and index.freq.n > 0 and not (daily and len((wall - wall.normalize()).unique()) > 1):
        return index.freq
    clock = wall if index.tz is None else index.tz_convert("UTC").tz_localize(None)
    step = infer_step(np.sort(clock.to_numpy()), np.sort(wall.to_numpy()))
    if step is None:
        raise ValueError(
            f"`{name}` has {len(index)} stamp(s) from {index.min()} to {index.max()}, from which its step cannot be "
            "decided: that takes 3 stamps, and a regular step that leaves no more than half of the stamps out. "
            "Pass the step, for example `freq='D'` or `freq=pd.DateOffset(months=1)`."
        )
    return step


def datetime_step(freq):
    """The pandas offset that the argument `freq` (alias, offset or timedelta) means; ValueError with a cure."""
    if isinstance(freq, str):
        _refuse_old_alias(freq, NEW_ALIASES)
    if isinstance(freq, timedelta) and freq % timedelta(days=1) == timedelta(0):
        freq = offsets.Day(freq.days)  # as pandas 2.2 reads it; pandas 3 reads absolute hours
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            step = pd.tseries.frequencies.to_offset(freq)
    except (ValueError, TypeError, FutureWarning) as problem:
        raise ValueError(
            f"`freq` is {freq!r}, which pandas cannot read as a frequency. "
            "Pass an alias such as 'h', '15min', 'D', 'B', 'W-SUN', 'MS' or a pandas offset."
        ) from problem
    if step.n < 1:
        raise ValueError(f"`freq` is {freq!r}, which does not go forward in time. Pass a positive step.")
    if type(step) is offsets.DateOffset and {"hours", "minutes", "seconds", "microseconds"} & set(step.kwds):
        raise ValueError(f"`freq` is {freq!r}. For steps within a day pass an alias such as 'h' or '15min'.")
    if type(step) is offsets.DateOffset and not step.kwds.keys() & MOVING:
        raise ValueError(f"`freq` is {freq!r}, which does not go forward. Name a length too, such as `months=1`.")
    return step


def period_step(freq, index):
    """The step of a PeriodIndex, which is its own; ValueError where `freq` says another."""
    if freq is None:
        return index.freq
    if isinstance(freq, str):
        _refuse_old_alias(freq, {old: new for old, new in NEW_ALIASES.items() if old not in PERIOD_ALIASES})
    try:
        agrees = pd.PeriodDtype(freq) == index.dtype
    except (ValueError, TypeError, KeyError):
        agrees = False
    if not agrees:
        raise ValueError(
            f"`freq` is {freq!r}, but the periods of the index are {index.freqstr!r}. "
            f"Leave `freq` out or convert the index with `y.asfreq({freq!r})`."
        )
    return index.freq


def integer_step(freq, index, name):
    """The step of an integer index: `freq`, that of a range, or the largest one on which all stamps lie."""
    if freq is not None:
        if isinstance(freq, bool | np.bool_ | str) or not hasattr(freq, "__index__") or whole(freq) < 1:
            raise ValueError(f"`freq` is {freq!r}, but the index holds integers: the step must be a whole number >= 1.")
        return whole(freq)
    if isinstance(index, pd.RangeIndex):
        return abs(index.step)
    if len(index) == 1:
        return 1
    # As unsigned numbers the gaps come out right where they are larger than int64.
    step = int(np.gcd.reduce(np.diff(np.sort(index.to_numpy(dtype="int64")).astype("uint64"))))
    steps = (int(index.max()) - int(index.min())) // step + 1
    if 2 * len(index) < steps:
        raise ValueError(
            f"`{name}` has {len(index)} rows, but the integers of its index, in steps of {step}, leave more than half "
            f"of the {steps} places empty. Say what the step is, for example `freq={step}`, or repair the index."
        )
    return step


def _refuse_old_alias(freq, new_aliases):
    parts = re.fullmatch(r"([\d.]*)\s*([A-Za-z]+)(-[A-Za-z]+)?", freq.strip())
    if parts and parts[2] in new_aliases:
        new = f"{parts[1]}{new_aliases[parts[2]]}{parts[3] or ''}"
        raise ValueError(f"`freq` is {freq!r}, an old pandas alias. Write `freq={new!r}`.")


# Steps of one fixed length: the cycle of the first row whose limit they do not reach. A year is 52 weeks here.
CYCLES = (
    # steps shorter than   have the cycle
    (pd.Timedelta(seconds=1), pd.Timedelta(seconds=1)),  # 100ms 10
    (pd.Timedelta(minutes=1), pd.Timedelta(minutes=1)),  # s 60, 10s 6
    (pd.Timedelta(days=1), pd.Timedelta(days=1)),  # min 1440, 10min 144, 15min 96, 30min 48, h 24, 2h 12
    (pd.Timedelta(weeks=1), pd.Timedelta(weeks=1)),  # D 7
    (pd.Timedelta(weeks=53), pd.Timedelta(weeks=52)),  # 7D 52
)
# Steps of the calendar, by pandas' name without the anchor; years and what is not here have no cycle: 1.
CALENDAR_CYCLES = {
    **dict.fromkeys(("B", "C"), 5),
    "W": 52,
    **dict.fromkeys(("SMS", "SME"), 24),
    **dict.fromkeys(("MS", "ME", "BMS", "BME", "CBMS", "CBME"), 12),
    **dict.fromkeys(("QS", "QE", "BQS", "BQE"), 4),
}
FIXED = {"weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"}


def season_length(timeline):
    """Steps in the main cycle of a Timeline; 1 where there is none, or where it is no whole number of steps."""
    step = timeline.step
    if timeline.kind == "integer":
        return 1
    plain = type(step) is offsets.DateOffset and set(step.kwds) <= FIXED
    if plain or isinstance(step, offsets.Day | offsets.Tick):
        length = pd.Timestamp(0) + step - pd.Timestamp(0)
        cycle = next((cycle for limit, cycle in CYCLES if length < limit), length)
        return cycle // length if cycle % length == pd.Timedelta(0) else 1
    if type(step) is offsets.DateOffset:
        cycle, multiple = (12, step.n * step.kwds["months"]) if set(step.kwds) == {"months"} else (1, 1)
    else:
        try:
            cycle, multiple = CALENDAR_CYCLES.get(step.rule_code.split("-")[0], 1), step.n
        except NotImplementedError:  # of an offset without a code, such as Easter
            return 1
    return cycle // multiple if cycle % multiple == 0 else 1
