"""`check_forecaster`: valid forecasters pass, and each check fails for a forecaster that violates it."""

import random
import re

import numpy as np
import pytest
from broken_forecasters import BROKEN
from sklearn.dummy import DummyRegressor
from valid_forecasters import VALID

from tsattn import LinearForecaster
from tsattn.testing import CHECKS, Subject, check_forecaster
from tsattn.testing.assertions import assert_finite, assert_raises, assert_same, assert_unchanged, assert_warns
from tsattn.testing.data import monthly

NAMES = {check.__name__: check for check in CHECKS}


class Broken(LinearForecaster):
    """A forecaster whose methods a test replaces. Pickles refer to it by this name."""


@pytest.fixture
def broken(monkeypatch):
    """Return a function that builds a `Broken` forecaster with these methods."""

    def build(methods):
        for name, method in methods.items():
            monkeypatch.setattr(Broken, name, method, raising=False)
        return Broken(horizon=6)

    return build


def test_valid_forecaster_passes_and_is_not_fitted():
    model = LinearForecaster(horizon=6)
    assert check_forecaster(model) is None
    assert not [name for name in vars(model) if name.endswith("_")]


def test_long_horizon_and_lookback_are_checked_on_longer_series():
    subject = Subject(LinearForecaster(horizon=14, lookback=12))
    assert (len(subject.y), len(subject.future)) == (106, 14)
    assert subject.panel.groupby(level=0).size().min() == 40


@pytest.mark.parametrize("model", VALID.values(), ids=VALID)
def test_valid_forecasters_pass(model):
    check_forecaster(model)


def test_data_are_equal_but_separate_at_each_access():
    subject = Subject(LinearForecaster(horizon=6))
    for name in ("y", "future", "wide", "panel", "covariates", "static"):
        data, other = getattr(subject, name), getattr(subject, name)
        assert_unchanged(name, data, other)
        data.iloc[0] = data.iloc[1]
        with pytest.raises(AssertionError, match=f"`{name}` was modified.*different"):
            assert_unchanged(name, data, other)
        assert_unchanged(name, getattr(subject, name), other)


def test_check_restores_the_global_random_state():
    before = random.getstate(), repr(np.random.get_state())
    NAMES["global_random_state_is_unchanged"](Subject(LinearForecaster(horizon=6)))
    assert (random.getstate(), repr(np.random.get_state())) == before


def test_every_check_has_a_unique_name_a_requirement_and_a_broken_forecaster():
    assert len(NAMES) == len(CHECKS)
    assert all(check.__doc__.endswith(".") and check.__doc__.count("\n") == 0 for check in CHECKS)
    assert {name.partition(":")[0] for name in BROKEN} == set(NAMES)


@pytest.mark.parametrize("name", BROKEN)
def test_check_fails_for_broken_forecaster(name, broken):
    check = NAMES[name.partition(":")[0]]
    with pytest.raises((AssertionError, RuntimeError, ValueError, TypeError)):
        check(Subject(broken(BROKEN[name])))


def test_report_lists_failed_checks_with_requirement_and_error(broken):
    model = broken({"__repr__": lambda self: "a forecaster", "score": lambda self, y: 1.0})
    with pytest.raises(AssertionError) as caught:
        check_forecaster(model)
    report = str(caught.value)
    assert report.startswith(f"Broken fails 3 of {len(CHECKS)} checks.\n")
    assert re.search(
        r"repr_shows_arguments: `repr` shows.*\n    AssertionError: received a forecaster, expected", report
    )
    assert "score_is_negative_mase: `score` returns the negative" in report
    assert len(caught.value.__cause__.exceptions) == 3


def test_other_objects_are_rejected():
    with pytest.raises(TypeError, match=r"`forecaster` is DummyRegressor.*`horizon`"):
        check_forecaster(DummyRegressor())
    with pytest.raises(TypeError, match=r"class.*LinearForecaster"):
        check_forecaster(LinearForecaster)
    with pytest.raises(ValueError, match=r"`horizon`.*0"):
        check_forecaster(LinearForecaster(horizon=0))


def test_assertions_state_what_was_received_and_expected():
    with pytest.raises(AssertionError, match="received 3, expected ValueError"):
        assert_raises(lambda: 3, ValueError)
    with pytest.raises(AssertionError, match="received KeyError: 'a', expected TypeError or ValueError"):
        assert_raises(lambda: {}["a"], (TypeError, ValueError))
    with pytest.raises(AssertionError, match="received no warning, expected a UserWarning"):
        assert_warns(lambda: 3)
    with pytest.raises(AssertionError, match="received NaN or infinity, expected a finite forecast"):
        assert_finite(monthly() * float("nan"))
    with pytest.raises(AssertionError, match=r"values are different \(100.0 %\)\n    received: .*\n    expected: "):
        assert_same(2 * monthly(), monthly())
