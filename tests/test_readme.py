"""What the README shows runs, and what CI runs is what the README says."""

import inspect
import pathlib
import re
import runpy

import numpy as np
import pytest

import tsattn

ROOT = pathlib.Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, flags=re.S)
SHELL = re.findall(r"```bash\n(.*?)```", README, flags=re.S)


@pytest.mark.filterwarnings("ignore:On the held-out windows")  # what is hardly trained falls back, and says so
def test_the_python_of_the_readme_runs(monkeypatch, tmp_path):
    """From top to bottom, as a reader would; only the training is shorter."""
    monkeypatch.setattr(tsattn.Training.__init__, "__defaults__", shorter_training())
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in PYTHON:
        exec(compile(block, "README.md", "exec"), names)
    assert len(PYTHON) >= 5
    assert len(names["search"].best_estimator_.predict()) == 12
    assert len(names["textbook"].fit(names["y"]).predict()) == 12
    assert set(names["result"].leaderboard.index) == {"seq2seq", "attention", "linear", "seasonal_naive"}
    assert (tmp_path / "report.html").stat().st_size > 10**6
    assert names["classifier"](np.zeros((2, 96, 7))).shape == (2, 1)


def shorter_training():
    options = {name: option.default for name, option in inspect.signature(tsattn.Training).parameters.items()}
    assert tuple(options.values()) == tsattn.Training.__init__.__defaults__
    return tuple({**options, "epochs": 2, "batches_per_epoch": 4}.values())


def test_there_is_one_command_to_run_and_one_to_test():
    run, test = SHELL[:2]
    assert run.count("\n") == test.count("\n") == 1
    assert "tsattn compare" in run and "pytest" in test
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in ci and "pytest -q\n" not in ci.split("JAX")[0]
    assert 'bash -euo pipefail -c "$command"' in ci


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#]+)\)", README))
def test_links_lead_to_files(path):
    assert path.startswith("http") or (ROOT / path).exists()


def test_the_worked_cores_run():
    cores = runpy.run_path(str(ROOT / "benchmarks" / "accuracy" / "cores.py"))["CORES"]
    y, training = (
        tsattn.load_dataset("air_passengers"),
        tsattn.Training(epochs=1, batches_per_epoch=4, random_state=0, verbose=0),
    )
    assert len(cores) == 3
    for core in cores.values():
        options = {"core": core, "units": 8, "lookback": 36, "fallback": False, "training": training}
        model = tsattn.CoreForecaster(12, **options).fit(y)
        assert np.isfinite(model.predict()).all()
    np.testing.assert_allclose(model.attention_weights().sum(axis=1), 1.0, rtol=1e-5)
