"""The goals of the accuracy benchmark, compared with the measurements."""

import collections
import statistics

from benchmarks.accuracy.tasks import HORIZONS
from benchmarks.common.families import FAMILIES
from benchmarks.common.tables import number, print_table

SCORES = ("mse", "mae", "smape", "mase", "owa")
TSATTN = ("linear", *FAMILIES, "inverted", "ensemble")
# Label: (tasks whose scores are averaged, score, goal for each family, goal for the best candidate of tsattn).
GOALS = {
    "ETTh1, MSE": ([f"etth1_{horizon}" for horizon in HORIZONS], "mse", 0.425, 0.400),
    "ETTh1, MAE": ([f"etth1_{horizon}" for horizon in HORIZONS], "mae", 0.430, 0.415),
    "Exchange, MSE": ([f"exchange_{horizon}" for horizon in HORIZONS], "mse", 0.345, 0.320),
    "M4 hourly, OWA": (["m4_hourly"], "owa", 0.62, 0.50),
    "Tourism monthly, MASE": (["tourism_monthly"], "mase", 1.55, 1.42),
    "Electricity weekly, MASE": (["electricity_weekly"], "mase", 0.86, 0.76),
}


def means(rows):
    """Return the mean over seeds of each score, by (task, candidate), then by score."""
    values = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows:
        for score in SCORES:
            if row[score]:
                values[row["task"], row["candidate"]][score].append(float(row[score]))
    return {cell: {score: statistics.fmean(of) for score, of in scores.items()} for cell, scores in values.items()}


def goal_rows(rows):
    """Return the rows of the table of goals.

    Each has the label, the goal for the families, the mean of each family, the goal for the best candidate, its mean
    and its name. A mean is None if a task was not measured.
    """
    mean = means(rows)
    table = []
    for label, (names, score, family_goal, best_goal) in GOALS.items():
        figures = {}
        for candidate in TSATTN:
            parts = [mean.get((name, candidate), {}).get(score) for name in names]
            figures[candidate] = None if None in parts else statistics.fmean(parts)
        measured = {candidate: value for candidate, value in figures.items() if value is not None}
        best = min(measured, key=measured.get, default=None)
        families = [figures[family] for family in FAMILIES]
        table.append((label, family_goal, families, best_goal, measured.get(best), best))
    return table


def task_scores(rows):
    """Return, for each task, its main score and the mean of this score for each candidate."""
    mean = means(rows)
    table = {}
    for task in dict.fromkeys(task for task, _ in mean):
        cells = {candidate: scores for (name, candidate), scores in mean.items() if name == task}
        score = main_score(cells.values())
        table[task] = (score, {candidate: scores[score] for candidate, scores in cells.items()})
    return table


def main_score(cells):
    """Return the main score of a task: the first of OWA, MASE and MSE that all cells have."""
    return next(score for score in ("owa", "mase", "mse") if all(score in scores for scores in cells))


def print_tables(rows):
    """Print the table of goals and the table of all tasks."""
    lines = []
    for label, family_goal, families, best_goal, value, best in goal_rows(rows):
        text = f"{number(value)} ({best})" if best else "-"
        lines.append([label, number(family_goal), *map(number, families), number(best_goal), text])
    print_table(["task", "goal for each family", *FAMILIES, "goal for the best", "best of tsattn"], lines)
    table = task_scores(rows)
    candidates = list(dict.fromkeys(candidate for _, cells in table.values() for candidate in cells))
    lines = [
        [f"{task}, {score}", *(number(cells.get(candidate)) for candidate in candidates)]
        for task, (score, cells) in table.items()
    ]
    print_table(["task", *candidates], lines)
