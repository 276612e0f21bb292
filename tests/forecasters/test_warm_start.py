"""A second fit that goes on from the first."""

import pickle

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly, panel, wide
from sklearn.exceptions import NotFittedError

from tsattn import EnsembleForecaster, LinearForecaster, SeasonalNaiveForecaster, Training, TrainingDivergedError

TRAINING = {**FAST, "epochs": 6, "learning_rate": 0.005, "validation_fraction": 0.0}


def trained(name, y, **options):
    return NETWORKS[name](horizon=HORIZON, dropout=0.0, training=Training(**TRAINING), **options).fit(y)


@pytest.mark.parametrize("name", NETWORKS)
def test_training_goes_on_where_it_ended(name):
    model = trained(name, monthly())
    first = model.training_history_["loss"]
    assert first[-1] < 0.9 * first[0]
    again = pickle.loads(pickle.dumps(model))
    second = model.fit(monthly(), warm_start=True).training_history_["loss"]
    assert abs(second[0] - first[-1]) < 0.3 * (first[0] - first[-1])
    resumed = again.fit(monthly(), warm_start=True).training_history_["loss"]
    np.testing.assert_allclose(resumed, second, rtol=1e-4)
    np.testing.assert_allclose(again.predict(), model.predict(), rtol=1e-4)
    afresh = model.fit(monthly()).training_history_["loss"]
    np.testing.assert_array_equal(afresh, first)


@pytest.fixture(scope="module")
def model():
    """A forecaster of many series, which no test changes."""
    return trained("seq2seq", panel())


def copied(model):
    return pickle.loads(pickle.dumps(model))


def test_other_series_are_learnt_from_and_forecast(model):
    later, others = copied(model), panel().rename({"a": "e", "d": "f"})
    later.fit(others, warm_start=True)
    assert later.training_history_["loss"][0] < model.training_history_["loss"][0]
    assert later.predict().index.get_level_values(0).unique().tolist() == ["b", "c", "e", "f"]
    assert (later.lookback_, later.season_) == (model.lookback_, model.season_)
    assert not np.allclose(later.predict()["b"], model.predict()["b"])


def test_changed_arguments_are_refused_by_name(model):
    changed = copied(model).set_params(units=3, season=4)
    with pytest.raises(ValueError, match=r"`warm_start`.*\['season', 'units'\] changed since|'units'.*'season'"):
        changed.fit(panel(), warm_start=True)
    pd.testing.assert_series_equal(changed.predict(), model.predict(), check_exact=True)


def test_the_training_may_change(model):
    later = copied(model).set_params(training=Training(**{**TRAINING, "epochs": 1, "loss": "mse"}))
    assert len(later.fit(panel(), warm_start=True).training_history_["loss"]) == 1


@pytest.mark.parametrize("y, error", [([1.0], TypeError), (monthly(), TypeError), (wide(), TypeError)])
def test_a_warm_start_that_is_refused_changes_nothing(model, y, error):
    tried = copied(model)
    with pytest.raises(error):
        tried.fit(y, warm_start=True)
    pd.testing.assert_series_equal(tried.predict(), model.predict(), check_exact=True)


def test_a_warm_start_that_diverges_changes_nothing(model):
    tried = copied(model)
    tried.fit(panel(), warm_start=True)  # now there is a network in training
    before, weights = tried.predict(), tried.network_.weights
    tried.set_params(training=Training(**{**TRAINING, "learning_rate": 1e38}))
    with pytest.raises(TrainingDivergedError):
        tried.fit(panel(), warm_start=True)
    pd.testing.assert_series_equal(tried.predict(), before, check_exact=True)
    for now, then in zip(tried.network_.weights, weights, strict=True):
        np.testing.assert_array_equal(now, then)


def test_there_must_have_been_a_fit():
    with pytest.raises(NotFittedError):
        NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly(), warm_start=True)


def test_a_row_of_covariates_that_is_missing_is_warned_of_as_in_a_fit():
    beside = pd.DataFrame({"x": np.arange(66.0)}, index=monthly(66).index)
    gap = beside.drop(beside.index[10])
    model = NETWORKS["seq2seq"](horizon=HORIZON)
    for options in ({}, {"warm_start": True}):
        with pytest.warns(UserWarning, match="lacks 1 of 60 rows") as caught:
            model.fit(monthly(), gap, **options)
        assert next(one for one in caught if "lacks 1" in str(one.message)).filename == __file__


def test_arguments_may_be_indexes():
    """Of which `==` gives an array."""
    y = monthly()
    model = NETWORKS["seq2seq"](horizon=HORIZON, past_covariates=pd.Index(["price", "promo"]))
    covariates = pd.DataFrame({"price": y.to_numpy() ** 2, "promo": y.to_numpy() > y.mean()}, y.index)
    first = model.fit(y, covariates).predict()
    pd.testing.assert_series_equal(model.fit(y, covariates).predict(), first, check_exact=True)
    model.fit(y, covariates, warm_start=True)
    with pytest.raises(ValueError, match=r"\['past_covariates'\] changed"):
        model.set_params(past_covariates=pd.Index(["price"])).fit(y, covariates, warm_start=True)
    named = {"past_covariates": pd.Index(["price", "promo"])}
    members = [LinearForecaster(HORIZON, **named), SeasonalNaiveForecaster(HORIZON)]
    assert len(EnsembleForecaster(HORIZON, members=members, **named).fit(y, covariates).predict()) == HORIZON
