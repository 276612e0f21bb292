"""The docstrings of forecasters, which repeat shared arguments in every class and must be consistent."""

import ast
import inspect
import re

import pytest

import tsattn
from tsattn import Training
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.network import NetworkForecaster
from tsattn.forecasters.patched import PatchedForecaster
from tsattn.forecasters.registry import FORECASTERS, load_class

FINAL = [load_class(name) for name in FORECASTERS]
BASES = [Forecaster, NetworkForecaster, PatchedForecaster]
CLASSES = pytest.mark.parametrize("cls", FINAL, ids=lambda cls: cls.__name__)
DEFAULT = re.compile(r" Defaults to (`[^`]+`|[\w.]+)(?=[.,]( |$)).*$")


def section(doc, title):
    """Return the entries of a section of a docstring as a dict from names to descriptions on one line."""
    match = re.search(rf"^{title}:\n((?: {{4}}.*\n|\n)*)", inspect.cleandoc(doc) + "\n", re.M)
    assert match, f"There is no section {title}."
    entries, name = {}, None
    for line in match[1].splitlines():
        start = re.match(r" {4}(\w[\w, ]*): (.*)", line)
        if start:
            name = start[1]
            assert name not in entries, f"`{name}` is described twice."
            entries[name] = start[2]
        elif line:
            entries[name] += " " + line.strip()
    return entries


def without_default(description):
    return DEFAULT.sub("", description)


def documented_default(description):
    """Return the value of the default in a description, or `inspect.Parameter.empty`."""
    match = DEFAULT.search(description)
    if not match:
        return inspect.Parameter.empty
    text = match[1].strip("`")
    return Training() if text == "Training()" else ast.literal_eval(text)


def assert_defaults(descriptions, parameters):
    for name, description in descriptions.items():
        default, documented = parameters[name].default, documented_default(description)
        if isinstance(default, Training):
            default, documented = default.get_params(), documented.get_params()
        assert (documented, type(documented)) == (default, type(default)), f"`{name}`: {description}"


def parameters_of(cls):
    """Return the parameters of a class, with the defaults that factories create."""
    parameters = dict(inspect.signature(cls).parameters)
    values = cls(horizon=1) if cls is not Training else cls()
    return {
        name: parameter.replace(default=getattr(values, name))
        if parameter.default is not inspect.Parameter.empty
        else parameter
        for name, parameter in parameters.items()
    }


@pytest.mark.parametrize("cls", [*FINAL, Training], ids=lambda cls: cls.__name__)
def test_class_describes_every_argument_with_its_default(cls):
    descriptions, parameters = section(cls.__doc__, "Args"), parameters_of(cls)
    assert list(descriptions) == list(parameters)
    assert_defaults(descriptions, parameters)


def test_class_describes_every_fitted_attribute(fitted):
    properties = {
        name for cls in type(fitted).__mro__ for name, value in vars(cls).items() if isinstance(value, property)
    }
    names = {name for name in {*vars(fitted), *properties} if name.endswith("_") and not name.startswith("_")}
    assert set(section(type(fitted).__doc__, "Attributes")) == names


@pytest.mark.parametrize("base", BASES, ids=lambda cls: cls.__name__)
def test_base_class_describes_the_arguments_that_it_declares(base):
    annotations = vars(base)["__annotations__"]
    declared = [name for name, kind in annotations.items() if name != "_" and "ClassVar" not in str(kind)]
    assert list(section(base.__doc__, "Args")) == declared


@CLASSES
@pytest.mark.parametrize("title", ["Args", "Attributes"])
def test_shared_descriptions_are_those_of_the_base_classes(cls, title):
    descriptions = section(cls.__doc__, title)
    for base in BASES:
        if issubclass(cls, base):
            for name, description in section(base.__doc__, title).items():
                assert without_default(descriptions[name]) == without_default(description), name


@pytest.mark.parametrize("cls", [NetworkForecaster, *FINAL], ids=lambda cls: cls.__name__)
def test_fit_describes_every_argument_as_the_base_class_does(cls):
    parameters = dict(inspect.signature(cls.fit).parameters)
    del parameters["self"]
    descriptions = section(cls.fit.__doc__, "Args")
    assert list(descriptions) == list(parameters)
    assert_defaults(descriptions, parameters)
    expected = section(Forecaster.fit.__doc__, "Args")
    assert {name: descriptions[name] for name in expected} == expected
    summary, base_summary = (doc.partition("\n")[0] for doc in (cls.fit.__doc__, Forecaster.fit.__doc__))
    assert summary == base_summary
    errors = section(cls.fit.__doc__, "Raises")
    for error in ("ValueError", "TypeError"):
        assert errors[error] == section(Forecaster.fit.__doc__, "Raises")[error]


METHODS = [
    name
    for name, value in vars(Forecaster).items()
    if inspect.isfunction(value) and not name.startswith("_") and "Args:" in (value.__doc__ or "")
]


@pytest.mark.parametrize("name", METHODS)
def test_method_describes_every_argument(name):
    method = getattr(Forecaster, name)
    described = [part for names in section(method.__doc__, "Args") for part in names.split(", ")]
    assert sorted(described) == sorted(set(inspect.signature(method).parameters) - {"self"})


def test_public_methods_have_docstrings():
    for cls in FINAL:
        for name, value in inspect.getmembers(cls, inspect.isfunction):
            if not name.startswith("_") and value.__module__.startswith("tsattn."):
                assert value.__doc__, f"{cls.__name__}.{name}"


def test_registry_is_complete():
    assert {cls.__name__ for cls in FINAL} == {name for name in tsattn.__all__ if name.endswith("Forecaster")}
