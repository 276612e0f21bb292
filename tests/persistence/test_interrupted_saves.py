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


def killed(folder, ways, before=""):
    """Whether a row is wrong, and its counts, of saves that were killed in so many ways, by a process of its own."""
    code = (
        f"import sys\nfrom benchmarks.trust import kill_saves\n{before}\n"
        f"for row in kill_saves.run(sys.argv[1], {ways}):"
        " print(kill_saves.is_wrong(row), row['in the middle'], *[row[end] for end in kill_saves.ENDS])"
    )
    command = [sys.executable, "-c", code, str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENV)
    assert answer.returncode == 0, answer.stderr
    return [line.split() for line in answer.stdout.splitlines()]


forks = pytest.mark.skipif(sys.platform == "win32", reason="processes are not forked there")


@forks
def test_a_killed_save_leaves_the_old_file_or_the_new_one(tmp_path):
    """In full: `python benchmarks/trust/kill_saves.py`."""
    naive, network = "seasonal_naive", "attention"
    replaced, made, of_network = killed(tmp_path, [(naive, True, 4), (naive, False, 4), (network, True, 1)])
    for (is_wrong, middle, old, _, none, broken), wanted in ((replaced, "4"), (made, "4"), (of_network, "1")):
        assert (is_wrong, middle, broken) == ("False", wanted, "0")
        assert "0" in (old, none)  # where there was a file there is one, and where was none there is no other


FAULTS = {
    "written in its place": "path.write_bytes(data)",
    # Replacing, since a link to the new file is there before the `.partial` one is gone: a kill between would find it.
    "removed before": "path.unlink(missing_ok=True); place(data, path, overwrite=True)",
}


@forks
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_save_that_could_leave_something_else_is_found(tmp_path, fault):
    before = (
        "from tsattn.forecasters.model_file import write as saving\nplace = saving.place_file\n"
        f"def faulty(data, path, overwrite): {fault}\nsaving.place_file = faulty"
    )
    ((is_wrong, *_),) = killed(tmp_path, [("seasonal_naive", True, 1)], before)
    assert is_wrong == "True"
