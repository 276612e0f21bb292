"""Stored files of every format can be loaded and reproduce their original forecasts."""

import json
import pathlib
import runpy
import subprocess
import sys

import numpy as np
import pytest
from forecaster_table import FORECASTERS, GatedCore

from tsattn import load_forecaster
from tsattn.persistence.container import FORMAT

FOLDER = pathlib.Path(__file__).parent.parent / "files"
FILES = sorted(FOLDER.glob("*.tsattn"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_kept_files_make_the_same_forecasts(path):
    """On any backend and any machine."""
    _, version, name = path.stem.split("_", 2)
    if name == "statistical":
        pytest.importorskip("statsforecast")
    forecasts = json.loads((FOLDER / f"format_{version}.json").read_text(encoding="utf-8"))
    model = load_forecaster(path, core=GatedCore if name == "core" else None)
    assert type(model) is type(FORECASTERS[name](horizon=1))
    np.testing.assert_allclose(model.predict().to_numpy("float64").ravel(), forecasts[name], rtol=1e-6)


WITHOUT_PYARROW = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
import tsattn
print(*tsattn.load_forecaster(sys.argv[1]).predict().to_numpy("float64").ravel())
"""


def test_kept_files_load_without_pyarrow():
    """pandas uses pyarrow for strings if it is installed; the file does not depend on this."""
    command = [sys.executable, "-c", WITHOUT_PYARROW, FOLDER / "format_1_linear.tsattn"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    forecasts = json.loads((FOLDER / "format_1.json").read_text(encoding="utf-8"))["linear"]
    np.testing.assert_allclose([float(value) for value in output.split()], forecasts, rtol=1e-6)


def test_there_is_a_file_of_every_forecaster_in_the_current_format():
    """An older format has those of its time."""
    assert {f"format_{FORMAT}_{name}" for name in FORECASTERS} <= {path.stem for path in FILES}


def test_only_missing_files_are_written(tmp_path):
    kept = {path.name: path.read_bytes() for path in FOLDER.glob(f"format_{FORMAT}*")}
    for name, data in kept.items():
        (tmp_path / name).write_bytes(data)
    missing = tmp_path / f"format_{FORMAT}_linear.tsattn"
    missing.unlink()
    make = runpy.run_path(str(FOLDER / "make.py"))
    assert set(make["MODELS"]) == {*FORECASTERS, "statistical"}  # of which the package may be missing
    make["main"](tmp_path)
    load_forecaster(missing)
    forecasts = json.loads((tmp_path / f"format_{FORMAT}.json").read_text(encoding="utf-8"))
    assert list(forecasts) == list(json.loads(kept[f"format_{FORMAT}.json"]))
    assert {name for name, data in kept.items() if (tmp_path / name).read_bytes() != data} <= {
        missing.name,
        f"format_{FORMAT}.json",
    }
