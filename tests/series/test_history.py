"""The history that a forecaster is fitted to: its season, its windows, and checks of its length and sign."""

import numpy as np
import pandas as pd
import pytest

from tsattn.series.history import History, check_length
from tsattn.series.scaling import Unscaled


def hours(length, **options):
    return pd.Series(np.arange(1.0, length + 1), pd.date_range("2024-01-01", periods=length, freq="h"), **options)


def panel_of(*lengths):
    return pd.concat({name: hours(length) for name, length in zip("abcde", lengths, strict=False)}, names=["shop"])


@pytest.mark.parametrize(
    ("y", "season", "expected"),
    [
        (hours(48), None, 24),
        (hours(47), None, 1),  # less than two cycles
        (hours(30), 24, 24),  # set by the user
        (hours(30), 5, 5),
        (hours(200).reset_index(drop=True), None, 1),  # integers have no cycle
        (panel_of(10, 48, 60), None, 24),  # the median length counts
        (panel_of(10, 47, 60), None, 1),
    ],
)
def test_season_is_cycle_of_time_step_if_long_enough(y, season, expected):
    assert History.read(y, steps=3).season(season) == expected


@pytest.mark.parametrize("season", [0, -1, 2.5, "24", True])
def test_invalid_season_raises(season):
    with pytest.raises(ValueError, match=f"`season` is {season!r}"):
        History.read(hours(48), steps=3).season(season)


def test_median_length_is_over_series():
    assert History.read(hours(48), steps=3).median_length == 48
    assert History.read(panel_of(10, 20, 60, 61), steps=3).median_length == 40


def test_windows_have_lookback_horizon_and_covariates():
    y = hours(10)
    covariates = pd.DataFrame({"promo": np.arange(12.0)}, pd.date_range("2024-01-01", periods=12, freq="h"))
    history = History.read(y, covariates, steps=2)
    windows = history.windows(Unscaled.from_panel(history.panel, history.layout), 3, 2)
    assert len(windows) == 10 - 3 - 2 + 1
    inputs, target = windows.gather([0])
    assert inputs["history"][0, :, 0].tolist() == [1, 2, 3] and target[0, :, 0].tolist() == [4, 5]
    assert inputs["known"].shape == (1, 3 + 2, 1)


def test_read_again_keeps_the_fitted_schema():
    covariates = pd.DataFrame({"kind": list("xyxyxyxyxy")}, pd.date_range("2024-01-01", periods=10, freq="h"))
    fitted = History.read(hours(8), covariates, steps=2)
    earlier = {"layout": fitted.layout, "schema": fitted.schema, "fitted": fitted.covariates}
    again = History.read_again(hours(6), covariates, None, **earlier, steps=2)
    assert again.schema is fitted.schema and again.layout.lengths.tolist() == [6]
    with pytest.raises(TypeError, match="a Series was fitted"):
        History.read_again(hours(6).to_frame(), covariates, None, **earlier, steps=2)


def test_series_shorter_than_a_window_raises():
    history = History.read(panel_of(12, 9, 11), steps=3)
    check_length(history.layout, 6, 3)
    with pytest.raises(
        ValueError,
        match=r"[Ss]eries 'b' of `y` has 9 steps, but lookback 7 \+ horizon 3 needs at least 10\. "
        r"Lower `lookback` or `horizon`, or pass a longer history\.",
    ):
        check_length(history.layout, 7, 3)
