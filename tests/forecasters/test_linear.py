"""The linear forecaster against least squares computed by hand, on targets with missing values."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import HORIZON, monthly

from tsattn import LinearForecaster
from tsattn.baselines import ridge
from tsattn.forecasters import linear
from tsattn.series.windows import Windows

LOOKBACK = 12


def observed_every(step, steps=120):
    """Return a series in which only every `step`-th value is observed."""
    y = monthly(steps)
    return y.where(np.arange(steps) % step == steps % step)


def by_hand(y, penalty, groups):
    """Return the ridge forecast, in which each group of steps is fitted to the windows with all of its targets."""
    windows = np.lib.stride_tricks.sliding_window_view(y.to_numpy(), LOOKBACK + HORIZON)
    last = pd.DataFrame(windows[:, :LOOKBACK]).ffill(axis=1).to_numpy()[:, -1:]
    features = np.concatenate([np.nan_to_num(windows[:, :LOOKBACK] - last), np.ones((len(windows), 1))], axis=1)
    history = y.iloc[-LOOKBACK:]
    newest = history.ffill().iloc[-1]
    forecast = []
    for steps in np.array_split(np.arange(HORIZON), groups):
        target = windows[:, LOOKBACK + steps] - last
        used = ~np.isnan(target).any(axis=1)
        gram = features[used].T @ features[used]
        ridge = penalty * np.trace(gram[:-1, :-1]) / LOOKBACK * np.diag([1.0] * LOOKBACK + [0.0])
        coefficients = np.linalg.lstsq(gram + ridge, features[used].T @ target[used], rcond=None)[0]
        forecast.extend(np.append(np.nan_to_num(history - newest), 1.0) @ coefficients + newest)
    return forecast


@pytest.mark.parametrize("step", [3, 7])
def test_each_step_is_fitted_separately_if_no_target_is_complete(step):
    y = observed_every(step)
    model = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y)
    np.testing.assert_allclose(model.predict(), by_hand(y, model.penalty_, HORIZON), rtol=1e-4)
    assert np.ptp(model.predict()) > 0


def test_steps_of_long_horizon_are_fitted_in_groups(monkeypatch):
    monkeypatch.setattr(ridge, "MAX_GRAM_VALUES", 2 * (LOOKBACK + 1) ** 2)
    y = monthly(120)
    y.iloc[::5] = np.nan  # six steps always contain a missing value, three steps do not
    model = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y)
    np.testing.assert_allclose(model.predict(), by_hand(y, model.penalty_, 2), rtol=1e-4)


def test_windows_with_missing_target_are_dropped_if_few():
    y = monthly(120)
    y.iloc[60] = np.nan
    model = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y)
    np.testing.assert_allclose(model.predict(), by_hand(y, model.penalty_, 1), rtol=1e-4)


def test_calibration_works_if_no_target_is_complete():
    model = LinearForecaster(HORIZON, lookback=LOOKBACK, calibrate=True, validation_fraction=0.4)
    model.fit(observed_every(2))
    interval = model.predict_interval(0.5)
    assert (interval["lower"] < interval["upper"]).all()


def test_default_lookback_is_limited(monkeypatch):
    monkeypatch.setattr(linear, "MAX_LAGS", 50)
    y = pd.Series(np.sin(np.arange(2000) / 50), pd.date_range("2024", periods=2000, freq="min"))
    assert LinearForecaster(5, season=120).fit(y).lookback_ == 50


def test_large_data_are_sampled_evenly(monkeypatch):
    y = monthly(240)
    all_windows = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y).predict()
    gathered, gather = [], Windows.gather
    monkeypatch.setattr(Windows, "gather", lambda self, index: gathered.append(np.array(index)) or gather(self, index))
    monkeypatch.setattr(ridge, "MAX_ROWS", 100)
    sample = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y).predict()
    index = gathered[0]  # the first pass, over all windows
    assert len(index) == 100 and (np.diff(index) > 0).all() and index[-1] < 240 - LOOKBACK - HORIZON + 1
    assert np.ptp(index - np.linspace(0, 222, 100)) < 2 * 223 / 100 + 1  # one window of each hundredth
    assert not np.array_equal(sample, all_windows)
    np.testing.assert_allclose(sample, all_windows, rtol=0.1)
