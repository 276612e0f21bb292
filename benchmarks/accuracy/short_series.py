"""Accuracy of the default arguments on single short series. Defaults are chosen here, not on the tasks of accuracy.py.

    TSATTN_DATA=FOLDER python benchmarks/accuracy/short_series.py [--candidates ensemble,...] [--again] [--table]

The series are taken from the panels of accuracy.py, without the test data of that benchmark. The last fifth of each,
and at least one horizon, is forecast from every origin. The table has geometric means of the MASE, which give easy and
hard series the same weight.
"""

import pathlib
import sys

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np

from benchmarks.accuracy import single_series, tasks

COUNTS = {"tourism_monthly": 16, "m4_hourly": 6, "electricity_weekly": 6}  # series of each panel


def tasks_of(panel, count):
    """Yield name and task of some series of a panel, evenly spaced over its ids."""
    task = tasks.load(panel)
    ids = task.train.index.unique(0)
    for name in ids[np.linspace(0, len(ids) - 1, count).astype(int)]:
        y = task.train.loc[name].squeeze()
        steps = max(task.horizon, len(y) // 5)
        windows = steps - task.horizon + 1
        arguments = y[:-steps], y, task.horizon, windows, task.season, task.pass_season, None, tasks.mean_mase
        yield f"{panel} {name}", tasks.Task(*arguments)


def load_tasks():
    """Return the tasks of all series by name."""
    return {name: task for panel, count in COUNTS.items() for name, task in tasks_of(panel, count)}


BENCHMARK = single_series.make_benchmark(
    "short_series", load_tasks, groups={panel: panel for panel in COUNTS}, quick="tourism_monthly T1"
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
