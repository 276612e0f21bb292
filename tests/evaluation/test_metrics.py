"""Metrics equal those of other libraries for each series, for every grouping of the forecasts."""

import itertools
import pathlib
import re
import time

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk
from utilsforecast import losses

from tsattn.evaluation.compare import compare
from tsattn.evaluation.metrics import METRICS, ForecastRows, check_metrics, evaluate, window_losses

LEVELS = (0.1, 0.5, 0.9)
POINT = ["MAE", "RMSE", "sMAPE", "WAPE", "MASE", "RMSSE"]
QUANTILE = ["pinball", "CRPS", "coverage", "interval_score"]
SEASON = 4


def pinball_losses(rows):
    return [sk.mean_pinball_loss(rows["actual"], rows[level], alpha=level) for level in LEVELS]


def by_utilsforecast(loss, **options):
    """Return a function that scores the rows of one series by utilsforecast."""

    def number(rows):
        names = {"actual": "y", 0.1: "forecast-lo-80", 0.9: "forecast-hi-80"}
        rows = rows[["actual", "forecast", 0.1, 0.9]].rename(columns=names).assign(unique_id="one")
        return loss(rows, ["forecast"], **options)["forecast"].item()

    return number


EXPECTED = {
    "MAE": lambda rows: sk.mean_absolute_error(rows["actual"], rows["forecast"]),
    "RMSE": lambda rows: sk.root_mean_squared_error(rows["actual"], rows["forecast"]),
    "sMAPE": by_utilsforecast(losses.smape),
    "WAPE": by_utilsforecast(losses.nd),
    "MASE": lambda rows: sk.mean_absolute_error(rows["actual"], rows["forecast"]) / rows["naive_mae"].iloc[0],
    "RMSSE": lambda rows: np.sqrt(sk.mean_squared_error(rows["actual"], rows["forecast"]) / rows["naive_mse"].iloc[0]),
    "pinball": lambda rows: np.mean(pinball_losses(rows)),
    "CRPS": lambda rows: 2 * np.mean(pinball_losses(rows)),
    "coverage": by_utilsforecast(losses.coverage, level=80),
    "interval_score": by_utilsforecast(losses.winkler_score, level=80),
}


@pytest.fixture
def forecasts():
    """Two models, two seeds, three series with two channels, four origins, three steps; some missing values."""
    rng = np.random.default_rng(0)
    keys = itertools.product(["ours", "naive"], [0, 1], ["a", 7, ("b", 1)], ["x", "y"], range(4), [1, 2, 3])
    table = pd.DataFrame(keys, columns=["model", "seed", "series", "channel", "origin", "step"])
    table["time"] = table["origin"] + table["step"]
    count = len(table)
    table["actual"] = np.where(rng.uniform(size=count) < 0.1, np.nan, rng.normal(5, 3, count))
    table["forecast"] = rng.normal(5, 3, count)
    units = table.groupby(["series", "channel"], sort=False).ngroup()
    table["naive_mae"], table["naive_mse"] = 1.0 + units, 2.0 + units
    middle = rng.normal(5, 1, count)
    for level in (0.9, 0.1, 0.5):  # not sorted
        table[level] = middle + 5 * (level - 0.5)
    return table


def expected(rows, name):
    """Mean over series and channels of the metric of the other library."""
    rows = rows[rows["actual"].notna()]
    return np.mean([EXPECTED[name](unit) for _, unit in rows.groupby(["series", "channel"], sort=False)])


