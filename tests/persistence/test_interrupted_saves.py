"""Saves that end in the middle: the old file is there, whole."""

import errno
import os
import pathlib
import subprocess
import sys

import pytest
from forecaster_table import HORIZON, monthly

from tsattn import LinearForecaster, SeasonalNaiveForecaster

ROOT = pathlib.Path(__file__).parent.parent.parent
ENV = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def old(tmp_path):
    """A file, and its bytes."""
    path = tmp_path / "model.tsattn"
    SeasonalNaiveForecaster(HORIZON).fit(monthly()).save(path)
    return path, path.read_bytes()


def fails(path, before, error):
    with pytest.raises(error):
        LinearForecaster(HORIZON).fit(monthly()).save(path, overwrite=True)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_may_not_grow_leaves_the_old_one(old):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        fails(*old, OSError)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_full_disk_or_ctrl_c_leaves_the_old_one(old, step, error, monkeypatch):
    def failing(*arguments):
        raise error

    monkeypatch.setattr(f"os.{step}", failing)
    fails(*old, type(error))


@pytest.mark.skipif(sys.platform == "win32", reason="processes are not forked there")
def test_a_killed_save_leaves_the_old_file_or_the_new_one(tmp_path):
    """In full: `python benchmarks/kill_saves.py`."""
    code = (
        "import sys, kill_saves; counts, _ = kill_saves.run(sys.argv[1], 10); print(counts['broken'], counts.total())"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT / "benchmarks", env=ENV)
    assert answer.stdout.split() == ["0", "10"]
