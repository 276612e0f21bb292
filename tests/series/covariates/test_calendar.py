"""Calendar features: cycles, weekends and holidays, of timestamps of every kind."""

import pathlib
import sys

import numpy as np
import pandas as pd
import pytest

from tsattn.series.covariates import calendar
from tsattn.series.covariates.calendar import (
    CYCLES,
    FLAGS,
    HOLIDAYS,
    calendar_features,
    column_names,
    count_columns,
    resolve_calendar,
)
from tsattn.series.time_axis import read_time_axis

BERLIN = "Europe/Berlin"


def axis(start, freq, periods=5, tz=None):
    return read_time_axis(pd.date_range(start, periods=periods, freq=freq, tz=tz))[0]


def points(*phases):
    """Sines and cosines of fractions of a cycle, (rows, 2)."""
    angle = 2 * np.pi * np.array(phases)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


# name, first timestamp, step, elapsed fraction of the cycle in the first rows
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
def test_cycles_are_sine_and_cosine(name, start, freq, phases):
    time_axis = axis(start, freq)
    assert resolve_calendar((name,), time_axis) == (name,)
    values = calendar_features((name,), time_axis, 0, len(phases))
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, points(*phases), atol=1e-6)


def test_every_cycle_is_tested():
    assert {name for name, *_ in PHASES} == set(CYCLES)


# name, first stamp, step, values of the flag in the first rows
FLAG_VALUES = [
    ("weekend", "2024-01-05", "D", [0, 1, 1, 0]),  # a Friday
    ("weekend", "2024-01-07 12:00", "12h", [1, 0]),
]


@pytest.mark.parametrize(("name", "start", "freq", "flags"), FLAG_VALUES)
def test_flags_are_0_and_1(name, start, freq, flags):
    time_axis = axis(start, freq)
    assert resolve_calendar((name,), time_axis) == tuple(column_names((name,))) == (name,)
    assert calendar_features((name,), time_axis, 0, len(flags)).ravel().tolist() == flags


def test_every_flag_is_tested():
    assert {name for name, *_ in FLAG_VALUES} == set(FLAGS)


def test_a_flag_is_one_line_of_the_table(monkeypatch):
    monkeypatch.setitem(calendar.FLAGS, "is_month_start", (calendar.MONTH, lambda times: times.is_month_start))
    names, time_axis = ("is_month_start", "weekend"), axis("2024-08-31", "D")
    assert resolve_calendar(names, time_axis) == names
    assert calendar_features(names, time_axis, 0, 3).tolist() == [[0, 1], [1, 1], [0, 0]]
    message = r"'is_month_start', which is not informative at steps of 'MS'\. Pass one of 'dayofyear'"
    with pytest.raises(ValueError, match=message):
        resolve_calendar(names, axis("2024-01-01", "MS"))
    with pytest.raises(ValueError, match=r"unknown name 'moon'\. Pass one of .*'weekend', 'is_month_start', 'holidays"):
        resolve_calendar(("moon",), axis("2024-01-01", "D"))


def test_every_feature_is_documented():
    page = (pathlib.Path(__file__).parents[3] / "docs" / "covariates.md").read_text(encoding="utf-8")
    table = page.partition("## Calendar features")[2].partition("\n## ")[0]
    assert [name for name in (*CYCLES, *FLAGS, HOLIDAYS) if f"`{name}" not in table] == []


def test_columns_are_in_the_order_of_the_names_on_any_rows():
    names, time_axis = ("weekend", "month", "dayofweek"), axis("2024-01-31", "D")
    assert count_columns(names) == 5
    values = calendar_features(names, time_axis, -3, 7)
    assert values.shape == (7, 5)
    np.testing.assert_allclose(values[0], [1, *points(0)[0], *points(6 / 7)[0]], atol=1e-6)  # Sunday 28 January
    np.testing.assert_allclose(values[-1], [1, *points(1 / 12)[0], *points(5 / 7)[0]], atol=1e-6)  # 3 February


@pytest.mark.parametrize(
    ("start", "hours"),
    [("2024-03-31 00:00", [0, 1, 3, 4]), ("2024-10-27 01:00", [1, 2, 2, 3])],
)
def test_hours_are_local_across_clock_changes(start, hours):
    values = calendar_features(("hour",), axis(start, "h", tz=BERLIN), 0, 4)
    np.testing.assert_allclose(values, points(*np.array(hours) / 24), atol=1e-6)


def test_days_are_local():
    midnight = axis("2024-01-07", "D", tz=BERLIN)  # a Sunday; in UTC it is still Saturday
    values = calendar_features(("weekend", "dayofweek", "week"), midnight, 0, 2)
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
    time_axis, _ = read_time_axis(pd.period_range("2024-01-01", periods=4, freq=freq))
    np.testing.assert_allclose(
        calendar_features(resolve_calendar((name,), time_axis), time_axis, 0, 3), points(*phases), atol=1e-6
    )


