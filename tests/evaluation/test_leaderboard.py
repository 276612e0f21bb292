"""The leaderboard: its metrics, the leading metric, its columns, and the loss that the tests compare."""

import numpy as np
import pandas as pd
import pytest
from comparison_table import OPTIONS
from forecaster_table import FAST, HORIZON, SMALL, monthly
from utilsforecast import losses

from tsattn import LinearForecaster, SeasonalNaiveForecaster, Seq2SeqForecaster, Training, compare
from tsattn.evaluation.leaderboard import COLUMNS, Column
from tsattn.evaluation.metrics import METRICS, Metric


def test_quantile_metrics_can_lead():
    models = {"linear": LinearForecaster(horizon=HORIZON, calibrate=True, validation_fraction=0.3)}
    found = compare(models, monthly(), **OPTIONS, quantiles=(0.2, 0.5, 0.8), metrics=("CRPS", "coverage"))
    assert list(found.leaderboard.columns[:3]) == ["CRPS", "coverage", "skill"]
    assert found.leading == "CRPS" and found.leaderboard.notna().loc["linear", ["CRPS", "coverage"]].all()


def test_constant_series_are_excluded_from_scaled_metrics():
    y = pd.concat({"flat": monthly() * 0 + 5, **{k: monthly() * (1 + k) for k in range(5)}}, names=["shop"])
    models = {f"season of {season}": SeasonalNaiveForecaster(HORIZON, season=season) for season in (1, 12)}
    with pytest.warns(
        UserWarning,
        match=r"'flat' of `y` \(and 0 more of 6 series\) has no error.*MASE and RMSSE exclude such series",
    ):
        found = compare(models, y, windows=9, stride=1, verbose=0)
    assert found.leading == "MASE" and found.ranks.series == 5
    rest = compare(models, y.drop("flat"), windows=9, stride=1, verbose=0)
    pd.testing.assert_frame_equal(found.losses, rest.losses)
    flat = compare(models, y.loc["flat"], windows=4, verbose=0)
    assert flat.leading == "MAE" and "MASE" not in flat.leaderboard
    with pytest.raises(ValueError, match=r"`y` \(and 0 more of 1 series\) has no error.*starts with 'RMSSE'"):
        compare(models, y.loc["flat"], windows=4, verbose=0, metrics=("RMSSE",))


def uncertain(**options):
    return LinearForecaster(horizon=HORIZON, calibrate=True, validation_fraction=0.3, **options)


def test_baseline_forecasts_the_quantiles_of_the_candidates():
    models = {"point": LinearForecaster(horizon=HORIZON), "quantiles": uncertain()}
    found = compare(models, monthly(), windows=9, stride=3, verbose=0, metrics=("CRPS", "MAE"))
    assert found.leaderboard["skill"].notna().tolist() == [True, True, False]
    assert found.significance["p_value"].notna().tolist() == [True]  # a model without CRPS is not tested
    assert found.confidence_set.index.tolist() == ["quantiles", "seasonal_naive"]


def test_quantiles_of_different_levels_are_not_compared():
    training = Training(**FAST)
    models = {"a": uncertain(), "b": Seq2SeqForecaster(HORIZON, **SMALL, quantiles=(0.05, 0.95), training=training)}
    with pytest.raises(
        ValueError, match=r"contains 'CRPS', but the candidates forecast different quantiles, {'a': \(0.1"
    ):
        compare(models, monthly(), **OPTIONS, metrics=("MAE", "CRPS"))
    with pytest.warns(UserWarning, match="different quantiles.*are omitted"):
        found = compare(models, monthly(), **OPTIONS)
    assert "CRPS" not in found.leaderboard and found.errors == {}


@pytest.mark.parametrize("metric", [name for name, metric in METRICS.items() if metric.loss])
def test_tested_loss_has_the_leading_metric_as_its_mean(metric):
    y = pd.concat({"a": monthly(), "b": 100 * monthly(54)[::-1].set_axis(monthly(54).index)}, names=["shop"])
    found = compare([uncertain()], y, windows=3, verbose=0, metrics=(metric,))
    means = found.losses.mean()[found.leaderboard.index]
    if metric in ("RMSE", "RMSSE"):
        squares = found.evaluate([metric], by=["model", "series"]) ** 2
        expected = squares[metric].groupby("model").mean()[found.leaderboard.index]
    else:
        expected = found.leaderboard[metric]
    np.testing.assert_allclose(means, expected, rtol=1e-6)
    assert found.loss == METRICS[metric].loss_name


def test_new_metric_needs_one_declaration(monkeypatch, tmp_path):
    bias = Metric(
        "bias",
        score=lambda series: series.score(losses.bias).abs(),
        meaning="absolute mean error",
        loss=lambda rows: rows.forecast - rows.actual,
        loss_name="error",
        heading="bias of the mean",
    )
    monkeypatch.setitem(METRICS, "bias", bias)
    found = compare([LinearForecaster(HORIZON)], monthly(), windows=9, stride=3, verbose=0, metrics=["bias", "MAE"])
    table = found.forecasts.query("model == 'LinearForecaster'")
    error = table["forecast"] - table["actual"]
    assert found.leaderboard.loc["LinearForecaster", "bias"] == pytest.approx(abs(error.mean()))
    np.testing.assert_allclose(found.losses["LinearForecaster"], error.groupby(table["origin"]).mean())
    assert "Diebold-Mariano tests of the error," in found.summary()
    assert "bias" in compare([LinearForecaster(HORIZON)], monthly(), windows=2, verbose=0).leaderboard
    pytest.importorskip("plotly")
    found.to_html(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "bias of the mean" in page and "absolute mean error" in page


def test_new_column_needs_one_declaration(monkeypatch, tmp_path):
    column = Column("fits", lambda results: results.costs_by_model["seed"].size() * 2, "number of fits, by {metric}")
    monkeypatch.setattr("tsattn.evaluation.leaderboard.COLUMNS", (*COLUMNS, column))
    found = compare([LinearForecaster(HORIZON)], monthly(), windows=2, verbose=0)
    assert found.leaderboard["fits"].tolist() == [2, 2]
    pytest.importorskip("plotly")
    found.to_html(tmp_path / "report.html")
    assert "number of fits, by MASE" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_report_of_a_single_model_on_many_series(tmp_path):
    pytest.importorskip("plotly")
    y = pd.concat({k: monthly() * (1 + k) for k in range(5)}, names=["shop"])
    found = compare([SeasonalNaiveForecaster(HORIZON)], y, windows=2, verbose=0)
    assert np.isnan(found.ranks.critical_difference)
    found.to_html(tmp_path / "report.html")
    assert "nothing to test" in (tmp_path / "report.html").read_text(encoding="utf-8")