@pytest.mark.parametrize(
    "name, by",
    [
        *((name, by) for name in METRICS for by in ((), "model")),
        *itertools.product(["RMSE", "pinball"], ["step", "seed", ["series"], ["channel", "origin"]]),
    ],
    ids=str,
)
def test_metrics_equal_those_of_other_libraries(forecasts, name, by):
    found = evaluate(forecasts, [name], by=by)
    groups = [(0, forecasts)] if by == () else forecasts.groupby(by, sort=False)
    reference = {group: expected(rows, name) for group, rows in groups}
    if by == ["series"]:
        reference = {group[0]: value for group, value in reference.items()}
    assert list(found.index) == list(reference)
    np.testing.assert_allclose(found[name], list(reference.values()), rtol=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_score_of_a_series_is_the_mean_loss_of_its_rows(forecasts, name):
    """Or the root of that mean. A metric without a loss cannot be tested for significance."""
    if METRICS[name].loss is None:
        assert name == "coverage"
        return
    keys = ["series", "channel"]
    for _, one in forecasts.groupby(["model", "seed"]):
        scores = evaluate(one, name, by=keys)[name]
        means = METRICS[name].loss(ForecastRows(one)).groupby([one[key] for key in keys], sort=False).mean()
        assert len(scores) == 6 and means.index.equals(scores.index)
        np.testing.assert_allclose(scores, means**0.5 if name in ("RMSE", "RMSSE") else means, rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].loss])
def test_losses_of_windows_are_means_over_series_of_mixed_ids(forecasts, name):
    found = window_losses(forecasts, name)
    assert list(found) == ["ours", "naive"] and len(found) == forecasts["origin"].nunique()
    rows = METRICS[name].loss(ForecastRows(forecasts))
    expected = rows[(forecasts["model"] == "ours") & (forecasts["origin"] == 0)].mean()
    assert found["ours"].iloc[0] == pytest.approx(expected)


def test_lists_of_metrics_name_all():
    page = pathlib.Path(__file__).parents[2] / "docs" / "compare.md"
    for text in (evaluate.__doc__, compare.__doc__, page.read_text(encoding="utf-8")):
        assert set(METRICS) <= set(re.findall(r"\w+", text))


@pytest.mark.parametrize("name, loss", [("MASE", losses.mase), ("RMSSE", losses.rmsse)])
def test_scaled_errors_equal_those_computed_from_the_history(name, loss):
    rng = np.random.default_rng(1)
    history = pd.DataFrame({"unique_id": np.repeat([0, 1, 2], 40), "ds": np.tile(np.arange(40), 3)})
    history["y"] = rng.normal(size=120).cumsum()
    future = pd.DataFrame({"unique_id": np.repeat([0, 1, 2], 5), "ds": np.tile(np.arange(40, 45), 3)})
    future["y"], future["forecast"] = rng.normal(size=(2, 15))
    differences = history.groupby("unique_id")["y"].diff(SEASON).groupby(history["unique_id"])
    forecasts = future.rename(columns={"unique_id": "series", "y": "actual"}).assign(
        naive_mae=differences.agg(lambda d: d.abs().mean()).repeat(5).to_numpy(),
        naive_mse=differences.agg(lambda d: (d**2).mean()).repeat(5).to_numpy(),
    )
    reference = loss(future, ["forecast"], seasonality=SEASON, train_df=history)["forecast"]
    np.testing.assert_allclose(evaluate(forecasts, name, by="series")[name], reference, rtol=1e-9)


def test_default_metrics_depend_on_the_columns(forecasts):
    assert list(evaluate(forecasts)) == POINT + QUANTILE
    found = evaluate(forecasts.drop(columns=list(LEVELS)), by="model")
    assert list(found) == POINT
    assert found.index.name == "model" and list(found.index) == ["ours", "naive"]


def test_all_series_have_equal_weight(forecasts):
    once = forecasts[(forecasts["series"] != "a") | (forecasts["origin"] == 0)]
    by_series = evaluate(once, by=["series", "channel"])
    pd.testing.assert_frame_equal(evaluate(once), by_series.mean().to_frame().T)


def test_smape_ranges_from_0_to_1():
    forecasts = pd.DataFrame({"series": [0, 1, 2], "actual": [0.0, 1.0, 1.0], "forecast": [0.0, -1.0, 3.0]})
    assert evaluate(forecasts, ["sMAPE"], by="series")["sMAPE"].tolist() == [0, 1, 0.5]


def test_row_order_and_column_types_do_not_matter(forecasts):
    reference = evaluate(forecasts, by=["model", "step"])
    shuffled = forecasts.sample(frac=1, random_state=0).astype({"model": "category"})
    found = evaluate(shuffled, by=["model", "step"])
    np.testing.assert_allclose(found.loc[list(reference.index)], reference, rtol=1e-9)
    np.testing.assert_allclose(evaluate(forecasts.astype({"actual": "Float64"}), by=["model", "step"]), reference)


