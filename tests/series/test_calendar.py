import sys

import numpy as np
import pandas as pd
import pytest

from tsattn.series.covariates.calendar import CYCLES, resolve, table, width
from tsattn.series.time_index import Timeline

BERLIN = "Europe/Berlin"


def timeline(start, freq, periods=5, tz=None):
    return Timeline.read(pd.date_range(start, periods=periods, freq=freq, tz=tz))[0]


def points(*phases):
    """Sines and cosines of parts of a cycle, (rows, 2)."""
    angle = 2 * np.pi * np.array(phases)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


# name, first stamp, step, and the part of the cycle that is over in the first rows
PHASES = [
    ("minute", "2024-01-01 10:00", "15min", [0, 0.25, 0.5, 0.75, 0]),
    ("minute", "2024-01-01 10:59:30", "30s", [59 / 60, 0, 0]),
    ("hour", "2024-01-01 00:00", "6h", [0, 0.25, 0.5, 0.75, 0]),
    ("hour", "2024-01-01 23:30", "30min", [23 / 24, 0, 0]),
    ("dayofweek", "2024-01-01", "D", [0, 1 / 7, 2 / 7, 3 / 7]),  # a Monday
    ("dayofweek", "2024-01-05", "B", [4 / 7, 0]),
    ("day", "2024-02-28", "D", [27 / 29, 28 / 29, 0]),
    ("day", "2023-02-27", "D", [26 / 28, 27 / 28, 0]),
    ("dayofyear", "2024-12-30", "D", [364 / 366, 365 / 366, 0, 1 / 365]),
    ("dayofyear", "2023-12-31", "D", [364 / 365, 0, 1 / 366]),
    ("week", "2020-12-20", "W", [50 / 53, 51 / 53, 52 / 53, 0]),  # 2020 has 53 ISO weeks
    ("week", "2024-12-29", "D", [51 / 52, 0]),  # 30 December 2024 is in the first week of 2025
    ("month", "2024-01-01", "MS", [0, 1 / 12, 2 / 12, 3 / 12]),
    ("month", "2024-06-30", "ME", [5 / 12, 0.5]),
    ("quarter", "2024-01-01", "QS", [0, 0.25, 0.5, 0.75, 0]),
    ("quarter", "2024-06-30", "D", [0.25, 0.5]),
]


@pytest.mark.parametrize(("name", "start", "freq", "phases"), PHASES)
def test_cycles(name, start, freq, phases):
    grid = timeline(start, freq)
    assert resolve((name,), grid) == (name,)
    values = table((name,), grid, 0, len(phases))
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, points(*phases), atol=1e-6)


def test_every_cycle_is_tested():
    assert {name for name, *_ in PHASES} == set(CYCLES)


def test_weekends():
    friday = timeline("2024-01-05", "D")
    assert table(("weekend",), friday, 0, 4).tolist() == [[0], [1], [1], [0]]


def test_columns_stand_in_the_order_of_the_names_on_any_rows():
    names, grid = ("weekend", "month", "dayofweek"), timeline("2024-01-31", "D")
    assert width(names) == 5
    values = table(names, grid, -3, 7)
    assert values.shape == (7, 5)
    np.testing.assert_allclose(values[0], [1, *points(0)[0], *points(6 / 7)[0]], atol=1e-6)  # Sunday 28 January
    np.testing.assert_allclose(values[-1], [1, *points(1 / 12)[0], *points(5 / 7)[0]], atol=1e-6)  # 3 February


@pytest.mark.parametrize(
    ("start", "hours"),
    [("2024-03-31 00:00", [0, 1, 3, 4]), ("2024-10-27 01:00", [1, 2, 2, 3])],
)
def test_hours_are_local_across_a_change_of_clocks(start, hours):
    values = table(("hour",), timeline(start, "h", tz=BERLIN), 0, 4)
    np.testing.assert_allclose(values, points(*np.array(hours) / 24), atol=1e-6)


def test_days_are_local():
    midnight = timeline("2024-01-07", "D", tz=BERLIN)  # a Sunday; in UTC it is still Saturday
    values = table(("weekend", "dayofweek", "week"), midnight, 0, 2)
    np.testing.assert_allclose(values[0], [1, *points(6 / 7)[0], *points(0)[0]], atol=1e-6)
    np.testing.assert_allclose(values[1], [0, *points(0)[0], *points(1 / 52)[0]], atol=1e-6)


@pytest.mark.parametrize(
    ("freq", "name", "phases"),
    [
        ("Q-DEC", "month", [0, 3 / 12, 6 / 12]),
        ("W-SUN", "day", [0, 7 / 31, 14 / 31]),
        ("M", "dayofyear", [0, 31 / 366, 60 / 366]),
        ("h", "hour", [0, 1 / 24, 2 / 24]),
    ],
)
def test_periods_count_from_their_start(freq, name, phases):
    grid, _ = Timeline.read(pd.period_range("2024-01-01", periods=4, freq=freq))
    np.testing.assert_allclose(table(resolve((name,), grid), grid, 0, 3), points(*phases), atol=1e-6)


def test_iso_text_is_read_as_dates():
    grid, _ = Timeline.read(pd.Index(["2024-01-05", "2024-01-06", "2024-01-07"]))
    assert table(resolve(["weekend"], grid), grid, 0, 4).ravel().tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_units_of_time_do_not_matter(unit):
    index = pd.date_range("2024-02-28", periods=3, freq="D").as_unit(unit)
    grid, _ = Timeline.read(index)
    np.testing.assert_allclose(table(("day",), grid, 0, 3), points(27 / 29, 28 / 29, 0), atol=1e-6)


