"""Ridge regression against NumPy's least squares."""

import numpy as np
import pytest
from window_table import windows_of

from tsattn.baselines import ridge
from tsattn.baselines.ridge import DEFAULT_PENALTY, PENALTIES, Moments, Ridge, design_matrix

LOOKBACK, HORIZON = 4, 3
NAN = np.nan


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def autoregression(rng, steps=120):
    y = np.zeros(steps)
    for step in range(1, steps):
        y[step] = 0.8 * y[step - 1] + rng.normal()
    return y


def data_of(windows):
    """Return features, targets and last values of all windows as `design_matrix` orders them."""
    inputs, target = windows.gather(np.arange(len(windows)))
    features, last = design_matrix(inputs, windows.horizon, {})
    return features, target.transpose(0, 2, 1).reshape(len(features), -1).astype("float64"), last


def least_squares(features, targets, penalty):
    """Return ridge coefficients as least squares on augmented rows; the constant is not penalized."""
    width = features.shape[1] - 1
    strength = np.sqrt(penalty * np.mean(np.sum(features[:, :-1] ** 2, axis=0)))
    rows = np.concatenate([strength * np.eye(width), np.zeros((width, 1))], axis=1)
    targets = np.concatenate([targets, np.zeros((width, targets.shape[1]))])
    return np.linalg.lstsq(np.concatenate([features, rows]), targets, rcond=None)[0]


def test_moments_of_batches_equal_moments_of_all_rows(rng):
    features, targets = rng.normal(size=(50, 4)), rng.normal(size=(50, 3))
    features[:, -1] = 1.0
    at_once, batches = Moments(3), Moments(3)
    at_once.add(features, targets)
    for rows in np.array_split(np.arange(50), 7):
        batches.add(features[rows], targets[rows])
    np.testing.assert_allclose(batches.solve(0.1), at_once.solve(0.1))
    np.testing.assert_allclose(at_once.solve(0.1), least_squares(features, targets, 0.1))
    coefficients = at_once.solve(0.0)
    np.testing.assert_allclose(coefficients, np.linalg.lstsq(features, targets, rcond=None)[0])
    assert batches.squared_error(coefficients) == pytest.approx(np.sum((features @ coefficients - targets) ** 2))


def test_moments_of_groups_use_rows_in_which_a_group_was_observed(rng):
    features, targets = rng.normal(size=(60, 3)), rng.normal(size=(60, 4))
    features[:, -1] = 1.0
    targets[rng.random(targets.shape) < 0.3] = NAN
    targets[:2] = NAN
    moments = Moments(4, groups=2)
    moments.add(features, targets)
    observed = ~np.isnan(targets)
    assert (moments.rows, moments.complete, moments.width) == (
        observed.any(axis=1).sum(),
        observed.all(axis=1).sum(),
        3,
    )
    coefficients, squared_error, count = moments.solve(0.5), 0.0, 0
    for steps in (np.s_[:2], np.s_[2:]):
        used = observed[:, steps].all(axis=1)
        count += used.sum()
        expected = least_squares(features[used], targets[used][:, steps], 0.5)
        np.testing.assert_allclose(coefficients[:, steps], expected)
        squared_error += np.sum((features[used] @ expected - targets[used][:, steps]) ** 2)
    assert moments.count == count
    assert moments.squared_error(coefficients) == pytest.approx(squared_error)


def test_weights_of_a_row_count_like_repetitions(rng):
    features, targets, counts = rng.normal(size=(30, 4)), rng.normal(size=(30, 2)), rng.integers(0, 4, size=30)
    features[:, -1] = 1.0
    weighted, repeated = Moments(2), Moments(2)
    weighted.add(features, targets, np.stack([counts, counts], axis=1).astype("float64"))
    repeated.add(features.repeat(counts, axis=0), targets.repeat(counts, axis=0))
    coefficients = repeated.solve(0.1)
    np.testing.assert_allclose(weighted.solve(0.1), coefficients)
    assert weighted.squared_error(coefficients) == pytest.approx(repeated.squared_error(coefficients))


def test_fit_without_held_out_windows_uses_middle_penalty(rng):
    windows = windows_of(autoregression(rng), autoregression(rng, 40), lookback=LOOKBACK, horizon=HORIZON)
    model = Ridge.fit(windows)
    features, targets, last = data_of(windows)
    assert (model.penalty, model.held_out, model.lags) == (DEFAULT_PENALTY, False, None)
    np.testing.assert_allclose(model.coefficients, least_squares(features, targets - last, DEFAULT_PENALTY), atol=1e-10)
    inputs, _ = windows.gather([0, 5])
    forecast = model.forecast(inputs)
    assert forecast.shape == (2, HORIZON, 1, 1)
    np.testing.assert_allclose(forecast[..., 0, 0], (features[[0, 5]] @ model.coefficients) + last[[0, 5]])


