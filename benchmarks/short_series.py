"""How accurate the defaults are on one short series: a choice among them is made here, not on the tasks of accuracy.py.

    TSATTN_DATA=../shared/data python benchmarks/short_series.py [--candidates ensemble,...] [--again] [--table]

Series of the panels of accuracy.py, each for itself and without what is tested there; the last fifth of each, and at
least a horizon, is forecast from every origin. Cells go to results/short_series.csv, and a run goes on after those that
are there. The table has geometric means of the MASE: an easy series counts as much as a hard one.
"""

import numpy as np
import single_series
import tasks

NAME = "short_series"
COUNTS = {"tourism_monthly": 16, "m4_hourly": 6, "electricity_weekly": 6}


def series_of(panel, count):
    """So many single series of a panel as tasks by name, evenly chosen among its ids."""
    task = tasks.load(panel)
    ids = task.learn.index.unique(0)
    for name in ids[np.linspace(0, len(ids) - 1, count).astype(int)]:
        y = task.learn.loc[name].squeeze()
        steps = max(task.horizon, len(y) // 5)
        windows = steps - task.horizon + 1
        made = y[:-steps], y, task.horizon, windows, task.season, task.told, None, tasks.mean_mase
        yield f"{panel} {name}", tasks.Task(*made)


def every():
    """All series of all panels, as tasks by name."""
    for panel, count in COUNTS.items():
        yield from series_of(panel, count)


if __name__ == "__main__":
    single_series.main(NAME, every, COUNTS, __doc__)
