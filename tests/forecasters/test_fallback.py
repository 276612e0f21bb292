"""Fallbacks: a network without a significant improvement over a simple forecast is replaced by it."""

import functools
import warnings

import numpy as np
import pandas as pd
import pytest
import window_table
from forecaster_table import FAST, NETWORKS, monthly, panel

from tsattn import LinearForecaster, Seq2SeqForecaster, Training
from tsattn.baselines.ridge import Ridge
from tsattn.forecasters import fallback
from tsattn.forecasters.fallback import error_ratio, select_fallback, shift_to_fallback

HORIZON = 6
windows_of = functools.partial(window_table.windows_of, lookback=4, horizon=HORIZON)
SLOPE = np.arange(1, HORIZON + 1)[None, :, None, None]


class Model:
    """A `WindowModel` from a function of the last values `(n, 1, channels, 1)`."""

    def __init__(self, function):
        self.function = function

    def forecast(self, inputs):
        return self.function(inputs["history"][:, -1:, :, None])


def drifting(share):
    return Model(lambda last: last + share * SLOPE)


NEARLY_LAST = Model(lambda last: 0.98 * last + 0 * SLOPE)  # slightly better than the last value


def random_walk(steps=300, seed=0):
    values = np.random.default_rng(seed).normal(size=steps).cumsum()
    return pd.Series(values, pd.date_range("2020", periods=steps, freq="D"))


def lags_of_fallback(model, held_out, trained_on, season):
    """Return the number of lags of the fallback; None if the network is kept."""
    coefficients = select_fallback(model, held_out, trained_on, season, trained_on)
    return None if coefficients is None else len(coefficients) - 1


def autoregression():
    rng, y = np.random.default_rng(0), np.zeros(400)
    for step in range(1, 400):
        y[step] = 0.5 * y[step - 1] + rng.normal()
    return y


def test_random_walk_is_forecast_by_last_value():
    y = random_walk()
    model = Seq2SeqForecaster(30, units=4, season=1, training=Training(**FAST))
    with pytest.warns(UserWarning, match="not a significant improvement: the last value is used"):
        model.fit(y)
    assert model.falls_back_
    np.testing.assert_allclose(model.predict(), y.iloc[-1], rtol=1e-5)
    np.testing.assert_allclose(model.predict(y=y[:200]), y.iloc[199], rtol=1e-5)
    network = Seq2SeqForecaster(30, units=4, season=1, fallback=False, training=Training(**FAST)).fit(y)
    assert not network.falls_back_ and np.ptp(network.predict()) > 0


def test_significantly_better_network_is_kept_without_warning():
    model = NETWORKS["seq2seq"](horizon=HORIZON, fallback=True, training=Training(**{**FAST, "epochs": 15}))
    assert not model.fit(monthly(240)).falls_back_


def test_network_without_held_out_windows_is_kept():
    training = Training(**{**FAST, "validation_fraction": 0.0})
    assert not NETWORKS["seq2seq"](horizon=HORIZON, fallback=True, training=training).fit(panel()).falls_back_


def test_few_horizons_need_a_larger_improvement_than_many():
    steps = np.arange(4 + HORIZON, dtype=float)
    one, many = windows_of(steps), windows_of(*[steps] * 20)
    with pytest.warns(UserWarning, match=r"0\.80 times that of the last value over 1\.0 horizons"):
        # 0.64 of the squared error is within the noise of one horizon
        assert lags_of_fallback(drifting(0.2), one, one, 1) == 0
    assert lags_of_fallback(drifting(0.2), many, many, 1) is None
    assert lags_of_fallback(drifting(0.5), one, one, 1) is None
    walks = windows_of(*[random_walk(60, seed).to_numpy() for seed in range(20)])
    with pytest.warns(UserWarning, match="not a significant improvement"):
        assert lags_of_fallback(drifting(-0.01), walks, walks, 1) == 0


def test_overlapping_windows_count_as_the_horizons_that_they_cover():
    line = windows_of(np.arange(4.0 + 2 * HORIZON))  # HORIZON + 1 windows over two horizons
    assert len(line) == HORIZON + 1
    with pytest.warns(UserWarning, match=r"over 2\.0 horizons"):
        assert lags_of_fallback(drifting(0.17), line, line, 1) == 0
    assert lags_of_fallback(drifting(0.2), line, line, 1) is None


