"""How accurate the defaults are on one short series: a choice among them is made here, not on the tasks of accuracy.py.

    TSATTN_DATA=../shared/data python benchmarks/short_series.py [--candidates ensemble,...] [--again] [--table]

Series of the panels of accuracy.py, each for itself and without what is tested there; the last fifth of each, and at
least a horizon, is forecast from every origin. Cells go to results/short_series.csv, and a run goes on after those that
are there. The table has geometric means of the MASE: an easy series counts as much as a hard one.
"""

import argparse

import accuracy
import numpy as np
import results
import tasks
from tqdm import tqdm

NAME = "short_series"
COUNTS = {"tourism_monthly": 16, "m4_hourly": 6, "electricity_weekly": 6}
CANDIDATES = (*accuracy.FIXED, "seq2seq", "attention", "transformer", "ensemble")


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


def run(candidates, again):
    """Measure the cells that are not in the results yet."""
    cells = {(name, candidate): task for name, task in every() for candidate in candidates}
    done = set() if again else {(row["series"], row["candidate"]) for row in results.read(NAME)}
    for name, candidate in tqdm([cell for cell in cells if cell not in done], unit="cell"):
        task = cells[name, candidate]
        forecasts, figures = accuracy.measure(candidate, task, 0)
        row = {"series": name, "candidate": candidate, "mase": f"{task.score(forecasts)['mase']:.4f}"}
        row |= {"fit_seconds": f"{figures['fit_seconds']:.1f}", "lookback": figures["lookback"]}
        results.put(NAME, row, key=("series", "candidate"))


def print_table():
    """The geometric means of the MASE, a row for each panel that the series are of."""
    rows = results.read(NAME)
    print(f"| series of | {' | '.join(CANDIDATES)} |\n|{'---|' * (1 + len(CANDIDATES))}")
    for panel in (*COUNTS, ""):
        means = []
        for candidate in CANDIDATES:
            logs = [
                np.log(float(row["mase"]))
                for row in rows
                if row["candidate"] == candidate and row["series"].startswith(panel)
            ]
            means.append(f"{np.exp(np.mean(logs)):.3f}" if logs else "-")
        print(f"| {panel or 'all'} | {' | '.join(means)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=lambda text: text.split(","), default=CANDIDATES)
    for name in ("again", "table"):
        parser.add_argument(f"--{name}", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.candidates) - set(CANDIDATES):
        parser.error(f"--candidates {','.join(sorted(unknown))}: there are {', '.join(CANDIDATES)}.")
    if not asked.table:
        run(asked.candidates, asked.again)
    print_table()


if __name__ == "__main__":
    main()
