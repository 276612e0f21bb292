"""Checks of pickles, copies and concurrent use."""

import copy
import pickle
import threading

import numpy as np

from tsattn.testing.assertions import assert_same

THREADS, CALLS = 8, 50


def pickle_returns_same_forecasts(subject):
    """A pickled forecaster returns exactly the same forecasts, including after a refit."""
    model = pickle.loads(pickle.dumps(subject.fitted))
    assert_same(model.predict(), subject.fitted.predict())
    assert_same(model.fit(subject.y).predict(), subject.fitted.predict())


def pickle_keeps_fit_and_arguments(subject):
    """A pickled forecaster keeps its fit, and arguments that were set after the fit."""
    horizon = subject.other_horizon
    model = pickle.loads(pickle.dumps(subject.copy().set_params(horizon=horizon)))
    assert_same(model.predict(), subject.fitted.predict())
    assert model.horizon == horizon, f"received the horizon {model.horizon}, expected {horizon}"


def copies_are_independent(subject):
    """`copy.copy` and `copy.deepcopy` return independent forecasters with exactly the same forecasts."""
    for copier in (copy.copy, copy.deepcopy):
        original = subject.copy()
        copied = copier(original)
        assert_same(copied.predict(), subject.fitted.predict())
        copied.fit(subject.y**2)
        assert_same(original.predict(), subject.fitted.predict())


def predict_is_thread_safe(subject):
    """`predict` returns exactly the same forecasts in concurrent threads as in one, from the first call on."""
    forecast = subject.fitted.predict().to_numpy()
    forecasts, errors = predict_in_threads(subject.copy(), THREADS, CALLS)
    if errors:
        raise errors[0]
    different = sum(not np.array_equal(other, forecast) for other in forecasts)
    assert not different, f"received {different} different forecasts of {len(forecasts)}, expected none"
    expected = THREADS * CALLS
    assert len(forecasts) == expected, f"received {len(forecasts)} forecasts, expected {expected}"


def predict_in_threads(model, threads, calls):
    """Call `predict` in concurrent threads.

    Args:
        model: Fitted forecaster.
        threads: Number of threads. They start at the same time.
        calls: Number of calls in each thread.

    Returns:
        Tuple of the list of forecasts, as arrays, and the list of errors.
    """
    barrier, forecasts, errors = threading.Barrier(threads), [], []

    def run():
        try:
            barrier.wait()
            for _ in range(calls):
                forecasts.append(model.predict().to_numpy())
        except Exception as error:
            errors.append(error)

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return forecasts, errors


CHECKS = (
    pickle_returns_same_forecasts,
    pickle_keeps_fit_and_arguments,
    copies_are_independent,
    predict_is_thread_safe,
)
