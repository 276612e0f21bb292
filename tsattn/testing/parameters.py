"""Checks of the arguments, which scikit-learn's tools read, set and copy."""

from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tsattn.testing.subject import refused


def arguments_are_kept_as_they_are(subject):
    """`__init__` only keeps its arguments, each as it is and under its own name."""
    given = subject.new().get_params(deep=False)
    made = type(subject.forecaster)(**given)
    changed = [name for name, value in made.get_params(deep=False).items() if value is not given[name]]
    assert not changed, f"changed: {changed}"


def arguments_can_be_set(subject):
    """`set_params(horizon=)` sets the argument and returns the forecaster, and leaves others like it alone."""
    model, other = subject.new(), subject.new()
    assert model.set_params(horizon=subject.other) is model, "another object was returned"
    assert model.get_params()["horizon"] == model.horizon == subject.other, f"the horizon is {model.horizon!r}"
    assert other.horizon == subject.horizon, "another forecaster changed too"


def unknown_arguments_are_refused(subject):
    """`set_params` with a name that is no argument raises a ValueError."""
    refused(lambda: subject.new().set_params(no_such_argument=1), ValueError)


def a_clone_has_the_arguments_and_not_the_fit(subject):
    """`sklearn.base.clone` gives a forecaster with the same arguments that is not fitted."""
    copy = clone(subject.fitted)
    names, wanted = copy.get_params().keys(), subject.forecaster.get_params().keys()
    assert names == wanted, f"the arguments are {sorted(names)}, not {sorted(wanted)}"
    assert repr(copy) == repr(subject.forecaster), f"came {copy!r}"
    refused(copy.predict, NotFittedError)


def it_shows_its_arguments(subject):
    """`repr` names the class and the arguments that are not as by default."""
    shown = repr(subject.new(horizon=subject.horizon + 1))
    assert type(subject.forecaster).__name__ in shown, f"came {shown}"
    assert f"horizon={subject.horizon + 1}" in shown, f"came {shown}"


def a_horizon_that_is_none_is_refused_by_fit(subject):
    """A `horizon` of 0, -1, 2.5 or "3" is kept by `__init__`, and `fit` raises a ValueError that names it."""
    for horizon in (0, -1, 2.5, "3"):
        model = subject.new(horizon=horizon)
        problem = refused(lambda model=model: model.fit(subject.y), ValueError)
        assert "horizon" in str(problem), f"came ValueError: {problem}"


def new_arguments_take_effect_with_the_next_fit(subject):
    """`set_params(horizon=)` changes what the next `fit` learns, and no forecast before it."""
    model = subject.copy().set_params(horizon=subject.other)
    steps = len(model.predict())
    assert steps == subject.horizon, f"{steps} steps came before the fit"
    steps = len(model.fit(subject.y).predict())
    assert steps == subject.other, f"{steps} steps came after the fit"


CHECKS = (
    arguments_are_kept_as_they_are,
    arguments_can_be_set,
    unknown_arguments_are_refused,
    a_clone_has_the_arguments_and_not_the_fit,
    it_shows_its_arguments,
    a_horizon_that_is_none_is_refused_by_fit,
    new_arguments_take_effect_with_the_next_fit,
)