HOURLY, DAILY = ("hour", "dayofweek", "dayofyear"), ("dayofweek", "dayofyear")
AUTO = {
    **dict.fromkeys(["s", "10s", "min", "15min", "30min"], ("minute", *HOURLY)),
    **dict.fromkeys(["h", "2h", "12h"], HOURLY),
    **dict.fromkeys(["D", "24h", "2D", "B", "36h"], DAILY),
    **dict.fromkeys(["W", "2W-WED", "7D"], ("week",)),
    **dict.fromkeys(["MS", "ME", "BME", "2MS"], ("month",)),
    **dict.fromkeys(["QS", "QE-OCT", "BQE", "2QS"], ("quarter",)),
    **dict.fromkeys(["YS", "YE-JUN", "2YS"], ()),
}


@pytest.mark.parametrize("freq", AUTO)
def test_auto_goes_by_the_step(freq):
    grid = timeline("2024-01-01", freq)
    names = resolve("auto", grid)
    assert names == AUTO[freq]
    assert resolve(names, grid) == names
    assert table(names, grid, 0, 40).shape == (40, 2 * len(names)) == (40, width(names))


@pytest.mark.parametrize(
    ("freq", "names"),
    [("h", HOURLY), ("D", DAILY), ("W-SUN", ("week",)), ("M", ("month",)), ("Q-JAN", ("quarter",)), ("Y", ())],
)
def test_auto_of_periods(freq, names):
    assert resolve("auto", Timeline.read(pd.period_range("2024", periods=3, freq=freq))[0]) == names


@pytest.mark.parametrize("calendar", [None, (), []])
def test_no_calendar(calendar):
    assert resolve(calendar, Timeline.read(pd.RangeIndex(5))[0]) == ()
    assert resolve(calendar, timeline("2024", "D")) == ()


@pytest.mark.parametrize(
    ("freq", "name", "fits"),
    [
        ("h", "minute", "What fits: 'hour', 'dayofweek'"),
        ("D", "hour", "'D' do not move. What fits: 'dayofweek', 'day', .*, 'weekend', 'holidays:CC'"),
        ("24h", "hour", "What fits: 'dayofweek'"),
        ("B", "weekend", "What fits: 'dayofweek', 'day', 'dayofyear', 'week', 'month', 'quarter', 'holidays:CC'"),
        ("W", "dayofweek", "What fits: 'day', 'dayofyear'"),
        ("W", "weekend", "What fits: 'day', 'dayofyear', 'week', 'month', 'quarter'.$"),
        ("W", "holidays:DE", "What fits: 'day', 'dayofyear', 'week', 'month', 'quarter'.$"),
        ("MS", "day", "What fits: 'dayofyear', 'week', 'month', 'quarter'.$"),
        ("YS", "month", "nothing fits"),
        ("D", "moon", "'moon', which is not known. What fits: 'dayofweek'"),
        ("D", "holidays", "'holidays', which is not known. What fits: .*'holidays:CC'"),
        ("D", 3, "3, which is not known"),
        ("D", ["day"], "which is not known"),
    ],
)
def test_names_that_do_not_fit(freq, name, fits):
    with pytest.raises(ValueError, match=fits):
        resolve((name,), timeline("2024-01-01", freq))


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        ("hour", r"`calendar` is 'hour', but must be None, 'auto' or a tuple of names"),
        (3, "`calendar` is 3"),
        ({"day": 1}, "must be None"),
        (np.array(["day"]), "must be None"),
        (("day", "month", "day"), "more than once"),
    ],
)
def test_calendars_that_are_none(calendar, message):
    with pytest.raises(ValueError, match=message):
        resolve(calendar, timeline("2024", "D"))


@pytest.mark.parametrize("calendar", ["auto", ("hour",)])
def test_integers_have_no_calendar(calendar):
    with pytest.raises(ValueError, match=r"are integers.*dates as its index"):
        resolve(calendar, Timeline.read(pd.RangeIndex(5))[0])


@pytest.mark.parametrize(
    ("name", "start", "freq", "flags"),
    [
        ("holidays:DE", "2024-12-24", "D", [0, 1, 1, 0]),
        ("holidays:DE", "2024-12-31", "D", [0, 1, 0]),  # two years
        ("holidays:US", "2024-07-03", "B", [0, 1, 0]),
        ("holidays:DE-BE", "2024-03-07", "D", [0, 1, 0]),  # Women's Day, in Berlin and not in all of Germany
        ("holidays:DE", "2024-03-07", "D", [0, 0, 0]),
        ("holidays:DE", "2024-12-25 12:00", "12h", [1, 1, 1, 0]),
    ],
)
def test_holidays(name, start, freq, flags):
    grid = timeline(start, freq)
    assert table(resolve((name,), grid), grid, 0, len(flags)).ravel().tolist() == flags


def test_holidays_are_of_the_local_day():
    grid = timeline("2024-12-24 22:00", "h", tz=BERLIN)
    assert table(("holidays:DE",), grid, 0, 4).ravel().tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("holidays:XX", "'holidays:XX', which the library holidays does not know: .*'holidays:US-CA'"),
        ("holidays:DE-QQ", "'holidays:DE-QQ', which the library holidays does not know"),
        ("holidays:", "does not know"),
    ],
)
def test_holidays_that_do_not_exist(name, message):
    with pytest.raises(ValueError, match=message):
        resolve((name,), timeline("2024", "D"))


def test_holidays_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(ImportError, match=r"'holidays:DE' .* pip install \"tsattn\[calendar\]\""):
        resolve(("holidays:DE",), timeline("2024", "D"))
