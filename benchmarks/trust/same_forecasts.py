"""Check whether the forecasts of this checkout are bitwise equal to those of another commit.

    python benchmarks/trust/same_forecasts.py [--against COMMIT] [--groups linear,...] [--quick]

The cases are those of forecast_cases.py: all families, direct and recursive, panels, covariates, quantiles, calibrated
intervals, ensembles, loaded files, and comparisons on embedded data, without the notes of their tests. Both commits run
on this machine, one after the other. The results of the compared groups are replaced. `--quick` compares the groups
without training and writes no results. The exit code is 1 if any case differs.
"""

import pathlib
import pickle
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np
import pandas as pd

from benchmarks.common import results
from benchmarks.common.processes import ROOT, checkout, run_python
from benchmarks.common.runner import make_parser

SCRIPT = pathlib.Path(__file__).with_name("forecast_cases.py")
ERROR = "error"  # name of the case in which forecast_cases.py records the error of a group
QUICK = ("linear", "seasonal_naive", "files")


def record(root, groups):
    """Return the cases of a checkout, by group and name.

    Raises:
        RuntimeError: If another tsattn was imported.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "cases.pickle"
        run_python(SCRIPT, path, *groups, root=root)
        recorded = pickle.loads(path.read_bytes())
    if (package := pathlib.Path(recorded["package"])) != pathlib.Path(root).resolve() / "tsattn":
        raise RuntimeError(f"Imported {package}, but expected the package in {root}.")
    return recorded["groups"]


def is_same(one, other):
    """Return whether two values (containers, pandas objects or arrays) are bitwise equal."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, pd.Series | pd.DataFrame):
        check = pd.testing.assert_series_equal if isinstance(one, pd.Series) else pd.testing.assert_frame_equal
        try:
            check(one, other, check_exact=True)
        except AssertionError:
            return False
        return True
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return one == other or (one != one and other != other)  # NaN equals NaN here


def differences(one, other):
    """Return the names of the cases of a group that differ, exist in only one of the two, or raised an error."""

    def differs(name):
        return name == ERROR or name not in one or name not in other or not is_same(one[name], other[name])

    return [name for name in dict.fromkeys((*one, *other)) if differs(name)]


def main():
    parser = make_parser(__doc__, flags=("quick",))
    parser.add_argument("--against", metavar="COMMIT", default="HEAD", help="defaults to %(default)s")
    parser.add_argument("--groups", metavar="A,B", help="defaults to all groups of forecast_cases.py")
    arguments = parser.parse_args()
    groups = QUICK if arguments.quick else arguments.groups.split(",") if arguments.groups else all_groups()
    start = time.perf_counter()
    with checkout(arguments.against) as folder:
        ours, theirs = record(ROOT, groups), record(folder, groups)
    seconds = f"{time.perf_counter() - start:.0f}"
    rows = []
    for group in groups:
        different = differences(ours[group], theirs[group])
        print(f"{group}: {len(ours[group])} cases, different: {', '.join(different) or 'none'}")
        for cases in (ours[group], theirs[group]):
            if ERROR in cases:
                print(f"  {cases[ERROR]}")
        counts = {"cases": len(ours[group]), "different": len(different)}
        rows.append({"group": group, "against": arguments.against, **counts, "seed": 0, "seconds": seconds})
    if not arguments.quick:
        results.write("same_forecasts", rows, key=("group",))
    raise SystemExit(1 if any(row["different"] for row in rows) else 0)


def all_groups():
    """Return the names of all groups."""
    from benchmarks.trust import forecast_cases

    return tuple(forecast_cases.GROUPS)


if __name__ == "__main__":
    main()
