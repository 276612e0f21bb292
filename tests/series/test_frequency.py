"""Season lengths of the steps of every kind of index."""

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
