"""The accuracy benchmark: its tasks follow the protocols of the literature."""

import dataclasses
import os

import numpy as np
import pytest

import tsattn
from benchmarks.accuracy import ablation, accuracy, candidates, covariates, goals, tasks
from benchmarks.common import results
from benchmarks.common.families import FAMILIES

DATA = os.environ.get("TSATTN_DATA")
# Task: season of the naive forecast, and its published scores.
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
EXCHANGE = 0.341  # MSE, the mean of four horizons


@pytest.mark.skipif(not DATA, reason="TSATTN_DATA does not name a folder with the data of the benchmarks")
@pytest.mark.parametrize("task", [*PUBLISHED, "exchange"])
def test_the_naive_forecasts_have_their_published_scores(task):
    def score(name, candidate):
        loaded = tasks.load(name)
        assert name not in PUBLISHED or loaded.season == PUBLISHED[name][0]
        return loaded.score(candidates.measure(candidate, loaded, 0)[0])

    if task == "exchange":
        scores = [score(f"exchange_{horizon}", "last_value")["mse"] for horizon in tasks.HORIZONS]
        assert sum(scores) / 4 == pytest.approx(EXCHANGE, abs=0.0005)
        return
    expected = {"seasonal_naive": PUBLISHED[task][1], "last_value": LAST_VALUE.get(task)}
    for candidate, figures in expected.items():
        if figures:
            scores = score(task, candidate)
            assert {name: scores[name] for name in figures} == pytest.approx(figures, abs=0.00051)


def test_the_results_in_git_have_the_published_scores_of_the_naive_forecasts():
    means = goals.means(results.read("accuracy"))
    exchange = [means[name, "last_value"]["mse"] for name in goals.GOALS["Exchange, MSE"][0]]
    assert sum(exchange) / 4 == pytest.approx(EXCHANGE, abs=0.0005)
    for candidate, figures in (
        ("seasonal_naive", {task: scores for task, (_, scores) in PUBLISHED.items()}),
        ("last_value", LAST_VALUE),
    ):
        for task, scores in figures.items():
            measured = means[task, candidate]
            assert {name: measured[name] for name in scores} == pytest.approx(scores, abs=0.00051)


def test_a_run_continues_after_a_peer_that_fails_and_measures_peers_with_one_seed(tmp_path, monkeypatch, capsys):
    measured = []

    def measure(**cell):
        measured.append(tuple(cell.values()))
        if cell["candidate"] == "tfts_lstm":
            raise candidates.PeerFailedError("it failed")
        return {}

    monkeypatch.setattr(results, "FOLDER", tmp_path)
    benchmark = dataclasses.replace(accuracy.BENCHMARK, measure=measure)
    names = {"tasks": "co2", "candidates": "linear,tfts_lstm,seq2seq"}
    benchmark.fill({**names, "seeds": "0"})
    assert "co2, tfts_lstm, 0: it failed" in capsys.readouterr().out
    benchmark.fill({**names, "seeds": "0,1"})
    linear, peer, first, second = (
        ("co2", *cell) for cell in (("linear", 0), ("tfts_lstm", 0), ("seq2seq", 0), ("seq2seq", 1))
    )
    assert measured == [linear, peer, first, peer, second]  # only networks are measured with a second seed
    assert len(results.read("accuracy")) == 3


def test_every_change_of_the_ablation_changes_the_arguments_that_it_names():
    task = tasks.load("co2")
    for change in ablation.CHANGES.values():
        for family in FAMILIES:
            before = candidates.build(family, task, 0).get_params()
            after = candidates.build(family, task, 0).set_params(**change.arguments).get_params()
            changed = {name for name in before if name != "training" and before[name] != after[name]}
            assert changed == set(change.arguments), (change, family)


def test_the_error_with_covariates_is_the_mean_over_all_windows():
    y = tsattn.load_dataset("weather").iloc[:600, 0]
    model = tsattn.LinearForecaster(covariates.HORIZON, lookback=48).fit(y[:400])
    mse, mae, windows = covariates.errors(model, y, None, 400, 2.0)
    assert windows == 600 - covariates.HORIZON + 1 - 400
    errors = [model.predict(y=y[:end]) - y[end : end + covariates.HORIZON] for end in range(400, 400 + windows)]
    assert (mse, mae) == pytest.approx((np.square(errors).mean() / 4, np.abs(errors).mean() / 2))


def test_a_goal_over_several_tasks_has_no_mean_if_a_task_is_missing():
    row = {"task": "m4_hourly", "candidate": "seq2seq", "mse": "", "mae": "", "smape": "12", "mase": "1", "owa": "0.5"}
    rows = [row, {**row, "owa": "0.7"}, {**row, "task": "etth1_96", "mse": "0.4"}]
    lines = {label: rest for label, *rest in goals.goal_rows(rows)}
    assert lines["M4 hourly, OWA"] == [0.62, [pytest.approx(0.6), None, None], 0.5, pytest.approx(0.6), "seq2seq"]
    assert lines["ETTh1, MSE"][1] == [None, None, None]


def test_a_subsampled_task_keeps_the_last_origin_and_scores_its_own_origins():
    task = tasks.load("air_passengers")
    few = task.subsample(4)
    assert few.windows == -(-task.windows // 4) and few.stride == 4
    np.testing.assert_array_equal(few.actual(), task.actual()[:, ::-1][:, ::4][:, ::-1])
    model = tsattn.LinearForecaster(horizon=task.horizon).fit(task.train)
    forecasts = model.predict_windows(task.full, windows=few.windows, stride=few.stride)[..., 0]
    every = model.predict_windows(task.full, windows=task.windows)[..., 0]
    np.testing.assert_array_equal(forecasts, every[:, ::-1][:, ::4][:, ::-1])
    assert np.isfinite(few.score(forecasts)["mase"])
