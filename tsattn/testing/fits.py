"""Checks of `fit`: its result, its side effects, and the state after an error."""

import random

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError

from tsattn.testing.assertions import (
    assert_finite,
    assert_not_modified,
    assert_raises,
    assert_same,
    assert_unchanged,
)

SEED = 8128


def fit_returns_self(subject):
    """`fit` returns the forecaster itself, with its arguments unchanged."""
    model = subject.scratch
    before = repr(model.get_params())
    assert model.fit(subject.y) is model, "received another object, expected the forecaster itself"
    after = repr(model.get_params())
    assert after == before, f"received the arguments {after}, expected {before}"


def fitted_attributes_end_in_underscore(subject):
    """`fit` sets public attributes whose names end in `_`, and no other public attributes."""
    model = subject.new()
    fitted = set(vars(subject.fitted)) - set(vars(model))
    wrong = [name for name in fitted if not name.endswith("_") and name[0] != "_"]
    assert not wrong, f"received the attributes {wrong}, expected names that end in `_`"
    assert fitted, "received no attribute, expected at least one"


def data_are_not_modified(subject):
    """`fit`, `predict` and `score` do not modify the data that they receive, and accept read-only data."""
    y, future = subject.y, subject.future
    y.iloc[3] = np.nan
    with assert_not_modified(y=y, future=future):
        model = subject.scratch.fit(y)
        model.predict()
        model.predict(y=y)
        model.score(future)
    model.fit(_read_only(y)).predict(y=_read_only(y))
    for name, model in (("y", subject.fitted), ("wide", subject.fitted_wide), ("panel", subject.fitted_panel)):
        history = getattr(subject, name)
        assert_unchanged(name, subject.training_data[name], history)
        with assert_not_modified(**{name: history}):
            model.predict(y=history)


def _read_only(y):
    """Return a copy of a Series with read-only values."""
    values = y.to_numpy(copy=True)
    values.flags.writeable = False
    return pd.Series(values, y.index, name=y.name, copy=False)


def later_changes_of_data_have_no_effect(subject):
    """Changing the data after `fit` does not change the forecasts."""
    y = subject.y
    forecast = subject.scratch.fit(y).predict()
    y.iloc[:] = 0.0
    assert_same(subject.scratch.predict(), forecast)


def global_random_state_is_unchanged(subject):
    """`fit`, `predict` and `score` leave the global random states of Python and NumPy unchanged."""
    before = random.getstate(), np.random.get_state()
    try:
        for generator in (random, np.random):
            generator.seed(SEED)  # a state that cannot result from an earlier `fit`
            generator.random()
        python_state, numpy_state = random.getstate(), np.random.get_state()
        model = subject.scratch.fit(subject.y)
        model.predict(y=subject.y)
        model.score(subject.future)
        assert random.getstate() == python_state, "the state of Python's `random` changed"
        parts = zip(np.random.get_state(), numpy_state, strict=True)
        assert all(np.array_equal(*part) for part in parts), "the state of NumPy's `np.random` changed"
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])


def fit_is_required_first(subject):
    """`predict` and `score` raise scikit-learn's NotFittedError before `fit`."""
    model = subject.new()
    assert_raises(model.predict, NotFittedError)
    assert_raises(lambda: model.score(subject.future), NotFittedError)


def fits_are_reproducible(subject):
    """Two forecasters with the same `random_state`, fitted on the same data, return exactly equal forecasts."""
    assert_same(subject.new().fit(subject.y).predict(), subject.fitted.predict())


def refit_equals_first_fit(subject):
    """A refit returns exactly the forecasts of a first fit, regardless of the data of earlier fits."""
    model = subject.scratch.fit(subject.y[:-5] ** 2)
    assert_same(model.fit(subject.y).predict(), subject.fitted.predict())


def failed_first_fit_leaves_no_state(subject):
    """After a `fit` that fails, an unfitted forecaster is still unfitted and has no fitted attributes."""
    model = subject.new()
    for y, error in _invalid_data(subject):
        with assert_not_modified(y=y):
            assert_raises(lambda y=y: model.fit(y), error)
        assert_raises(model.predict, NotFittedError)
        fitted = [name for name in vars(model) if name.endswith("_")]
        assert not fitted, f"received the attributes {fitted}, expected none"


def failed_refit_keeps_previous_fit(subject):
    """After a `fit` that fails, a fitted forecaster returns the same forecasts as before and can be refitted."""
    model = subject.scratch.fit(subject.y)
    for y, error in _invalid_data(subject):
        assert_raises(lambda y=y: model.fit(y), error)
        assert_same(model.predict(), subject.fitted.predict())
    assert_same(model.fit(subject.y).predict(), subject.fitted.predict())


def _invalid_data(subject):
    """Return pairs of data that `fit` must reject and the error that it must raise."""
    infinite, duplicated = subject.y, subject.y.iloc[[0, *range(len(subject.y))]]
    infinite.iloc[7] = np.inf
    return [
        (subject.y.astype(str), TypeError),
        (subject.y > 50, TypeError),
        (infinite, ValueError),
        (subject.y * np.nan, ValueError),
        (subject.y[:0], ValueError),
        (duplicated, ValueError),
    ]


def covariates_are_accepted(subject):
    """`fit` accepts covariates that extend past the end of `y`, and `predict` uses their future values by default."""
    y, covariates = subject.y, subject.covariates
    future = covariates[-subject.horizon :]
    with assert_not_modified(y=y, covariates=covariates):
        model = subject.scratch_covariates.fit(y, covariates)
    forecast = model.predict()
    assert_finite(forecast)
    with assert_not_modified(y=y, covariates=covariates):
        assert_same(model.predict(covariates, y=y), forecast, rtol=1e-5)
    with assert_not_modified(covariates=future):
        assert_same(model.predict(future), forecast)


def future_covariates_are_required(subject):
    """`predict` raises a ValueError if the forecaster was fitted with covariates and their future is unknown."""
    model = subject.scratch_covariates.fit(subject.y, subject.covariates[: -subject.horizon])
    assert_raises(model.predict, ValueError)


CHECKS = (
    fit_returns_self,
    fitted_attributes_end_in_underscore,
    data_are_not_modified,
    later_changes_of_data_have_no_effect,
    global_random_state_is_unchanged,
    fit_is_required_first,
    fits_are_reproducible,
    refit_equals_first_fit,
    failed_first_fit_leaves_no_state,
    failed_refit_keeps_previous_fit,
    covariates_are_accepted,
    future_covariates_are_required,
)
