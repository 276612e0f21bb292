"""The contract finds what breaks it: each check fails for a forecaster that was made to."""

import random
import re

import numpy as np
import pytest
from broken import BROKEN
from sklearn.dummy import DummyRegressor
from sound import SOUND

from tsattn import LinearForecaster
from tsattn.testing import CHECKS, Subject, check_forecaster
from tsattn.testing.data import monthly
from tsattn.testing.subject import finite, refused, same, unchanged, warned

NAMES = {check.__name__: check for check in CHECKS}


class Broken(LinearForecaster):
    """Pickled by this name, with the methods that a test gives it."""


@pytest.fixture
def broken(monkeypatch):
    def make(methods):
        for name, method in methods.items():
            monkeypatch.setattr(Broken, name, method, raising=False)
        return Broken(horizon=6)

    return make


def test_a_forecaster_that_keeps_the_contract_passes():
    model = LinearForecaster(horizon=6)
    assert check_forecaster(model) is None
    assert not [name for name in vars(model) if name.endswith("_")]


def test_other_horizons_are_checked_on_longer_series():
    subject = Subject(LinearForecaster(horizon=14, lookback=12))
    assert (len(subject.y), len(subject.after)) == (106, 14)
    assert subject.series.groupby(level=0).size().min() == 40


@pytest.mark.parametrize("model", SOUND.values(), ids=SOUND)
def test_sound_forecasters_pass(model):
    check_forecaster(model)


def test_the_data_are_made_anew_each_time_and_are_always_the_same():
    subject = Subject(LinearForecaster(horizon=6))
    for name in ("y", "after", "channels", "series", "beside", "static"):
        data, again = getattr(subject, name), getattr(subject, name)
        unchanged(name, data, again)
        data.iloc[0] = data.iloc[1]
        with pytest.raises(AssertionError, match=f"`{name}` was changed.*different"):
            unchanged(name, data, again)
        unchanged(name, getattr(subject, name), again)


def test_a_check_leaves_the_global_random_state_as_it_was():
    ours = random.getstate(), repr(np.random.get_state())
    NAMES["the_global_random_state_is_left_alone"](Subject(LinearForecaster(horizon=6)))
    assert (random.getstate(), repr(np.random.get_state())) == ours


def test_every_check_is_listed_once_and_says_what_is_wanted():
    assert len(NAMES) == len(CHECKS)
    assert all(check.__doc__.endswith(".") and check.__doc__.count("\n") == 0 for check in CHECKS)
    assert {name.partition(":")[0] for name in BROKEN} == set(NAMES)


@pytest.mark.parametrize("name", BROKEN)
def test_each_check_fails_for_what_breaks_it(name, broken):
    check = NAMES[name.partition(":")[0]]
    with pytest.raises((AssertionError, RuntimeError, ValueError, TypeError)):
        check(Subject(broken(BROKEN[name])))


def test_what_failed_is_told_together_with_what_was_wanted_and_what_came(broken):
    model = broken({"__repr__": lambda self: "a forecaster", "score": lambda self, y: 1.0})
    with pytest.raises(AssertionError) as caught:
        check_forecaster(model)
    told = str(caught.value)
    assert told.startswith(f"Broken fails 3 of {len(CHECKS)} checks.\n")
    assert re.search(r"it_shows_its_arguments: `repr` names.*\n    AssertionError: came a forecaster", told)
    assert "the_score_is_minus_the_mase: `score` is minus" in told
    assert len(caught.value.__cause__.exceptions) == 3


def test_what_is_no_forecaster_is_said_so():
    with pytest.raises(TypeError, match=r"`forecaster` is DummyRegressor.*`horizon`"):
        check_forecaster(DummyRegressor())
    with pytest.raises(TypeError, match=r"class.*LinearForecaster"):
        check_forecaster(LinearForecaster)
    with pytest.raises(ValueError, match=r"`horizon`.*0"):
        check_forecaster(LinearForecaster(horizon=0))


def test_the_helpers_tell_what_came():
    with pytest.raises(AssertionError, match="came no error, but 3"):
        refused(lambda: 3, ValueError)
    with pytest.raises(AssertionError, match="came KeyError: 'a'"):
        refused(lambda: {}["a"], ValueError)
    with pytest.raises(AssertionError, match="came no warning"):
        warned(lambda: 3)
    with pytest.raises(AssertionError, match="came the forecast"):
        finite(monthly() * float("nan"))
    with pytest.raises(AssertionError, match=r"values are different \(100.0 %\)\n    came: .*\n    wanted: "):
        same(2 * monthly(), monthly())
