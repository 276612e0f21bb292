"""Rows of results with what they were measured by, written to results/*.csv."""

import csv
import datetime
import importlib.metadata
import pathlib
import platform
import subprocess

FOLDER = pathlib.Path(__file__).parent / "results"
LIBRARIES = ("tensorflow", "keras", "pandas", "scikit-learn")


def write(name, rows):
    """Write rows, dicts with the same keys, to results/NAME.csv, each with date, commit and versions."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    by = {"date": datetime.date.today(), "commit": commit, "python": platform.python_version()}
    by.update({library: importlib.metadata.version(library) for library in LIBRARIES})
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], *by], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, **by} for row in rows)
