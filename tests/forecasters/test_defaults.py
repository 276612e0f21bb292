"""Defaults that depend on the data: lookback, patch size and linear shortcut."""

import pytest
from forecaster_table import FORECASTERS, NETWORKS, monthly
from hypothesis import given
from hypothesis import strategies as st

from tsattn.forecasters.defaults import default_patch_size, default_shortcut, default_window

WINDOWS = [
    # length, horizon, season -> lookback, patch size
    (14_400, 96, 24, 336, 24),  # hours, as in the benchmarks
    (8_730, 48, 24, 336, 24),  # a year of hours
    (144, 12, 12, 24, 12),  # AirPassengers
    (14_400, 720, 24, 720, 48),  # at most 20 patches
    (7_588, 720, 7, 714, 42),
    (2_284, 26, 52, 260, 26),  # weeks
    (1_000, 14, 7, 98, 7),  # days
    (10_000, 96, 96, 1_248, 96),  # quarters of an hour
    (100_000, 60, 1_440, 12_240, 720),  # minutes
    (309, 11, 1, 38, 2),  # years, no season
    (24, 12, 12, 6, 6),  # the first fold of a cross-validation
    (14, 4, 1, 2, 1),
]


@pytest.mark.parametrize("length, horizon, season, lookback, patch_size", WINDOWS)
def test_default_window_of_usual_data(length, horizon, season, lookback, patch_size):
    assert default_window(length, horizon, season) == (lookback, patch_size)


def test_lookback_is_a_larger_share_of_many_series():
    assert default_window(960, 48, 24) == (120, 24)
    assert default_window(960, 48, 24, series=400) == (240, 24)


@given(st.integers(2, 20_000), st.integers(1, 800), st.sampled_from([1, 4, 5, 7, 12, 24, 48, 52, 96, 144, 1440]))
def test_default_lookback_is_multiple_of_patch_size_and_leaves_training_windows(length, horizon, season):
    lookback, patch_size = default_window(length, horizon, season)
    assert lookback >= patch_size >= 1
    assert lookback % patch_size == 0
    if length > horizon:
        assert length >= lookback + horizon


@given(st.integers(1, 2_000), st.integers(1, 100), st.integers(1, 200))
def test_lookback_is_kept_and_divided_into_patches(length, horizon, lookback):
    kept, patch_size = default_window(length, horizon, 12, lookback=lookback)
    assert kept == lookback and lookback % patch_size == 0


def test_patch_size_is_kept():
    assert default_window(200, 12, 12, patch_size=4) == (24, 4)
    assert default_window(200, 12, 12, lookback=30, patch_size=5) == (30, 5)


@pytest.mark.parametrize("season, patch_size", [(12, 12), (24, 24), (48, 24), (52, 13), (7, 7), (1, 3), (1440, 24)])
def test_default_patch_size_is_largest_divisor_of_season(season, patch_size):
    assert default_patch_size(season, 48) == patch_size


def test_forecasters_use_defaults_and_arguments():
    model = NETWORKS["seq2seq"](horizon=6).fit(monthly())
    assert (model.season_, model.lookback_, model.patch_size_) == (12, 24, 12)
    model = NETWORKS["seq2seq"](horizon=6, lookback=18, patch_size=6, season=4).fit(monthly())
    assert (model.season_, model.lookback_, model.patch_size_) == (4, 18, 6)
    assert FORECASTERS["linear"](horizon=6).fit(monthly()).lookback_ == 24
    assert FORECASTERS["seasonal_naive"](horizon=6).fit(monthly()[:20]).season_ == 1


@pytest.mark.parametrize(
    "lookback, horizon, season, arguments, period",
    [
        (221, 13, 52, ("direct",), 1),  # few weights: from all steps to all steps
        (336, 24, 24, ("direct",), 1),
        (336, 96, 24, ("direct",), 24),  # many weights: from season to season
        (210, 96, 1, ("direct",), None),  # many weights, and no season
        (210, 96, 1, ("direct", True), 1),
        (221, 13, 52, ("direct", False), None),
        (221, 13, 52, ("recursive",), None),
        (336, 96, 24, ("recursive",), None),
        (336, 96, 24, ("recursive", True), 24),
    ],
)
def test_default_shortcut_has_few_weights(lookback, horizon, season, arguments, period):
    assert default_shortcut(lookback, horizon, season, *arguments) == period


@pytest.mark.parametrize("name", NETWORKS)
def test_network_has_a_shortcut_by_default(name):
    """It has a weight for each pair of a past and a forecast step, and biases."""
    y, model = monthly(), NETWORKS[name](horizon=6)
    weights = 24 * 6 + 6
    assert model.count_params(y) - NETWORKS[name](horizon=6, shortcut=False).count_params(y) == weights
    shortcut = model.fit(y).network_.copy().shortcut
    assert shortcut.count_params() == weights and shortcut.get_weights()[0].any()


def test_recursive_decoding_has_no_shortcut_by_default():
    model = NETWORKS["seq2seq"](horizon=6, decoding="recursive")
    assert model.count_params(monthly()) == model.set_params(shortcut=False).count_params(monthly())
    with pytest.raises(ValueError, match="Omit `shortcut`"):
        model.set_params(shortcut=True).fit(monthly())
