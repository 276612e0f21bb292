"""Rows of results with what they were measured by, written to results/*.csv, or to the folder TSATTN_RESULTS."""

import contextlib
import csv
import datetime
import fcntl
import importlib.metadata
import os
import pathlib
import platform
import subprocess

FOLDER = pathlib.Path(os.environ.get("TSATTN_RESULTS") or pathlib.Path(__file__).parent / "results")
LIBRARIES = ("tensorflow", "keras", "pandas", "scikit-learn")


def write(name, rows):
    """Write rows, dicts with the same keys, to results/NAME.csv, each with date, commit and versions."""
    by = _measured_by()
    with _alone():
        _replace(name, [{**row, **by} for row in rows])


def read(name):
    """The rows of results/NAME.csv, dicts of text; none where there is no such file."""
    path = FOLDER / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def put(name, row, key):
    """Add a row to results/NAME.csv, in the place of the one with the same values in the columns `key`."""
    row = {column: str(value) for column, value in {**row, **_measured_by()}.items()}
    with _alone():
        others = [other for other in read(name) if any(other[column] != row[column] for column in key)]
        _replace(name, [*others, row])


@contextlib.contextmanager
def _alone():
    """Other processes that write or put rows wait for the end."""
    FOLDER.mkdir(exist_ok=True)
    folder = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _measured_by():
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    by = {"date": datetime.date.today(), "commit": commit, "python": platform.python_version()}
    return by | {library: importlib.metadata.version(library) for library in LIBRARIES}


def _replace(name, rows):
    path = FOLDER / f"{name}.csv"
    aside = path.with_suffix(".part")  # an interrupted run leaves the old file whole
    with aside.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    aside.replace(path)
