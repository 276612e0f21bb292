"""The runner of the benchmarks and the rows that it writes."""

import argparse
import dataclasses
import importlib

import pytest

from benchmarks.common import results
from benchmarks.common.runner import Benchmark, UnknownNameError, make_parser

# Modules with benchmarks, by the names of their variables.
MODULES = {
    "accuracy.accuracy": ["BENCHMARK"],
    "accuracy.air_passengers": ["BENCHMARK"],
    "accuracy.short_series": ["BENCHMARK"],
    "accuracy.classic_series": ["BENCHMARK"],
    "accuracy.ablation": ["BENCHMARK"],
    "accuracy.covariates": ["BENCHMARK"],
    "accuracy.coverage": ["BENCHMARK"],
    "accuracy.counts": ["BENCHMARK"],
    "accuracy.cores": ["BENCHMARK"],
    "accuracy.published": ["BENCHMARK"],
    "claims.recall": ["ERRORS", "WEIGHTS"],
    "claims.order": ["BENCHMARK"],
    "claims.step_seconds": ["BENCHMARK"],
    "claims.textbook": ["BENCHMARK"],
    "claims.priors": ["BENCHMARK"],
    "speed.accelerators": ["BENCHMARK"],
    "speed.backtest": ["BENCHMARK"],
    "speed.large_panel": ["BENCHMARK"],
    "speed.report_page": ["BENCHMARK"],
}
BENCHMARKS = [(module, name) for module, names in MODULES.items() for name in names]
NONE = argparse.Namespace(quick=False, again=False, table=False)


@pytest.fixture(autouse=True)
def temporary_results(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path)


@pytest.fixture
def measured():
    """List that collects the cells measured by `benchmark`."""
    return []


@pytest.fixture
def benchmark(measured):
    """Two tasks and two candidates; the naive candidate does not depend on the seed, and one cell fails."""

    def measure(task, candidate, seed):
        measured.append((task, candidate, seed))
        if (task, candidate) == ("hard", "network"):
            raise MemoryError("too large")
        return {"error": 0.5}

    return Benchmark(
        "some",
        axes={
            "tasks": ("task", ("easy", "hard")),
            "candidates": ("candidate", lambda: ("naive", "network")),
            "seeds": ("seed", (0, 1)),
        },
        figures=("error", "note"),
        measure=measure,
        quick={"task": "easy", "candidate": "naive", "seed": 0},
        exists=lambda cell: cell["seed"] == 0 or cell["candidate"] == "network",
        skipped_errors=(MemoryError,),
    )


@pytest.mark.parametrize(("module", "name"), BENCHMARKS)
def test_the_results_in_git_have_the_columns_of_the_benchmark(module, name, monkeypatch):
    monkeypatch.undo()
    benchmark = getattr(importlib.import_module(f"benchmarks.{module}"), name)
    rows = results.read(benchmark.name)
    if not rows:
        pytest.skip(f"{benchmark.name}.csv has not been measured yet")
    assert set(rows[0]) == {*benchmark.key, *benchmark.figures, *results.PROVENANCE}
    assert "seed" in rows[0]
    assert all(row[column] for row in rows for column in ("commit", "tensorflow"))


@pytest.mark.parametrize(("module", "name"), BENCHMARKS)
def test_the_quick_cell_is_one_of_the_benchmark(module, name):
    benchmark = getattr(importlib.import_module(f"benchmarks.{module}"), name)
    if benchmark.axes:
        assert set(benchmark.quick) == set(benchmark.key)
        assert benchmark.exists(benchmark.quick)


def test_a_run_resumes_with_the_missing_cells(benchmark, measured):
    benchmark.fill({"tasks": "easy"})
    assert measured == [("easy", "naive", 0), ("easy", "network", 0), ("easy", "network", 1)]
    measured.clear()
    benchmark.fill({})
    assert measured == [("hard", "naive", 0), ("hard", "network", 0), ("hard", "network", 1)]
    assert len(results.read("some")) == 4