def test_iso_text_is_read_as_dates():
    time_axis, _ = read_time_axis(pd.Index(["2024-01-05", "2024-01-06", "2024-01-07"]))
    assert calendar_features(resolve_calendar(["weekend"], time_axis), time_axis, 0, 4).ravel().tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_features_do_not_depend_on_the_time_unit(unit):
    index = pd.date_range("2024-02-28", periods=3, freq="D").as_unit(unit)
    time_axis, _ = read_time_axis(index)
    np.testing.assert_allclose(calendar_features(("day",), time_axis, 0, 3), points(27 / 29, 28 / 29, 0), atol=1e-6)


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
def test_auto_selects_features_by_step(freq):
    time_axis = axis("2024-01-01", freq)
    names = resolve_calendar("auto", time_axis)
    assert names == AUTO[freq]
    assert resolve_calendar(names, time_axis) == names
    assert calendar_features(names, time_axis, 0, 40).shape == (40, 2 * len(names)) == (40, count_columns(names))


@pytest.mark.parametrize(
    ("freq", "names"),
    [("h", HOURLY), ("D", DAILY), ("W-SUN", ("week",)), ("M", ("month",)), ("Q-JAN", ("quarter",)), ("Y", ())],
)
def test_auto_selects_features_of_periods(freq, names):
    assert resolve_calendar("auto", read_time_axis(pd.period_range("2024", periods=3, freq=freq))[0]) == names


@pytest.mark.parametrize("calendar", [None, (), []])
def test_no_calendar_has_no_features(calendar):
    assert resolve_calendar(calendar, read_time_axis(pd.RangeIndex(5))[0]) == ()
    assert resolve_calendar(calendar, axis("2024", "D")) == ()


@pytest.mark.parametrize(
    ("freq", "name", "message"),
    [
        ("h", "minute", "Pass one of 'hour', 'dayofweek'"),
        ("D", "hour", "not informative at steps of 'D'. Pass one of 'dayofweek', 'day', .*, 'weekend', 'holidays:CC'"),
        ("24h", "hour", "Pass one of 'dayofweek'"),
        ("B", "weekend", "Pass one of 'dayofweek', 'day', 'dayofyear', 'week', 'month', 'quarter', 'holidays:CC'"),
        ("W", "dayofweek", "Pass one of 'day', 'dayofyear'"),
        ("W", "weekend", "Pass one of 'day', 'dayofyear', 'week', 'month', 'quarter'.$"),
        ("W", "holidays:DE", "Pass one of 'day', 'dayofyear', 'week', 'month', 'quarter'.$"),
        ("MS", "day", "Pass one of 'dayofyear', 'week', 'month', 'quarter'.$"),
        ("YS", "month", "Omit `calendar`: it has no features"),
        ("D", "moon", "unknown name 'moon'. Pass one of 'dayofweek'"),
        ("D", "holidays", "unknown name 'holidays'. Pass one of .*'holidays:CC'"),
        ("D", 3, "unknown name 3"),
        ("D", ["day"], "unknown name"),
    ],
)
def test_unsupported_names_are_refused(freq, name, message):
    with pytest.raises(ValueError, match=message):
        resolve_calendar((name,), axis("2024-01-01", freq))


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        ("hour", r"`calendar` is 'hour', but must be None, 'auto' or a tuple of names"),
        (3, "`calendar` is 3"),
        ({"day": 1}, "must be None"),
        (np.array(["day"]), "must be None"),
        (("day", "month", "day"), "which has duplicate names. Pass each name once"),
    ],
)
def test_invalid_calendars_are_refused(calendar, message):
    with pytest.raises(ValueError, match=message):
        resolve_calendar(calendar, axis("2024", "D"))


@pytest.mark.parametrize("calendar", ["auto", ("hour",)])
def test_integers_have_no_calendar(calendar):
    with pytest.raises(ValueError, match=r"holds integers, which have no calendar.*dates as its index"):
        resolve_calendar(calendar, read_time_axis(pd.RangeIndex(5))[0])


@pytest.mark.parametrize(
    ("name", "start", "freq", "flags"),
    [
        ("holidays:DE", "2024-12-24", "D", [0, 1, 1, 0]),
        ("holidays:DE", "2024-12-31", "D", [0, 1, 0]),  # two years
        ("holidays:US", "2024-07-03", "B", [0, 1, 0]),
        ("holidays:DE-BE", "2024-03-07", "D", [0, 1, 0]),  # Women's Day, a holiday in Berlin but not in all of Germany
        ("holidays:DE", "2024-03-07", "D", [0, 0, 0]),
        ("holidays:DE", "2024-12-25 12:00", "12h", [1, 1, 1, 0]),
    ],
)
def test_holidays_of_countries(name, start, freq, flags):
    time_axis = axis(start, freq)
    assert calendar_features(resolve_calendar((name,), time_axis), time_axis, 0, len(flags)).ravel().tolist() == flags


def test_holidays_are_local_days():
    time_axis = axis("2024-12-24 22:00", "h", tz=BERLIN)
    assert calendar_features(("holidays:DE",), time_axis, 0, 4).ravel().tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("holidays:XX", "'holidays:XX', which the package holidays does not support: .*'holidays:US-CA'"),
        ("holidays:DE-QQ", "'holidays:DE-QQ', which the package holidays does not support"),
        ("holidays:", "does not support"),
    ],
)
def test_unknown_holidays_are_refused(name, message):
    with pytest.raises(ValueError, match=message):
        resolve_calendar((name,), axis("2024", "D"))


def test_holidays_without_the_library_are_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(ImportError, match=r"'holidays:DE' .* pip install \"tsattn\[calendar\]\""):
        resolve_calendar(("holidays:DE",), axis("2024", "D"))
