"""Interrupted saves do not change the old file."""

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
    """A saved file and its bytes."""
    path = tmp_path / "model.tsattn"
    SeasonalNaiveForecaster(HORIZON).fit(monthly()).save(path)
    return path, path.read_bytes()


def assert_save_fails(path, before, error):
    with pytest.raises(error):
        LinearForecaster(HORIZON).fit(monthly()).save(path, overwrite=True)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_file_size_limit_leaves_the_old_file(old):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        assert_save_fails(*old, OSError)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_full_disk_or_ctrl_c_leaves_the_old_file(old, step, error, monkeypatch):
    def failing(*arguments):
        raise error

    monkeypatch.setattr(f"os.{step}", failing)
    assert_save_fails(*old, type(error))


def killed(folder, ways, before=""):
    """For each way to kill saves: whether its row is wrong, and its counts. Runs in a separate process."""
    code = (
        f"import sys\nfrom benchmarks.trust import kill_saves\n{before}\n"
        f"for row in kill_saves.run(sys.argv[1], {ways}):"
        " print(kill_saves.is_wrong(row), row['in the middle'], *[row[end] for end in kill_saves.ENDS])"
    )
    command = [sys.executable, "-c", code, str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENV)
    assert result.returncode == 0, result.stderr
    return [line.split() for line in result.stdout.splitlines()]


forks = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork processes")


@forks
def test_a_killed_save_leaves_the_old_or_the_new_file(tmp_path):
    """The long version is `python benchmarks/trust/kill_saves.py`."""
    naive, network = "seasonal_naive", "attention"
    replaced, created, network_saves = killed(tmp_path, [(naive, True, 4), (naive, False, 4), (network, True, 1)])
    for (is_wrong, middle, old, _, none, broken), kills in ((replaced, "4"), (created, "4"), (network_saves, "1")):
        assert (is_wrong, middle, broken) == ("False", kills, "0")
        assert "0" in (old, none)  # an existing file is never lost, and no other file appears


FAULTS = {
    "written in its place": "path.write_bytes(data)",
    # This uses overwrite, because a new file is linked before its `.partial` file is removed, and a kill could occur in
    # between.
    "removed first": "path.unlink(missing_ok=True); write(path, data, overwrite=True)",
}


@forks
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_unsafe_saves_are_detected(tmp_path, fault):
    before = (
        "from tsattn.forecasters.model_file import write as saving\nwrite = saving.write_atomic\n"
        f"def faulty(path, data, *, overwrite): {fault}\nsaving.write_atomic = faulty"
    )
    ((is_wrong, *_),) = killed(tmp_path, [("seasonal_naive", True, 1)], before)
    assert is_wrong == "True"
