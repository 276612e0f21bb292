"""What every forecaster promises; a new one is a line in `forecaster_table.py` and inherits every check."""

import pickle
import random

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FORECASTERS, HORIZON, NETWORKS, monthly, wide
from sklearn.base import clone
from sklearn.exceptions import NotFittedError


def test_fit_returns_itself_and_keeps_its_arguments(name):
    model = FORECASTERS[name](horizon=HORIZON)
    before = {key: str(value) for key, value in model.get_params().items()}
    assert model.fit(monthly()) is model
    assert {key: str(value) for key, value in model.get_params().items()} == before
    assert clone(model).get_params(deep=False).keys() == model.get_params(deep=False).keys()


def test_the_seasonal_naive_repeats_the_last_season_to_the_bit():
    y = monthly()
    forecast = FORECASTERS["seasonal_naive"](horizon=14).fit(y).predict()
    assert forecast.tolist() == [*y[-12:], *y[-12:-10]]


def test_the_forecast_continues_the_series(fitted):
    y, forecast = monthly(), fitted.predict()
    pd.testing.assert_index_equal(forecast.index, pd.date_range("2025-01", periods=HORIZON, freq="MS", name="month"))
    assert (type(forecast), forecast.name, forecast.dtype) == (pd.Series, y.name, y.dtype)
    assert np.isfinite(forecast).all()


def test_a_wide_frame_comes_back_as_a_frame(fitted_wide):
    forecast = fitted_wide.predict()
    pd.testing.assert_index_equal(forecast.columns, wide().columns)
    assert forecast.shape == (HORIZON, 2)
    assert forecast["south"].mean() > forecast["north"].mean() + 500


def test_history_may_be_passed_and_ends_where_it_ends(fitted):
    y = monthly()
    pd.testing.assert_series_equal(fitted.predict(y=y), fitted.predict())
    other = fitted.predict(y=y[:-7].rename("other"))
    assert (other.index[0], other.name) == (y.index[-7], "other")
    assert not np.allclose(other, fitted.predict())


def test_columns_are_matched_by_name(fitted_wide):
    turned = wide()[["south", "north"]]
    pd.testing.assert_frame_equal(fitted_wide.predict(y=turned), fitted_wide.predict())
    with pytest.warns(UserWarning, match="extra"):
        fitted_wide.predict(y=wide().assign(extra=1.0))
    with pytest.raises(ValueError, match="south"):
        fitted_wide.predict(y=wide()[["north"]])


def test_a_longer_horizon_rolls_forward_and_a_shorter_one_cuts(fitted):
    longer = fitted.predict(horizon=3 * HORIZON + 1)
    assert len(longer) == 3 * HORIZON + 1
    pd.testing.assert_series_equal(longer[:HORIZON], fitted.predict(), check_freq=False)
    rolled = fitted.predict(y=pd.concat([monthly(), fitted.predict()]))
    np.testing.assert_allclose(longer[HORIZON : 2 * HORIZON], rolled, rtol=1e-4)
    pd.testing.assert_series_equal(fitted.predict(horizon=2), fitted.predict()[:2], check_freq=False)


def test_forecasts_follow_scale_and_shift_of_the_data(fitted, spare):
    y, forecast = monthly(), fitted.predict()
    np.testing.assert_allclose(spare.fit(y * 1024).predict(), forecast * 1024, rtol=1e-6)
    moved = spare.fit(3 * y - 1000).predict()
    np.testing.assert_allclose(moved, 3 * forecast - 1000, atol=0.02 * 3 * y.std())


def test_shifting_time_shifts_the_forecast(fitted, spare):
    moved = spare.fit(monthly(start="1990-05")).predict()
    np.testing.assert_array_equal(moved, fitted.predict())
    assert moved.index[0] == pd.Timestamp("1995-05-01")


def test_each_history_is_forecast_on_its_own(fitted):
    ((_, inputs),) = fitted.origins_.batches()
    histories = inputs["history"] + np.array([0.0, 0.5, -1.0], dtype="float32")[:, None, None]
    together = fitted._forecast({"history": histories})
    assert together.shape == (3, HORIZON, 1, 1)
    alone = np.concatenate([fitted._forecast({"history": history[None]}) for history in histories])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_fitting_twice_with_one_seed_gives_the_same_bits(fitted):
    pd.testing.assert_series_equal(clone(fitted).fit(monthly()).predict(), fitted.predict(), check_exact=True)
    before = fitted.predict()
    pd.testing.assert_series_equal(fitted.fit(monthly()).predict(), before, check_exact=True)


