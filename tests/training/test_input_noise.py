"""Noise in the histories that a short series is learnt from: how much of it, and where."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly

from tsattn import Training
from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler
from tsattn.series.windows import Windows
from tsattn.training import trainer as learning
from tsattn.training.trainer import add_noise, input_noise_scale

SHORT, LONG = monthly(), monthly(180)  # 10 % are one horizon, and three


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def windows_of(*series, scale=1.0, horizon=3):
    """The windows of series `(steps,)` or `(steps, channels)`, whose unit is a scale."""
    offsets = np.cumsum([0, *map(len, series)])
    values = np.concatenate(series).reshape(offsets[-1], -1)
    shape = (len(series), values.shape[1])
    return Windows(Panel(values, offsets), Scaler(np.zeros(shape), np.full(shape, scale)), 8, horizon)


def autoregressive(rng, steps, deviation):
    values = np.zeros(steps)
    for step in range(2, steps):
        values[step] = 1.6 * values[step - 1] - 0.8 * values[step - 2] + deviation * rng.standard_normal()
    return values


@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_it_is_the_error_of_what_a_line_cannot_know_in_the_units_of_the_windows(rng, scale):
    y = autoregressive(rng, 3000, 0.5)
    assert input_noise_scale(windows_of(y, scale=scale)).shape == (1,)
    assert input_noise_scale(windows_of(y, scale=scale)) == pytest.approx(0.5 / scale, rel=0.1)
    assert input_noise_scale(windows_of(y[:1500], y[1500:], scale=scale)) == pytest.approx(0.5 / scale, rel=0.1)


def test_a_few_wild_values_do_not_change_it(rng):
    y = autoregressive(rng, 3000, 0.5)
    y[::1000] += 30
    assert input_noise_scale(windows_of(y)) == pytest.approx(0.5, rel=0.5)


def test_each_channel_has_its_own_and_what_a_line_knows_has_none(rng):
    channels = np.full(3000, 7.0), np.sin(np.arange(3000.0)), autoregressive(rng, 3000, 0.5), np.full(3000, np.nan)
    still, sure, wild, unseen = input_noise_scale(windows_of(np.stack(channels, axis=1)))
    assert still < 1e-3 and unseen == 0.0
    assert sure < 0.3 and wild == pytest.approx(0.5, rel=0.15)  # one line for both is best for neither


def test_where_no_window_shows_the_error_of_a_line_there_is_none():
    y = np.full(30, np.nan)
    y[0] = 1.0
    assert input_noise_scale(windows_of(y)) == [0.0]


def test_histories_get_noise_of_that_deviation_and_keep_what_is_missing():
    history = np.full((400, 50, 2), 5.0, "float32")
    history[:, 10] = np.nan
    changed = add_noise(history, np.array([0.3, 0.0]), np.random.default_rng(1))
    assert changed.dtype == history.dtype and np.isnan(changed[:, 10]).all()
    assert np.nanstd(changed[..., 0]) == pytest.approx(0.3, rel=0.02)
    assert np.nanmean(changed[..., 0]) == pytest.approx(5.0, abs=0.01)
    np.testing.assert_array_equal(changed[..., 1], history[..., 1])
    assert (history[:, :10] == 5).all()
    np.testing.assert_array_equal(changed, add_noise(history, np.array([0.3, 0.0]), np.random.default_rng(1)))


@pytest.mark.parametrize("told, horizons, noise", [(False, 29, 1.0), (False, 30, 0.0), (True, 29, 0.0)])
def test_one_deviation_where_few_windows_do_not_tell_when_to_stop_and_else_none(told, horizons, noise):
    assert Training().resolve(100, 1, told, horizons).input_noise == noise
    assert Training(input_noise=0.5).resolve(100, 1, told, horizons).input_noise == 0.5


@pytest.fixture(scope="module")
def model():
    """One network for the tests below."""
    return NETWORKS["seq2seq"](horizon=HORIZON, lookback=12, season=12)


def added(model, y, monkeypatch, **options):
    """The deviations of the noise that a fit adds to its batches."""
    seen = []

    def adding(history, deviation, generator):
        seen.append(deviation.item())
        return add_noise(history, deviation, generator)

    monkeypatch.setattr(learning, "add_noise", adding)
    model.set_params(training=Training(**{**FAST, **options})).fit(y)
    return seen


def test_a_short_series_is_learnt_from_with_noise_and_a_long_one_without(model, monkeypatch):
    assert added(model, LONG, monkeypatch) == []
    assert added(model, SHORT, monkeypatch, input_noise=0) == []
    assert added(model, monthly(240), monkeypatch, validation_fraction=0) == []
    first, *_, last = once = added(model, SHORT, monkeypatch)
    assert len(once) == 2 * FAST["epochs"] * FAST["batches_per_epoch"] and first > 0 and last > 0
    assert added(model, SHORT, monkeypatch, input_noise=3.0) == pytest.approx([3 * value for value in once])
    assert len(added(model, LONG, monkeypatch, input_noise=1.0)) == FAST["epochs"] * FAST["batches_per_epoch"]


def test_two_fits_have_the_same_noise(model):
    training = Training(**FAST, input_noise=1.0)
    once, twice = (model.set_params(training=training).fit(SHORT).predict() for _ in range(2))
    pd.testing.assert_series_equal(once, twice, check_exact=True)
    still = model.set_params(training=Training(**FAST, input_noise=0)).fit(SHORT).predict()
    assert not np.allclose(once, still)
