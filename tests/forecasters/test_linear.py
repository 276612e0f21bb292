"""The linear forecast beside least squares by hand, where targets have gaps."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import HORIZON, monthly

from tsattn import LinearForecaster
from tsattn.baselines import ridge
from tsattn.baselines.ridge import Moments
from tsattn.series.windows import Windows

LOOKBACK = 12


def every(step, steps=120):
    """A series of which each so many-th value alone was observed."""
    y = monthly(steps)
    return y.where(np.arange(steps) % step == steps % step)


def by_hand(y, penalty, groups):
    """The forecast by ridge regression, each group of steps by the windows that have all of them."""
    windows = np.lib.stride_tricks.sliding_window_view(y.to_numpy(), LOOKBACK + HORIZON)
    last = pd.DataFrame(windows[:, :LOOKBACK]).ffill(axis=1).to_numpy()[:, -1:]
    features = np.concatenate([np.nan_to_num(windows[:, :LOOKBACK] - last), np.ones((len(windows), 1))], axis=1)
    history = y.iloc[-LOOKBACK:]
    newest = history.ffill().iloc[-1]
    forecast = []
    for steps in np.array_split(np.arange(HORIZON), groups):
        target = windows[:, LOOKBACK + steps] - last
        seen = ~np.isnan(target).any(axis=1)
        gram = features[seen].T @ features[seen]
        ridge = penalty * np.trace(gram[:-1, :-1]) / LOOKBACK * np.diag([1.0] * LOOKBACK + [0.0])
        coefficients = np.linalg.lstsq(gram + ridge, features[seen].T @ target[seen], rcond=None)[0]
        forecast.extend(np.append(np.nan_to_num(history - newest), 1.0) @ coefficients + newest)
    return forecast


@pytest.mark.parametrize("step", [3, 7])
def test_where_no_target_is_whole_each_step_is_learnt_from_what_was_observed_of_it(step):
    y = every(step)
    model = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y)
    np.testing.assert_allclose(model.predict(), by_hand(y, model.penalty_, HORIZON), rtol=1e-4)
    assert np.ptp(model.predict()) > 0


def test_steps_of_a_long_horizon_are_learnt_in_groups(monkeypatch):
    monkeypatch.setattr(ridge, "MAX_GRAM_VALUES", 2 * (LOOKBACK + 1) ** 2)
    y = monthly(120)
    y.iloc[::5] = np.nan  # of six steps at least one is missing, of three not always
    model = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y)
    np.testing.assert_allclose(model.predict(), by_hand(y, model.penalty_, 2), rtol=1e-4)


def test_few_gaps_leave_windows_out():
    y = monthly(120)
    y.iloc[60] = np.nan
    model = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y)
    np.testing.assert_allclose(model.predict(), by_hand(y, model.penalty_, 1), rtol=1e-4)


def test_it_is_calibrated_where_no_target_is_whole():
    model = LinearForecaster(HORIZON, lookback=LOOKBACK, calibrate=True, validation_fraction=0.4)
    model.fit(every(2))
    interval = model.predict_interval(0.5)
    assert (interval["lower"] < interval["upper"]).all()


def test_without_any_target_it_says_so():
    y = monthly()
    y.iloc[:-1] = np.nan
    with pytest.raises(ValueError, match=r"no window of lookback 24 \+ horizon 6 steps.*Lower `horizon`"):
        LinearForecaster(HORIZON, lookback=24).fit(y)


def test_the_lookback_that_it_chooses_has_a_limit():
    y = pd.Series(np.sin(np.arange(20_000) / 50), pd.date_range("2024", periods=20_000, freq="min"))
    assert LinearForecaster(5).fit(y).lookback_ == 1000


def test_sums_of_batches_are_those_of_all():
    rng = np.random.default_rng(0)
    features, targets = rng.normal(size=(50, 4)), rng.normal(size=(50, 3))
    features[:, -1] = 1.0
    at_once, batches = Moments(3), Moments(3)
    at_once.add(features, targets)
    for rows in np.array_split(np.arange(50), 7):
        batches.add(features[rows], targets[rows])
    np.testing.assert_allclose(batches.solve(0.1), at_once.solve(0.1))
    coefficients = at_once.solve(0.0)
    np.testing.assert_allclose(coefficients, np.linalg.lstsq(features, targets, rcond=None)[0])
    assert batches.squared_error(coefficients) == pytest.approx(np.sum((features @ coefficients - targets) ** 2))


def test_of_very_many_windows_some_are_left_out_evenly(monkeypatch):
    y = monthly(240)
    every_window = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y).predict()
    gathered, gather = [], Windows.gather
    monkeypatch.setattr(Windows, "gather", lambda self, index: gathered.append(np.array(index)) or gather(self, index))
    monkeypatch.setattr(ridge, "MAX_ROWS", 100)
    some = LinearForecaster(HORIZON, lookback=LOOKBACK).fit(y).predict()
    index = gathered[0]  # of all windows, in the first pass
    assert len(index) == 100 and (np.diff(index) > 0).all() and index[-1] < 240 - LOOKBACK - HORIZON + 1
    assert np.ptp(index - np.linspace(0, 222, 100)) < 2 * 223 / 100 + 1  # one of each hundredth
    assert not np.array_equal(some, every_window)
    np.testing.assert_allclose(some, every_window, rtol=0.1)