def test_nothing_of_the_caller_is_changed(spare):
    y = monthly()
    y.iloc[3] = np.nan
    y.to_numpy().flags.writeable = False
    before, state, numbers = y.copy(deep=True), random.getstate(), np.random.get_state()[1].copy()
    model = spare.fit(y)
    model.predict()
    model.predict(y=y)
    model.score(monthly(66)[60:])
    pd.testing.assert_series_equal(y, before)
    assert random.getstate() == state
    np.testing.assert_array_equal(np.random.get_state()[1], numbers)


def test_missing_values_are_left_out(spare):
    y = monthly()
    y.iloc[[5, 30, 31, 58]] = np.nan
    model = spare.fit(y)
    assert np.isfinite(model.predict()).all()
    with pytest.warns(UserWarning, match="lacks 2 of 60 stamps"):
        short = model.predict(y=y.drop(y.index[[30, 31]]))
    pd.testing.assert_series_equal(short, model.predict())


def test_a_constant_series_goes_on(spare):
    y = monthly() * 0 + 7.25
    model = spare.fit(y)
    np.testing.assert_allclose(model.predict(), 7.25, rtol=1e-6)
    with pytest.warns(UserWarning, match="MASE is not defined"):
        assert np.isnan(model.score(monthly(66)[60:]))


def test_score_is_minus_the_mase(fitted):
    y, after = monthly(), monthly(60 + HORIZON)[60:]
    scale = np.abs(y.to_numpy()[12:] - y.to_numpy()[:-12]).mean()
    expected = -np.abs(after - fitted.predict()).mean() / scale
    assert fitted.score(after) == pytest.approx(expected, rel=1e-5)
    later = -np.abs(after[2:] - fitted.predict()[2:]).mean() / scale
    assert fitted.score(after[2:]) == pytest.approx(later, rel=1e-5)
    with pytest.raises(ValueError, match="followed"):
        fitted.score(y[-3:])


def test_score_averages_the_channels(fitted_wide):
    y, after = wide(), wide(66)[60:]
    scale = np.abs(y.to_numpy()[12:] - y.to_numpy()[:-12]).mean(axis=0)
    expected = -np.mean(np.abs((after - fitted_wide.predict()).to_numpy()).mean(axis=0) / scale)
    assert fitted_wide.score(after) == pytest.approx(expected, rel=1e-5)


def test_a_pickle_forecasts_the_same_bits_and_can_be_fitted_again(fitted):
    copy = pickle.loads(pickle.dumps(fitted))
    pd.testing.assert_series_equal(copy.predict(), fitted.predict(), check_exact=True)
    pd.testing.assert_series_equal(copy.fit(monthly()).predict(), fitted.predict(), check_exact=True)


def test_a_pickle_is_what_was_fitted_whatever_was_set_since(fitted):
    model = pickle.loads(pickle.dumps(fitted))
    since = {"normalization": None, "units": 3} if hasattr(model, "units") else {"season": 3}
    copy = pickle.loads(pickle.dumps(model.set_params(**since)))
    pd.testing.assert_series_equal(copy.predict(), fitted.predict(), check_exact=True)
    assert copy.get_params()[next(iter(since))] == since[next(iter(since))]


AWKWARD = {
    "flat for longer than the lookback": lambda y: y.where(~y.index.year.isin([2021, 2022]), y.mean()),
    "missing for longer than the lookback": lambda y: y.where(~y.index.year.isin([2021, 2022])),
    "mostly zero": lambda y: y.where(y.index.month % 5 == 0, 0.0),
}


@pytest.mark.parametrize("change", AWKWARD.values(), ids=AWKWARD)
def test_awkward_stretches_leave_a_sane_forecast(spare, change):
    y = change(monthly())
    forecast = spare.fit(y).predict()
    span = y.max() - y.min()
    assert y.min() - span < forecast.min() <= forecast.max() < y.max() + span


def test_it_must_be_fitted_first(name):
    model = FORECASTERS[name](horizon=HORIZON)
    for call in (model.predict, lambda: model.score(monthly())):
        with pytest.raises(NotFittedError):
            call()


def test_a_failed_fit_leaves_it_as_it_was(fitted):
    before = fitted.predict()
    with pytest.raises(TypeError):
        fitted.fit([1.0, 2.0])
    with pytest.raises(ValueError, match="finite"):
        fitted.fit(monthly().replace(monthly().iloc[7], np.inf))
    pd.testing.assert_series_equal(fitted.predict(), before, check_exact=True)


def test_new_arguments_take_effect_with_the_next_fit(fitted):
    model = pickle.loads(pickle.dumps(fitted)).set_params(horizon=3)
    pd.testing.assert_series_equal(model.predict(), fitted.predict())
    assert len(model.fit(monthly()).predict()) == 3


def test_it_learns_from_a_few_steps(name):
    model = FORECASTERS[name](horizon=4).fit(monthly(14))
    assert np.isfinite(model.predict()).all()


def test_every_network_is_in_the_table():
    assert set(NETWORKS) < set(FORECASTERS)
