"""Comparisons: the leaderboard, tests, diagnostics and page, computed on common origins and seeds."""

import functools

import keras
import numpy as np
import pandas as pd
import pytest
from comparison_table import COSTS, OPTIONS, Repeats, assert_same, candidates
from forecaster_table import FAST, HORIZON, SMALL, monthly, monthly_covariates, panel

import tsattn
from tsattn import (
    LinearForecaster,
    SeasonalNaiveForecaster,
    Seq2SeqForecaster,
    Training,
    TransformerForecaster,
    backtest,
    compare,
    evaluate,
)


@pytest.fixture(scope="module")
def result():
    return compare(candidates(), monthly(), **OPTIONS, seeds=(0, 1))


FIRST_HISTORY = monthly()[: -(3 * 4 + HORIZON)]  # before the first of four origins


def test_leaderboard_equals_separate_backtests(result):
    board = result.leaderboard
    assert set(board.index) == {"recursive", "attention", "linear", "last", "seasonal_naive", "broken"}
    tables = {
        ("linear", None): backtest(LinearForecaster(horizon=HORIZON), monthly(), windows=4, stride=4),
        ("last", None): backtest(Repeats(), monthly(), horizon=HORIZON, windows=4, stride=4),
        ("seasonal_naive", None): backtest(SeasonalNaiveForecaster(horizon=HORIZON), monthly(), windows=4, stride=4),
    }
    for seed in (0, 1):
        model = candidates()["attention"].set_params(training__random_state=seed)
        tables["attention", seed] = backtest(model, monthly(), windows=4, stride=4)
    scores = {key: evaluate(table)["MASE"].item() for key, table in tables.items()}
    for name in ("linear", "last"):
        assert board.loc[name, "MASE"] == pytest.approx(scores[name, None])
    pair = [scores["attention", 0], scores["attention", 1]]
    assert board.loc["attention", "MASE"] == pytest.approx(np.mean(pair))
    assert board.loc["attention", "spread"] == pytest.approx(np.std(pair, ddof=1))
    assert board.loc["attention", "seeds"] == 2 and board.loc["linear", "seeds"] == 1
    skill = 1 - scores["linear", None] / scores["seasonal_naive", None]
    assert board.loc["linear", "skill"] == pytest.approx(skill) and board.loc["seasonal_naive", "skill"] == 0
    assert board["MASE"].dropna().is_monotonic_increasing and board.index[-1] == "broken"
    assert (board[COSTS].drop("broken") > 0).all(axis=None)
    assert board.loc["attention", "parameters"] == candidates()["attention"].count_params(FIRST_HISTORY)


def test_failed_candidate_keeps_its_row_with_the_error(result):
    assert result.leaderboard.loc["broken", "error"] == "ValueError: out of <b>memory</b>"
    assert result.leaderboard["error"].drop("broken").isna().all()
    assert "broken" not in result.losses and result.leaderboard.loc["broken"].drop("error").isna().all()


def test_losses_are_mean_errors_per_origin(result):
    table = result.forecasts.query("model == 'attention'")
    errors = (table["actual"] - table["forecast"]).abs() / table["naive_mae"]
    np.testing.assert_allclose(result.losses["attention"], errors.groupby(table["origin"]).mean())
    assert result.losses.shape == (4, 5) and result.by_step.shape == (HORIZON, 5)
    assert result.overlap == 2


def test_too_few_windows_give_a_note_and_no_p_value(result):
    assert len(result.significance) == 10
    assert result.significance["p_value"].isna().all() and result.significance["note"].str.contains("ew").all()
    assert result.confidence_set["included"].all()
    assert result.ranks is None


def test_attention_agreement_and_teacher_forcing(result):
    weights = result.attention["attention"]
    assert weights.shape == (HORIZON, 9) and weights.index[0] == monthly(61).index[54]
    assert weights.columns[-1] == monthly().index[52]
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-5)
    assert set(result.agreement) == {"attention"} and -1 <= result.agreement["attention"] <= 1
    gap = result.teacher["recursive"]
    assert list(gap.columns) == ["free running", "teacher forcing"] and len(gap) == HORIZON
    np.testing.assert_allclose(gap["free running"][:2], gap["teacher forcing"][:2])


