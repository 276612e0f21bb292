"""The accuracy benchmark measures what the literature measures."""

import os
import pathlib
import sys

import pytest

BENCHMARKS = pathlib.Path(__file__).parent.parent / "benchmarks"
DATA = os.environ.get("TSATTN_DATA")
# Task: season of the naive forecast, score, published figure, to as many places as it was published with.
PUBLISHED = {
    "etth1_96": (24, {"mse": 0.512, "mae": 0.433}),
    "etth1_192": (24, {"mse": 0.581, "mae": 0.469}),
    "etth1_336": (24, {"mse": 0.650, "mae": 0.501}),
    "etth1_720": (24, {"mse": 0.655, "mae": 0.514}),
    "m4_hourly": (24, {"mase": 1.193, "owa": 0.627}),
    "tourism_monthly": (12, {"mase": 1.631}),
    "electricity_weekly": (52, {"mase": 0.883}),
}
LAST_VALUE = {
    "etth1_96": {"mse": 1.294, "mae": 0.713},
    "etth1_192": {"mse": 1.325, "mae": 0.733},
    "etth1_336": {"mse": 1.330, "mae": 0.746},
    "etth1_720": {"mse": 1.335, "mae": 0.755},
    "electricity_weekly": {"mase": 1.508},
}
EXCHANGE = 0.341  # the mean of four horizons, MSE


@pytest.fixture(scope="module", autouse=True)
def benchmarks():
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))


@pytest.mark.skipif(not DATA, reason="TSATTN_DATA names no folder with the data of the benchmarks")
@pytest.mark.parametrize("task", [*PUBLISHED, "exchange"])
def test_the_naive_forecasts_score_what_was_published(task):
    import accuracy
    import tasks

    def score(name, candidate):
        loaded = tasks.load(name)
        return loaded.score(accuracy.measure(candidate, loaded, 0)[0])

    if task == "exchange":
        scores = [score(f"exchange_{horizon}", "last_value")["mse"] for horizon in tasks.HORIZONS]
        assert sum(scores) / 4 == pytest.approx(EXCHANGE, abs=0.0005)
        return
    expected = {"seasonal_naive": PUBLISHED[task][1], "last_value": LAST_VALUE.get(task)}
    for candidate, figures in expected.items():
        if figures:
            scores = score(task, candidate)
            assert {name: scores[name] for name in figures} == pytest.approx(figures, abs=0.00051)


def test_the_results_in_git_hold_the_published_naive_forecasts():
    import accuracy_table
    import results

    means = accuracy_table.means(results.read("accuracy"))
    for candidate, figures in (
        ("seasonal_naive", {task: scores for task, (_, scores) in PUBLISHED.items()}),
        ("last_value", LAST_VALUE),
    ):
        for task, scores in figures.items():
            measured = means[task, candidate]
            assert {name: measured[name] for name in scores} == pytest.approx(scores, abs=0.00051)


def test_the_table_says_what_is_missing():
    import accuracy_table

    row = {"task": "m4_hourly", "candidate": "seq2seq", "mse": "", "mae": "", "smape": "12", "mase": "1", "owa": "0.5"}
    rows = [row, {**row, "owa": "0.7"}, {**row, "task": "etth1_96", "mse": "0.4"}]
    lines = {label: rest for label, *rest in accuracy_table.goals(rows)}
    assert lines["M4 hourly, OWA"] == [0.62, [pytest.approx(0.6), None, None], 0.5, pytest.approx(0.6), "seq2seq"]
    assert lines["ETTh1, MSE"][1] == [None, None, None]


def test_results_are_replaced_by_key_and_kept_otherwise(tmp_path, monkeypatch):
    import results

    monkeypatch.setattr(results, "FOLDER", tmp_path)
    for task, value in (("a", 1), ("b", 2), ("a", 3)):
        results.put("some", {"task": task, "seed": 0, "value": value}, key=("task", "seed"))
    assert [(row["task"], row["value"]) for row in results.read("some")] == [("b", "2"), ("a", "3")]
    assert results.read("none") == []
