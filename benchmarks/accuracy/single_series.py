"""Benchmarks on single series: each series with each candidate, and geometric means of the MASE."""

import functools

import numpy as np

from benchmarks.accuracy import candidates
from benchmarks.common import tables
from benchmarks.common.families import FAMILIES
from benchmarks.common.runner import Benchmark

CANDIDATES = (*candidates.DETERMINISTIC, *FAMILIES, "ensemble")


def make_benchmark(name, load_tasks, groups, quick):
    """Return the benchmark of some single series.

    Args:
        name: Stem of the file of results.
        load_tasks: Function that returns the tasks by the names of the series.
        groups: Mapping from the common name prefix of a group to its label in the table.
        quick: Name of the series that `--quick` measures.
    """
    load_tasks = functools.cache(load_tasks)

    def measure(series, candidate, seed):
        task = load_tasks()[series]
        forecasts, figures = candidates.measure(candidate, task, seed)
        row = {"mase": f"{task.score(forecasts)['mase']:.4f}", "fit_seconds": f"{figures['fit_seconds']:.1f}"}
        return row | {"lookback": figures["lookback"]}

    return Benchmark(
        name,
        axes={
            "tasks": ("series", lambda: load_tasks().keys()),
            "candidates": ("candidate", CANDIDATES),
            "seeds": ("seed", (0,)),
        },
        figures=("mase", "fit_seconds", "lookback"),
        measure=measure,
        quick={"series": quick, "candidate": "linear", "seed": 0},
        report=functools.partial(print_means, groups=groups),
    )


def print_means(rows, groups):
    """Print the geometric mean of the MASE by group, and how often the error exceeds that of the naive forecast."""
    errors = {(row["series"], row["candidate"]): float(row["mase"]) for row in rows}
    lines = [
        [label, *(_geometric_mean(errors, group, candidate) for candidate in CANDIDATES)]
        for group, label in {**groups, "": "all"}.items()
    ]
    worse = [
        sum(error > errors[series, "seasonal_naive"] for (series, other), error in errors.items() if other == candidate)
        for candidate in CANDIDATES
    ]
    lines.append(["series with a higher error than seasonal_naive", *worse])
    tables.print_table(["series", *CANDIDATES], lines)


def _geometric_mean(errors, group, candidate):
    logs = [
        np.log(error) for (series, other), error in errors.items() if other == candidate and series.startswith(group)
    ]
    return tables.number(np.exp(np.mean(logs)) if logs else None)
