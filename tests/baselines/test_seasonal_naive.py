"""The seasonal naive forecast, and its in-sample error."""

import numpy as np
import pytest
from window_table import panel_of

from tsattn.baselines.seasonal_naive import (
    SeasonalCycle,
    last_cycle,
    mean_observed,
    naive_error,
    newest_observed,
    seasonal_naive_error,
)
from tsattn.series.scaling import Scaler

NAN = np.nan


def history_of(*values):
    """Return a history `(1, lookback, 1)`."""
    return np.array(values, "float32")[None, :, None]


@pytest.mark.parametrize(
    ("history", "season", "horizon", "forecast"),
    [
        ([1, 2, 3, 4, 5, 6], 3, 3, [4, 5, 6]),
        ([1, 2, 3, 4, 5, 6], 3, 5, [4, 5, 6, 4, 5]),
        ([1, 2, 3, 4, 5, 6], 4, 2, [3, 4]),
        ([1, 2, 3, 4, 5, 6], 1, 2, [6, 6]),
        ([1, 2, 3, 4, NAN, 6], 3, 3, [4, 2, 6]),  # from the previous season
        ([1, NAN, 3, 4, NAN, 6], 3, 3, [4, 6, 6]),  # the last observed value
        ([1, 2, 3, NAN, NAN, NAN], 2, 2, [3, 2]),
        ([NAN, NAN], 2, 3, [NAN, NAN, NAN]),
        ([7, 8], 3, 3, [8, 7, 8]),  # a history shorter than a season
    ],
)
def test_last_season_is_repeated(history, season, horizon, forecast):
    found = SeasonalCycle(season, horizon).forecast({"history": history_of(*history)})
    assert found.shape == (1, horizon, 1, 1) and found.dtype == np.float32
    np.testing.assert_array_equal(found[0, :, 0, 0], forecast)


def test_windows_and_channels_are_independent():
    history = np.random.default_rng(0).normal(size=(4, 7, 3))
    history[2, 5:, 1] = NAN
    forecast = last_cycle(history, 3, 5)
    for window, channel in np.ndindex(4, 3):
        part = np.s_[window : window + 1, :, channel : channel + 1]
        np.testing.assert_array_equal(forecast[part], last_cycle(history[part], 3, 5))


def test_newest_observed_is_last_value_that_is_not_nan():
    values = np.array([[1.0, NAN, NAN], [2.0, 5.0, NAN], [NAN, NAN, NAN]])
    np.testing.assert_array_equal(newest_observed(values), [1.0, 5.0, NAN])
    three_dimensional = np.stack([values, np.flip(values, axis=1)], axis=2)
    np.testing.assert_array_equal(newest_observed(three_dimensional), [[1.0, 1.0], [5.0, 2.0], [NAN, NAN]])


def test_error_is_mean_seasonal_difference_in_units_of_the_scale():
    panel = panel_of(np.array([[1.0, 10], [4, 20], [3, NAN], [8, 60]]), np.array([[5.0, 5], [5, 5]]))
    scaler = Scaler(np.zeros((2, 2)), np.array([[2.0, 10.0], [1.0, 1.0]]))
    expected = [[np.mean([2, 4]) / 2, 40 / 10], [NAN, NAN]]  # the second series is not longer than the season
    np.testing.assert_allclose(seasonal_naive_error(panel, scaler, 2), expected)
    np.testing.assert_allclose(seasonal_naive_error(panel, scaler, 1)[1], [0.0, 0.0])


def test_error_is_nan_if_no_pair_was_observed():
    panel = panel_of(np.array([1.0, NAN, NAN, 4.0]))
    assert np.isnan(seasonal_naive_error(panel, Scaler(np.zeros((1, 1)), np.ones((1, 1))), 2)).all()


def test_naive_error_by_hand():
    values = np.array([[1.0, 5.0], [2.0, np.nan], [4.0, 5.0], [np.nan, np.nan], [7.0, 5.0]])
    np.testing.assert_array_equal(naive_error(values, season=1), [1.5, np.nan])
    np.testing.assert_array_equal(naive_error(values, season=2), [3.0, 0.0])
    np.testing.assert_array_equal(naive_error(values, season=2, power=2), [9.0, 0.0])
    assert np.isnan(naive_error(values, season=5)).all()


def test_mean_observed_equals_nanmean():
    values = np.random.default_rng(0).normal(size=(9, 4))
    values[values > 0.8] = np.nan
    np.testing.assert_array_equal(mean_observed(values), np.nanmean(values, axis=0))
    assert np.isnan(mean_observed(values[:0])).all()
