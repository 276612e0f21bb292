"""Season lengths of the steps of every kind of index, and timestamps that do not follow the step of the others."""

import pandas as pd
import pytest

from tsattn.series.time_axis import read_time_axis

SEASONS = {
    **{"100ms": 10, "s": 60, "10s": 6, "min": 1440, "5min": 288, "10min": 144, "15min": 96, "30min": 48},
    **{"h": 24, "2h": 12, "5h": 1, "24h": 7, "D": 7, "7D": 52, "2D": 1, "B": 5, "C": 5, "W": 52, "W-WED": 52, "2W": 26},
    **{"SMS": 24, "MS": 12, "ME": 12, "BME": 12, "2MS": 6, "3ME": 4, "QS": 4, "QE-JAN": 4, "BQE": 4, "2QS": 2},
    **{"5MS": 1, "YS": 1, "YE-JUN": 1, "bh": 1},
}


@pytest.mark.parametrize("freq", SEASONS)
def test_season_of_stamps(freq):
    index = pd.date_range("2024-01-01 09:00", periods=6, freq=freq)
    assert read_time_axis(index, freq=freq)[0].season_length == SEASONS[freq]


@pytest.mark.parametrize(
    ("freq", "season"), [("min", 1440), ("h", 24), ("D", 7), ("W", 52), ("M", 12), ("3M", 4), ("Q", 4), ("Y", 1)]
)
def test_season_of_periods(freq, season):
    assert read_time_axis(pd.period_range("2024", periods=6, freq=freq))[0].season_length == season


@pytest.mark.parametrize(("months", "season"), [(1, 12), (3, 4), (12, 1), (5, 1)])
def test_season_of_mid_month_stamps(months, season):
    index = pd.DatetimeIndex(["2024-01-15"])
    assert read_time_axis(index, freq=pd.DateOffset(months=months))[0].season_length == season


def test_integers_and_unknown_steps_have_no_season():
    assert read_time_axis(pd.RangeIndex(5))[0].season_length == 1
    assert read_time_axis(pd.DatetimeIndex(["2024-01-15"]), freq=pd.DateOffset(days=3))[0].season_length == 1
    assert read_time_axis(pd.DatetimeIndex(["2024-03-31"]), freq=pd.offsets.Easter())[0].season_length == 1


def replaced(index, position, stamp):
    return index.delete(position).insert(position, stamp)


BUSINESS, MONTHLY, DAILY = (pd.date_range("2020-01-01", periods=60, freq=freq) for freq in ("B", "MS", "D"))
HOURLY = pd.date_range("2024-01-01", periods=200, freq="h", tz="Europe/Berlin")
OUTLIERS = {
    "a wrong year": (replaced(DAILY, 30, pd.Timestamp("2200-01-31")), "'D' of the other 59: 2200-01-31"),
    "a time of day": (replaced(DAILY, 30, DAILY[30] + pd.Timedelta("13h")), "'D' of the other 59: 2020-01-31 13:00:00"),
    "noon": (replaced(DAILY, 30, DAILY[30] + pd.Timedelta("12h")), "'D' of the other 59: 2020-01-31 12:00:00"),
    "a second of a month": (replaced(MONTHLY, 5, pd.Timestamp("2020-06-02")), "'MS' of the other 59: 2020-06-02"),
    "a Saturday": (replaced(BUSINESS, 2, BUSINESS[2] + pd.Timedelta("1D")), "'B' of the other 59: 2020-01-04"),
    "minutes": (replaced(HOURLY, 99, HOURLY[99] + pd.Timedelta("7min")), "'h' of the other 199: 2024-01-05 03:07:00"),
    "an integer": (pd.Index([*range(50), 10**6]), "1 of the other 50: 1000000"),
    "an odd integer": (pd.Index([*range(0, 100, 2), 51]), "2 of the other 50: 51"),
}


@pytest.mark.parametrize(("index", "message"), OUTLIERS.values(), ids=OUTLIERS)
def test_a_few_timestamps_off_the_step_of_the_others_are_named(index, message):
    with pytest.raises(ValueError, match=f"`y` has 1 timestamp.s. that do not follow the step {message}") as raised:
        read_time_axis(index[::-1])
    assert "Correct or drop them" in str(raised.value)


@pytest.mark.parametrize(
    "index", [DAILY[:20].append(DAILY[45:]), DAILY[::3].append(DAILY[1::3]), BUSINESS.delete([5, 6, 20])]
)
def test_gaps_are_no_reason_to_refuse_timestamps(index):
    assert read_time_axis(index)[0].freqstr in ("D", "B")
