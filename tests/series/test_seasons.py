import pandas as pd
import pytest

from tsattn.series.frequency import season_length
from tsattn.series.time_index import Timeline

SEASONS = {
    **{"100ms": 10, "s": 60, "10s": 6, "min": 1440, "5min": 288, "10min": 144, "15min": 96, "30min": 48},
    **{"h": 24, "2h": 12, "5h": 1, "24h": 7, "D": 7, "7D": 52, "2D": 1, "B": 5, "C": 5, "W": 52, "W-WED": 52, "2W": 26},
    **{"SMS": 24, "MS": 12, "ME": 12, "BME": 12, "2MS": 6, "3ME": 4, "QS": 4, "QE-JAN": 4, "BQE": 4, "2QS": 2},
    **{"5MS": 1, "YS": 1, "YE-JUN": 1, "bh": 1},
}


@pytest.mark.parametrize("freq", SEASONS)
def test_of_stamps(freq):
    index = pd.date_range("2024-01-01 09:00", periods=6, freq=freq)
    assert season_length(Timeline.read(index, freq=freq)[0]) == SEASONS[freq]


@pytest.mark.parametrize(
    ("freq", "season"), [("min", 1440), ("h", 24), ("D", 7), ("W", 52), ("M", 12), ("3M", 4), ("Q", 4), ("Y", 1)]
)
def test_of_periods(freq, season):
    assert season_length(Timeline.read(pd.period_range("2024", periods=6, freq=freq))[0]) == season


@pytest.mark.parametrize(("months", "season"), [(1, 12), (3, 4), (12, 1), (5, 1)])
def test_of_the_15th_of_months(months, season):
    index = pd.DatetimeIndex(["2024-01-15"])
    assert season_length(Timeline.read(index, freq=pd.DateOffset(months=months))[0]) == season


def test_of_integers_and_unknown_steps():
    assert season_length(Timeline.read(pd.RangeIndex(5))[0]) == 1
    assert season_length(Timeline.read(pd.DatetimeIndex(["2024-01-15"]), freq=pd.DateOffset(days=3))[0]) == 1
    assert season_length(Timeline.read(pd.DatetimeIndex(["2024-03-31"]), freq=pd.offsets.Easter())[0]) == 1
