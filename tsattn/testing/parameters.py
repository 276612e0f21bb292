"""Checks of the arguments, which scikit-learn gets, sets and clones."""

from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tsattn.testing.assertions import assert_raises


def init_keeps_arguments(subject):
    """`__init__` stores each argument unchanged, as an attribute of the same name."""
    arguments = subject.new().get_params(deep=False)
    model = type(subject.forecaster)(**arguments)
    changed = [name for name, value in model.get_params(deep=False).items() if value is not arguments[name]]
    assert not changed, f"received other objects for {changed}, expected those that were passed"


def set_params_sets_arguments(subject):
    """`set_params(horizon=)` sets the argument and returns the forecaster, without affecting its clones."""
    model, other = subject.new(), subject.new()
    horizon = subject.other_horizon
    assert model.set_params(horizon=horizon) is model, "received another object, expected the forecaster itself"
    assert model.get_params()["horizon"] == model.horizon == horizon, f"received {model.horizon!r}, expected {horizon}"
    assert other.horizon == subject.horizon, f"a clone changed: received {other.horizon!r}, expected {subject.horizon}"


def set_params_rejects_unknown_arguments(subject):
    """`set_params` raises a ValueError if the name of an argument is unknown."""
    assert_raises(lambda: subject.new().set_params(no_such_argument=1), ValueError)


def clone_is_unfitted(subject):
    """`sklearn.base.clone` returns an unfitted forecaster with the same arguments."""
    copy = clone(subject.fitted)
    names, expected = copy.get_params().keys(), subject.forecaster.get_params().keys()
    assert names == expected, f"received the arguments {sorted(names)}, expected {sorted(expected)}"
    assert repr(copy) == repr(subject.forecaster), f"received {copy!r}, expected {subject.forecaster!r}"
    assert_raises(copy.predict, NotFittedError)


def repr_shows_arguments(subject):
    """`repr` shows the class and the arguments that differ from their defaults."""
    horizon = subject.horizon + 1
    text = repr(subject.new(horizon=horizon))
    assert type(subject.forecaster).__name__ in text, f"received {text}, expected the name of the class in it"
    assert f"horizon={horizon}" in text, f"received {text}, expected horizon={horizon} in it"


def fit_rejects_invalid_horizons(subject):
    """`__init__` accepts a `horizon` of 0, -1, 2.5 or "3", and `fit` raises a ValueError that names the argument."""
    for horizon in (0, -1, 2.5, "3"):
        model = subject.new(horizon=horizon)
        error = assert_raises(lambda model=model: model.fit(subject.y), ValueError)
        assert "horizon" in str(error), f"received ValueError: {error}, expected `horizon` in the message"


def set_params_takes_effect_at_next_fit(subject):
    """`set_params(horizon=)` has no effect on forecasts until the next `fit`."""
    model = subject.copy().set_params(horizon=subject.other_horizon)
    steps = len(model.predict())
    assert steps == subject.horizon, f"received {steps} steps before the fit, expected {subject.horizon}"
    steps = len(model.fit(subject.y).predict())
    assert steps == subject.other_horizon, f"received {steps} steps after the fit, expected {subject.other_horizon}"


CHECKS = (
    init_keeps_arguments,
    set_params_sets_arguments,
    set_params_rejects_unknown_arguments,
    clone_is_unfitted,
    repr_shows_arguments,
    fit_rejects_invalid_horizons,
    set_params_takes_effect_at_next_fit,
)