def test_results_in_other_processes_are_bitwise_equal(result):
    assert_same(compare(candidates(), monthly(), **OPTIONS, seeds=(0, 1), n_jobs=2), result)


def test_budget_equalises_parameters_or_limits_seconds():
    small = {"horizon": HORIZON, "fallback": False, "training": Training(**{**FAST, "epochs": 1})}
    models = {
        "transformer": TransformerForecaster(**small, units=8, heads=2, layers=1),
        "seq2seq": Seq2SeqForecaster(**small, units=64),
    }
    counts = compare(models, monthly(), **OPTIONS, budget="parameters").leaderboard["parameters"]
    assert counts["transformer"] == models["transformer"].count_params(FIRST_HISTORY)
    assert counts["seq2seq"] == pytest.approx(counts["transformer"], rel=0.15)
    assert models["seq2seq"].units == 64
    many = {"seq2seq": Seq2SeqForecaster(horizon=HORIZON, **SMALL, training=Training(epochs=10**6, verbose=0))}
    limited = compare(many, monthly(), **OPTIONS, budget=0.5)  # without a limit: hours
    assert "max_seconds=0.5" in limited.candidates["seq2seq"] and limited.errors == {}


def test_models_are_ranked_over_many_series():
    y = pd.concat({place: monthly() * (1 + place) + place for place in range(6)}, names=["shop"])
    models = {"linear": LinearForecaster(horizon=HORIZON), "naive": SeasonalNaiveForecaster(horizon=HORIZON)}
    found = compare(models, y, windows=12, stride=1, verbose=0)
    assert found.baseline == "naive" and set(found.leaderboard.index) == set(models)
    assert found.ranks.series == 6 and found.ranks.ranks.sum() == pytest.approx(3)
    scores = found.evaluate(["MASE"], by=["model", "series"])
    assert scores.loc[("linear", 3), "MASE"] < scores.loc[("naive", 3), "MASE"]


def test_page_shows_all_parts(result, tmp_path):
    pytest.importorskip("plotly")
    result.to_html(tmp_path / "report.html", title="Sales")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<h1" in page and "Sales" in page and "out of &lt;b&gt;memory" in page
    for part in ("Teacher forcing", "Attention", "seasonal_naive", keras.__version__):
        assert part in page
    with pytest.raises(ValueError, match=r"\.html"):
        result.to_html(tmp_path / "report.txt")


def test_missing_time_stamps_are_missing_values():
    missing = [-HORIZON - 1, -HORIZON - 2]
    with_nan = monthly()
    with_nan.iloc[missing] = np.nan
    models = {"attention": candidates()["attention"]}
    expected = compare(models, with_nan, **OPTIONS)
    with pytest.warns(UserWarning, match="lacks 2 of 60"):
        found = compare(models, monthly().drop(monthly().index[missing]), **OPTIONS)
    assert_same(found, expected)
    pd.testing.assert_frame_equal(found.attention["attention"], expected.attention["attention"], check_freq=False)
    assert found.agreement == expected.agreement


def test_command_reproduces_the_comparison():
    uncertain = LinearForecaster(HORIZON, calibrate=True, validation_fraction=0.3)
    models = {
        "recursive": candidates()["recursive"],
        "linear": uncertain,
        "last": SeasonalNaiveForecaster(HORIZON, season=1),
    }
    options = {"train_size": 40, "season": 6, "metrics": ("MAE", "CRPS"), "baseline": "linear"}
    found = compare(
        models, monthly(), monthly_covariates(), **OPTIONS, **options, refit=2, seeds=(3,), budget="parameters"
    )
    names = {name: getattr(tsattn, name) for name in tsattn.__all__}
    names |= {"compare": functools.partial(compare, verbose=0), "y": monthly(), "covariates": monthly_covariates()}
    assert_same(eval(found.command, names), found)


def test_settings_mention_origins_that_differ_in_time():
    naive = [SeasonalNaiveForecaster(horizon=2, season=1)]
    assert "counted from the end" in compare(naive, panel(), windows=2, verbose=0).settings["origins"]
    assert "origins" not in compare(naive, monthly(), windows=2, verbose=0).settings
