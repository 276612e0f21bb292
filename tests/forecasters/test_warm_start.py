"""Warm starts: a fit that continues from the weights of the last fit."""

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
def test_warm_start_continues_the_training(name):
    model = trained(name, monthly())
    first = model.training_history_["loss"]
    assert first[-1] < 0.9 * first[0]
    copy = pickle.loads(pickle.dumps(model))
    second = model.fit(monthly(), warm_start=True).training_history_["loss"]
    assert abs(second[0] - first[-1]) < 0.3 * (first[0] - first[-1])
    resumed = copy.fit(monthly(), warm_start=True).training_history_["loss"]
    np.testing.assert_allclose(resumed, second, rtol=1e-4)
    np.testing.assert_allclose(copy.predict(), model.predict(), rtol=1e-4)
    cold = model.fit(monthly()).training_history_["loss"]
    np.testing.assert_array_equal(cold, first)


@pytest.fixture(scope="module")
def model():
    """A forecaster of many series. Tests must not modify it."""
    return trained("seq2seq", panel())


def copied(model):
    return pickle.loads(pickle.dumps(model))


def test_warm_start_trains_on_other_series(model):
    later, other_series = copied(model), panel().rename({"a": "e", "d": "f"})
    later.fit(other_series, warm_start=True)
    assert later.training_history_["loss"][0] < model.training_history_["loss"][0]
    assert later.predict().index.get_level_values(0).unique().tolist() == ["b", "c", "e", "f"]
    assert (later.lookback_, later.season_) == (model.lookback_, model.season_)
    assert not np.allclose(later.predict()["b"], model.predict()["b"])


def test_changed_arguments_raise(model):
    changed = copied(model).set_params(units=3, season=4)
    with pytest.raises(ValueError, match=r"`warm_start`.*\['season', 'units'\] changed since then|'units'.*'season'"):
        changed.fit(panel(), warm_start=True)
    pd.testing.assert_series_equal(changed.predict(), model.predict(), check_exact=True)


def test_training_may_change(model):
    later = copied(model).set_params(training=Training(**{**TRAINING, "epochs": 1, "loss": "mse"}))
    assert len(later.fit(panel(), warm_start=True).training_history_["loss"]) == 1


@pytest.mark.parametrize("y, error", [([1.0], TypeError), (monthly(), TypeError), (wide(), TypeError)])
def test_rejected_warm_start_changes_nothing(model, y, error):
    copy = copied(model)
    with pytest.raises(error):
        copy.fit(y, warm_start=True)
    pd.testing.assert_series_equal(copy.predict(), model.predict(), check_exact=True)


def test_diverging_warm_start_changes_nothing(model):
    copy = copied(model)
    copy.fit(panel(), warm_start=True)  # so that its network is compiled for training
    before, weights = copy.predict(), copy.network_.weights
    copy.set_params(training=Training(**{**TRAINING, "learning_rate": 1e38}))
    with pytest.raises(TrainingDivergedError):
        copy.fit(panel(), warm_start=True)
    pd.testing.assert_series_equal(copy.predict(), before, check_exact=True)
    for after, expected in zip(copy.network_.weights, weights, strict=True):
        np.testing.assert_array_equal(after, expected)


def test_warm_start_without_a_fit_raises():
    with pytest.raises(NotFittedError):
        NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly(), warm_start=True)


def test_missing_row_of_covariates_emits_the_warning_of_a_fit():
    covariates = pd.DataFrame({"x": np.arange(66.0)}, index=monthly(66).index)
    covariates = covariates.drop(covariates.index[10])
    model = NETWORKS["seq2seq"](horizon=HORIZON)
    for options in ({}, {"warm_start": True}):
        with pytest.warns(UserWarning, match="lacks 1 of 60 rows") as caught:
            model.fit(monthly(), covariates, **options)
        assert next(warning for warning in caught if "lacks 1" in str(warning.message)).filename == __file__


def test_arguments_may_be_pandas_indexes():
    """`==` of two indexes returns an array."""
    y = monthly()
    model = NETWORKS["seq2seq"](horizon=HORIZON, past_covariates=pd.Index(["price", "promo"]))
    covariates = pd.DataFrame({"price": y.to_numpy() ** 2, "promo": y.to_numpy() > y.mean()}, y.index)
    first = model.fit(y, covariates).predict()
    pd.testing.assert_series_equal(model.fit(y, covariates).predict(), first, check_exact=True)
    model.fit(y, covariates, warm_start=True)
    with pytest.raises(ValueError, match=r"\['past_covariates'\] changed"):
        model.set_params(past_covariates=pd.Index(["price"])).fit(y, covariates, warm_start=True)
    shared = {"past_covariates": pd.Index(["price", "promo"])}
    members = [LinearForecaster(HORIZON, **shared), SeasonalNaiveForecaster(HORIZON)]
    assert len(EnsembleForecaster(HORIZON, members=members, **shared).fit(y, covariates).predict()) == HORIZON