@pytest.mark.parametrize("refit", [True, False])
def test_penalty_has_lowest_error_on_later_windows(rng, refit):
    windows = windows_of(autoregression(rng), lookback=LOOKBACK, horizon=HORIZON)
    split = windows.hold_out(0.3)
    (features, targets, last), (later, actual, newest) = map(data_of, split)
    errors = []
    for penalty in PENALTIES:
        coefficients = least_squares(features, targets - last, penalty)
        errors.append(np.sum((later @ coefficients + newest - actual) ** 2))
    model = Ridge.fit(windows, split, refit=refit)
    assert model.held_out and model.penalty == PENALTIES[np.argmin(errors)]
    if refit:
        features, targets, last = data_of(windows)
    np.testing.assert_allclose(model.coefficients, least_squares(features, targets - last, model.penalty), atol=1e-10)


def test_fit_returns_none_without_observed_target():
    windows = windows_of(np.full(20, NAN), lookback=LOOKBACK, horizon=HORIZON)
    assert Ridge.fit(windows) is None and Ridge.fit_lags(windows) is None


def test_lag_model_uses_newest_steps(rng, monkeypatch):
    monkeypatch.setattr(ridge, "MAX_LAGS", 2)
    y = autoregression(rng)
    model = Ridge.fit_lags(windows_of(y, lookback=LOOKBACK, horizon=HORIZON), choose_penalty=False)
    assert (model.lags, model.penalty, model.coefficients.shape) == (2, DEFAULT_PENALTY, (3, HORIZON))
    # The same windows with a lookback of two steps.
    shorter = Ridge.fit(windows_of(y[2:], lookback=2, horizon=HORIZON))
    np.testing.assert_allclose(model.coefficients, shorter.coefficients)
    history = rng.normal(size=(5, LOOKBACK, 2))
    changed = history.copy()
    changed[:, :2] += 1.0
    copy = Ridge.of_lags(model.coefficients)
    np.testing.assert_array_equal(copy.forecast({"history": changed}), model.forecast({"history": history}))


def test_lag_model_chooses_penalty_on_last_windows(rng):
    windows = windows_of(autoregression(rng, 400), lookback=LOOKBACK, horizon=HORIZON)
    chosen = Ridge.fit_lags(windows)
    expected = Ridge.fit(windows, windows.hold_out(0.1), lags=LOOKBACK)
    assert chosen.held_out and chosen.penalty == expected.penalty
    np.testing.assert_array_equal(chosen.coefficients, expected.coefficients)


def test_forecast_is_nan_without_observed_value():
    model = Ridge.of_lags(np.zeros((1, HORIZON)))  # the last value
    history = np.array([[1.0, NAN], [2.0, NAN], [NAN, NAN]])[None]
    np.testing.assert_array_equal(model.forecast({"history": history})[0, ..., 0], [[2.0, NAN]] * HORIZON)


def test_features_are_changes_covariates_and_constant(rng):
    history = np.array([[[1.0, 4.0], [NAN, 6.0], [3.0, NAN]]])
    past = np.array([[[0.1], [0.2], [0.3]]])
    known = np.arange(5.0)[None, :, None]
    known = np.concatenate([known, [[[0], [2], [1], [0], [2]]]], axis=2)  # a number and codes of a category
    static = np.array([[NAN, 1.0]])
    inputs = {"history": history, "past": past, "known": known, "static": static}
    features, last = design_matrix(inputs, 2, {"past": (0,), "known": (0, 3), "static": (0, 2)})
    np.testing.assert_array_equal(last, [[3.0], [6.0]])
    np.testing.assert_array_equal(features[:, :3], [[-2.0, 0.0, 0.0], [-2.0, 0.0, 0.0]])  # minus the last value
    numbers = [1.0, 2.0, 3.0, 4.0]  # at the two steps of the forecast and the two before
    codes = [[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    covariates = [0.2, 0.3, *numbers, *np.ravel(codes), 0.0, 0, 1]  # two past steps; a missing number is 0
    np.testing.assert_array_equal(features[:, 3:], [[*covariates, 1.0]] * 2)
