"""The README of the benchmarks: its index and its tables."""

import ast
import re

import pytest

from benchmarks.accuracy import ablation, accuracy, classic_series, counts, published, short_series
from benchmarks.common import results
from benchmarks.common.processes import ROOT
from benchmarks.speed import accelerators
from benchmarks.speed.rows import print_rows

README = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
REPORTS = {
    "accuracy": accuracy.BENCHMARK.print_table,
    "published": published.BENCHMARK.print_table,
    "short_series": short_series.BENCHMARK.print_table,
    "classic_series": classic_series.BENCHMARK.print_table,
    "ablation": ablation.BENCHMARK.print_table,
    "counts": counts.BENCHMARK.print_table,
    "speed": print_rows,
    "accelerators": accelerators.BENCHMARK.print_table,
}


def scripts():
    """Return the benchmark scripts whose docstring contains their command, except those that other scripts run."""
    for path in sorted((ROOT / "benchmarks").rglob("*.py")):
        command = f"python {path.relative_to(ROOT).as_posix()}"
        if command in (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""):
            yield command


def test_the_index_lists_every_script():
    listed = set(re.findall(r"`(python benchmarks/[\w/]+\.py)", README))
    run_by_others = {
        f"python benchmarks/{name}" for name in ("peers/run.py", "peers/work.py", "trust/forecast_cases.py")
    }
    assert listed == set(scripts()) - run_by_others


@pytest.mark.parametrize("name", REPORTS)
def test_the_tables_are_those_of_the_results(name, capsys):
    REPORTS[name](results.read(name))
    printed = [line for line in capsys.readouterr().out.splitlines() if line]
    assert len(printed) > 5 and not set(printed) - set(README.splitlines())


def test_the_figures_that_are_linked_exist():
    assert all((ROOT / "benchmarks" / path).exists() for path in re.findall(r"\]\(([^)#:]+)\)", README))
