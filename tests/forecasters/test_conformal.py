"""Quantiles at any level, their calibration, and sample paths: NumPy alone, no network."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.forecasters.conformal import GRID, MAX_RANKED_WINDOWS, ErrorDistribution, local_scale

NAN = np.nan
POINT, LEVELS = (0.5,), (0.1, 0.5, 0.8)
DENSE = np.linspace(0.001, 0.999, 499)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def point_spread(errors, calibrate=True):
    """That of errors `(windows, horizon, channels)` of a forecast of 0."""
    return ErrorDistribution.of(POINT, np.zeros((*errors.shape, 1)), errors, calibrate=calibrate)


def wide_forecasts(rng, *shape):
    """Quantiles at `LEVELS` that do not cross, each place with a width of its own."""
    return np.cumsum(rng.uniform(0.1, 2.0, (*shape, len(LEVELS))), axis=-1)


def spreads(rng):
    """Every kind of ErrorDistribution of 400 windows, with forecasts of 3 series for it."""
    held_out, errors = wide_forecasts(rng, 400, 4, 2), rng.normal(size=(400, 4, 2))
    targets, forecasts = held_out[..., 1] + errors, wide_forecasts(rng, 3, 4, 2)
    median, other = held_out[..., 1:2], forecasts[..., 1:2]
    return {
        "point": (ErrorDistribution.of(POINT, median, targets, calibrate=False), other),
        "point calibrated": (ErrorDistribution.of(POINT, median, targets, calibrate=True), other),
        "quantiles": (ErrorDistribution.of(LEVELS, held_out, targets, calibrate=False), forecasts),
        "quantiles calibrated": (ErrorDistribution.of(LEVELS, held_out, targets, calibrate=True), forecasts),
    }


KINDS = pytest.mark.parametrize("kind", spreads(np.random.default_rng(0)))


# Quantiles --------------------------------------------------------------------------------------------------


def test_quantiles_at_trained_levels_are_the_forecasts(rng):
    spread, forecasts = spreads(rng)["quantiles"]
    np.testing.assert_array_equal(spread.quantiles(forecasts, LEVELS), forecasts)
    np.testing.assert_array_equal(spread.quantiles(forecasts, [0.8, 0.1]), forecasts[..., [2, 0]])


def test_quantiles_between_trained_levels_are_linear_and_beyond_them_exponential(rng):
    spread, forecasts = spreads(rng)["quantiles"]
    low, median, high = np.moveaxis(forecasts, -1, 0)
    found = np.moveaxis(spread.quantiles(forecasts, [0.2, 0.65, 0.1 / np.e, 1 - 0.2 / np.e**2]), -1, 0)
    wanted = [
        low + (median - low) / 4,
        (median + high) / 2,
        low - 0.1 * (median - low) / 0.4,  # its density goes on from that of the interval beside it
        high + 2 * 0.2 * (high - median) / 0.3,
    ]
    np.testing.assert_allclose(found, wanted)


def test_a_point_forecast_that_is_not_calibrated_is_sure(rng):
    spread, forecasts = spreads(rng)["point"]
    np.testing.assert_array_equal(spread.quantiles(forecasts, [0.1, 0.5, 0.99]), forecasts.repeat(3, axis=-1))
    assert (spread.paths(forecasts, 5, rng) == forecasts).all()


@KINDS
def test_quantiles_rise_with_the_level_into_the_tails(kind, rng):
    spread, forecasts = spreads(rng)[kind]
    found = spread.quantiles(forecasts, DENSE)
    assert found.shape == (3, 4, 2, len(DENSE)) and np.isfinite(found).all()
    steps = np.diff(found, axis=-1)
    assert (steps >= 0).all()
    if kind != "point":
        assert (steps[..., [0, -1]] > 0).all()


RANGES = {"point": (0.5, 0.5), "quantiles": (0.1, 0.8), "point calibrated": (0.005, 0.995)}


@KINDS
def test_the_range_is_that_of_the_levels_at_which_something_is_known(kind, rng):
    assert spreads(rng)[kind][0].range == RANGES.get(kind, (0.005, 0.995))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 30),
    st.integers(0, 999),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.floats(0.1, 50.0),
    st.sampled_from([POINT, LEVELS]),
)
def test_calibrated_quantiles_never_cross(windows, seed, missing, bias, levels):
    """Not by the last bit, where few windows give many levels one error."""
    rng = np.random.default_rng(seed)
    held_out, forecasts = wide_forecasts(rng, windows, 2, 1), wide_forecasts(rng, 2, 2, 1)
    if levels == POINT:
        held_out, forecasts = held_out[..., 1:2], forecasts[..., 1:2]
    targets = bias * rng.standard_t(2, size=(windows, 2, 1))
    targets[rng.random(targets.shape) < missing] = NAN
    found = ErrorDistribution.of(levels, held_out, targets, calibrate=True).quantiles(forecasts, DENSE)
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=-1) >= 0).all()


# Calibration ------------------------------------------------------------------------------------------------

DRAWS = 4000  # of held-out errors and a new one; they lie side by side as channels


def nominal(level, windows):
    """The probability that a new error lies below the quantile at a level of so many others, at or beyond it."""
    place = Fraction(level) * (windows + 1)
    place = -(-place // 1) if Fraction(level) > Fraction(1, 2) else place // 1
    return float(place / (windows + 1))


def below(spread, forecasts, targets, levels):
    """The part of the draws in which the target lies below each quantile."""
    return (targets[..., None] <= spread.quantiles(forecasts, levels)).mean(axis=(0, 1, 2))


@pytest.mark.parametrize("windows", [19, 30])
@pytest.mark.parametrize("shape", ["normal", "skewed"])
def test_coverage_of_a_point_forecast_is_at_least_nominal_and_as_little_more_as_can_be(windows, shape, rng):
    draw = rng.normal if shape == "normal" else rng.exponential
    errors, new = draw(size=(windows, 1, DRAWS)) + 1.0, draw(size=(1, 1, DRAWS)) + 1.0
    levels = ["0.05", "0.1", "0.2", "0.5", "0.8", "0.9", "0.95"]
    found = below(point_spread(errors), np.zeros((1, 1, DRAWS, 1)), new, [float(level) for level in levels])
    for level, part in zip(levels, found, strict=True):
        wanted = nominal(level, windows) if level != "0.5" else 0.5
        # Places are 1 / (windows + 1) apart, which is at least four times this.
        assert part == pytest.approx(wanted, abs=4 * np.sqrt(wanted * (1 - wanted) / DRAWS) if level != "0.5" else 0.04)
        assert wanted >= float(level) if float(level) > 0.5 else wanted <= float(level)


@pytest.mark.parametrize(("scale", "shift"), [(0.2, 0.0), (2.0, 0.0), (1.0, 2.0)], ids=["narrow", "wide", "biased"])
def test_coverage_of_trained_quantiles_that_are_wrong_becomes_right(scale, shift, rng):
    """The widths differ from window to window; those that are wrong are wrong alike."""
    windows, levels = 39, (0.1, 0.5, 0.9)
    width = rng.uniform(0.5, 2.0, (windows + 1, 1, DRAWS, 1))
    forecasts = width * (scale * np.array([-1.2816, 0.0, 1.2816]) + shift)
    targets = width[..., 0] * rng.normal(size=(windows + 1, 1, DRAWS))
    before = below(
        ErrorDistribution.of(levels, forecasts, targets, calibrate=False), forecasts[-1:], targets[-1:], levels
    )
    assert np.abs(before - levels).max() > 0.05
    spread = ErrorDistribution.of(levels, forecasts[:-1], targets[:-1], calibrate=True)
    found = below(spread, forecasts[-1:], targets[-1:], levels)
    np.testing.assert_allclose(found, levels, atol=0.019)  # four standard errors


@pytest.mark.parametrize(
    ("windows", "level", "place"),
    [
        (99, 0.55, 55),  # 100 * 0.55 is 55.00000000000001
        (179, 0.35, 63),  # 180 * 0.35 is 62.99999999999999
        (199, 0.995, 199),
        (199, 0.005, 1),
        (9, 0.9, 9),
        (9, 0.92, 9),  # there is none that high among so few
        (9, 0.1, 1),
        (9, 0.05, 1),
        (10, 0.8, 9),
        (10, 0.2, 2),
        (10, 0.5, 6),
        (1, 0.5, 1),
    ],
)
def test_a_quantile_is_that_error_of_the_ordered(windows, level, place, rng):
    errors = rng.permutation(np.arange(1.0, windows + 1))[:, None, None]
    found = point_spread(errors).quantiles(np.full((1, 1, 1, 1), 1000.0), [level])
    assert found.item() == pytest.approx(1000.0 + place, abs=1e-6)


def test_what_was_not_observed_does_not_count(rng):
    held_out, targets = wide_forecasts(rng, 50, 3, 2), rng.normal(size=(50, 3, 2))
    targets[rng.random(targets.shape) < 0.3] = NAN
    forecasts = wide_forecasts(rng, 1, 3, 2)
    spread = ErrorDistribution.of(LEVELS, held_out, targets, calibrate=True)
    assert spread.windows == (~np.isnan(targets)).sum(axis=0).min() < 50
    found = spread.quantiles(forecasts, DENSE)
    for step, channel in np.ndindex(3, 2):
        seen, place = ~np.isnan(targets[:, step, channel]), np.s_[:, step : step + 1, channel : channel + 1]
        alone = ErrorDistribution.of(LEVELS, held_out[place][seen], targets[place][seen], calibrate=True)
        np.testing.assert_allclose(found[place], alone.quantiles(forecasts[place], DENSE))


@pytest.mark.parametrize("calibrate", [False, True])
def test_a_step_never_observed_is_forecast_as_if_not_calibrated(calibrate, rng):
    held_out, targets = wide_forecasts(rng, 20, 3, 1), 9.0 + rng.normal(size=(20, 3, 1))
    targets[:, 1] = NAN
    forecasts = wide_forecasts(rng, 2, 3, 1)
    spread = ErrorDistribution.of(LEVELS, held_out, targets, calibrate=calibrate)
    assert spread.windows == 0
    found = spread.quantiles(forecasts, LEVELS)
    np.testing.assert_allclose(found[:, 1], forecasts[:, 1])
    assert (np.abs(found[:, 0] - forecasts[:, 0]).min() > 1) == calibrate
    assert np.isfinite(spread.paths(forecasts, 30, rng)).all()


# Paths ------------------------------------------------------------------------------------------------------

SPEARMAN = {"strong": 0.95, "none": 0.0, "opposite": -0.9}


def related(rng, windows, correlation, steps=4):
    """Errors `(windows, steps, 1)` of which neighbours have this correlation."""
    errors = rng.normal(size=(windows, steps, 1))
    for step in range(1, steps):
        errors[:, step] = correlation * errors[:, step - 1] + np.sqrt(1 - correlation**2) * errors[:, step]
    return np.exp(errors)  # skewed: only ranks can be compared


def spearman(values):
    """Rank correlations between the columns of `(n, columns)`."""
    return np.corrcoef(values.argsort(axis=0).argsort(axis=0), rowvar=False)


@KINDS
def test_at_every_step_the_paths_have_the_quantiles(kind, rng):
    spread, forecasts = spreads(rng)[kind]
    paths = spread.paths(forecasts, 6000, rng)
    assert paths.shape == (3, 4, 2, 6000)
    levels = np.array([0.002, 0.05, 0.1, 0.3, 0.5, 0.77, 0.9, 0.998])
    quantiles = spread.quantiles(forecasts, levels)
    if kind != "point":
        parts = (paths[..., None] <= quantiles[..., None, :]).mean(axis=3)
        # Every rank is drawn equally often, so chance is left within the rank of the quantile only.
        np.testing.assert_allclose(parts, np.broadcast_to(levels, parts.shape), atol=0.004)
    inner = (levels > 0.01) & (levels < 0.99)
    empirical = np.moveaxis(np.quantile(paths, levels[inner], axis=-1), 0, -1)
    np.testing.assert_allclose(empirical, quantiles[..., inner], atol=0.15)


@pytest.mark.parametrize("correlation", SPEARMAN.values(), ids=SPEARMAN)
def test_steps_go_together_as_those_of_the_errors(correlation, rng):
    errors = related(rng, 400, correlation)
    paths = point_spread(errors).paths(np.zeros((2, 4, 1, 1)), 4000, rng)
    for series in paths:
        np.testing.assert_allclose(spearman(series[:, 0].T), spearman(errors[..., 0]), atol=0.02)


def test_channels_go_together_and_series_do_not(rng):
    errors = np.moveaxis(related(rng, 400, 0.95), 1, 2)  # four channels of one step
    paths = point_spread(errors).paths(np.zeros((2, 1, 4, 1)), 4000, rng)
    np.testing.assert_allclose(spearman(paths[0, 0].T), spearman(errors[:, 0]), atol=0.02)
    assert abs(spearman(paths[:, 0, 0].T)[0, 1]) < 0.06


def test_the_sum_over_the_horizon_is_as_uncertain_as_that_of_the_errors(rng):
    widths = {}
    for name, correlation in SPEARMAN.items():
        errors = np.log(related(rng, 500, correlation))
        paths = point_spread(errors).paths(np.zeros((1, 4, 1, 1)), 5000, rng)
        widths[name] = paths.sum(axis=(1, 2)).std()
        assert widths[name] == pytest.approx(errors.sum(axis=(1, 2)).std(), rel=0.08)
    assert widths["strong"] > 1.5 * widths["none"] > 1.5 * 1.5 * widths["opposite"]


def test_an_error_is_measured_by_the_width_of_its_forecast(rng):
    """Of errors in proportion to the width, the ranks are those of the proportion."""
    forecasts = wide_forecasts(rng, 80, 3, 2)
    surprise = rng.normal(size=(80, 3, 2))
    targets = forecasts[..., 1] + surprise * (forecasts[..., -1] - forecasts[..., 0])
    spread = ErrorDistribution.of(LEVELS, forecasts, targets, calibrate=False)
    np.testing.assert_array_equal(spread.ranks, surprise.argsort(axis=0).argsort(axis=0))


@pytest.mark.parametrize(("windows", "kept"), [(7, 7), (MAX_RANKED_WINDOWS + 300, MAX_RANKED_WINDOWS)])
def test_ranks_are_those_of_windows_observed_as_a_whole(windows, kept, rng):
    errors = rng.normal(size=(windows + 3, 2, 2))
    errors[:3, 1, 1] = NAN
    ranks = point_spread(errors).ranks
    assert ranks.shape == (kept, 2, 2)
    np.testing.assert_array_equal(np.sort(ranks, axis=0), np.broadcast_to(np.arange(kept)[:, None, None], ranks.shape))
    if windows == kept:
        np.testing.assert_array_equal(ranks, errors[3:].argsort(axis=0).argsort(axis=0))


@pytest.mark.parametrize("count", [1, 7, 25])
def test_paths_of_any_number_from_few_windows(count, rng):
    spread = ErrorDistribution.of(LEVELS, wide_forecasts(rng, 10, 3, 1), rng.normal(size=(10, 3, 1)), calibrate=False)
    forecasts = wide_forecasts(rng, 2, 3, 1)
    paths = spread.paths(forecasts, count, np.random.default_rng(5))
    assert paths.shape == (2, 3, 1, count) and np.isfinite(paths).all()
    np.testing.assert_array_equal(paths, spread.paths(forecasts, count, np.random.default_rng(5)))
    assert (paths != spread.paths(forecasts, count, np.random.default_rng(6))).any()
    assert len(np.unique(paths)) == paths.size


def test_the_levels_of_calibration_hold_the_usual_ones():
    assert all(np.isclose(GRID, level).any() for level in (0.005, 0.025, 0.05, 0.1, 0.5, 0.9, 0.975, 0.995))


def test_shifts_are_measured_in_units_and_given_in_units(rng):
    units = np.exp(rng.normal(size=(400, 1, 2)))
    errors = units * rng.normal(size=(400, 3, 2))
    spread = ErrorDistribution.of(POINT, np.zeros((400, 3, 2, 1)), errors, units, calibrate=True)
    plain = point_spread(errors / units)
    np.testing.assert_allclose(spread.shifts, plain.shifts)
    given = np.array([[[1.0, 10.0]]])
    scaled = spread.quantiles(np.zeros((1, 3, 2, 1)), DENSE, given)
    np.testing.assert_allclose(scaled, plain.quantiles(np.zeros((1, 3, 2, 1)), DENSE) * given[..., None])


def test_liveliness_is_the_root_of_the_mean_seasonal_change():
    history = np.array([[1.0, 5, 2, np.nan, 4, 9]])[..., None]
    unit = np.full((1, 1, 1), 2.0)
    changes = np.mean([1, 2])  # 1 to 2 and 2 to 4; 5 to nothing and nothing to 9 were not seen
    assert local_scale(history, 2, unit)[0, 0, 0] == pytest.approx(2 * np.sqrt(changes / 2))
    assert local_scale(np.full((1, 6, 1), 3.0), 2, unit)[0, 0, 0] == pytest.approx(2 * np.sqrt(0.05))
    assert local_scale(np.full((1, 6, 1), np.nan), 2, unit)[0, 0, 0] == 2
    assert local_scale(history, 6, unit)[0, 0, 0] == pytest.approx(2 * np.sqrt(np.mean([4, 3, 5]) / 2))
