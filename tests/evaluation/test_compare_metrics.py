"""Which metrics a comparison shows, which one decides, and what the tests compare."""

import numpy as np
import pandas as pd
import pytest
from comparison_table import OPTIONS
from forecaster_table import FAST, HORIZON, SMALL, monthly

from tsattn import LinearForecaster, SeasonalNaiveForecaster, Seq2SeqForecaster, Training, compare
from tsattn.evaluation.window_losses import LOSSES


def test_quantiles_have_their_metrics():
    models = {"linear": LinearForecaster(horizon=HORIZON, calibrate=True, validation_fraction=0.3)}
    found = compare(models, monthly(), **OPTIONS, quantiles=(0.2, 0.5, 0.8), metrics=("CRPS", "coverage"))
    assert list(found.leaderboard.columns[:3]) == ["CRPS", "coverage", "skill"]
    assert found.leading == "CRPS" and found.leaderboard.notna().loc["linear", ["CRPS", "coverage"]].all()


def test_a_constant_series_is_left_out_of_what_is_scaled():
    y = pd.concat({"flat": monthly() * 0 + 5, **{k: monthly() * (1 + k) for k in range(5)}}, names=["shop"])
    models = {f"season of {season}": SeasonalNaiveForecaster(HORIZON, season=season) for season in (1, 12)}
    with pytest.warns(UserWarning, match="'flat' of `y` and 0 more of 6 have no error.*MASE and RMSSE leave them out"):
        found = compare(models, y, windows=9, stride=1, verbose=0)
    assert found.leading == "MASE" and found.ranks.series == 5
    rest = compare(models, y.drop("flat"), windows=9, stride=1, verbose=0)
    pd.testing.assert_frame_equal(found.losses, rest.losses)
    flat = compare(models, y.loc["flat"], windows=4, verbose=0)
    assert flat.leading == "MAE" and "MASE" not in flat.leaderboard
    with pytest.raises(ValueError, match="starts with 'RMSSE', but `y` and 0 more of 1 have no error"):
        compare(models, y.loc["flat"], windows=4, verbose=0, metrics=("RMSSE",))


def uncertain(**options):
    return LinearForecaster(horizon=HORIZON, calibrate=True, validation_fraction=0.3, **options)


def test_the_baseline_has_the_quantiles_of_the_candidates():
    models = {"sure": LinearForecaster(horizon=HORIZON), "unsure": uncertain()}
    found = compare(models, monthly(), windows=9, stride=3, verbose=0, metrics=("CRPS", "MAE"))
    assert found.leaderboard["skill"].notna().tolist() == [True, True, False]
    assert found.significance["p_value"].notna().tolist() == [True]  # what has no CRPS is not tested
    assert found.confidence_set.index.tolist() == ["unsure", "seasonal_naive"]


def test_quantiles_of_other_levels_are_not_compared():
    training = Training(**FAST)
    models = {"a": uncertain(), "b": Seq2SeqForecaster(HORIZON, **SMALL, quantiles=(0.05, 0.95), training=training)}
    with pytest.raises(ValueError, match=r"has 'CRPS', but the candidates forecast different quantiles, {'a': \(0.1"):
        compare(models, monthly(), **OPTIONS, metrics=("MAE", "CRPS"))
    with pytest.warns(UserWarning, match="different quantiles.*are left out"):
        found = compare(models, monthly(), **OPTIONS)
    assert "CRPS" not in found.leaderboard and found.errors == {}


@pytest.mark.parametrize("metric", LOSSES)
def test_tests_compare_what_the_leading_metric_is_the_mean_of(metric):
    y = pd.concat({"a": monthly(), "b": 100 * monthly(54)[::-1].set_axis(monthly(54).index)}, names=["shop"])
    found = compare([uncertain()], y, windows=3, verbose=0, metrics=(metric,))
    means = found.losses.mean()[found.leaderboard.index]
    if metric in ("RMSE", "RMSSE"):
        squares = found.evaluate([metric], by=["model", "series"]) ** 2
        wanted = squares[metric].groupby("model").mean()[found.leaderboard.index]
    else:
        wanted = found.leaderboard[metric]
    np.testing.assert_allclose(means, wanted, rtol=1e-6)
    assert found.loss == LOSSES[metric]
