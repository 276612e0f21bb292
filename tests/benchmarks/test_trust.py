"""The trust benchmarks: the commands in SECURITY.md, the comparison of forecasts, and the path of the data."""

import re

import numpy as np
import pandas as pd
import pytest

import tsattn
from benchmarks.common.processes import ROOT
from benchmarks.common.tables import line
from benchmarks.trust import data_path, forecast_cases, same_forecasts, trust

FOLDERS = ("benchmarks/", "tests/")


def test_trust_runs_every_command_that_the_security_page_names():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    commands = [command.split() for command in re.findall(r"`python ([^`]+)`", text)]
    scripts, tests = (
        {part for command in commands for part in command if part.startswith(folder)} for folder in FOLDERS
    )
    assert len(scripts) > 4 and len(tests) > 8
    scripts.remove("benchmarks/trust/trust.py")
    run = [part for command in trust.commands(quick=False) for part in command if part.startswith(FOLDERS)]
    assert sorted(run) == sorted(scripts | tests)
    assert all((ROOT / part).is_file() for part in run)
    assert {command[0] for command in trust.commands(quick=True)} == scripts


def test_trust_continues_after_a_failure_and_reports_it(tmp_path, monkeypatch, capfd):
    for name, code in (("bad", 3), ("good", 0)):
        (tmp_path / f"{name}.py").write_text(f"import os, sys; print(os.environ['X'], *sys.argv[1:]); sys.exit({code})")
    monkeypatch.setattr(trust, "ROOT", tmp_path)
    assert trust.run([("bad.py", "--a", "1"), ("good.py",)], {"X": "set"}) == ["python bad.py --a 1"]
    output = capfd.readouterr().out
    assert "set --a 1\nfailed after" in output and "set\npassed after" in output
    monkeypatch.setattr(trust, "commands", lambda quick: [("good.py",), ("bad.py",)] if quick else [("good.py",)])
    monkeypatch.setenv("X", "set")
    for arguments, code, last in (([], 0, "1 of 1 passed"), (["--quick"], 1, "1 of 2 passed, failed: python bad.py")):
        monkeypatch.setattr("sys.argv", ["trust.py", *arguments])
        with pytest.raises(SystemExit) as end:
            trust.main()
        assert (end.value.code, capfd.readouterr().out.splitlines()[-1]) == (code, last)


VALUES = {
    "a bit of a float": (np.array([0.1 + 0.2]), np.array([0.3])),
    "the dtype of an array": (np.zeros(2), np.zeros(2, "float32")),
    "the type": (1.0, np.float32(1.0)),
    "the name of a Series": (pd.Series([1.0], name="a"), pd.Series([1.0], name="b")),
    "the order of a dict": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "the length of a list": ([1], [1, 1]),
    "a NaN": (float("nan"), 1.0),
    "text": ("x", "y"),
}


@pytest.mark.parametrize(("one", "other"), VALUES.values(), ids=VALUES)
def test_values_that_differ_are_not_the_same(one, other):
    assert not same_forecasts.is_same(one, other)
    assert same_forecasts.is_same({"value": [one]}, {"value": [one]})


def test_the_differences_of_a_group_include_missing_cases():
    assert same_forecasts.differences({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 0, "d": 4}) == ["b", "c", "d"]
    assert same_forecasts.differences({"error": "KeyError: 1"}, {"error": "KeyError: 1"}) == ["error"]


def test_the_recorded_cases_are_the_same_in_two_runs_of_this_checkout():
    recorded = same_forecasts.record(ROOT, ["seasonal_naive"])
    assert len(recorded["seasonal_naive"]) == 6
    again = forecast_cases.record(["seasonal_naive"])
    assert same_forecasts.differences(recorded["seasonal_naive"], again["seasonal_naive"]) == []


def test_a_group_that_raises_keeps_the_error(monkeypatch):
    def broken():
        yield "first", 1
        raise ValueError("too short")

    monkeypatch.setattr(forecast_cases, "GROUPS", {"broken": broken})
    assert forecast_cases.record(["broken"]) == {"broken": {"first": 1, "error": "ValueError: too short"}}


def test_another_package_than_expected_is_an_error(tmp_path):
    with pytest.raises(RuntimeError, match=f"expected the package in {tmp_path}"):
        same_forecasts.record(tmp_path, [])


def test_the_data_path_lists_modules_in_the_order_in_which_they_are_entered(capsys):
    fit, predict = data_path.trace_fit_and_predict(tsattn.LinearForecaster(horizon=6))
    assert "series/panel.py" in fit.modules and "baselines/ridge.py" in fit.modules
    assert fit.modules.index("series/panel.py") < fit.modules.index("series/windows.py")
    assert not {module.split("/")[0] for module in fit.modules + predict.modules} & set(data_path.SKIPPED)
    data_path.print_trace("fit", fit)
    assert f"| 1 | `tsattn/{fit.modules[0]}` | {data_path.summary(fit.modules[0])} |" in capsys.readouterr().out


def test_the_map_of_the_house_lists_the_modules_of_a_network():
    training = tsattn.Training(epochs=1, batches_per_epoch=2, random_state=0, verbose=0)
    model = tsattn.AttentionForecaster(data_path.HORIZON, units=4, training=training)
    fit, predict = data_path.trace_fit_and_predict(model)
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\|  \| module \| contents \|\n\|---\|---\|---\|\n((?:\|.+\n)+)", text, re.MULTILINE)
    for trace, most, table in zip((fit, predict), (20, 12), tables, strict=True):
        assert [line(row) for row in data_path.table_rows(trace)] == table.splitlines()
        assert len(trace.modules) <= most and not trace.reentries


def test_the_map_of_the_house_lists_all_packages_and_modules():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`tsattn/([\w.]+)`", text))
    files = data_path.PACKAGE.glob("[a-z]*.py")
    found = {path.parent.name for path in data_path.PACKAGE.glob("*/__init__.py")} | {path.name for path in files}
    assert found - listed == {"version.py"}


def test_a_call_back_into_a_higher_module_is_a_reentry(monkeypatch):
    package = data_path.PACKAGE
    calls = {name: compile("def call(data, f): return f()", str(package / name), "exec") for name in ("a.py", "b.py")}
    functions = {}
    for name, code in calls.items():
        scope = {}
        exec(code, scope)
        functions[name] = scope["call"]
    a, b = functions["a.py"], functions["b.py"]
    data = np.zeros(3)
    with data_path.Trace() as trace:
        a(data, lambda: a(data, lambda: b(data, lambda: a([data], lambda: None))))
        b({"y": data}, lambda: None)
    assert trace.modules == ["a.py", "b.py"]
    assert trace.reentries == {("b.py", "a.py"): 1}
    assert trace.returns == {"a.py": 1, "b.py": 0}


def test_an_entry_after_a_module_further_along_the_path_is_a_return():
    with data_path.Trace() as trace:
        for name in ("a.py", "b.py", "b.py", "a.py", "a.py", "b.py", "c.py", "b.py", "a.py"):
            trace._enter(name)
    assert trace.modules == ["a.py", "b.py", "c.py"] and not trace.reentries
    assert trace.returns == {"a.py": 2, "b.py": 1}


def test_a_call_without_data_is_not_on_the_path():
    scope = {}
    exec(compile("def call(length): return length", str(data_path.PACKAGE / "a.py"), "exec"), scope)
    with data_path.Trace() as trace:
        scope["call"](12)
    assert trace.modules == [] and not trace.reentries
