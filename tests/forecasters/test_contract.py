"""What every forecaster promises; a new one is a line in `forecaster_table.py` and inherits every check."""

import pickle

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FORECASTERS, HORIZON, NETWORKS, monthly, wide

from tsattn.testing import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_the_contract(subject, check):
    check(subject)


def test_the_seasonal_naive_repeats_the_last_season_to_the_bit():
    y = monthly()
    forecast = FORECASTERS["seasonal_naive"](horizon=14).fit(y).predict()
    assert forecast.tolist() == [*y[-12:], *y[-12:-10]]


def test_forecasts_follow_scale_and_shift_of_the_data(fitted, spare):
    y, forecast = monthly(), fitted.predict()
    np.testing.assert_allclose(spare.fit(y * 1024).predict(), forecast * 1024, rtol=1e-6)
    moved = spare.fit(3 * y - 1000).predict()
    np.testing.assert_allclose(moved, 3 * forecast - 1000, atol=0.02 * 3 * y.std())


def test_each_history_is_forecast_on_its_own(fitted):
    ((_, inputs),) = fitted.origins_.batches()
    histories = inputs["history"] + np.array([0.0, 0.5, -1.0], dtype="float32")[:, None, None]
    together = fitted._model().forecast({"history": histories})
    assert together.shape == (3, HORIZON, 1, 1)
    alone = np.concatenate([fitted._model().forecast({"history": history[None]}) for history in histories])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_constant_series_goes_on(spare):
    y = monthly() * 0 + 7.25
    model = spare.fit(y)
    np.testing.assert_allclose(model.predict(), 7.25, rtol=1e-6)
    with pytest.warns(UserWarning, match="MASE is not defined"):
        assert np.isnan(model.score(monthly(66)[60:]))


def test_score_averages_the_channels(fitted_wide):
    y, after = wide(), wide(66)[60:]
    scale = np.abs(y.to_numpy()[12:] - y.to_numpy()[:-12]).mean(axis=0)
    expected = -np.mean(np.abs((after - fitted_wide.predict()).to_numpy()).mean(axis=0) / scale)
    assert fitted_wide.score(after) == pytest.approx(expected, rel=1e-5)


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


def test_it_learns_from_a_few_steps(name):
    model = FORECASTERS[name](horizon=4).fit(monthly(14))
    assert np.isfinite(model.predict()).all()


def test_every_network_is_in_the_table():
    assert set(NETWORKS) < set(FORECASTERS)
