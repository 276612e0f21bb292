"""The Python code in CONTRIBUTING.md runs, with the results that the text shows."""

import doctest
import os
import pathlib
import re
import subprocess
import sys
import types

import numpy as np
import pandas as pd
import pytest

import tsattn
from tsattn.forecasters.registry import FORECASTERS, Registered

ROOT = pathlib.Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", TEXT, flags=re.S | re.M))


@pytest.fixture
def run_section(monkeypatch):
    """Run the Python code of a section from top to bottom, and return its variables."""
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


def test_registered_forecaster_is_saved_loaded_and_compared(run_section, monkeypatch, tmp_path):
    """A line in the registry is sufficient, even for a forecaster outside the package."""
    drift = run_section("A forecaster")["DriftForecaster"](horizon=12)
    monkeypatch.setitem(FORECASTERS, "DriftForecaster", Registered("contributing", "drift", trains=False))
    y = tsattn.load_dataset("air_passengers")
    drift.fit(y).save(tmp_path / "drift.tsattn")
    loaded = tsattn.load_forecaster(tmp_path / "drift.tsattn")
    pd.testing.assert_series_equal(loaded.predict(), drift.predict(), check_exact=True)
    result = tsattn.compare({"drift": drift}, y, verbose=0)
    assert set(result.leaderboard.index) == {"drift", "seasonal_naive"} and not result.errors


def test_registered_forecaster_is_on_the_command_line_and_in_the_stub(tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```", SECTIONS["A forecaster"], flags=re.S | re.M)
    (tmp_path / "drift.py").write_text(blocks[0], encoding="utf-8")
    (tmp_path / "run.py").write_text(REGISTER_AND_RUN, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    command = [sys.executable, "run.py", str(ROOT / ".ci" / "stub.py"), "forecast", "air_passengers", "--horizon", "12"]
    process = subprocess.run(
        [*command, "--model", "drift"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert "from drift import DriftForecaster as DriftForecaster" in process.stdout
    assert "Fitting drift on all rows." in process.stderr and "1961-12-01" in process.stdout


# The line of the registry, in a new process; then the stub is printed, and the command line runs.
REGISTER_AND_RUN = """
import runpy
import sys

from tsattn.forecasters.registry import FORECASTERS, Registered

FORECASTERS["DriftForecaster"] = Registered("drift", "drift", trains=False)
del sys.modules["tsattn"]  # it has read the registry, and is imported again below
print(runpy.run_path(sys.argv.pop(1))["stub"]())
from tsattn.cli import main

main()
"""


def test_benchmark_task_section_runs(run_section):
    names = run_section("A benchmark task")
    task = names["task"]
    assert names["forecasts"].shape == task.actual().shape
    assert set(names["scores"]) == {"mase"} and 0 < names["scores"]["mase"] < 10


def test_every_section_with_python_is_run():
    with_python = {name for name, text in SECTIONS.items() if "```python" in text}
    assert with_python == {"A layer", "A forecaster", "A benchmark task"}
