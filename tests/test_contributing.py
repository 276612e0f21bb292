"""What CONTRIBUTING.md shows runs, and gives what it says."""

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
def run(monkeypatch):
    """Runs the Python of a section, from top to bottom, and gives the names that it made."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(section):
        module = types.ModuleType("contributing")  # classes are pickled by its name
        monkeypatch.setitem(sys.modules, module.__name__, module)
        for block in re.findall(r"```python\n(.*?)```", SECTIONS[section], flags=re.S):
            exec(compile(block, "CONTRIBUTING.md", "exec"), vars(module))
        return vars(module)

    return run


def test_the_layer(run):
    names = run("A layer")
    (test,) = doctest.DocTestFinder().find(names["TrailingMean"], "TrailingMean", module=False, globs=names)
    assert doctest.DocTestRunner().run(test) == (0, 2)
    assert sum(name.startswith("test_") for name in names["contract"]) > 10
    values = np.random.default_rng(0).normal(size=(2, 9, 3))
    wanted = pd.DataFrame(np.pad(values[0], ((2, 0), (0, 0)))).rolling(3).mean()[2:]
    np.testing.assert_allclose(names["trailing_mean"](values, 3)[0], wanted, rtol=1e-5, atol=1e-6)


def test_the_forecaster(run):
    names = run("A forecaster")
    drift = names["DriftForecaster"](horizon=3, lookback=5)
    y = pd.Series(np.arange(20.0) * 2)
    np.testing.assert_allclose(drift.fit(y).predict(), [40, 42, 44])
    assert f"```text\n{names['told']}\n```" in SECTIONS["A forecaster"]


def test_the_benchmark_task(run):
    names = run("A benchmark task")
    task = names["task"]
    assert names["forecasts"].shape == task.actual().shape
    assert set(names["scores"]) == {"mase"} and 0 < names["scores"]["mase"] < 10


def test_every_section_is_run():
    assert set(SECTIONS) == {"A layer", "A forecaster", "A benchmark task"}


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:tsattn|tests|benchmarks)/[\w./]*)`", TEXT))))
def test_files_that_are_named_are_there(path):
    assert (ROOT / path).exists()
