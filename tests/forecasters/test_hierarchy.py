"""The class hierarchy of the forecasters: few levels, abstract bases, and no concrete method that is overridden."""

import dataclasses
import inspect

import pytest

from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.network import NetworkForecaster
from tsattn.forecasters.patched import PatchedForecaster
from tsattn.forecasters.registry import FORECASTERS, load_class

FINAL = [load_class(name) for name in FORECASTERS]
BASES = [Forecaster, NetworkForecaster, PatchedForecaster]


def ours(classes):
    return [cls for cls in classes if cls.__module__.startswith("tsattn.")]


def is_dunder(name):
    return name.startswith("__") and name.endswith("__")


def members(cls):
    """Return the methods and class variables that a class defines, without the fields and what others add to it."""
    fields = {field.name for field in dataclasses.fields(cls)}
    added = {"_abc_impl", *(name for name in vars(cls) if name.startswith("set_") and name.endswith("_request"))}
    return {name: value for name, value in vars(cls).items() if name not in fields | added and not is_dunder(name)}


def overridden(cls):
    """Return the names of the concrete methods and class variables of tsattn base classes that a class overrides."""
    return [
        f"{base.__name__}.{name}"
        for base in ours(cls.__mro__[1:])
        for name in members(cls)
        if name in members(base) and not getattr(members(base)[name], "__isabstractmethod__", False)
    ]


@pytest.mark.parametrize("cls", FINAL, ids=lambda cls: cls.__name__)
def test_final_forecaster_has_at_most_three_own_base_classes(cls):
    assert not inspect.isabstract(cls) and not ours(cls.__subclasses__())
    bases = ours(cls.__mro__[1:])
    assert 1 <= len(bases) <= 3 and set(bases) <= set(BASES)


@pytest.mark.parametrize("cls", BASES, ids=lambda cls: cls.__name__)
def test_base_class_is_abstract(cls):
    assert inspect.isabstract(cls)
    assert set(ours(cls.__subclasses__())) <= {*BASES, *FINAL}


@pytest.mark.parametrize("cls", [*BASES, *FINAL], ids=lambda cls: cls.__name__)
def test_no_concrete_method_and_no_class_variable_is_overridden(cls):
    assert overridden(cls) == []


def test_overridden_method_and_class_variable_are_found():
    class Overriding(load_class("LinearForecaster")):
        def predict(self, covariates=None, **options):
            return super().predict(covariates, **options)

        def fit(self, y, covariates=None, **options):
            return super().fit(y, covariates, **options)

        @property
        def _median(self):
            return 0

        def _other(self):
            return None

    assert overridden(Overriding) == ["LinearForecaster.fit", "Forecaster.predict", "Forecaster._median"]

    class Rescaled(load_class("SeasonalNaiveForecaster")):
        _scaler = object
        season = 7  # the default of an argument

    assert overridden(Rescaled) == ["SeasonalNaiveForecaster._scaler"]
