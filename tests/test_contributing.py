"""The Python in CONTRIBUTING.md runs, and its results are those that the text shows."""

import doctest
import pathlib
import re
import sys
import types

import numpy as np
import pandas as pd
import pytest

ROOT = pathlib.Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", TEXT, flags=re.S | re.M))


@pytest.fixture
def run_section(monkeypatch):
    """Run the Python of a section from top to bottom, and return its variables."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run_section(section):
        module = types.ModuleType("contributing")  # pickle finds the classes under this name
        monkeypatch.setitem(sys.modules, module.__name__, module)
        for block in re.findall(r"^```python\n(.*?)^```", SECTIONS[section], flags=re.S | re.M):
            exec(compile(block, "CONTRIBUTING.md", "exec"), vars(module))
        return vars(module)

    return run_section


def test_layer_section_runs(run_section):
    names = run_section("A layer")
    (example,) = doctest.DocTestFinder().find(names["TrailingMean"], "TrailingMean", module=False, globs=names)
    assert doctest.DocTestRunner().run(example) == (0, 2)
    assert sum(name.startswith("test_") for name in names["contract"]) > 10
    values = np.random.default_rng(0).normal(size=(2, 9, 3))
    expected = pd.DataFrame(np.pad(values[0], ((2, 0), (0, 0)))).rolling(3).mean()[2:]
    np.testing.assert_allclose(names["trailing_mean"](values, 3)[0], expected, rtol=1e-5, atol=1e-6)


def test_forecaster_section_runs(run_section):
    names = run_section("A forecaster")
    drift = names["DriftForecaster"](horizon=3, lookback=5)
    y = pd.Series(np.arange(20.0) * 2)
    np.testing.assert_allclose(drift.fit(y).predict(), [40, 42, 44])
    assert f"```text\n{names['report']}\n```" in SECTIONS["A forecaster"]


def test_benchmark_task_section_runs(run_section):
    names = run_section("A benchmark task")
    task = names["task"]
    assert names["forecasts"].shape == task.actual().shape
    assert set(names["scores"]) == {"mase"} and 0 < names["scores"]["mase"] < 10


def test_every_section_with_python_is_run():
    with_python = {name for name, text in SECTIONS.items() if "```python" in text}
    assert with_python == {"A layer", "A forecaster", "A benchmark task"}