def test_network_is_kept_if_season_is_informative():
    rng = np.random.default_rng(0)
    cycle, held_out = np.tile([0.0, 5.0], 100) + rng.normal(size=200), windows_of(random_walk(40).to_numpy())
    assert lags_of_fallback(drifting(0.0), held_out, windows_of(cycle), 2) is None
    for trained_on, season in ((cycle, 1), (cycle, 3), (random_walk(200).to_numpy(), 2)):
        with pytest.warns(UserWarning, match="not a significant improvement"):
            assert lags_of_fallback(drifting(0.0), held_out, windows_of(trained_on), season) == 0


def test_ridge_replaces_the_network_if_it_was_better_on_earlier_windows():
    y = autoregression()
    trained_on, held_out = windows_of(y[:300]), windows_of(y[300:])
    with pytest.warns(UserWarning, match="ridge forecast was significantly better on earlier windows: a ridge"):
        coefficients = select_fallback(NEARLY_LAST, held_out, trained_on, 1, trained_on)
    assert coefficients.shape == (5, HORIZON)
    inputs, target = held_out.gather(np.arange(len(held_out)))
    shifted = shift_to_fallback(np.zeros((*target.shape, 1)), inputs["history"], coefficients, 0)[..., 0]
    assert np.abs(target - shifted).mean() < 0.95 * np.abs(target - inputs["history"][:, -1:]).mean()


def test_network_with_lower_error_than_ridge_is_kept(monkeypatch):
    y = autoregression()
    trained_on, held_out = windows_of(y[:300]), windows_of(y[300:])
    ratio = error_ratio(NEARLY_LAST, held_out)
    for ridge_ratio, lags in ((ratio - 0.001, 4), (ratio + 0.001, None)):
        with warnings.catch_warnings(record=True) as caught, monkeypatch.context() as patch:
            warnings.simplefilter("always")
            patch.setattr(fallback, "_ridge_ratio", lambda _, windows, r=ridge_ratio: r if windows is held_out else 0.5)
            assert lags_of_fallback(NEARLY_LAST, held_out, trained_on, 1) == lags
        assert bool(caught) is (lags is not None)


@pytest.mark.parametrize("fraction", [0.1, 0.4])
def test_ridge_is_validated_on_the_second_half_of_the_training_windows(fraction, monkeypatch):
    lengths = []
    monkeypatch.setattr(fallback, "_ridge_ratio", lambda ridge, windows: lengths.append(len(windows)) or 0.9)
    y = windows_of(autoregression())
    trained_on, held_out = y.hold_out(fraction)
    with pytest.warns(UserWarning, match="a ridge forecast is used"):
        select_fallback(NEARLY_LAST, held_out, trained_on, 1, y)
    assert lengths[0] == len(held_out) and abs(lengths[1] - len(trained_on) / 2) < 4 + HORIZON


def test_ridge_replaces_network_that_is_worse_than_last_value():
    rising = np.tile([0.0, 3.0, 1.0, 2.0], 30) + np.arange(120.0) / 4
    trained_on, held_out = windows_of(rising[:100]), windows_of(rising[100:110])
    assert lags_of_fallback(drifting(0.1), held_out, trained_on, 4) is None  # not significant, but the season is
    with pytest.warns(UserWarning, match=r"1\.0 horizons, and that of a ridge forecast is 0\.\d\d times: a ridge"):
        assert lags_of_fallback(drifting(-0.1), held_out, trained_on, 4) == 4
    falling = windows_of(np.concatenate([rising[100:104], rising[103] - np.arange(1.0, 7.0)]))
    assert lags_of_fallback(drifting(0.1), falling, trained_on, 4) is None  # the error of ridge is as high


def test_ridge_is_not_used_if_it_was_worse_than_last_value_on_earlier_windows():
    rng, steps = np.random.default_rng(0), np.zeros(500)
    for step in range(1, 500):  # the sign of the autoregression changes after 200 steps
        steps[step] = (0.8 if step < 200 else -0.8) * steps[step - 1] + rng.normal()
    y = steps.cumsum()
    for trained_on, lags in ((y[:400], 0), (y[200:400], 4)):
        with pytest.warns(UserWarning, match="a ridge forecast is used" if lags else "the last value is used"):
            assert lags_of_fallback(drifting(-1.0), windows_of(y[400:]), windows_of(trained_on), 1) == lags


