"""Input noise: its scale, and when it is added to the training histories."""

import functools

import numpy as np
import pandas as pd
import pytest
import window_table
from forecaster_table import FAST, HORIZON, NETWORKS, monthly

from tsattn import Training
from tsattn.training import trainer
from tsattn.training.trainer import add_noise, input_noise_scale

SHORT, LONG = monthly(), monthly(180)  # 10 % are one horizon, and three horizons
windows_of = functools.partial(window_table.windows_of, lookback=8, horizon=3)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def autoregressive(rng, steps, deviation):
    values = np.zeros(steps)
    for step in range(2, steps):
        values[step] = 1.6 * values[step - 1] - 0.8 * values[step - 2] + deviation * rng.standard_normal()
    return values


@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_scale_is_deviation_of_one_step_residuals_in_the_scale_of_the_windows(rng, scale):
    y = autoregressive(rng, 3000, 0.5)
    assert input_noise_scale(windows_of(y, scale=scale)).shape == (1,)
    assert input_noise_scale(windows_of(y, scale=scale)) == pytest.approx(0.5 / scale, rel=0.1)
    assert input_noise_scale(windows_of(y[:1500], y[1500:], scale=scale)) == pytest.approx(0.5 / scale, rel=0.1)


def test_scale_is_robust_to_outliers(rng):
    y = autoregressive(rng, 3000, 0.5)
    y[::1000] += 30
    assert input_noise_scale(windows_of(y)) == pytest.approx(0.5, rel=0.5)


def test_scale_is_separate_for_each_channel(rng):
    channels = np.full(3000, 7.0), np.sin(np.arange(3000.0)), autoregressive(rng, 3000, 0.5), np.full(3000, np.nan)
    constant, sine, noisy, missing = input_noise_scale(windows_of(np.stack(channels, axis=1)))
    assert constant < 1e-3 and missing == 0.0
    assert sine < 0.3 and noisy == pytest.approx(0.5, rel=0.15)  # not exact: both share one ridge regression


def test_scale_is_zero_without_residuals():
    y = np.full(30, np.nan)
    y[0] = 1.0
    assert input_noise_scale(windows_of(y)) == [0.0]


def test_added_noise_has_the_deviation_and_keeps_missing_values():
    history = np.full((400, 50, 2), 5.0, "float32")
    history[:, 10] = np.nan
    changed = add_noise(history, np.array([0.3, 0.0]), np.random.default_rng(1))
    assert changed.dtype == history.dtype and np.isnan(changed[:, 10]).all()
    assert np.nanstd(changed[..., 0]) == pytest.approx(0.3, rel=0.02)
    assert np.nanmean(changed[..., 0]) == pytest.approx(5.0, abs=0.01)
    np.testing.assert_array_equal(changed[..., 1], history[..., 1])
    assert (history[:, :10] == 5).all()
    np.testing.assert_array_equal(changed, add_noise(history, np.array([0.3, 0.0]), np.random.default_rng(1)))


@pytest.mark.parametrize("early_stopping, horizons, noise", [(False, 29, 1.0), (False, 30, 0.0), (True, 29, 0.0)])
def test_default_noise_is_for_few_horizons_without_early_stopping(early_stopping, horizons, noise):
    assert Training().resolve(100, 1, early_stopping, horizons).input_noise == noise
    assert Training(input_noise=0.5).resolve(100, 1, early_stopping, horizons).input_noise == 0.5


@pytest.fixture(scope="module")
def model():
    """A network that tests refit, so that it is compiled only once."""
    return NETWORKS["seq2seq"](horizon=HORIZON, lookback=12, season=12)


def fit_deviations(model, y, monkeypatch, **options):
    """Fit, and return the standard deviations of the noise that is added to the batches."""
    deviations = []

    def recorded(history, deviation, generator):
        deviations.append(deviation.item())
        return add_noise(history, deviation, generator)

    monkeypatch.setattr(trainer, "add_noise", recorded)
    model.set_params(training=Training(**{**FAST, **options})).fit(y)
    return deviations


def test_noise_is_added_for_short_series_only(model, monkeypatch):
    assert fit_deviations(model, LONG, monkeypatch) == []
    assert fit_deviations(model, SHORT, monkeypatch, input_noise=0) == []
    assert fit_deviations(model, monthly(240), monkeypatch, validation_fraction=0) == []
    first, *_, last = default = fit_deviations(model, SHORT, monkeypatch)
    assert len(default) == 2 * FAST["epochs"] * FAST["batches_per_epoch"] and first > 0 and last > 0
    assert fit_deviations(model, SHORT, monkeypatch, input_noise=3.0) == pytest.approx([3 * value for value in default])
    assert len(fit_deviations(model, LONG, monkeypatch, input_noise=1.0)) == FAST["epochs"] * FAST["batches_per_epoch"]


def test_noise_is_reproducible(model):
    training = Training(**FAST, input_noise=1.0)
    first, second = (model.set_params(training=training).fit(SHORT).predict() for _ in range(2))
    pd.testing.assert_series_equal(first, second, check_exact=True)
    without_noise = model.set_params(training=Training(**FAST, input_noise=0)).fit(SHORT).predict()
    assert not np.allclose(first, without_noise)
