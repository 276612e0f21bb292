"""Covariates: every forecaster accepts them, and all except the seasonal naive one use them."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, FORECASTERS, HORIZON, NETWORKS, PATCHED, monthly, monthly_covariates, panel, shops
from panel_table import long_frame
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score

from tsattn import Training

KNOWN = ["promo", "kind"]
OPTIONS = {"past_covariates": ["price"], "calendar": ("month", "quarter")}


@pytest.fixture(scope="module")
def model(name):
    """The forecaster, fitted to a Series with covariates of every kind, with rows after its end."""
    return FORECASTERS[name](horizon=HORIZON, **OPTIONS).fit(monthly(), monthly_covariates(66))


@pytest.fixture(scope="module")
def panel_model(name):
    """The forecaster, fitted to a panel with covariates of every kind, with rows after its end."""
    return FORECASTERS[name](horizon=HORIZON, **OPTIONS).fit(panel(), monthly_covariates(66), static=shops())


def test_future_rows_passed_to_fit_are_used(model, panel_model):
    for fitted in (model, panel_model):
        forecast = fitted.predict()
        assert np.isfinite(forecast).all()
        pd.testing.assert_series_equal(fitted.predict(monthly_covariates(66)), forecast, check_exact=True)
        pd.testing.assert_series_equal(fitted.predict(monthly_covariates(66)[50:]), forecast, check_exact=True)
        pd.testing.assert_series_equal(fitted.predict(monthly_covariates(66).iloc[:, ::-1]), forecast, check_exact=True)


def test_predict_uses_covariates_of_another_history(model, panel_model):
    pd.testing.assert_series_equal(model.predict(monthly_covariates(66), y=monthly()), model.predict(), rtol=1e-6)
    earlier = model.predict(monthly_covariates(66), y=monthly()[:50])
    assert earlier.index[0] == monthly().index[50]
    again = panel_model.predict(monthly_covariates(66), y=panel(), static=shops()[::-1])
    pd.testing.assert_series_equal(again, panel_model.predict(), rtol=1e-6)


def test_future_frame_of_a_series_is_accepted_by_predict(model):
    frame = model.make_future_frame()
    pd.testing.assert_frame_equal(frame, monthly_covariates(66)[60:][KNOWN], check_freq=False)
    pd.testing.assert_series_equal(model.predict(frame), model.predict(), check_exact=True)
    with pytest.raises(ValueError, match=r"2025-09-01.*last row is at 2025-06-01.*make_future_frame.*same `y=`"):
        model.predict(horizon=9)
    longer = model.make_future_frame(9)
    assert longer[KNOWN][HORIZON:].isna().all(axis=None)
    longer = longer.fillna({"promo": 0.0, "kind": "x"})
    np.testing.assert_allclose(model.predict(longer, horizon=9)[:HORIZON], model.predict(), rtol=1e-6)


def test_future_frame_of_a_panel_has_the_steps_of_each_series(panel_model):
    frame = panel_model.make_future_frame()
    pd.testing.assert_index_equal(frame.index, panel_model.predict().index)
    for shop in "abcd":
        expected = monthly_covariates(66)[KNOWN].loc[frame.loc[shop].index]
        pd.testing.assert_frame_equal(frame.loc[shop], expected, check_freq=False)
    pd.testing.assert_series_equal(panel_model.predict(frame), panel_model.predict(), check_exact=True)
    shuffled = frame.sample(frac=1.0, random_state=0)
    pd.testing.assert_series_equal(panel_model.predict(shuffled), panel_model.predict(), check_exact=True)
    other = panel().loc[["b"]][:-3]
    empty = panel_model.make_future_frame(y=other)
    assert empty.isna().all(axis=None) and list(empty.columns) == ["price", *KNOWN]
    assert len(empty) == min(panel_model.lookback_, len(other)) + HORIZON
    filled = pd.concat({"b": monthly_covariates(66)}, names=["shop"])[empty.columns].loc[empty.index]
    assert panel_model.predict(filled, y=other).index.equals(empty.index[-HORIZON:])


@pytest.mark.parametrize("name", ["linear", "seq2seq"])
def test_covariates_of_each_series_can_be_a_long_frame(name):
    each = pd.concat({shop: monthly_covariates(66)[start:] for start, shop in enumerate("abcd")}, names=["shop"])
    each["promo"] += each.index.codes[0]
    forecast = FORECASTERS[name](horizon=HORIZON, **OPTIONS).fit(panel(), each, static=shops()).predict()
    model = FORECASTERS[name](horizon=HORIZON, **OPTIONS)
    covariates, static = each.rename_axis(["unique_id", "ds"]).reset_index(), shops().rename_axis("unique_id")
    model.fit(long_frame(panel()), covariates, static=static.reset_index())
    np.testing.assert_array_equal(model.predict()["y"], forecast)
    frame = model.make_future_frame()
    assert list(frame.columns) == ["unique_id", "ds", *KNOWN]
    pd.testing.assert_frame_equal(frame[["unique_id", "ds"]], model.predict()[["unique_id", "ds"]])
    pd.testing.assert_frame_equal(model.predict(frame), model.predict(), check_exact=True)


def test_longer_horizon_uses_later_covariates(panel_model):
    longer = panel_model.predict(horizon=HORIZON + 2)
    assert np.isfinite(longer).all()
    first = longer.groupby(level=0).head(HORIZON)
    pd.testing.assert_series_equal(first, panel_model.predict(), rtol=1e-5)


def promoted(length=60, count=8):
    """Return a panel of noise that is 10 higher in each step with a promotion, and the promotions."""
    rng = np.random.default_rng(0)
    stamps = pd.date_range("2024-01-01", periods=length, freq="D", name="day")
    index = pd.MultiIndex.from_product([range(count), stamps], names=["shop", "day"])
    promo = pd.DataFrame({"promo": rng.integers(0, 2, len(index)) * 1.0}, index=index)
    return (20 + 10 * promo["promo"] + rng.normal(size=len(index))).rename("sales"), promo


MODELS_WITH_COVARIATES = {
    **{name: (name, {"patch_size": 1}) for name in PATCHED},
    **{
        f"{name}, recursive": (name, {"patch_size": 1, "decoding": "recursive"})
        for name in ("attention", "transformer")
    },
    "inverted": ("inverted", {}),
    "linear": ("linear", {}),
}


@pytest.mark.parametrize("name, options", MODELS_WITH_COVARIATES.values(), ids=MODELS_WITH_COVARIATES)
def test_known_covariate_is_used(name, options):
    """The error is less than half that of the best forecast without promotions."""
    if name in NETWORKS:
        longer = {"epochs": 4, "batches_per_epoch": 32, "learning_rate": 0.02, "validation_fraction": 0.0}
        training = Training(**{**FAST, **longer})
        options = {**options, "units": 8, "dropout": 0.0, "training": training}
    y, promo = promoted()
    days = y.index.get_level_values("day")
    past, actual = y[days < days[57]], y[days >= days[57]]
    model = FORECASTERS[name](horizon=3, lookback=4, season=1, **options).fit(past, promo)
    error, error_without = np.abs(model.predict() - actual).mean(), np.abs(actual - y.median()).mean()
    assert error < error_without / 2


def test_leading_past_covariate_is_used():
    rng = np.random.default_rng(0)
    lead = pd.DataFrame({"lead": rng.normal(size=200)})
    y = pd.Series(5 * lead["lead"].shift(3).fillna(0.0) + 0.1 * rng.normal(size=200), name="sales")
    options = {"horizon": 3, "lookback": 6, "season": 1}
    model = FORECASTERS["linear"](past_covariates=["lead"], **options).fit(y[:190], lead[:190])
    error = np.abs(model.predict() - y[190:193]).mean()
    error_without = np.abs(FORECASTERS["linear"](**options).fit(y[:190]).predict() - y[190:193]).mean()
    assert error < error_without / 2


FOLDS = TimeSeriesSplit(n_splits=2, test_size=HORIZON)


def test_search_passes_covariates_longer_than_y_to_every_fit():
    model = FORECASTERS["linear"](horizon=HORIZON, past_covariates=["price"])
    grid = {"lookback": [12, 18], "calendar": [None, ("month",)]}
    search = GridSearchCV(model, grid, cv=FOLDS, error_score="raise").fit(monthly(), covariates=monthly_covariates(66))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(search.best_estimator_.predict()) == HORIZON
    first = model.set_params(lookback=12).fit(monthly()[:48], monthly_covariates(66)).score(monthly()[48:54])
    assert search.cv_results_["split0_test_score"][0] == pytest.approx(first, rel=1e-6)


def test_search_that_splits_covariates_raises():
    with pytest.raises(ValueError, match=r"(?s)no row is after its end.*only if they are as long as `y`"):
        cross_val_score(
            FORECASTERS["linear"](horizon=HORIZON),
            monthly(),
            params={"covariates": monthly_covariates(60)},
            cv=FOLDS,
            error_score="raise",
        )
