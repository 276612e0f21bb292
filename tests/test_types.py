"""Type checkers find every public name and all its arguments."""

import inspect
import pathlib
import runpy

import pytest

import tsattn
import tsattn.testing

ROOT = pathlib.Path(__file__).parent.parent
STUB = ROOT / "tsattn" / "__init__.pyi"
# Arguments of a dataclass are its fields; the methods of a Training are for forecasters.
CLASSES = [thing for name in tsattn.__all__ if isinstance(thing := getattr(tsattn, name), type)]
FUNCTIONS = {
    **{name: getattr(tsattn, name) for name in tsattn.__all__ if inspect.isfunction(getattr(tsattn, name))},
    "check_forecaster": tsattn.testing.check_forecaster,
    **{
        f"{thing.__name__}.{name}": method
        for thing in [*CLASSES, tsattn.evaluation.comparison.Comparison]
        for name, member in inspect.getmembers(thing)
        for method in [getattr(member, "fget", None) or getattr(member, "func", member)]
        if inspect.isfunction(method) and method.__module__.startswith("tsattn.") and not name.startswith("_")
        if not method.__module__.endswith("training.config")
    },
}


def test_the_stub_is_that_of_the_tables():
    """After a change of a table: `python .ci/stub.py`."""
    assert STUB.read_text(encoding="utf-8") == runpy.run_path(str(ROOT / ".ci" / "stub.py"))["stub"]()
    assert STUB.with_name("py.typed").exists()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_has_a_type(name):
    function = FUNCTIONS[name]
    assert {*inspect.signature(function).parameters, "return"} - {"self"} == set(function.__annotations__)


def test_the_tests_look_at_what_is_used():
    assert {"compare", "AttentionForecaster.attention_weights", "Comparison.leaderboard"} <= set(FUNCTIONS)
