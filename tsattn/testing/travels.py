"""Checks of forecasters that are copied, pickled and used by several threads at once."""

import copy
import pickle
import threading

import numpy as np

from tsattn.testing.subject import same

THREADS, CALLS = 8, 50


def a_pickle_forecasts_the_same_bits(subject):
    """A pickled forecaster forecasts the same bits, and so it does after it was fitted again."""
    model = pickle.loads(pickle.dumps(subject.fitted))
    same(model.predict(), subject.fitted.predict())
    same(model.fit(subject.y).predict(), subject.fitted.predict())


def a_pickle_is_what_was_fitted(subject):
    """A pickled forecaster is what was fitted, whatever was set since."""
    model = pickle.loads(pickle.dumps(subject.copy().set_params(horizon=subject.other)))
    same(model.predict(), subject.fitted.predict())
    assert model.horizon == subject.other, f"the horizon that was set is {model.horizon}"


def a_copy_is_a_forecaster_of_its_own(subject):
    """`copy.copy` and `copy.deepcopy` forecast the same bits, and fitting them again leaves the original alone."""
    for copier in (copy.copy, copy.deepcopy):
        original = subject.copy()
        copied = copier(original)
        same(copied.predict(), subject.fitted.predict())
        copied.fit(subject.y**2)
        same(original.predict(), subject.fitted.predict())


def threads_may_predict_at_once(subject):
    """Threads that call `predict` at once, the first call of all included, get the same bits as one alone."""
    forecast = subject.fitted.predict().to_numpy()
    answers, problems = in_threads(subject.copy(), THREADS, CALLS)
    if problems:
        raise problems[0]
    different = sum(not np.array_equal(answer, forecast) for answer in answers)
    assert not different, f"{different} of {len(answers)} forecasts differ"
    assert len(answers) == THREADS * CALLS, f"{len(answers)} of {THREADS * CALLS} forecasts came"


def in_threads(model, threads, calls):
    """What so many threads get that start at once and predict so often: forecasts, and errors."""
    start, answers, problems = threading.Barrier(threads), [], []

    def run():
        try:
            start.wait()
            for _ in range(calls):
                answers.append(model.predict().to_numpy())
        except Exception as problem:
            problems.append(problem)

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers, problems


CHECKS = (
    a_pickle_forecasts_the_same_bits,
    a_pickle_is_what_was_fitted,
    a_copy_is_a_forecaster_of_its_own,
    threads_may_predict_at_once,
)