def test_fallback_is_fitted_to_windows_to_refit_on():
    y = np.arange(60.0) ** 1.5
    trained_on, held_out, all_windows = (windows_of(part) for part in (y[:40], y[40:50], y))
    with pytest.warns(UserWarning, match="ridge"):
        parts = [select_fallback(drifting(-1.0), held_out, trained_on, 1, part) for part in (trained_on, all_windows)]
    assert not np.allclose(*parts)


def test_ridge_fallback_equals_linear_forecaster():
    y = monthly(60) + 50 * np.arange(60.0)
    training = Training(**{**FAST, "epochs": 1, "learning_rate": 1e-6})
    model = Seq2SeqForecaster(HORIZON, units=4, lookback=12, season=1, training=training)
    with pytest.warns(UserWarning, match="a ridge forecast is used"):
        model.fit(y)
    assert model.falls_back_ and model.fallback_.shape == (13, HORIZON)
    linear = LinearForecaster(HORIZON, lookback=12, season=1).fit(y)
    np.testing.assert_allclose(model.predict(), linear.predict(), rtol=1e-5)
    np.testing.assert_allclose(model.predict(y=y[:40]), linear.predict(y=y[:40]), rtol=1e-5)


def test_quantiles_are_shifted_with_the_median():
    history = np.array([[1.0, 5.0], [2.0, np.nan]]).T[:, :, None]
    forecasts = np.tile([1.0, 2.0, 4.0], (2, 3, 1, 1))
    shifted = shift_to_fallback(forecasts, history, np.zeros((1, 3)), 1)
    np.testing.assert_array_equal(shifted[0, 0, 0], [1.0, 2.0, 4.0])
    np.testing.assert_array_equal(shifted[1, 0, 0], [4.0, 5.0, 7.0])
    unobserved = np.full((2, 2, 1), np.nan)
    np.testing.assert_array_equal(shift_to_fallback(forecasts, unobserved, np.zeros((1, 3)), 1), forecasts)
    newest = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 1.0], [0.5, 1.0, 2.0]])  # rows: two lags and the constant
    for window, median in ((0, [2.5, 3.0, 4.0]), (1, [5.5, 6.0, 7.0])):  # the newest lag minus itself is 0
        np.testing.assert_array_equal(shift_to_fallback(forecasts, history, newest, 1)[window, :, 0, 1], median)
    first = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(shift_to_fallback(forecasts, history, first, 1)[0, :, 0, 1], [2.0 + 1.0 - 2.0] * 3)


def test_constant_series_needs_no_fallback():
    windows = windows_of(np.ones(20))
    for share, season in ((0.0, 1), (0.0, 2), (0.1, 1)):
        assert lags_of_fallback(drifting(share), windows, windows, season) is None


def test_series_that_has_become_constant_is_forecast_by_last_value():
    constant, trained_on = windows_of(np.full(30, 2.0)), windows_of(random_walk(200).to_numpy())
    assert lags_of_fallback(drifting(0.0), constant, trained_on, 1) is None
    with pytest.warns(UserWarning, match=r"above 0, the error of the last value, over 4\.3 horizons"):
        assert lags_of_fallback(drifting(0.01), constant, trained_on, 1) == 0


def test_penalty_is_chosen_if_there_are_enough_windows(monkeypatch):
    fitted, fit = [], Ridge.fit
    monkeypatch.setattr(Ridge, "fit", lambda *args, **named: fitted.append(fit(*args, **named)) or fitted[-1])
    y = windows_of(autoregression())
    earlier, held_out = y.hold_out(0.2)
    with pytest.warns(UserWarning, match="on earlier windows"):
        coefficients = select_fallback(NEARLY_LAST, held_out, earlier, 1, y)
    assert [ridge.held_out for ridge in fitted] == [True, False, True]  # the second is fitted to the first half
    assert coefficients is fitted[-1].coefficients
