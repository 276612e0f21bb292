"""The class hierarchy of the forecasters: few levels, abstract bases, and no concrete method that is overridden."""

import inspect
import types

import pytest

from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.network import NetworkForecaster
from tsattn.forecasters.patched import PatchedForecaster
from tsattn.forecasters.registry import FORECASTERS, load_class

FINAL = [load_class(name) for name in FORECASTERS]
BASES = [Forecaster, NetworkForecaster, PatchedForecaster]
METHODS = (types.FunctionType, property, classmethod, staticmethod)


def ours(classes):
    return [cls for cls in classes if cls.__module__.startswith("tsattn.")]


def is_dunder(name):
    return name.startswith("__") and name.endswith("__")


def overridden(cls):
    """Return the names of the concrete methods of tsattn base classes that a class overrides."""
    methods = [name for name, value in vars(cls).items() if isinstance(value, METHODS) and not is_dunder(name)]
    return [
        f"{base.__name__}.{name}"
        for base in ours(cls.__mro__[1:])
        for name in methods
        if isinstance(value := vars(base).get(name), METHODS) and not getattr(value, "__isabstractmethod__", False)
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
def test_no_concrete_method_is_overridden(cls):
    assert overridden(cls) == []


def test_overridden_method_is_found():
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
