"""The error distribution: quantiles at any level, conformal calibration and sample paths."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.forecasters.conformal import GRID, MAX_RANKED_WINDOWS, ErrorDistribution, local_scale

NAN = np.nan
POINT, LEVELS = (0.5,), (0.1, 0.5, 0.8)
MANY_LEVELS = np.linspace(0.001, 0.999, 499)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def point_distribution(errors, calibrate=True):
    """Return the distribution of errors `(windows, horizon, channels)` of a point forecast of 0."""
    return ErrorDistribution.of(POINT, np.zeros((*errors.shape, 1)), errors, calibrate=calibrate)


def wide_forecasts(rng, *shape):
    """Return quantiles at `LEVELS` that do not cross and have random widths."""
    return np.cumsum(rng.uniform(0.1, 2.0, (*shape, len(LEVELS))), axis=-1)


def distributions(rng):
    """Return every kind of `ErrorDistribution`, of 400 windows, each with forecasts of 3 series."""
    held_out, errors = wide_forecasts(rng, 400, 4, 2), rng.normal(size=(400, 4, 2))
    targets, forecasts = held_out[..., 1] + errors, wide_forecasts(rng, 3, 4, 2)
    median, other = held_out[..., 1:2], forecasts[..., 1:2]
    return {
        "point": (ErrorDistribution.of(POINT, median, targets, calibrate=False), other),
        "point calibrated": (ErrorDistribution.of(POINT, median, targets, calibrate=True), other),
        "quantiles": (ErrorDistribution.of(LEVELS, held_out, targets, calibrate=False), forecasts),
        "quantiles calibrated": (ErrorDistribution.of(LEVELS, held_out, targets, calibrate=True), forecasts),
    }


KINDS = pytest.mark.parametrize("kind", distributions(np.random.default_rng(0)))


# Quantiles --------------------------------------------------------------------------------------------------


def test_quantiles_at_trained_levels_are_the_forecasts(rng):
    distribution, forecasts = distributions(rng)["quantiles"]
    np.testing.assert_array_equal(distribution.quantiles(forecasts, LEVELS), forecasts)
    np.testing.assert_array_equal(distribution.quantiles(forecasts, [0.8, 0.1]), forecasts[..., [2, 0]])


def test_quantiles_are_linear_between_trained_levels_and_exponential_beyond(rng):
    distribution, forecasts = distributions(rng)["quantiles"]
    low, median, high = np.moveaxis(forecasts, -1, 0)
    actual = np.moveaxis(distribution.quantiles(forecasts, [0.2, 0.65, 0.1 / np.e, 1 - 0.2 / np.e**2]), -1, 0)
    expected = [
        low + (median - low) / 4,
        (median + high) / 2,
        low - 0.1 * (median - low) / 0.4,  # the density is continuous with that of the adjacent interval
        high + 2 * 0.2 * (high - median) / 0.3,
    ]
    np.testing.assert_allclose(actual, expected)


def test_point_forecast_without_calibration_has_no_width(rng):
    distribution, forecasts = distributions(rng)["point"]
    np.testing.assert_array_equal(distribution.quantiles(forecasts, [0.1, 0.5, 0.99]), forecasts.repeat(3, axis=-1))
    assert (distribution.paths(forecasts, 5, rng) == forecasts).all()


@KINDS
def test_quantiles_increase_with_the_level(kind, rng):
    distribution, forecasts = distributions(rng)[kind]
    quantiles = distribution.quantiles(forecasts, MANY_LEVELS)
    assert quantiles.shape == (3, 4, 2, len(MANY_LEVELS)) and np.isfinite(quantiles).all()
    steps = np.diff(quantiles, axis=-1)
    assert (steps >= 0).all()
    if kind != "point":
        assert (steps[..., [0, -1]] > 0).all()


RANGES = {"point": (0.5, 0.5), "quantiles": (0.1, 0.8), "point calibrated": (0.005, 0.995)}


@KINDS
def test_range_is_that_of_trained_or_calibrated_levels(kind, rng):
    assert distributions(rng)[kind][0].range == RANGES.get(kind, (0.005, 0.995))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 30),
    st.integers(0, 999),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.floats(0.1, 50.0),
    st.sampled_from([POINT, LEVELS]),
)
def test_calibrated_quantiles_never_cross(windows, seed, missing, bias, levels):
    """Rounding must not make quantiles cross, even if many levels share one error."""
    rng = np.random.default_rng(seed)
    held_out, forecasts = wide_forecasts(rng, windows, 2, 1), wide_forecasts(rng, 2, 2, 1)
    if levels == POINT:
        held_out, forecasts = held_out[..., 1:2], forecasts[..., 1:2]
    targets = bias * rng.standard_t(2, size=(windows, 2, 1))
    targets[rng.random(targets.shape) < missing] = NAN
    quantiles = ErrorDistribution.of(levels, held_out, targets, calibrate=True).quantiles(forecasts, MANY_LEVELS)
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=-1) >= 0).all()


# Calibration ------------------------------------------------------------------------------------------------

DRAWS = 4000  # of held-out errors and a new error; each draw is a channel


def coverage_of(level, windows):
    """Return the probability that a new error is below the conformal quantile of the errors on `windows` windows."""
    rank = Fraction(level) * (windows + 1)
    rank = -(-rank // 1) if Fraction(level) > Fraction(1, 2) else rank // 1
    return float(rank / (windows + 1))


def share_below(distribution, forecasts, targets, levels):
    """Return the share of the draws in which the target is below each quantile."""
    return (targets[..., None] <= distribution.quantiles(forecasts, levels)).mean(axis=(0, 1, 2))


@pytest.mark.parametrize("windows", [19, 30])
@pytest.mark.parametrize("shape", ["normal", "skewed"])
def test_coverage_of_point_forecast_is_the_closest_that_is_at_least_nominal(windows, shape, rng):
    draw = rng.normal if shape == "normal" else rng.exponential
    errors, new = draw(size=(windows, 1, DRAWS)) + 1.0, draw(size=(1, 1, DRAWS)) + 1.0
    levels = ["0.05", "0.1", "0.2", "0.5", "0.8", "0.9", "0.95"]
    levels = dict(zip(levels, map(float, levels), strict=True))
    shares = share_below(point_distribution(errors), np.zeros((1, 1, DRAWS, 1)), new, list(levels.values()))
    for (text, level), share in zip(levels.items(), shares, strict=True):
        expected = coverage_of(text, windows) if level != 0.5 else 0.5
        # Ranks are 1 / (windows + 1) apart, which is at least four times this tolerance.
        tolerance = 4 * np.sqrt(expected * (1 - expected) / DRAWS) if level != 0.5 else 0.04
        assert share == pytest.approx(expected, abs=tolerance)
        assert expected >= level if level > 0.5 else expected <= level


@pytest.mark.parametrize(("scale", "shift"), [(0.2, 0.0), (2.0, 0.0), (1.0, 2.0)], ids=["narrow", "wide", "biased"])
def test_calibration_corrects_the_coverage_of_wrong_quantiles(scale, shift, rng):
    """The widths differ between windows, but are wrong by the same factor or shift."""
    windows, levels = 39, (0.1, 0.5, 0.9)
    width = rng.uniform(0.5, 2.0, (windows + 1, 1, DRAWS, 1))
    forecasts = width * (scale * np.array([-1.2816, 0.0, 1.2816]) + shift)
    targets = width[..., 0] * rng.normal(size=(windows + 1, 1, DRAWS))
    before = share_below(
        ErrorDistribution.of(levels, forecasts, targets, calibrate=False), forecasts[-1:], targets[-1:], levels
    )
    assert np.abs(before - levels).max() > 0.05
    distribution = ErrorDistribution.of(levels, forecasts[:-1], targets[:-1], calibrate=True)
    shares = share_below(distribution, forecasts[-1:], targets[-1:], levels)
    np.testing.assert_allclose(shares, levels, atol=0.019)  # four standard errors


@pytest.mark.parametrize(
    ("windows", "level", "rank"),
    [
        (99, 0.55, 55),  # 100 * 0.55 is 55.00000000000001
        (179, 0.35, 63),  # 180 * 0.35 is 62.99999999999999
        (199, 0.995, 199),
        (199, 0.005, 1),
        (9, 0.9, 9),
        (9, 0.92, 9),  # the highest error, because there are so few
        (9, 0.1, 1),
        (9, 0.05, 1),
        (10, 0.8, 9),
        (10, 0.2, 2),
        (10, 0.5, 6),
        (1, 0.5, 1),
    ],
)
def test_quantile_is_the_error_of_its_rank(windows, level, rank, rng):
    errors = rng.permutation(np.arange(1.0, windows + 1))[:, None, None]
    quantile = point_distribution(errors).quantiles(np.full((1, 1, 1, 1), 1000.0), [level])
    assert quantile.item() == pytest.approx(1000.0 + rank, abs=1e-6)


def test_missing_targets_are_ignored(rng):
    held_out, targets = wide_forecasts(rng, 50, 3, 2), rng.normal(size=(50, 3, 2))
    targets[rng.random(targets.shape) < 0.3] = NAN
    forecasts = wide_forecasts(rng, 1, 3, 2)
    distribution = ErrorDistribution.of(LEVELS, held_out, targets, calibrate=True)
    assert distribution.windows == (~np.isnan(targets)).sum(axis=0).min() < 50
    quantiles = distribution.quantiles(forecasts, MANY_LEVELS)
    for step, channel in np.ndindex(3, 2):
        observed, part = ~np.isnan(targets[:, step, channel]), np.s_[:, step : step + 1, channel : channel + 1]
        separate = ErrorDistribution.of(LEVELS, held_out[part][observed], targets[part][observed], calibrate=True)
        np.testing.assert_allclose(quantiles[part], separate.quantiles(forecasts[part], MANY_LEVELS))


@pytest.mark.parametrize("calibrate", [False, True])
def test_step_that_was_never_observed_is_not_calibrated(calibrate, rng):
    held_out, targets = wide_forecasts(rng, 20, 3, 1), 9.0 + rng.normal(size=(20, 3, 1))
    targets[:, 1] = NAN
    forecasts = wide_forecasts(rng, 2, 3, 1)
    distribution = ErrorDistribution.of(LEVELS, held_out, targets, calibrate=calibrate)
    assert distribution.windows == 0
    quantiles = distribution.quantiles(forecasts, LEVELS)
    np.testing.assert_allclose(quantiles[:, 1], forecasts[:, 1])
    assert (np.abs(quantiles[:, 0] - forecasts[:, 0]).min() > 1) == calibrate
    assert np.isfinite(distribution.paths(forecasts, 30, rng)).all()


# Paths ------------------------------------------------------------------------------------------------------

SPEARMAN = {"strong": 0.95, "none": 0.0, "opposite": -0.9}


def correlated_errors(rng, windows, correlation, steps=4):
    """Return skewed errors `(windows, steps, 1)`; the logarithms of adjacent steps have this correlation."""
    errors = rng.normal(size=(windows, steps, 1))
    for step in range(1, steps):
        errors[:, step] = correlation * errors[:, step - 1] + np.sqrt(1 - correlation**2) * errors[:, step]
    return np.exp(errors)  # skewed, so that only ranks can be compared


def spearman(values):
    """Return the rank correlations between the columns of `(n, columns)`."""
    return np.corrcoef(values.argsort(axis=0).argsort(axis=0), rowvar=False)


@KINDS
def test_paths_have_the_quantiles_at_every_step(kind, rng):
    distribution, forecasts = distributions(rng)[kind]
    paths = distribution.paths(forecasts, 6000, rng)
    assert paths.shape == (3, 4, 2, 6000)
    levels = np.array([0.002, 0.05, 0.1, 0.3, 0.5, 0.77, 0.9, 0.998])
    quantiles = distribution.quantiles(forecasts, levels)
    if kind != "point":
        shares = (paths[..., None] <= quantiles[..., None, :]).mean(axis=3)
        # Every rank is drawn equally often, so that only the rank of the quantile is random.
        np.testing.assert_allclose(shares, np.broadcast_to(levels, shares.shape), atol=0.004)
    inner = (levels > 0.01) & (levels < 0.99)
    empirical = np.moveaxis(np.quantile(paths, levels[inner], axis=-1), 0, -1)
    np.testing.assert_allclose(empirical, quantiles[..., inner], atol=0.15)


@pytest.mark.parametrize("correlation", SPEARMAN.values(), ids=SPEARMAN)
def test_steps_of_paths_have_the_rank_correlations_of_the_errors(correlation, rng):
    errors = correlated_errors(rng, 400, correlation)
    paths = point_distribution(errors).paths(np.zeros((2, 4, 1, 1)), 4000, rng)
    for series in paths:
        np.testing.assert_allclose(spearman(series[:, 0].T), spearman(errors[..., 0]), atol=0.02)


def test_channels_of_paths_are_correlated_and_series_are_independent(rng):
    errors = np.moveaxis(correlated_errors(rng, 400, 0.95), 1, 2)  # four channels, one step
    paths = point_distribution(errors).paths(np.zeros((2, 1, 4, 1)), 4000, rng)
    np.testing.assert_allclose(spearman(paths[0, 0].T), spearman(errors[:, 0]), atol=0.02)
    assert abs(spearman(paths[:, 0, 0].T)[0, 1]) < 0.06


def test_sum_of_paths_has_the_deviation_of_the_sum_of_errors(rng):
    deviations = {}
    for name, correlation in SPEARMAN.items():
        errors = np.log(correlated_errors(rng, 500, correlation))
        paths = point_distribution(errors).paths(np.zeros((1, 4, 1, 1)), 5000, rng)
        deviations[name] = paths.sum(axis=(1, 2)).std()
        assert deviations[name] == pytest.approx(errors.sum(axis=(1, 2)).std(), rel=0.08)
    assert deviations["strong"] > 1.5 * deviations["none"] > 1.5 * 1.5 * deviations["opposite"]


def test_ranks_are_those_of_errors_relative_to_the_width(rng):
    forecasts = wide_forecasts(rng, 80, 3, 2)
    relative = rng.normal(size=(80, 3, 2))
    targets = forecasts[..., 1] + relative * (forecasts[..., -1] - forecasts[..., 0])
    distribution = ErrorDistribution.of(LEVELS, forecasts, targets, calibrate=False)
    np.testing.assert_array_equal(distribution.ranks, relative.argsort(axis=0).argsort(axis=0))


@pytest.mark.parametrize(("windows", "kept"), [(7, 7), (MAX_RANKED_WINDOWS + 300, MAX_RANKED_WINDOWS)])
def test_ranks_are_those_of_completely_observed_windows(windows, kept, rng):
    errors = rng.normal(size=(windows + 3, 2, 2))
    errors[:3, 1, 1] = NAN
    ranks = point_distribution(errors).ranks
    assert ranks.shape == (kept, 2, 2)
    np.testing.assert_array_equal(np.sort(ranks, axis=0), np.broadcast_to(np.arange(kept)[:, None, None], ranks.shape))
    if windows == kept:
        np.testing.assert_array_equal(ranks, errors[3:].argsort(axis=0).argsort(axis=0))


@pytest.mark.parametrize("count", [1, 7, 25])
def test_any_number_of_paths_can_be_drawn_from_few_windows(count, rng):
    distribution = ErrorDistribution.of(
        LEVELS, wide_forecasts(rng, 10, 3, 1), rng.normal(size=(10, 3, 1)), calibrate=False
    )
    forecasts = wide_forecasts(rng, 2, 3, 1)
    paths = distribution.paths(forecasts, count, np.random.default_rng(5))
    assert paths.shape == (2, 3, 1, count) and np.isfinite(paths).all()
    np.testing.assert_array_equal(paths, distribution.paths(forecasts, count, np.random.default_rng(5)))
    assert (paths != distribution.paths(forecasts, count, np.random.default_rng(6))).any()
    assert len(np.unique(paths)) == paths.size


def test_calibrated_levels_include_the_usual_ones():
    assert all(np.isclose(GRID, level).any() for level in (0.005, 0.025, 0.05, 0.1, 0.5, 0.9, 0.975, 0.995))


def test_errors_and_quantiles_are_in_units_of_the_local_scale(rng):
    scale = np.exp(rng.normal(size=(400, 1, 2)))
    errors = scale * rng.normal(size=(400, 3, 2))
    distribution = ErrorDistribution.of(POINT, np.zeros((400, 3, 2, 1)), errors, scale, calibrate=True)
    unscaled = point_distribution(errors / scale)
    np.testing.assert_allclose(distribution.shifts, unscaled.shifts)
    new_scale = np.array([[[1.0, 10.0]]])
    scaled = distribution.quantiles(np.zeros((1, 3, 2, 1)), MANY_LEVELS, new_scale)
    np.testing.assert_allclose(scaled, unscaled.quantiles(np.zeros((1, 3, 2, 1)), MANY_LEVELS) * new_scale[..., None])


def test_local_scale_is_root_of_mean_seasonal_change():
    history = np.array([[1.0, 5, 2, np.nan, 4, 9]])[..., None]
    deviation = np.full((1, 1, 1), 2.0)
    change = np.mean([1, 2])  # from 1 to 2 and from 2 to 4; the other two changes are missing
    assert local_scale(history, 2, deviation)[0, 0, 0] == pytest.approx(2 * np.sqrt(change / 2))
    assert local_scale(np.full((1, 6, 1), 3.0), 2, deviation)[0, 0, 0] == pytest.approx(2 * np.sqrt(0.05))
    assert local_scale(np.full((1, 6, 1), np.nan), 2, deviation)[0, 0, 0] == 2
    assert local_scale(history, 6, deviation)[0, 0, 0] == pytest.approx(2 * np.sqrt(np.mean([4, 3, 5]) / 2))
