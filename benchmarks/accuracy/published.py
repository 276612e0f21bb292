"""Accuracy on the tasks of three public tables, compared with the figures in print.

    TSATTN_DATA=FOLDER python benchmarks/accuracy/published.py [--tasks chronos/m1_monthly,...]
        [--candidates attention,...] [--seeds 0,1,2] [--quick] [--again] [--table] [--check]

The tables are those of chronos-forecasting (`chronos/`), gift-eval (`gift/`) and fev-bench (`fev/`). A candidate
receives the horizon and the frequency. It is fitted once to what precedes the first window. MASE is the error of the
median. The quantile metric, WQL, CRPS or SQL, is the mean over the levels 0.1 to 0.9. Forecasters without quantiles
have none, except the seasonal naive forecaster, for which the tables define quantiles. Candidates whose names end with
`zero_shot` are pretrained networks without training. Training is limited to 300 seconds. Candidates that do not depend
on the seed are measured with the seed 0 only.

`--check` measures the seasonal naive forecaster alone and fails if a score differs from the one in print. `--quick`
needs no files.
"""

import pathlib
import statistics
import sys

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.accuracy import published_candidates as candidates
from benchmarks.accuracy import published_tasks as tasks
from benchmarks.accuracy.published_figures import MODELS, figures, is_leaked
from benchmarks.accuracy.published_scores import QUANTILE_METRICS
from benchmarks.common.runner import Benchmark
from benchmarks.common.tables import number, print_table

SCORES = ("mase", *QUANTILE_METRICS)
TOLERANCE = 2e-4  # of the check, absolute and relative
SHORT = ("m1_monthly", "m1_quarterly", "m3_yearly", "tourism_monthly", "tourism_quarterly")
# Groups of tasks that are summarised by a geometric mean.
GROUPS = {
    "short": [f"chronos/{name}" for name in SHORT],
    **{name: [task for task in tasks.TASKS if task.startswith(f"gift/{name}/")] for name in ("ett1", "us_births")},
    "m4_hourly": ["gift/m4_hourly/H/short"],
    "fev": [task for task in tasks.TASKS if task.startswith("fev/")],
}


def measure(task, candidate, seed):
    """Return scores and seconds of one cell."""
    loaded = tasks.load(task)
    forecasts, quantiles, seconds = candidates.measure(candidate, loaded, seed)
    scores = {name: f"{value:.6g}" for name, value in loaded.score(forecasts, quantiles).items()}
    return scores | {name: f"{value:.2f}" for name, value in seconds.items()}


def deviations(task):
    """Return how far the scores of the seasonal naive forecaster are from those in print.

    Returns:
        Dict from the name of a score to the absolute or relative deviation, whichever is larger.
    """
    loaded = tasks.load(task)
    forecasts, quantiles, _ = candidates.measure("seasonal_naive", loaded, 0)
    printed = [row["seasonal naive"][0] for row in figures(task)]
    scores = loaded.score(forecasts, quantiles)
    return {
        name: abs(score - figure) / min(1, figure)
        for (name, score), figure in zip(scores.items(), printed, strict=True)
    }


def check(names):
    """Print the deviations of some tasks.

    Raises:
        SystemExit: If one is too large.
    """
    failed = []
    for task in names:
        found = deviations(task)
        print(task, *(f"{name} {value:.1e}" for name, value in found.items()))
        failed += [task] if max(found.values()) > TOLERANCE else []
    if failed:
        raise SystemExit(f"The seasonal naive forecast deviates by more than {TOLERANCE} on {', '.join(failed)}.")


def means(rows, score):
    """Return the mean over seeds of a score, by (task, candidate).

    Args:
        rows: Rows of the results.
        score: 0 for MASE, 1 for the quantile metric.
    """
    values = {}
    for row in rows:
        value = row["mase"] if score == 0 else next((row[name] for name in QUANTILE_METRICS if row[name]), "")
        if value:
            values.setdefault((row["task"], row["candidate"]), []).append(float(value))
    return {cell: statistics.fmean(of) for cell, of in values.items()}


def relative_means(mean, names, score):
    """Return the geometric mean over tasks of a score relative to that of the seasonal naive forecast in print.

    Args:
        mean: Means of the candidates, as of `means`.
        names: Names of the tasks.
        score: As for `means`.

    Returns:
        Two dicts, for the candidates and for the models in print. One without a score on each task is missing.
    """
    printed = {(task, model): figure for task in names for model, (figure, _) in figures(task)[score].items()}
    ratios = []
    for table in (mean, printed):
        of = {}
        for name in dict.fromkeys(name for _, name in table):
            if all((task, name) in table for task in names):
                of[name] = statistics.geometric_mean(
                    table[task, name] / printed[task, "seasonal naive"] for task in names
                )
        ratios.append(of)
    return ratios


def print_tables(rows):
    """Print both scores of all tasks, and the geometric means of the groups, next to the figures in print."""
    measured = {row["candidate"] for row in rows}
    columns = [candidate for candidate in candidates.CANDIDATES if candidate in measured]
    header = [*columns, *(f"{model} (in print)" for model in MODELS)]
    for score, title in enumerate(("MASE", "WQL, CRPS or SQL")):
        mean, lines = means(rows, score), []
        for task in tasks.TASKS:
            ours = [_cell(mean.get((task, candidate))) for candidate in columns]
            lines.append([task, *ours, *_printed_cells(figures(task)[score], [task])])
        print_table([title, *header], lines)
    lines = []
    for group, names in GROUPS.items():
        metric, _ = tasks.TABLES[names[0].partition("/")[0]]
        for score, title in enumerate(("MASE", metric.upper())):
            ours, theirs = relative_means(means(rows, score), names, score)
            ours = [_cell(ours.get(candidate)) for candidate in columns]
            lines.append([f"{group}, {title}", *ours, *_printed_cells({m: (f, "") for m, f in theirs.items()}, names)])
    print_table(["relative to the seasonal naive forecast", *header], lines)


def _printed_cells(printed, names):
    """Return the cells of the models in print; a star marks those that may have seen the data of a task."""
    cells = []
    for model in MODELS:
        value, name = printed.get(model, (None, ""))
        star = "*" if value is not None and any(is_leaked(model, task) for task in names) else ""
        cells.append(f"{_cell(value)}{star} {name}".strip())
    return cells


def _cell(value):
    """Return a score with three decimal places, or with four if it is small."""
    return f"{value:.4f}" if value is not None and value < 0.1 else number(value)


BENCHMARK = Benchmark(
    "published",
    axes={
        "tasks": ("task", tasks.TASKS.keys),
        "candidates": ("candidate", candidates.CANDIDATES.keys),
        "seeds": ("seed", (0, 1, 2)),
    },
    figures=(*SCORES, "fit_seconds", "predict_seconds"),
    measure=measure,
    quick={"task": next(iter(tasks.QUICK)), "candidate": "attention", "seed": 0},
    exists=lambda cell: cell["seed"] == 0 or cell["candidate"] not in candidates.DETERMINISTIC,
    skipped_errors=(MemoryError,),
    report=print_tables,
    check=check,
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
