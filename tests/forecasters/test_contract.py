"""The contract of all forecasters. To check a new forecaster, add a line to `forecaster_table.py`."""

import importlib.util
import pickle

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FORECASTERS, HORIZON, monthly, wide

from tsattn.forecasters.registry import FORECASTERS as REGISTERED
from tsattn.forecasters.registry import load_class
from tsattn.testing import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_forecaster_passes_check(subject, check):
    check(subject)


def test_seasonal_naive_repeats_last_season_exactly():
    y = monthly()
    forecast = FORECASTERS["seasonal_naive"](horizon=14).fit(y).predict()
    assert forecast.tolist() == [*y[-12:], *y[-12:-10]]


def test_forecast_is_equivariant_to_scale_and_shift(fitted, scratch):
    y, forecast = monthly(), fitted.predict()
    np.testing.assert_allclose(scratch.fit(y * 1024).predict(), forecast * 1024, rtol=1e-6)
    shifted = scratch.fit(3 * y - 1000).predict()
    np.testing.assert_allclose(shifted, 3 * forecast - 1000, atol=0.02 * 3 * y.std())


def test_histories_in_a_batch_are_forecast_independently(fitted):
    ((_, inputs),) = fitted.origins_.batches()
    histories = inputs["history"] + np.array([0.0, 0.5, -1.0], dtype="float32")[:, None, None]
    batch = fitted._model().forecast({"history": histories})
    assert batch.shape == (3, HORIZON, 1, 1)
    separate = np.concatenate([fitted._model().forecast({"history": history[None]}) for history in histories])
    np.testing.assert_allclose(batch, separate, atol=1e-5)


def test_constant_series_is_continued(scratch):
    y = monthly() * 0 + 7.25
    model = scratch.fit(y)
    np.testing.assert_allclose(model.predict(), 7.25, rtol=1e-6)
    with pytest.warns(UserWarning, match="MASE is not defined"):
        assert np.isnan(model.score(monthly(66)[60:]))


def test_score_is_mean_over_channels(fitted_wide):
    y, after = wide(), wide(66)[60:]
    scale = np.abs(y.to_numpy()[12:] - y.to_numpy()[:-12]).mean(axis=0)
    expected = -np.mean(np.abs((after - fitted_wide.predict()).to_numpy()).mean(axis=0) / scale)
    assert fitted_wide.score(after) == pytest.approx(expected, rel=1e-5)


def test_pickle_keeps_fitted_state_after_set_params(fitted):
    model = pickle.loads(pickle.dumps(fitted))
    arguments = {"normalization": None, "units": 3} if hasattr(model, "units") else {"season": 3}
    copy = pickle.loads(pickle.dumps(model.set_params(**arguments)))
    pd.testing.assert_series_equal(copy.predict(), fitted.predict(), check_exact=True)
    assert copy.get_params()[next(iter(arguments))] == arguments[next(iter(arguments))]


DIFFICULT = {
    "constant for longer than the lookback": lambda y: y.where(~y.index.year.isin([2021, 2022]), y.mean()),
    "missing for longer than the lookback": lambda y: y.where(~y.index.year.isin([2021, 2022])),
    "mostly zero": lambda y: y.where(y.index.month % 5 == 0, 0.0),
}


@pytest.mark.parametrize("change", DIFFICULT.values(), ids=DIFFICULT)
def test_forecast_of_difficult_series_is_in_range(scratch, change):
    y = change(monthly())
    forecast = scratch.fit(y).predict()
    span = y.max() - y.min()
    assert y.min() - span < forecast.min() <= forecast.max() < y.max() + span


def test_fit_works_on_few_steps(name):
    model = FORECASTERS[name](horizon=4).fit(monthly(14))
    assert np.isfinite(model.predict()).all()


def test_registry_states_what_attention_weights_are_on(fitted):
    attends = REGISTERED[type(fitted).__name__].attends
    if attends is None:
        with pytest.raises((AttributeError, TypeError), match="attention"):
            fitted.attention_weights()
    else:
        name = "variable" if attends == "variables" else fitted.predict().index.name
        assert fitted.attention_weights().columns.name == name


def test_every_registered_forecaster_is_in_the_table():
    """`subject` and `name` run on the table: the checks above would not see a class that is only registered."""
    built = [type(build(horizon=HORIZON)) for build in FORECASTERS.values()]
    available = {
        load_class(name)
        for name, entry in REGISTERED.items()
        if entry.requires is None or importlib.util.find_spec(entry.requires[0])
    }
    assert len(built) == len(available) and set(built) == available
