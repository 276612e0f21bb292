"""Checks of `fit`: what it returns, what it leaves alone, and what a failure leaves behind."""

import random

import numpy as np
from sklearn.exceptions import NotFittedError

from tsattn.testing.subject import finite, refused, same


def fit_returns_the_forecaster(subject):
    """`fit` returns the forecaster itself, with its arguments as they were."""
    model = subject.spare
    before = repr(model.get_params())
    assert model.fit(subject.y) is model, "another object was returned"
    assert repr(model.get_params()) == before, f"the arguments are {model.get_params()}"


def what_fit_learns_ends_in_an_underscore(subject):
    """`fit` sets attributes whose names end in `_`, and no others that are public."""
    model = subject.new()
    before = set(vars(model))
    odd = [name for name in set(vars(subject.fitted)) - before if not name.endswith("_") and name[0] != "_"]
    assert not odd, f"came {odd}"
    assert set(vars(subject.fitted)) - before, "came none"


def fit_and_predict_leave_the_data_alone(subject):
    """Neither `fit` nor `predict` nor `score` changes what they are given, be it read-only or not."""
    y = subject.y.copy()
    y.iloc[3] = np.nan
    y.to_numpy().flags.writeable = False
    before, after = y.copy(deep=True), subject.after.copy()
    model = subject.spare.fit(y)
    model.predict()
    model.predict(y=y)
    model.score(after)
    same(y, before)
    same(after, subject.after)


def the_global_random_state_is_left_alone(subject):
    """The random state of Python and of NumPy is after `fit` and `predict` what it was before."""
    state, numbers = random.getstate(), np.random.get_state()[1].copy()
    subject.spare.fit(subject.y).predict()
    assert random.getstate() == state, "that of Python's `random` changed"
    assert np.array_equal(np.random.get_state()[1], numbers), "that of NumPy changed"


def it_must_be_fitted_first(subject):
    """`predict` and `score` before `fit` raise scikit-learn's NotFittedError."""
    model = subject.new()
    refused(model.predict, NotFittedError)
    refused(lambda: model.score(subject.after), NotFittedError)


def two_fits_are_equal_to_the_bit(subject):
    """With its `random_state` set, a new forecaster, fitted on the same series, forecasts the same bits."""
    same(subject.new().fit(subject.y).predict(), subject.fitted.predict())


def a_refit_forgets_the_fit_before(subject):
    """A forecaster that was fitted on something else is after `fit` like a new one, to the bit."""
    model = subject.spare.fit(subject.y[:-5] ** 2)
    same(model.fit(subject.y).predict(), subject.fitted.predict())


def a_failed_first_fit_leaves_it_not_fitted(subject):
    """After a `fit` that failed, a forecaster that was not fitted is not, and has learnt no attribute."""
    model = subject.new()
    for y, error in _unusable(subject):
        refused(lambda y=y: model.fit(y), error)
        refused(model.predict, NotFittedError)
        learnt = [name for name in vars(model) if name.endswith("_")]
        assert not learnt, f"came {learnt}"


def a_failed_refit_leaves_it_as_it_was(subject):
    """After a `fit` that failed, a fitted forecaster forecasts as before, to the bit, and can be fitted again."""
    model = subject.spare.fit(subject.y)
    for y, error in _unusable(subject):
        refused(lambda y=y: model.fit(y), error)
        same(model.predict(), subject.fitted.predict())
    same(model.fit(subject.y).predict(), subject.fitted.predict())


def _unusable(subject):
    """Data that `fit` refuses, with the error."""
    infinite, again = subject.y.copy(), subject.y.iloc[[0, *range(len(subject.y))]]
    infinite.iloc[7] = np.inf
    return [
        ([1.0, 2.0], TypeError),
        (subject.y > 50, TypeError),
        (infinite, ValueError),
        (subject.y * np.nan, ValueError),
        (subject.y[:0], ValueError),
        (again, ValueError),
    ]


def covariates_are_taken(subject):
    """`fit` takes covariates that run past the end of `y`, and keeps what they tell of the future for `predict`."""
    model = subject.spare_with_covariates.fit(subject.y, subject.beside)
    forecast = model.predict()
    finite(forecast)
    same(model.predict(subject.beside[-subject.horizon :]), forecast)


def covariates_of_the_future_are_required(subject):
    """`predict` raises a ValueError where covariates were fitted and nothing is known of their future."""
    model = subject.spare_with_covariates.fit(subject.y, subject.beside[: -subject.horizon])
    refused(model.predict, ValueError)


CHECKS = (
    fit_returns_the_forecaster,
    what_fit_learns_ends_in_an_underscore,
    fit_and_predict_leave_the_data_alone,
    the_global_random_state_is_left_alone,
    it_must_be_fitted_first,
    two_fits_are_equal_to_the_bit,
    a_refit_forgets_the_fit_before,
    a_failed_first_fit_leaves_it_not_fitted,
    a_failed_refit_leaves_it_as_it_was,
    covariates_are_taken,
    covariates_of_the_future_are_required,
)
