"""Forecasters in the tools of scikit-learn, without an adapter."""

import joblib
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FORECASTERS, HORIZON, NETWORKS, monthly, wide
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, TimeSeriesSplit, cross_val_score

FOLDS = TimeSeriesSplit(n_splits=2, test_size=HORIZON)


def test_training_has_nested_parameters():
    model = NETWORKS["attention"](horizon=HORIZON)
    model.set_params(training__learning_rate=0.5)
    assert model.training.learning_rate == model.get_params()["training__learning_rate"] == 0.5
    assert clone(model).training is not model.training
    assert NETWORKS["attention"](horizon=HORIZON).training.learning_rate != 0.5


def test_cross_val_score_equals_fit_and_score(name):
    model = FORECASTERS[name](horizon=HORIZON)
    fold = (np.arange(50), np.arange(50, 56))
    (score,) = cross_val_score(model, monthly(), cv=[fold], error_score="raise")
    assert score == pytest.approx(model.fit(monthly()[:50]).score(monthly()[50:56]), rel=1e-6)


def test_grid_search_over_nested_parameters():
    grid = {"training__epochs": [1, 2], "units": [3]}
    search = GridSearchCV(NETWORKS["seq2seq"](horizon=HORIZON), grid, cv=FOLDS, error_score="raise").fit(monthly())
    assert search.best_params_["training__epochs"] in (1, 2)
    assert search.best_estimator_.units == 3
    pd.testing.assert_index_equal(
        search.best_estimator_.predict().index, pd.date_range("2025-01", periods=6, freq="MS", name="month")
    )


def test_numpy_integers_are_accepted_as_integers():
    model = NETWORKS["seq2seq"](horizon=np.int64(HORIZON), units=np.int64(3), lookback=np.int32(12))
    model.set_params(training__random_state=np.int64(1), training__batch_size=np.int64(16))
    assert len(model.fit(monthly()).predict()) == HORIZON


def test_randomized_search_on_a_wide_frame():
    search = RandomizedSearchCV(
        FORECASTERS["linear"](horizon=HORIZON), {"lookback": [12, 18, 24]}, n_iter=2, cv=FOLDS, random_state=0
    ).fit(wide())
    assert search.cv_results_["mean_test_score"].shape == (2,)
    assert search.best_score_ < 0


def test_folds_longer_than_the_horizon_are_scored():
    scores = cross_val_score(FORECASTERS["seasonal_naive"](horizon=2), monthly(), cv=TimeSeriesSplit(n_splits=3))
    assert np.isfinite(scores).all()


def test_cross_val_score_is_equal_in_other_processes():
    model = NETWORKS["seq2seq"](horizon=HORIZON)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        parallel = cross_val_score(model, monthly(), cv=FOLDS, n_jobs=2, error_score="raise")
    np.testing.assert_allclose(parallel, cross_val_score(model, monthly(), cv=FOLDS), rtol=1e-6)


def test_fitted_forecaster_predicts_in_another_process():
    model = NETWORKS["transformer"](horizon=HORIZON).fit(monthly())
    (forecast,) = joblib.Parallel(n_jobs=2)([joblib.delayed(type(model).predict)(model)])
    np.testing.assert_allclose(forecast, model.predict(), rtol=1e-6)