def test_a_skipped_error_is_printed_and_the_cell_is_tried_next_time(benchmark, measured, capsys):
    for _ in range(2):
        benchmark.fill({"tasks": "hard", "candidates": "network", "seeds": "0"})
    assert measured == [("hard", "network", 0)] * 2
    assert capsys.readouterr().out.count("hard, network, 0: too large") == 2
    assert results.read("some") == []


def test_again_measures_the_cells_that_have_results(benchmark, measured):
    for _ in range(2):
        benchmark.fill({"tasks": "easy", "candidates": "naive"}, again=True)
    assert measured == [("easy", "naive", 0)] * 2
    assert [(row["error"], row["note"]) for row in results.read("some")] == [("0.5", "")]


def test_quick_measures_one_cell_and_writes_nothing(benchmark, measured, capsys):
    benchmark.run(argparse.Namespace(**{**vars(NONE), "quick": True}))
    assert measured == [("easy", "naive", 0)]
    assert "task=easy candidate=naive seed=0 error=0.5" in capsys.readouterr().out
    assert results.read("some") == []


def test_table_measures_nothing(benchmark, measured, capsys):
    benchmark.fill({"tasks": "easy", "candidates": "naive"})
    measured.clear()
    benchmark.run(argparse.Namespace(**{**vars(NONE), "table": True}))
    assert measured == []
    assert "| easy | naive | 0 | 0.5 |  |" in capsys.readouterr().out


def test_an_unknown_name_is_an_error_that_lists_the_known_ones(benchmark, monkeypatch, capsys):
    with pytest.raises(UnknownNameError, match="--candidates received other, expected some of naive, network"):
        benchmark.run(NONE, {"candidates": "naive,other"})
    monkeypatch.setattr("sys.argv", ["some.py", "--tasks", "easy,none"])
    with pytest.raises(SystemExit):
        benchmark.main("Some benchmark.")
    assert "--tasks received none, expected some of easy, hard." in capsys.readouterr().err


def test_check_measures_nothing_and_exists_only_for_a_benchmark_with_a_check(benchmark, measured, monkeypatch, capsys):
    checked = []
    monkeypatch.setattr("sys.argv", ["some.py", "--check", "--tasks", "hard"])
    dataclasses.replace(benchmark, check=checked.append).main("Some benchmark.")
    assert (checked, measured) == ([["hard"]], [])
    with pytest.raises(SystemExit):
        benchmark.main("Some benchmark.")
    assert "unrecognized arguments: --check" in capsys.readouterr().err


def test_a_benchmark_without_axes_is_measured_once_and_replaces_all_rows():
    rows = [{"process": "a"}, {"process": "b"}]
    benchmark = Benchmark("some", axes={}, figures=("process",), measure=lambda: rows, quick={})
    benchmark.fill({})
    later = dataclasses.replace(benchmark, measure=lambda: rows[:1])
    later.fill({})
    assert len(results.read("some")) == 2
    later.fill({}, again=True)
    assert [row["process"] for row in results.read("some")] == ["a"]


def test_rows_with_the_same_key_are_replaced_and_others_are_kept():
    for task, value in (("a", 1), ("b", 2), ("a", 3)):
        results.write("some", [{"task": task, "seed": 0, "value": value}], key=("task", "seed"))
    assert [(row["task"], row["value"]) for row in results.read("some")] == [("b", "2"), ("a", "3")]
    assert results.read("none") == []


def test_a_new_column_is_added_before_the_provenance():
    results.write("some", [{"task": "a", "value": 1}], key=("task",))
    results.write("some", [{"task": "b", "value": 2, "seconds": 3}], key=("task",))
    assert [row["seconds"] for row in results.read("some")] == ["", "3"]
    assert list(results.read("some")[0]) == ["task", "value", "seconds", *results.PROVENANCE]


def test_the_flags_that_all_benchmarks_share():
    assert vars(make_parser("Some benchmark.").parse_args(["--again"])) == {**vars(NONE), "again": True}
