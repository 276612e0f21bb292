"""One call, a fair answer: the same origins, seeds and budget for all, and tests of the differences."""

import keras
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, monthly, panel

from tsattn import (
    AttentionForecaster,
    LinearForecaster,
    SeasonalNaiveForecaster,
    Seq2SeqForecaster,
    Training,
    TransformerForecaster,
    backtest,
    compare,
    evaluate,
)

OPTIONS = {"windows": 4, "stride": 4, "verbose": 0}
COSTS = ["fit_seconds", "predict_ms"]


class Broken:
    def fit(self, y):
        raise ValueError("no luck <b>today</b>")

    def predict(self):
        return None


def candidates(**options):
    small = {"horizon": HORIZON, "units": 4, "training": Training(**FAST), **options}
    return {
        "plain": Seq2SeqForecaster(**small, patch_size=2, decoding="recursive"),
        "looking": AttentionForecaster(**small, patch_size=2),
        "linear": LinearForecaster(horizon=HORIZON),
        "broken": Broken(),
    }


@pytest.fixture(scope="module")
def result():
    return compare(candidates(), monthly(), **OPTIONS, seeds=(0, 1))


def same(found, wanted):
    """All that was forecast and derived is the same to the bit; seconds are not compared."""
    pd.testing.assert_frame_equal(found.forecasts, wanted.forecasts, check_exact=True)
    tables = (table.leaderboard.drop(columns=COSTS) for table in (found, wanted))
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    pd.testing.assert_frame_equal(found.significance, wanted.significance, check_exact=True)


def test_the_leaderboard_is_that_of_the_backtests(result):
    board = result.leaderboard
    assert set(board.index) == {"plain", "looking", "linear", "seasonal_naive", "broken"}
    tables = {
        ("linear", None): backtest(LinearForecaster(horizon=HORIZON), monthly(), windows=4, stride=4),
        ("seasonal_naive", None): backtest(SeasonalNaiveForecaster(horizon=HORIZON), monthly(), windows=4, stride=4),
    }
    for seed in (0, 1):
        model = candidates()["looking"].set_params(training__random_state=seed)
        tables["looking", seed] = backtest(model, monthly(), windows=4, stride=4)
    scores = {key: evaluate(table)["MASE"].item() for key, table in tables.items()}
    assert board.loc["linear", "MASE"] == pytest.approx(scores["linear", None])
    pair = [scores["looking", 0], scores["looking", 1]]
    assert board.loc["looking", "MASE"] == pytest.approx(np.mean(pair))
    assert board.loc["looking", "spread"] == pytest.approx(np.std(pair, ddof=1))
    assert board.loc["looking", "seeds"] == 2 and board.loc["linear", "seeds"] == 1
    skill = 1 - scores["linear", None] / scores["seasonal_naive", None]
    assert board.loc["linear", "skill"] == pytest.approx(skill) and board.loc["seasonal_naive", "skill"] == 0
    assert board["MASE"].dropna().is_monotonic_increasing and board.index[-1] == "broken"
    assert (board[COSTS].drop("broken") > 0).all(axis=None)
    assert board.loc["looking", "parameters"] == candidates()["looking"].count_params(monthly())


def test_a_candidate_that_fails_keeps_its_row_with_the_error(result):
    assert result.leaderboard.loc["broken", "error"] == "ValueError: no luck <b>today</b>"
    assert result.leaderboard["error"].drop("broken").isna().all()
    assert "broken" not in result.losses and result.leaderboard.loc["broken"].drop("error").isna().all()


def test_losses_are_the_mean_errors_of_each_origin(result):
    table = result.forecasts.query("model == 'looking'")
    errors = (table["actual"] - table["forecast"]).abs() / table["naive_mae"]
    np.testing.assert_allclose(result.losses["looking"], errors.groupby(table["origin"]).mean())
    assert result.losses.shape == (4, 4) and result.by_step.shape == (HORIZON, 4)
    assert result.overlap == 2


def test_too_few_windows_are_said_instead_of_a_p_value(result):
    assert len(result.significance) == 6
    assert result.significance["p_value"].isna().all() and result.significance["note"].str.contains("ew").all()
    assert result.confidence_set["included"].all()
    assert result.ranks is None


def test_what_the_candidates_looked_at(result):
    weights = result.attention["looking"]
    assert weights.shape == (HORIZON, 9) and weights.index[0] == monthly(61).index[54]
    assert weights.columns[-1] == monthly().index[52]
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-5)
    assert set(result.agreement) == {"looking"} and -1 <= result.agreement["looking"] <= 1
    gap = result.teacher["plain"]
    assert list(gap.columns) == ["free running", "teacher forcing"] and len(gap) == HORIZON
    np.testing.assert_allclose(gap["free running"][:2], gap["teacher forcing"][:2])


def test_other_processes_give_the_same_to_the_bit(result):
    same(compare(candidates(), monthly(), **OPTIONS, seeds=(0, 1), n_jobs=2), result)


