"""What is asked of the accuracy beside what was measured."""

import collections
import statistics

from tasks import HORIZONS

SCORES = ("mse", "mae", "smape", "mase", "owa")
FAMILIES = ("seq2seq", "attention", "transformer")
OURS = ("linear", *FAMILIES, "inverted", "ensemble")
# Label: (tasks whose scores are averaged, score, asked of every family, asked of the best of ours).
GOALS = {
    "ETTh1, MSE": ([f"etth1_{horizon}" for horizon in HORIZONS], "mse", 0.425, 0.400),
    "ETTh1, MAE": ([f"etth1_{horizon}" for horizon in HORIZONS], "mae", 0.430, 0.415),
    "Exchange, MSE": ([f"exchange_{horizon}" for horizon in HORIZONS], "mse", 0.345, 0.320),
    "M4 hourly, OWA": (["m4_hourly"], "owa", 0.62, 0.50),
    "Tourism monthly, MASE": (["tourism_monthly"], "mase", 1.55, 1.42),
    "Electricity weekly, MASE": (["electricity_weekly"], "mase", 0.86, 0.76),
}


def means(rows):
    """The mean over seeds of each score, by (task, candidate), then by the score."""
    values = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows:
        for score in SCORES:
            if row[score]:
                values[row["task"], row["candidate"]][score].append(float(row[score]))
    return {cell: {score: statistics.fmean(of) for score, of in scores.items()} for cell, scores in values.items()}


def goals(rows):
    """Lines of the table of goals: label, asked of the families, each family, asked of the best, the best and its name.

    A mean that lacks a task is None.
    """
    mean = means(rows)
    lines = []
    for label, (names, score, every, best) in GOALS.items():
        figures = {}
        for candidate in OURS:
            parts = [mean.get((name, candidate), {}).get(score) for name in names]
            figures[candidate] = None if None in parts else statistics.fmean(parts)
        reached = {candidate: value for candidate, value in figures.items() if value is not None}
        winner = min(reached, key=reached.get, default=None)
        lines.append((label, every, [figures[family] for family in FAMILIES], best, reached.get(winner), winner))
    return lines


def defaults(rows):
    """For each task the score it is judged by, and what every candidate has of it."""
    mean = means(rows)
    tasks = dict.fromkeys(task for task, _ in mean)
    table = {}
    for task in tasks:
        cells = {candidate: scores for (name, candidate), scores in mean.items() if name == task}
        score = judged_by(cells.values())
        table[task] = (score, {candidate: scores[score] for candidate, scores in cells.items()})
    return table


def judged_by(cells):
    """The score that a task is judged by: the first that all its cells have."""
    return next(score for score in ("owa", "mase", "mse") if all(score in scores for scores in cells))


def print_from(rows):
    """Print both tables as Markdown."""
    print(f"\n| task | every family <= | {' | '.join(FAMILIES)} | best <= | best of ours |")
    print("|---|---|---|---|---|---|---|")
    for label, every, families, best, reached, winner in goals(rows):
        named = f"{_text(reached)} ({winner})" if winner else "-"
        print(f"| {label} | {every:.3f} | {' | '.join(map(_text, families))} | {best:.3f} | {named} |")
    table = defaults(rows)
    candidates = list(dict.fromkeys(candidate for _, cells in table.values() for candidate in cells))
    print(f"\n| task | {' | '.join(candidates)} |\n|{'---|' * (len(candidates) + 1)}")
    for task, (score, cells) in table.items():
        print(f"| {task}, {score} | {' | '.join(_text(cells.get(candidate)) for candidate in candidates)} |")


def _text(value):
    return "-" if value is None else f"{value:.3f}"