def test_model_without_seed_keeps_its_row(forecasts):
    forecasts["seed"] = forecasts["seed"].astype("Int64").mask(forecasts["model"] == "naive")
    found = evaluate(forecasts, "MAE", by=["model", "seed"])
    assert [(model, None if pd.isna(seed) else seed) for model, seed in found.index] == [
        ("ours", 0),
        ("ours", 1),
        ("naive", None),
    ]
    assert found["MAE"].iloc[2] == pytest.approx(expected(forecasts[forecasts["model"] == "naive"], "MAE"))


@pytest.mark.parametrize("bad", [0.0, np.nan])
def test_series_without_naive_error_are_excluded(forecasts, bad):
    columns = ["naive_mae", "naive_mse"]
    whole = evaluate(forecasts, ["MASE", "RMSSE"], by=["series", "channel"])
    forecasts.loc[forecasts["series"] == 7, columns] = bad
    found = evaluate(forecasts, ["MASE", "RMSSE"], by="series")
    assert found.loc[7].isna().all()
    kept = whole.iloc[[0, 1, 4, 5]].mean()
    np.testing.assert_allclose(evaluate(forecasts, ["MASE", "RMSSE"]).iloc[0], kept)
    forecasts[columns] = bad
    assert evaluate(forecasts, ["MASE", "RMSSE"]).isna().all(axis=None)


def test_series_of_zeros_are_excluded_from_wape(forecasts):
    whole = evaluate(forecasts, "WAPE", by=["series", "channel"])["WAPE"]
    forecasts.loc[forecasts["series"] == 7, "actual"] = 0.0
    assert evaluate(forecasts, "WAPE")["WAPE"].item() == pytest.approx(whole.iloc[[0, 1, 4, 5]].mean())


def test_group_without_observations_is_nan(forecasts):
    forecasts.loc[forecasts["step"] == 2, "actual"] = np.nan
    found = evaluate(forecasts, by="step")
    assert list(found.index) == [1, 2, 3]
    assert found.isna().all(axis=1).tolist() == [False, True, False]
    assert evaluate(forecasts.assign(actual=np.nan)).isna().all(axis=None)


def test_missing_quantiles_give_nan(forecasts):
    forecasts.loc[forecasts["model"] == "naive", list(LEVELS)] = np.nan
    found = evaluate(forecasts, by="model")
    assert found.loc["naive", QUANTILE].isna().all() and found.loc["naive", POINT].notna().all()
    assert found.loc["ours"].notna().all()
    forecasts.loc[forecasts["actual"].notna().idxmax(), 0.1] = np.nan
    found = evaluate(forecasts[forecasts["model"] == "ours"], QUANTILE, by=["series", "channel"])
    assert found.isna().all(axis=1).tolist() == [True] + 5 * [False]


def test_single_level_has_no_interval(forecasts):
    found = evaluate(forecasts.drop(columns=[0.1, 0.9]))
    assert found["CRPS"].item() == pytest.approx(found["MAE"].item(), rel=1)
    assert found[["coverage", "interval_score"]].isna().all(axis=None)


BAD = {
    "unknown metric": (
        {"metrics": ["MAE", "no_such_metric"]},
        r"`metrics` contains 'no_such_metric', but available metrics are MAE, RMSE, .*CRPS",
    ),
    "unknown group": ({"by": ["model", "time"]}, r"`by` contains 'time', but possible groups are model, seed, series"),
}


@pytest.mark.parametrize("arguments, message", BAD.values(), ids=list(BAD))
def test_unknown_names_raise(forecasts, arguments, message):
    with pytest.raises(ValueError, match=message):
        evaluate(forecasts, **arguments)


