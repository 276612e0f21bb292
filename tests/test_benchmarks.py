"""The accuracy benchmark measures what the literature measures."""

import os
import pathlib
import re
import sys

import numpy as np
import pytest

import tsattn

BENCHMARKS = pathlib.Path(__file__).parent.parent / "benchmarks"
ROOMS = ("benchmarks/", "tests/")
DATA = os.environ.get("TSATTN_DATA")
# Task: season of the naive forecast, and figures as published, to as many places.
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
        assert name not in PUBLISHED or loaded.season == PUBLISHED[name][0]
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
    exchange = [means[name, "last_value"]["mse"] for name in accuracy_table.GOALS["Exchange, MSE"][0]]
    assert sum(exchange) / 4 == pytest.approx(EXCHANGE, abs=0.0005)
    for candidate, figures in (
        ("seasonal_naive", {task: scores for task, (_, scores) in PUBLISHED.items()}),
        ("last_value", LAST_VALUE),
    ):
        for task, scores in figures.items():
            measured = means[task, candidate]
            assert {name: measured[name] for name in scores} == pytest.approx(scores, abs=0.00051)


@pytest.mark.parametrize("script", ["accuracy", "ablation", "short_series", "classic_series"])
def test_the_tables_of_the_readme_are_those_of_the_results(script, capsys):
    import ablation
    import accuracy_table
    import classic_series
    import results
    import short_series
    import single_series

    groups = {"short_series": short_series.COUNTS, "classic_series": classic_series.SERIES}
    if script in groups:
        single_series.print_table(script, groups[script])
    else:
        {"accuracy": accuracy_table, "ablation": ablation}[script].print_from(results.read(script))
    printed = [line for line in capsys.readouterr().out.splitlines() if line]
    readme = (BENCHMARKS / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(printed) > 5 and not set(printed) - set(readme)


def test_a_run_goes_on_after_what_is_done_and_after_a_peer_that_fails(tmp_path, monkeypatch, capsys):
    import accuracy
    import results

    asked = []

    def row_of(*cell):
        asked.append(cell)
        if cell[1] == "tfts_lstm":
            raise accuracy.PeerFailedError("it failed")
        return dict(zip(accuracy.KEY, cell, strict=True))

    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(accuracy, "row_of", row_of)
    accuracy.run(["co2"], ["linear", "tfts_lstm", "seq2seq"], [0], again=False)
    assert "co2: it failed" in capsys.readouterr().out
    accuracy.run(["co2"], ["linear", "tfts_lstm", "seq2seq"], [0, 1], again=False)
    fixed, peer, first, second = (
        ("co2", *cell) for cell in (("linear", 0), ("tfts_lstm", 0), ("seq2seq", 0), ("seq2seq", 1))
    )
    assert asked == [fixed, peer, first, peer, second]  # what no seed changes is measured by one
    assert len(results.read("accuracy")) == 3


def test_what_is_taken_away_is_an_argument_of_every_family_or_its_training():
    import ablation
    import accuracy
    import tasks

    task = tasks.load("co2")
    for change, (arguments, _) in ablation.CHANGES.items():
        for family in ("seq2seq", "attention", "transformer"):
            before = accuracy.forecaster_of(family, task, 0).get_params()
            after = accuracy.forecaster_of(family, task, 0).set_params(**arguments).get_params()
            changed = {name for name in before if name != "training" and before[name] != after[name]}
            assert changed == set(arguments), (change, family)


def test_a_peer_gets_short_series_and_gaps_filled_from_the_past(tmp_path):
    from peers.handover import Handover

    nan = float("nan")
    series = [np.array([[nan, 1.0], [2.0, nan], [nan, 3.0], [4.0, 4.0], [5.0, 5.0]]), np.arange(16.0).reshape(8, 2)]
    Handover(series, [3, 6], lookback=5, horizon=2, windows=1, stride=1, season=1).write(tmp_path / "task.npz")
    task = Handover.read(tmp_path / "task.npz")
    assert task.series[0].tolist() == [[2, 1]] * 2 + [[2, 1], [2, 1], [2, 3], [4, 4], [5, 5]]
    assert task.learn == [5, 6] and task.first == [5, 6]
    np.testing.assert_array_equal(task.series[1], series[1])
    learnt = task.scaled[1][:6]
    np.testing.assert_allclose([learnt.mean(axis=0), learnt.std(axis=0)], [[0, 0], [1, 1]], atol=1e-8)
    forecasts = np.stack([part[-2:] for part in task.scaled])[:, None]
    np.testing.assert_allclose(task.unscaled(forecasts)[:, 0], np.stack([part[-2:] for part in task.series]))


def test_the_error_beside_covariates_is_that_of_every_window():
    import covariates

    y = tsattn.load_dataset("weather").iloc[:600, 0]
    model = tsattn.LinearForecaster(covariates.HORIZON, lookback=48).fit(y[:400])
    mse, mae, windows = covariates.errors(model, y, None, 400, 2.0)
    assert windows == 600 - covariates.HORIZON + 1 - 400
    errors = [model.predict(y=y[:end]) - y[end : end + covariates.HORIZON] for end in range(400, 400 + windows)]
    assert (mse, mae) == pytest.approx((np.square(errors).mean() / 4, np.abs(errors).mean() / 2))


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


def test_a_goal_judges_the_ratio_or_where_there_is_none_our_figure():
    from speed_table import row

    def judged(**figures):
        return row("part", "case", "s", **figures)["met"]

    assert judged(ours=3.0, against="peer", theirs=1.0, ratio=0.3, goal=("<=", 0.4)) is True
    assert judged(ours=3.0, against="peer", theirs=1.0, ratio=0.5, goal=("<=", 0.4)) is False
    assert judged(ours=3.0, goal=("<=", 4)) is True
    assert judged(ours=float("nan"), goal=("<=", 4)) is False
    assert judged(ours=3.0) == ""
    assert row("part", "case", "s", ours=3.0, goal=("<=", 4))["goal"] == "<= 4 s"


def test_pairs_are_measured_in_turn_and_their_ratios_counted():
    from speed_pairs import paired

    order, ours, theirs = [], iter([1.0, 9.0, 4.0]), iter([2.0, 3.0, 4.0])

    def measure(name, values):
        order.append(name)
        return next(values)

    told = paired(lambda: measure("a", ours), lambda: measure("b", theirs), turns=3)
    assert "".join(order) == "ababab"
    assert told == (4.0, 3.0, 1.0)  # the ratios are 0.5, 3 and 1


@pytest.mark.parametrize(
    ("fit", "asked", "reached"),
    [
        (lambda budget: (0.37 if budget >= 40 else 0.5, budget), [160, 10, 20, 40], 40),
        (lambda budget: (0.37 if budget >= 100 else 0.5, max(budget, 30)), [160, 10, 40, 80], 160),  # an epoch: 30 s
        (lambda budget: (0.37 if budget >= 20 else 0.5, min(budget, 30)), [160, 10, 20], 20),
        (lambda budget: (0.37 if budget >= 30 else 0.5, min(budget, 30)), [160, 10, 20], 30),  # it stops by itself
        (lambda budget: (0.5, budget), [160], None),
        (None, [160], None),
    ],
    ids=["reached", "one long epoch", "reached early", "only by the end", "never", "memory"],
)
def test_the_least_budget_that_reaches_the_error_is_found_and_no_fit_is_repeated(fit, asked, reached):
    import speed_processes

    budgets = []

    class Accuracy:
        def measure(self, name, task, seed, budget):
            budgets.append(budget)
            if fit is None:
                raise MemoryError("It was killed.")
            error, seconds = fit(budget)
            return error, {"fit_seconds": seconds}

    assert speed_processes._until(Accuracy(), [(Scored(), 0.38)], "model") == reached
    assert budgets == asked


class Scored:
    """A task whose forecasts are their own error."""

    windows = 1

    def score(self, forecasts):
        return {"mse": forecasts}


@pytest.mark.parametrize(("sparse", "reached"), [(0.5, None), (0.4, 160)], ids=["far", "near"])
def test_a_fit_that_errs_far_too_much_on_a_few_windows_is_not_asked_for_all(sparse, reached):
    import speed_processes

    few, all_of_them, looked = Scored(), Scored(), []

    class Accuracy:
        def measure(self, name, task, seed, budget):
            looked.append(task)
            return (sparse if task is few else 0.37), {"fit_seconds": 160}

    assert speed_processes._until(Accuracy(), [(few, 0.475), (all_of_them, 0.38)], "model") == reached
    assert (all_of_them in looked) == (reached is not None)


def test_a_task_of_fewer_origins_has_the_last_of_them_and_scores_them_alone():
    import tasks

    task = tasks.load("air_passengers")
    few = task.every(4)
    assert few.windows == -(-task.windows // 4) and few.stride == 4
    np.testing.assert_array_equal(few.actual(), task.actual()[:, ::-1][:, ::4][:, ::-1])
    model = tsattn.LinearForecaster(horizon=task.horizon).fit(task.learn)
    forecasts = model.predict_windows(task.whole, windows=few.windows, stride=few.stride)[..., 0]
    whole = model.predict_windows(task.whole, windows=task.windows)[..., 0]
    np.testing.assert_array_equal(forecasts, whole[:, ::-1][:, ::4][:, ::-1])
    assert np.isfinite(few.score(forecasts)["mase"])


def test_a_worker_waits_for_work_and_tells_of_a_failure():
    from speed_pairs import Worker

    worker = Worker("tsattn")
    job = {"values": [float(value % 12) for value in range(60)], "horizon": 6, "lookback": 12, "season": 12}
    assert len(worker.ask("forecast", **job, repeats=2)["seconds"]) == 2
    with pytest.raises(RuntimeError, match="KeyError: 'no such'"):
        worker.ask("forecast", **job, repeats=1, model="no such")
    worker.close()


def test_the_operations_counted_are_those_of_the_products():
    """By hand for an LSTM: four gates of 64 units from 7 values and 64 states, 120 steps; a head of 7 values."""
    from speed_training import operations

    assert operations("lstm") == 3 * (120 * 2 * 71 * 256 + 24 * 2 * 64 * 7)
    block = 2 * (2 * 96 * 4 * 64 * 64 + 2 * 2 * 96 * 96 * 64 + 2 * 2 * 96 * 64 * 128)  # two of them
    cross = 2 * 64 * 64 * (24 + 96 + 96 + 24) + 2 * 2 * 24 * 96 * 64
    own = 2 * 24 * 4 * 64 * 64 + 2 * 2 * 24 * 24 * 64
    rest = 2 * 2 * 24 * 64 * 128 + 2 * 64 * 7 * (96 + 24)
    assert operations("transformer") == 3 * (block + cross + own + rest)


def test_trust_runs_every_command_that_the_security_page_names():
    import trust

    text = (BENCHMARKS.parent / "SECURITY.md").read_text(encoding="utf-8")
    named = [command.split() for command in re.findall(r"`python ([^`]+)`", text)]
    scripts, tests = ({part for command in named for part in command if part.startswith(room)} for room in ROOMS)
    assert len(scripts) > 4 and len(tests) > 8
    ran = [part for command in trust.commands(quick=False) for part in command if part.startswith(ROOMS)]
    assert sorted(ran) == sorted(scripts - {"benchmarks/trust.py"} | tests)
    assert all((trust.ROOT / part).is_file() for part in ran)
    assert {command[0] for command in trust.commands(quick=True)} == scripts - {"benchmarks/trust.py"}


def test_the_runs_of_trust_go_on_after_a_failure_and_tell(tmp_path, monkeypatch, capfd):
    import trust

    for name, code in (("bad", 3), ("good", 0)):
        (tmp_path / f"{name}.py").write_text(f"import os, sys; print(os.environ['X'], *sys.argv[1:]); sys.exit({code})")
    monkeypatch.setattr(trust, "ROOT", tmp_path)
    assert trust.run([("bad.py", "--a", "1"), ("good.py",)], {"X": "told"}) == ["python bad.py --a 1"]
    said = capfd.readouterr().out
    assert "told --a 1\nfailed after" in said and "told\npassed after" in said
    monkeypatch.setattr(trust, "commands", lambda quick: [("good.py",), ("bad.py",)] if quick else [("good.py",)])
    monkeypatch.setenv("X", "told")
    for arguments, code, last in (([], 0, "1 of 1 passed"), (["--quick"], 1, "1 of 2 passed, failed: python bad.py")):
        monkeypatch.setattr("sys.argv", ["trust.py", *arguments])
        with pytest.raises(SystemExit) as end:
            trust.main()
        assert (end.value.code, capfd.readouterr().out.splitlines()[-1]) == (code, last)
