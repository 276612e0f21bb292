"""What step do these stamps have? `pd.infer_freq` says D for five business days and nothing where one is missing."""

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
