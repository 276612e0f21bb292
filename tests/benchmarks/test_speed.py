"""The speed benchmark: its rows, its pairs and its workers."""

import pytest

from benchmarks.speed import rows, speed, time_to_accuracy, training, workers


def test_a_goal_judges_the_ratio_or_else_the_figure_of_tsattn():
    def met(**figures):
        return rows.row("part", "case", "s", **figures)["met"]

    assert met(ours=3.0, against="peer", theirs=1.0, ratio=0.3, goal=("<=", 0.4)) is True
    assert met(ours=3.0, against="peer", theirs=1.0, ratio=0.5, goal=("<=", 0.4)) is False
    assert met(ours=3.0, goal=("<=", 4)) is True
    assert met(ours=float("nan"), goal=("<=", 4)) is False
    assert met(ours=3.0) == ""
    assert rows.row("part", "case", "s", ours=3.0, goal=("<=", 4))["goal"] == "<= 4 s"


def test_pairs_are_measured_in_alternation_and_the_ratio_is_the_median_of_the_pairs():
    order, ours, theirs = [], iter([1.0, 9.0, 4.0]), iter([2.0, 3.0, 4.0])

    def measure(name, values):
        order.append(name)
        return next(values)

    medians = workers.paired(lambda: measure("a", ours), lambda: measure("b", theirs), turns=3)
    assert "".join(order) == "ababab"
    assert medians == (4.0, 3.0, 1.0)  # the ratios are 0.5, 3 and 1


@pytest.mark.parametrize(
    ("fit", "budgets", "reached"),
    [
        (lambda budget: (0.37 if budget >= 40 else 0.5, budget), [160, 10, 20, 40], 40),
        (lambda budget: (0.37 if budget >= 100 else 0.5, max(budget, 30)), [160, 10, 40, 80], 160),  # an epoch: 30 s
        (lambda budget: (0.37 if budget >= 20 else 0.5, min(budget, 30)), [160, 10, 20], 20),
        (lambda budget: (0.37 if budget >= 30 else 0.5, min(budget, 30)), [160, 10, 20], 30),  # it stops early
        (lambda budget: (0.5, budget), [160], None),
        (None, [160], None),
    ],
    ids=["reached", "one long epoch", "reached early", "only at the end", "never", "memory"],
)
def test_the_smallest_budget_that_reaches_the_error_is_found_without_repeating_a_fit(fit, budgets, reached):
    measured = []

    def measure(name, task, seed, budget):
        measured.append(budget)
        if fit is None:
            raise MemoryError("It was killed.")
        error, seconds = fit(budget)
        return error, {"fit_seconds": seconds}

    assert time_to_accuracy.seconds_until(measure, [(TaskWithErrors(), 0.38)], "model") == reached
    assert measured == budgets


class TaskWithErrors:
    """A task in which each forecast equals its error."""

    windows = 1

    def score(self, forecasts):
        return {"mse": forecasts}


@pytest.mark.parametrize(("sparse", "reached"), [(0.5, None), (0.4, 160)], ids=["far", "near"])
def test_a_fit_with_a_large_error_on_few_windows_does_not_forecast_all(sparse, reached):
    few, every, measured = TaskWithErrors(), TaskWithErrors(), []

    def measure(name, task, seed, budget):
        measured.append(task)
        return (sparse if task is few else 0.37), {"fit_seconds": 160}

    assert time_to_accuracy.seconds_until(measure, [(few, 0.475), (every, 0.38)], "model") == reached
    assert (every in measured) == (reached is not None)


def test_a_worker_does_several_jobs_and_reports_a_failure():
    worker = workers.Worker("tsattn")
    job = {"values": [float(value % 12) for value in range(60)], "horizon": 6, "lookback": 12, "season": 12}
    assert len(worker.ask("forecast", **job, repeats=2)["seconds"]) == 2
    with pytest.raises(RuntimeError, match="KeyError: 'no such'"):
        worker.ask("forecast", **job, repeats=1, model="no such")
    worker.close()


def test_the_operations_are_those_of_the_matrix_products():
    """By hand for an LSTM: four gates of 64 units from 7 values and 64 states, 120 steps; a head of 7
    values."""
    assert training.operations("lstm") == 3 * (120 * 2 * 71 * 256 + 24 * 2 * 64 * 7)
    block = 2 * (2 * 96 * 4 * 64 * 64 + 2 * 2 * 96 * 96 * 64 + 2 * 2 * 96 * 64 * 128)  # two of them
    cross = 2 * 64 * 64 * (24 + 96 + 96 + 24) + 2 * 2 * 24 * 96 * 64
    own = 2 * 24 * 4 * 64 * 64 + 2 * 2 * 24 * 24 * 64
    rest = 2 * 2 * 24 * 64 * 128 + 2 * 64 * 7 * (96 + 24)
    assert training.operations("transformer") == 3 * (block + cross + own + rest)


@pytest.mark.parametrize(("ratio", "slower"), [(0.98, []), (0.96, list(speed.QUICK))])
def test_a_commit_is_slower_only_beyond_the_tolerance(ratio, slower, monkeypatch):
    class Worker:
        def __init__(self, system, root=None):
            self.speed = ratio if root is None else 1.0

        def close(self):
            pass

    monkeypatch.setattr(speed, "Worker", Worker)
    monkeypatch.setattr(speed, "QUICK", {name: lambda worker: worker.speed for name in speed.QUICK})
    assert speed.compare("HEAD", tolerance=3, turns=1) == slower
