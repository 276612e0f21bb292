"""Comparisons that fail: invalid arguments before any training, and candidates that fail without affecting others."""

import numpy as np
import pandas as pd
import pytest
from comparison_table import OPTIONS, Broken, Locked, Repeats, candidates
from forecaster_table import FAST, HORIZON, SMALL, monthly, panel

from tsattn import AttentionForecaster, LinearForecaster, SeasonalNaiveForecaster, Seq2SeqForecaster, Training, compare

BAD = {
    "no candidates": (dict(candidates=[]), ValueError, "`candidates` is empty"),
    "two of one name": (
        dict(candidates=[LinearForecaster(horizon=6)] * 2),
        ValueError,
        "several forecasters of one class",
    ),
    "no forecaster": (dict(candidates={"x": 3}), TypeError, r"\['x'\] lack `fit` or `predict`"),
    "unequal horizons": (
        dict(candidates={"a": LinearForecaster(horizon=6), "b": LinearForecaster(horizon=7)}),
        ValueError,
        "same horizon of 6 steps, but received {'b': 7}",
    ),
    "one": (dict(candidates=LinearForecaster(horizon=6)), TypeError, "is a LinearForecaster, but must be a list"),
    "name": (dict(candidates={"seasonal_naive": Repeats()}, horizon=6), ValueError, "baseline='seasonal_naive'"),
    "metric": (dict(metrics=("MASE", "R2")), ValueError, "`metrics` contains 'R2'"),
    "no metric": (dict(metrics=()), ValueError, "`metrics` is empty"),
    "metric of quantiles": (dict(metrics=("MAE", "CRPS")), ValueError, "contains 'CRPS', which needs quantiles"),
    "coverage": (dict(metrics="coverage", quantiles=(0.1, 0.9)), ValueError, "starts with 'coverage'"),
    "seeds": (dict(seeds=2), ValueError, "`seeds` is 2, but must be a sequence of seeds"),
    "no seed": (dict(seeds=()), ValueError, r"`seeds` is \(\)"),
    "seed": (dict(seeds=(0, -1)), ValueError, "`seeds` is -1"),
    "quantiles": (dict(quantiles=0.5), ValueError, "`quantiles` is 0.5, but must be levels"),
    "level": (dict(quantiles=(1.5,)), ValueError, r"`quantiles` is \(1.5,\)"),
    "season": (dict(season=0), ValueError, "`season` is 0"),
    "season as text": (dict(season="12"), ValueError, "`season` is '12'"),
    "budget": (dict(budget="flops"), ValueError, "`budget` is 'flops'"),
    "baseline": (dict(baseline="naive"), ValueError, "`baseline` is 'naive'"),
    "refit": (dict(refit="never"), ValueError, '`refit` is "never".*Use `backtest`'),
    "too many windows": (dict(windows=99), ValueError, "leaves no history to fit"),
}


@pytest.mark.parametrize("options, error, message", BAD.values(), ids=BAD)
def test_invalid_arguments_raise_before_any_training(options, error, message, monkeypatch):
    monkeypatch.setattr(LinearForecaster, "fit", lambda *_, **__: pytest.fail("fitted"))
    with pytest.raises(error, match=message):
        compare(**{"candidates": [LinearForecaster(horizon=6)], "y": monthly(), "verbose": 0, **options})


def test_leaderboard_of_failed_candidates_holds_their_errors(tmp_path):
    options = {"horizon": 2, "windows": 1, "verbose": 0, "baseline": "broken"}
    for metrics, quantiles in ((None, None), (("interval_score", "CRPS"), (0.1, 0.9))):
        found = compare({"broken": Broken()}, panel(), **options, metrics=metrics, quantiles=quantiles)
        assert found.leaderboard["error"].tolist() == ["ValueError: out of <b>memory</b>"]
        tables = (found.losses, found.significance, found.confidence_set, found.by_step, found.evaluate())
        assert all(len(table) == 0 or table.size == 0 for table in tables)
        assert found.ranks is None and "<b>memory</b>" in repr(found)
    pytest.importorskip("plotly")
    found.to_html(tmp_path / "failed.html")
    assert "The model failed. Its error is listed below." in (tmp_path / "failed.html").read_text(encoding="utf-8")


def test_candidate_with_nan_forecasts_fails():
    found = compare({"nan": Repeats(np.nan), "linear": LinearForecaster(horizon=HORIZON)}, monthly(), **OPTIONS)
    assert "`y` from the origin 2023-06-01 00:00:00, is nan at step 1" in found.leaderboard.loc["nan", "error"]
    assert found.leaderboard["MASE"].drop("nan").notna().all()


def test_failed_insight_keeps_the_forecasts(monkeypatch):
    monkeypatch.setattr(AttentionForecaster, "attention_weights", lambda *_, **__: 1 / 0)
    models = {"attention": candidates()["attention"]}
    with pytest.warns(UserWarning, match="AttentionForecaster could not be evaluated: ZeroDivisionError"):
        found = compare(models, monthly(), **OPTIONS)
    assert found.leaderboard["MASE"].notna().all() and found.attention == {}


def test_fallback_is_a_column_of_the_leaderboard(tmp_path):
    walk = pd.Series(np.random.default_rng(0).normal(size=200).cumsum(), pd.date_range("2020", periods=200))
    network = Seq2SeqForecaster(30, units=4, season=1, training=Training(**FAST))
    models = {"network": network, "last": SeasonalNaiveForecaster(30, season=1)}
    with pytest.warns(UserWarning, match="the last value is used"):
        found = compare(models, walk, windows=2, resume=tmp_path)
    again = compare(models, walk, windows=2, resume=tmp_path)
    for result in (found, again):
        board = result.leaderboard
        assert board["fell_back"].to_dict() == {"network": 1.0, "last": 0.0}
        assert board.loc["network", "MASE"] == pytest.approx(board.loc["last", "MASE"], rel=1e-4)
    found.to_html(tmp_path / "page.html")
    assert "fell back" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("budget", [None, "parameters", "seconds"])
def test_failing_candidate_does_not_stop_the_others(budget):
    network = {"horizon": HORIZON, **SMALL, "training": Training(**FAST)}
    models = {
        "too long": Seq2SeqForecaster(**network, lookback=1000),
        "first": Seq2SeqForecaster(**network, lookback=12),
        "second": AttentionForecaster(**network, lookback=12),
        "locked": Locked(),
    }
    found = compare(models, monthly(), **OPTIONS, budget=budget)
    assert set(found.errors) == {"too long", "locked"}
    assert "lookback" in found.errors["too long"] and "lock" in found.errors["locked"]
    if budget == "parameters":
        assert found.leaderboard.loc["first", "parameters"] == models["first"].count_params(monthly())
    assert ("max_seconds" in found.candidates["second"]) == (budget == "seconds")
