"""What is known beside the series: every forecaster takes it, and all but the naive one use it."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, FORECASTERS, HORIZON, NETWORKS, PATCHED, beside, monthly, panel, shops
from panel_table import long_frame
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score

from tsattn import Training

KNOWN = ["promo", "kind"]
ASKED = {"past_covariates": ["price"], "calendar": ("month", "quarter")}


@pytest.fixture(scope="module")
def model(name):
    """Each forecaster, fitted on a Series with every kind of covariates, which tell of the future."""
    return FORECASTERS[name](horizon=HORIZON, **ASKED).fit(monthly(), beside(66))


@pytest.fixture(scope="module")
def of_many(name):
    """Each forecaster, fitted on a panel with every kind of covariates, which tell of the future."""
    return FORECASTERS[name](horizon=HORIZON, **ASKED).fit(panel(), beside(66), static=shops())


def test_what_fit_was_told_of_the_future_is_used(model, of_many):
    for fitted in (model, of_many):
        forecast = fitted.predict()
        assert np.isfinite(forecast).all()
        pd.testing.assert_series_equal(fitted.predict(beside(66)), forecast, check_exact=True)
        pd.testing.assert_series_equal(fitted.predict(beside(66)[50:]), forecast, check_exact=True)
        pd.testing.assert_series_equal(fitted.predict(beside(66).iloc[:, ::-1]), forecast, check_exact=True)


def test_another_history_comes_with_its_covariates(model, of_many):
    pd.testing.assert_series_equal(model.predict(beside(66), y=monthly()), model.predict(), rtol=1e-6)
    earlier = model.predict(beside(66), y=monthly()[:50])
    assert earlier.index[0] == monthly().index[50]
    again = of_many.predict(beside(66), y=panel(), static=shops()[::-1])
    pd.testing.assert_series_equal(again, of_many.predict(), rtol=1e-6)


def test_the_future_frame_of_a_series_is_the_question_and_the_answer(model):
    frame = model.make_future_frame()
    pd.testing.assert_frame_equal(frame, beside(66)[60:][KNOWN], check_freq=False)
    pd.testing.assert_series_equal(model.predict(frame), model.predict(), check_exact=True)
    with pytest.raises(ValueError, match=r"2025-09-01.*last row is at 2025-06-01.*make_future_frame.*same `y=`"):
        model.predict(horizon=9)
    longer = model.make_future_frame(9)
    assert longer[KNOWN][HORIZON:].isna().all(axis=None)
    longer = longer.fillna({"promo": 0.0, "kind": "x"})
    np.testing.assert_allclose(model.predict(longer, horizon=9)[:HORIZON], model.predict(), rtol=1e-6)


def test_the_future_frame_of_a_panel_has_the_steps_of_each_series(of_many):
    frame = of_many.make_future_frame()
    pd.testing.assert_index_equal(frame.index, of_many.predict().index)
    for shop in "abcd":
        expected = beside(66)[KNOWN].loc[frame.loc[shop].index]
        pd.testing.assert_frame_equal(frame.loc[shop], expected, check_freq=False)
    pd.testing.assert_series_equal(of_many.predict(frame), of_many.predict(), check_exact=True)
    shuffled = frame.sample(frac=1.0, random_state=0)
    pd.testing.assert_series_equal(of_many.predict(shuffled), of_many.predict(), check_exact=True)
    other = panel().loc[["b"]][:-3]
    empty = of_many.make_future_frame(y=other)
    assert empty.isna().all(axis=None) and list(empty.columns) == ["price", *KNOWN]
    assert len(empty) == of_many.lookback_ + HORIZON
    filled = pd.concat({"b": beside(66)}, names=["shop"])[empty.columns].loc[empty.index]
    assert of_many.predict(filled, y=other).index.equals(empty.index[-HORIZON:])


@pytest.mark.parametrize("name", ["linear", "seq2seq"])
def test_covariates_of_each_series_in_a_long_frame(name):
    each = pd.concat({shop: beside(66)[place:] for place, shop in enumerate("abcd")}, names=["shop"])
    each["promo"] += each.index.codes[0]
    forecast = FORECASTERS[name](horizon=HORIZON, **ASKED).fit(panel(), each, static=shops()).predict()
    model = FORECASTERS[name](horizon=HORIZON, **ASKED)
    covariates, static = each.rename_axis(["unique_id", "ds"]).reset_index(), shops().rename_axis("unique_id")
    model.fit(long_frame(panel()), covariates, static=static.reset_index())
    np.testing.assert_array_equal(model.predict()["y"], forecast)
    frame = model.make_future_frame()
    assert list(frame.columns) == ["unique_id", "ds", *KNOWN]
    pd.testing.assert_frame_equal(frame[["unique_id", "ds"]], model.predict()[["unique_id", "ds"]])
    pd.testing.assert_frame_equal(model.predict(frame), model.predict(), check_exact=True)


def test_a_longer_horizon_rolls_over_the_covariates(of_many):
    longer = of_many.predict(horizon=HORIZON + 2)
    assert np.isfinite(longer).all()
    first = longer.groupby(level=0).head(HORIZON)
    pd.testing.assert_series_equal(first, of_many.predict(), rtol=1e-5)


def promoted(length=60, count=8):
    """A panel of noise that rises by 10 in every step with a promotion, and the promotions."""
    rng = np.random.default_rng(0)
    stamps = pd.date_range("2024-01-01", periods=length, freq="D", name="day")
    index = pd.MultiIndex.from_product([range(count), stamps], names=["shop", "day"])
    promo = pd.DataFrame({"promo": rng.integers(0, 2, len(index)) * 1.0}, index=index)
    return (20 + 10 * promo["promo"] + rng.normal(size=len(index))).rename("sales"), promo


USERS = {
    **{name: (name, {"patch_size": 1}) for name in PATCHED},
    **{
        f"{name}, recursive": (name, {"patch_size": 1, "decoding": "recursive"})
        for name in ("attention", "transformer")
    },
    "inverted": ("inverted", {}),
    "linear": ("linear", {}),
}


@pytest.mark.parametrize("name, options", USERS.values(), ids=USERS)
def test_a_known_covariate_is_used(name, options):
    """The error is at most half of that of the best forecast that does not know of the promotions."""
    if name in NETWORKS:
        told = {"epochs": 4, "batches_per_epoch": 32, "learning_rate": 0.02, "validation_fraction": 0.0}
        training = Training(**{**FAST, **told})
        options = {**options, "units": 8, "dropout": 0.0, "training": training}
    y, promo = promoted()
    days = y.index.get_level_values("day")
    past, after = y[days < days[57]], y[days >= days[57]]
    model = FORECASTERS[name](horizon=3, lookback=4, season=1, **options).fit(past, promo)
    error, without = np.abs(model.predict() - after).mean(), np.abs(after - y.median()).mean()
    assert error < without / 2


def test_a_past_covariate_that_leads_is_used():
    rng = np.random.default_rng(0)
    lead = pd.DataFrame({"lead": rng.normal(size=200)})
    y = pd.Series(5 * lead["lead"].shift(3).fillna(0.0) + 0.1 * rng.normal(size=200), name="sales")
    options = {"horizon": 3, "lookback": 6, "season": 1}
    model = FORECASTERS["linear"](past_covariates=["lead"], **options).fit(y[:190], lead[:190])
    with_it = np.abs(model.predict() - y[190:193]).mean()
    without = np.abs(FORECASTERS["linear"](**options).fit(y[:190]).predict() - y[190:193]).mean()
    assert with_it < without / 2


FOLDS = TimeSeriesSplit(n_splits=2, test_size=HORIZON)


def test_a_search_gives_covariates_that_run_past_the_end_to_every_fit():
    model = FORECASTERS["linear"](horizon=HORIZON, past_covariates=["price"])
    grid = {"lookback": [12, 18], "calendar": [None, ("month",)]}
    search = GridSearchCV(model, grid, cv=FOLDS, error_score="raise").fit(monthly(), covariates=beside(66))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(search.best_estimator_.predict()) == HORIZON
    first = model.set_params(lookback=12).fit(monthly()[:48], beside(66)).score(monthly()[48:54])
    assert search.cv_results_["split0_test_score"][0] == pytest.approx(first, rel=1e-6)


def test_covariates_that_a_search_cuts_end_too_early_and_are_told_so():
    with pytest.raises(ValueError, match=r"(?s)no row is after its end.*as long as `y`.*longer one whole"):
        cross_val_score(
            FORECASTERS["linear"](horizon=HORIZON),
            monthly(),
            params={"covariates": beside(60)},
            cv=FOLDS,
            error_score="raise",
        )