def test_a_run_that_was_stopped_goes_on(result, tmp_path, monkeypatch):
    fits = []

    class Counted(LinearForecaster):
        def fit(self, *arguments, **options):
            fits.append(len(fits))
            if len(fits) == 2:
                raise KeyboardInterrupt
            return super().fit(*arguments, **options)

    kept = {**OPTIONS, "resume": tmp_path / "kept", "refit": True}
    counted = {"linear": Counted(horizon=HORIZON)}
    with pytest.raises(KeyboardInterrupt):
        compare(counted, monthly(), **kept)
    stopped = compare(counted, monthly(), **kept)
    assert len(fits) == 2 + 3  # the first was kept
    same(compare(counted, monthly(), **kept), stopped)
    assert len(fits) == 5
    same(compare(counted, monthly(), **{**kept, "resume": None}), stopped)
    compare(counted, monthly() + 1, **kept)  # other data, nothing kept
    assert len(fits) == 5 + 4 + 4


def test_a_kept_piece_that_is_not_whole_is_made_again(tmp_path):
    options = {**OPTIONS, "resume": tmp_path}
    first = compare(candidates(), monthly(), **options)
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:100])
    same(compare(candidates(), monthly(), **options), first)


def test_budgets_make_networks_equal():
    small = {"horizon": HORIZON, "training": Training(**{**FAST, "epochs": 1})}
    models = {
        "transformer": TransformerForecaster(**small, units=8, heads=2, layers=1),
        "seq2seq": Seq2SeqForecaster(**small, units=64),
    }
    counts = compare(models, monthly(), **OPTIONS, budget="parameters").leaderboard["parameters"]
    assert counts["transformer"] == models["transformer"].count_params(monthly())
    assert counts["seq2seq"] == pytest.approx(counts["transformer"], rel=0.15)
    assert models["seq2seq"].units == 64
    many = {"seq2seq": Seq2SeqForecaster(horizon=HORIZON, units=4, training=Training(epochs=10**6, verbose=0))}
    assert compare(many, monthly(), **OPTIONS, budget=0.5).leaderboard.loc["seq2seq", "fit_seconds"] < 60
    limited = compare(models, monthly(), **OPTIONS, budget="seconds").candidates
    assert all("max_seconds" in limited[name] for name in models)


def test_many_series_are_ranked():
    y = pd.concat({place: monthly() * (1 + place) + place for place in range(6)}, names=["shop"])
    models = {"linear": LinearForecaster(horizon=HORIZON), "naive": SeasonalNaiveForecaster(horizon=HORIZON)}
    found = compare(models, y, windows=12, stride=1, verbose=0)
    assert found.baseline == "naive" and set(found.leaderboard.index) == set(models)
    assert found.ranks.series == 6 and found.ranks.ranks.sum() == pytest.approx(3)
    scores = found.evaluate(["MASE"], by=["model", "series"])
    assert scores.loc[("linear", 3), "MASE"] < scores.loc[("naive", 3), "MASE"]


def test_quantiles_have_their_metrics():
    models = {"linear": LinearForecaster(horizon=HORIZON, calibrate=True, validation_fraction=0.3)}
    found = compare(models, monthly(), **OPTIONS, quantiles=(0.2, 0.5, 0.8), metrics=("CRPS", "coverage"))
    assert list(found.leaderboard.columns[:3]) == ["CRPS", "coverage", "skill"]
    assert found.leading == "CRPS" and found.leaderboard.notna().loc["linear", ["CRPS", "coverage"]].all()


BAD = {
    "no candidates": (dict(candidates=[]), ValueError, "`candidates` is empty"),
    "two of one name": (dict(candidates=[LinearForecaster(horizon=6)] * 2), ValueError, "two of one class"),
    "no forecaster": (dict(candidates={"x": 3}), TypeError, r"\['x'\] have no `fit` and `predict`"),
    "unequal horizons": (
        dict(candidates={"a": LinearForecaster(horizon=6), "b": LinearForecaster(horizon=7)}),
        ValueError,
        "same 6 steps, but the horizon of {'b': 7}",
    ),
    "metric": (dict(metrics=("MASE", "R2")), ValueError, r"`metrics` has \['R2'\]"),
    "budget": (dict(budget="flops"), ValueError, "`budget` is 'flops'"),
    "baseline": (dict(baseline="naive"), ValueError, "`baseline` is 'naive'"),
    "refit": (dict(refit="never"), ValueError, "for `backtest`"),
    "too many windows": (dict(windows=99), ValueError, "nothing is left to fit"),
}


@pytest.mark.parametrize("options, error, message", BAD.values(), ids=BAD)
def test_what_cannot_be_compared_is_said_before_any_training(options, error, message, monkeypatch):
    monkeypatch.setattr(LinearForecaster, "fit", lambda *_, **__: pytest.fail("fitted"))
    with pytest.raises(error, match=message):
        compare(**{"candidates": [LinearForecaster(horizon=6)], "y": monthly(), "verbose": 0, **options})


def test_the_page_of_a_comparison(result, tmp_path):
    pytest.importorskip("plotly")
    result.to_html(tmp_path / "report.html", title="Sales")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<h1" in page and "Sales" in page and "no luck &lt;b&gt;today" in page
    for what in ("Teacher forcing", "Attention", "seasonal_naive", keras.__version__):
        assert what in page
    with pytest.raises(ValueError, match=r"\.html"):
        result.to_html(tmp_path / "report.txt")


def test_all_failed_is_a_leaderboard_of_errors():
    found = compare({"broken": Broken()}, panel(), horizon=2, windows=1, verbose=0, baseline="broken")
    assert found.leaderboard["error"].tolist() == ["ValueError: no luck <b>today</b>"]
