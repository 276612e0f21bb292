"""The generator of synthetic series: shapes, seeds, seasons, and the kinds of series that it promises."""

import numpy as np
import pytest

from tsattn.pretrained import synthetic_series

SEASONS = [1, [], 2, 4, 12, (7, 365), (24, 168), (5, 261), 52]


@pytest.mark.parametrize("season", SEASONS, ids=str)
def test_series_are_finite_and_not_constant(season):
    values = synthetic_series(300, 90, season, random_state=0)
    assert values.shape == (300, 90) and values.dtype == "float64" and np.isfinite(values).all()
    assert (values.std(axis=1) > 0).mean() > 0.97  # counts of a low rate may be constant


@pytest.mark.parametrize("n, steps", [(1, 1), (1, 50), (3, 2), (2, 7)])
def test_few_and_short_series(n, steps):
    for season in SEASONS:
        for seed in range(5):
            assert synthetic_series(n, steps, season, missing=0.5, random_state=seed).shape == (n, steps)


def test_a_seed_determines_the_series():
    first, second = (synthetic_series(20, 40, 12, missing=0.3, random_state=7) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, synthetic_series(20, 40, 12, missing=0.3, random_state=8), equal_nan=True)
    assert not np.array_equal(synthetic_series(20, 40), synthetic_series(20, 40))


def seasonal_strength(values, season):
    """Share of the variance around a centered moving average that a fixed pattern of each series explains."""
    kernel = np.ones(season) / season
    trend = np.array([np.convolve(row, kernel, mode="valid") for row in values])
    detrended = values[:, season // 2 : season // 2 + trend.shape[1]] - trend
    cycles = detrended.shape[1] // season
    blocks = detrended[:, : cycles * season].reshape(len(values), cycles, season)
    variance = blocks.var(axis=(1, 2))
    return np.where(variance > 0, blocks.mean(axis=1).var(axis=1) / np.where(variance > 0, variance, 1), 0)


@pytest.mark.parametrize("season", [4, 12, 24])
def test_most_series_have_the_season_and_some_do_not(season):
    strength = seasonal_strength(synthetic_series(400, 12 * season, season, random_state=0), season)
    without = seasonal_strength(synthetic_series(400, 12 * season, random_state=0), season)
    assert np.median(strength) > 2 * np.median(without)
    assert (strength > 0.5).mean() > 0.3 and (strength < 0.3).mean() > 0.1


def test_hours_have_a_season_in_days_and_weeks():
    values = synthetic_series(400, 24 * 7 * 6, (24, 168), random_state=0)
    day, week = seasonal_strength(values, 24), seasonal_strength(values, 168)
    assert (week > day + 0.1).mean() > 0.15  # the profile of a day depends on the weekday


def test_some_series_are_counts_negative_bounded_or_intermittent():
    values = synthetic_series(3000, 60, 12, random_state=0)
    is_count = (values == np.round(values)).all(axis=1)
    assert 0.05 < is_count.mean() < 0.25
    assert ((values == 0).mean(axis=1)[is_count] > 0.3).mean() > 0.05
    assert ((values > 0) & (values < 1)).all(axis=1).mean() > 0.02
    assert (values < 0).any(axis=1).mean() > 0.03


def test_series_differ_in_trend_and_noise():
    values = synthetic_series(2000, 80, random_state=0)
    scaled = (values - values.mean(axis=1, keepdims=True)) / (values.std(axis=1, keepdims=True) + 1e-12)
    slope = scaled[:, -20:].mean(axis=1) - scaled[:, :20].mean(axis=1)
    assert (slope > 1).mean() > 0.2 and (slope < -1).mean() > 0.15 and (np.abs(slope) < 0.3).mean() > 0.05
    changes = np.abs(np.diff(scaled, axis=1)).mean(axis=1)
    assert np.quantile(changes, 0.9) > 5 * np.quantile(changes, 0.1)


def test_missing_is_the_share_of_series_with_missing_values():
    values = synthetic_series(2000, 100, 12, missing=0.25, random_state=0)
    has_missing = np.isnan(values).any(axis=1)
    assert 0.2 < has_missing.mean() < 0.3
    count = np.isnan(values[has_missing]).sum(axis=1)
    assert count.max() <= 30 and count.min() >= 1
    borders = np.abs(np.diff(np.isnan(values[has_missing]).astype(int), axis=1)).sum(axis=1)
    assert 0.3 < (borders <= 2).mean() < 0.7  # one stretch, or single steps
    assert not np.isnan(synthetic_series(50, 100, 12, random_state=0)).any()


@pytest.mark.parametrize(
    "arguments, name",
    [
        ({"n": 0}, "n"),
        ({"steps": 1.5}, "steps"),
        ({"season": 0}, "season"),
        ({"season": (24, "week")}, "season"),
        ({"missing": 2}, "missing"),
    ],
    ids=str,
)
def test_invalid_arguments_are_named(arguments, name):
    with pytest.raises(ValueError, match=f"`{name}`"):
        synthetic_series(**{"n": 2, "steps": 5, **arguments})
