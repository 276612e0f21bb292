"""Rows of results in `results/*.csv`, each with the date, the commit and the versions of the measurement.

The environment variable TSATTN_RESULTS names another folder for the files.
"""

import contextlib
import csv
import datetime
import fcntl
import importlib.metadata
import io
import os
import pathlib
import platform
import subprocess

from benchmarks.common.processes import ROOT
from tsattn._utils.atomic_write import write_atomic

FOLDER = pathlib.Path(os.environ.get("TSATTN_RESULTS") or ROOT / "benchmarks" / "results")
LIBRARIES = ("tensorflow", "keras", "pandas", "scikit-learn")
PROVENANCE = ("date", "commit", "python", *LIBRARIES)


def read(name):
    """Read `results/NAME.csv`.

    Returns:
        List of dicts of text. Empty if the file does not exist.
    """
    path = FOLDER / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(name, rows, key=()):
    """Write rows to `results/NAME.csv`, each with its provenance.

    Args:
        name: Stem of the file.
        rows: List of dicts.
        key: Columns that identify a row: rows of the file with the same values are replaced, the others are kept.
            Without a key the whole file is replaced.
    """
    provenance = _provenance()
    rows = [{column: str(value) for column, value in {**row, **provenance}.items()} for row in rows]
    replaced = {identity(row, key) for row in rows}
    with _lock():
        _replace_file(name, [row for row in read(name) if identity(row, key) not in replaced] + rows)


def identity(row, key):
    """Return the values of the key columns as text."""
    return tuple(str(row[column]) for column in key)


@contextlib.contextmanager
def _lock():
    """Context manager that blocks other processes from writing results."""
    FOLDER.mkdir(exist_ok=True)
    folder = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _provenance():
    command = ["git", "-C", ROOT, "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    versions = {library: importlib.metadata.version(library) for library in LIBRARIES}
    row = {"date": datetime.date.today(), "commit": commit, "python": platform.python_version(), **versions}
    return {column: row[column] for column in PROVENANCE}


def _replace_file(name, rows):
    columns = list(dict.fromkeys(column for row in rows for column in row if column not in PROVENANCE))
    file = io.StringIO()
    writer = csv.DictWriter(file, [*columns, *PROVENANCE], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomic(FOLDER / f"{name}.csv", file.getvalue(), overwrite=True)  # an interrupted run leaves the old file
