"""Checks of `fit`: what it returns, what it leaves alone, and what a failure leaves behind."""

import random

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError

from tsattn.testing.subject import finite, refused, same, unchanged, untouched

SEED = 8128


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
    """`fit`, `predict` and `score` change nothing of a Series or frame that they get, which may be read-only."""
    y, after = subject.y, subject.after
    y.iloc[3] = np.nan
    with untouched(y=y, after=after):
        model = subject.spare.fit(y)
        model.predict()
        model.predict(y=y)
        model.score(after)
    model.fit(_read_only(y)).predict(y=_read_only(y))
    for name, model in (("y", subject.fitted), ("channels", subject.on_channels), ("series", subject.on_series)):
        history = getattr(subject, name)
        unchanged(name, subject.given[name], history)
        with untouched(**{name: history}):
            model.predict(y=history)


def _read_only(y):
    """The same series, of which no value can be set."""
    values = y.to_numpy(copy=True)
    values.flags.writeable = False
    return pd.Series(values, y.index, name=y.name, copy=False)


def what_becomes_of_the_data_later_does_not_matter(subject):
    """A forecaster keeps what it needs of the data: values that are changed after `fit` change no forecast."""
    y = subject.y
    forecast = subject.spare.fit(y).predict()
    y.iloc[:] = 0.0
    same(subject.spare.predict(), forecast)


def the_global_random_state_is_left_alone(subject):
    """The random state of Python and of NumPy is after `fit`, `predict` and `score` what it was before."""
    ours = random.getstate(), np.random.get_state()
    try:
        for generator in (random, np.random):
            generator.seed(SEED)  # else it may be by chance, or by an earlier `fit`, what this `fit` would set
            generator.random()
        state, numbers = random.getstate(), np.random.get_state()
        model = subject.spare.fit(subject.y)
        model.predict(y=subject.y)
        model.score(subject.after)
        assert random.getstate() == state, "that of Python's `random` changed"
        parts = zip(np.random.get_state(), numbers, strict=True)  # the numbers, and how many of them were drawn
        assert all(np.array_equal(*part) for part in parts), "that of NumPy's `np.random` changed"
    finally:
        random.setstate(ours[0])
        np.random.set_state(ours[1])


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
        with untouched(y=y):
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
    infinite, again = subject.y, subject.y.iloc[[0, *range(len(subject.y))]]
    infinite.iloc[7] = np.inf
    return [
        (subject.y.astype(str), TypeError),
        (subject.y > 50, TypeError),
        (infinite, ValueError),
        (subject.y * np.nan, ValueError),
        (subject.y[:0], ValueError),
        (again, ValueError),
    ]


def covariates_are_taken(subject):
    """`fit` takes covariates that run past the end of `y`, keeps what they tell of the future, and changes nothing."""
    y, beside, future = subject.y, subject.beside, subject.beside[-subject.horizon :]
    with untouched(y=y, covariates=beside):
        model = subject.spare_with_covariates.fit(y, beside)
    forecast = model.predict()
    finite(forecast)
    with untouched(y=y, covariates=beside):
        same(model.predict(beside, y=y), forecast, rtol=1e-5)
    with untouched(covariates=future):
        same(model.predict(future), forecast)


def covariates_of_the_future_are_required(subject):
    """`predict` raises a ValueError where covariates were fitted and nothing is known of their future."""
    model = subject.spare_with_covariates.fit(subject.y, subject.beside[: -subject.horizon])
    refused(model.predict, ValueError)


CHECKS = (
    fit_returns_the_forecaster,
    what_fit_learns_ends_in_an_underscore,
    fit_and_predict_leave_the_data_alone,
    what_becomes_of_the_data_later_does_not_matter,
    the_global_random_state_is_left_alone,
    it_must_be_fitted_first,
    two_fits_are_equal_to_the_bit,
    a_refit_forgets_the_fit_before,
    a_failed_first_fit_leaves_it_not_fitted,
    a_failed_refit_leaves_it_as_it_was,
    covariates_are_taken,
    covariates_of_the_future_are_required,
)
