"""Ctrl-C at any moment: all of the old forecaster or all of the new one."""

import signal
import threading

import numpy as np
import pytest
from forecaster_table import HORIZON, NETWORKS, monthly

from tsattn.forecasters.learner import kept, without_interrupts


@pytest.fixture
def handler():
    """Python's own, also where the tests run in the background of a shell, which ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_waits_until_what_is_done_is_done(handler):
    done = []
    with pytest.raises(KeyboardInterrupt), without_interrupts():
        signal.raise_signal(signal.SIGINT)
        done.append(1)
    assert done == [1] and signal.getsignal(signal.SIGINT) is handler


def test_an_error_of_what_is_done_comes_through(handler):
    with pytest.raises(ZeroDivisionError), without_interrupts():
        signal.raise_signal(signal.SIGINT)
        1 / 0  # noqa: B018
    assert signal.getsignal(signal.SIGINT) is handler


def test_other_threads_are_never_interrupted_anyway():
    done = []

    def use():
        with without_interrupts():
            done.append(1)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert done == [1]


@pytest.fixture(scope="module")
def fitted():
    return NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly())


@pytest.mark.parametrize("taken_over", [False, True])
def test_the_weights_go_with_the_rest_of_the_state(fitted, taken_over):
    """An interrupt after the state was taken over finds a fit that has succeeded."""
    before, others = fitted.learner_.values(), [value + 1 for value in fitted.learner_.values()]
    origins = fitted.origins_
    with pytest.raises(KeyboardInterrupt), kept(fitted, fitted.learner_):
        fitted.learner_.assign(others)
        if taken_over:
            fitted.origins_ = object()
        raise KeyboardInterrupt
    for value, other, old in zip(fitted.learner_.values(), others, before, strict=True):
        np.testing.assert_array_equal(value, other if taken_over else old)
    fitted.origins_ = origins
    fitted.learner_.assign(before)


def test_a_second_ctrl_c_while_weights_are_put_back(fitted, monkeypatch):
    before, assign = fitted.predict(), fitted.learner_.assign

    def interrupted(values):
        signal.raise_signal(signal.SIGINT)
        assign(values)

    with pytest.raises(KeyboardInterrupt), kept(fitted, fitted.learner_):
        assign([value + 1 for value in fitted.learner_.values()])
        monkeypatch.setattr(fitted.learner_, "assign", interrupted)
        raise KeyboardInterrupt
    monkeypatch.undo()
    np.testing.assert_array_equal(fitted.predict(), before)