@pytest.mark.parametrize(
    "column, arguments",
    [
        ("actual", {"metrics": "MAE"}),
        ("series", {"metrics": "MAE"}),
        ("naive_mae", {}),
        ("naive_mse", {"metrics": ["RMSSE"]}),
        ("seed", {"by": "seed"}),
    ],
)
def test_missing_columns_raise(forecasts, column, arguments):
    with pytest.raises(ValueError, match=f"no column '{column}'"):
        evaluate(forecasts.drop(columns=column), **arguments)
    evaluate(forecasts.drop(columns=["naive_mae", "naive_mse", "channel", "seed", "time"]), ["MAE", "WAPE"])


def test_quantile_metrics_need_quantiles(forecasts):
    for name in QUANTILE:
        with pytest.raises(ValueError, match=f"'{name}', which needs quantiles.* MAE, RMSE"):
            evaluate(forecasts.drop(columns=list(LEVELS)), name)
        with pytest.raises(ValueError, match="needs quantiles"):
            check_metrics([name], False)
    check_metrics(POINT, False)
    check_metrics(QUANTILE, True)
    with pytest.raises(ValueError, match=r"a column 90\.0, but .* between 0 and 1"):
        evaluate(forecasts.rename(columns={0.9: 90.0}))


@pytest.mark.parametrize("column, value", [("forecast", np.nan), ("forecast", np.inf), ("actual", -np.inf)])
def test_non_finite_forecast_is_located(forecasts, column, value):
    forecasts["actual"] = forecasts["actual"].fillna(1.0)
    forecasts.loc[80, column] = value
    row = forecasts.loc[80]
    with pytest.raises(ValueError, match=f"model {row['model']}, seed {row['seed']}, .*origin {row['origin']}"):
        evaluate(forecasts)
    forecasts.loc[80, "actual"] = np.nan  # rows without an actual value are ignored
    evaluate(forecasts)


def test_large_tables_are_fast():
    rng = np.random.default_rng(0)
    count = 1_000_000
    forecasts = pd.DataFrame(rng.normal(size=(count, 5)), columns=["actual", "forecast", *LEVELS])
    series = np.repeat([f"series {n}" for n in range(500)], count // 500)
    forecasts = forecasts.assign(
        series=series, step=np.tile(np.arange(100), count // 100), naive_mae=1.0, naive_mse=1.0
    )
    start = time.process_time()
    assert evaluate(forecasts, by="step").shape == (100, len(METRICS))
    assert time.process_time() - start < 10  # 1 s on an idle machine


# Actual values, forecasts and the mean change by a season in the history; the scores by hand.
UNUSUAL = {
    "dead, forecast exactly": ([0, 0, 0, 0], [0, 0, 0, 0], 0, {"sMAPE": 0, "WAPE": np.nan, "MASE": np.nan}),
    "dead, forecast wrongly": ([0, 0, 0, 0], [1, 0, 0, 0], 0, {"sMAPE": 0.25, "WAPE": np.nan, "MASE": np.nan}),
    "dead at the end": ([0, 0, 0, 0], [1, 0, 1, 0], 2, {"sMAPE": 0.5, "WAPE": np.nan, "MASE": 0.25}),
    "intermittent": ([0, 4, 0, 0], [1, 1, 1, 1], 2, {"sMAPE": 0.9, "WAPE": 1.5, "MASE": 0.75}),
    "constant, forecast exactly": ([5, 5, 5, 5], [5, 5, 5, 5], 0, {"sMAPE": 0, "WAPE": 0, "MASE": np.nan}),
    "constant, forecast wrongly": ([5, 5, 5, 5], [5, 5, 5, 15], 0, {"sMAPE": 0.125, "WAPE": 0.5, "MASE": np.nan}),
}


@pytest.mark.parametrize(("actual", "forecast", "change", "scores"), UNUSUAL.values(), ids=UNUSUAL)
@pytest.mark.filterwarnings("ignore:.*not defined")
def test_scores_of_dead_intermittent_and_constant_series(actual, forecast, change, scores):
    table = pd.DataFrame({"series": "a", "origin": 0, "time": range(4), "step": range(1, 5)})
    table = table.assign(actual=np.float64(actual), forecast=np.float64(forecast), naive_mae=change, naive_mse=change)
    assert evaluate(table, list(scores)).iloc[0].to_dict() == pytest.approx(scores, nan_ok=True)
