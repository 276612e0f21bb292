"""Panels: every forecaster on many series, in every data format."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FORECASTERS, HORIZON, monthly, panel
from panel_table import long_frame

from tsattn import StatisticalForecaster

CHANNELS = ["sales", "orders"]


def with_orders():
    """Return the panel with two channels; the second mirrors the first."""
    return pd.DataFrame({"sales": panel(), "orders": 500 - panel()})


@pytest.fixture(scope="module")
def model(subject):
    """The forecaster, fitted to the panel. Tests must not modify it."""
    return subject.fitted_panel


@pytest.fixture(scope="module")
def scratch(subject):
    """The forecaster, for tests to fit to other panels without recompiling."""
    return subject.scratch_panel


def test_forecast_is_in_the_range_of_its_series(model):
    forecast = model.predict()
    for shop, y in panel().groupby(level=0):
        span = y.max() - y.min()
        assert y.min() - span < forecast[shop].min() <= forecast[shop].max() < y.max() + span


def test_forecast_has_the_layout_of_the_long_frame(model, scratch):
    reordered = scratch.fit(long_frame(panel(), ("y", "ds", "unique_id"))).predict()
    assert list(reordered.columns) == ["y", "ds", "unique_id"]
    by_id = scratch.fit(long_frame(panel()).set_index("unique_id")).predict()
    assert by_id.index.name == "unique_id" and list(by_id.columns) == ["ds", "y"]
    for forecast in (reordered, by_id):
        np.testing.assert_array_equal(forecast["y"], model.predict())


def test_forecast_of_panel_has_its_channels(name):
    model = FORECASTERS[name](horizon=HORIZON).fit(with_orders())
    forecast = model.predict()
    assert list(forecast.columns) == CHANNELS and forecast.shape == (4 * HORIZON, 2)
    assert forecast.index.equals(FORECASTERS["seasonal_naive"](horizon=HORIZON).fit(panel()).predict().index)
    reordered = model.predict(y=with_orders()[CHANNELS[::-1]])
    pd.testing.assert_frame_equal(reordered, forecast, check_exact=True)
    mirrored = 500 - with_orders().loc["b", "orders"]
    assert mirrored.min() < forecast.loc["b", "sales"].mean() < mirrored.max()
    assert forecast.loc["b", "orders"].mean() < 0 < forecast.loc["b", "sales"].mean()


def test_series_that_was_not_fitted_is_scaled_by_its_values(model):
    """It is the series b with another scale, level and name."""
    expected, level = model.predict()["b"], 7e6
    if isinstance(model, StatisticalForecaster):  # multiplicative models depend on the level
        level = 0.0
    unseen = pd.concat({"new": 1000 * panel()["b"] + level}, names=["shop"])
    forecast = model.predict(y=unseen)
    assert forecast.index.get_level_values(0).unique().tolist() == ["new"]
    np.testing.assert_allclose(forecast, 1000 * expected + level, atol=0.001 * 1000 * panel()["b"].std())


def test_scale_of_a_series_does_not_affect_others(model, scratch):
    larger = panel()
    larger["b"] *= 1024.0
    forecast, expected = scratch.fit(larger).predict(), model.predict()
    np.testing.assert_allclose(forecast["b"], 1024 * expected["b"], rtol=1e-5)
    pd.testing.assert_series_equal(forecast.drop("b"), expected.drop("b"), rtol=1e-5)


def test_score_is_mean_over_series(model):
    y, forecast = panel(), model.predict()
    actual = forecast + np.tile([1.0, -2.0, 3.0], len(forecast) // 3)
    scales = {shop: np.abs(y[shop].diff(12)).mean() for shop in "abcd"}
    expected = -np.mean([2.0 / scale for scale in scales.values()])
    assert model.score(actual) == pytest.approx(expected, rel=1e-4)
    expected = -np.mean([2.0 / scales[shop] for shop in "ac"])
    with pytest.warns(UserWarning, match="2 of the 4 fitted series are not scored"):
        assert model.score(actual.loc[["a", "c"]]) == pytest.approx(expected, rel=1e-4)
    with pytest.raises(ValueError, match=r"'new'.*does not follow a fitted series"):
        model.score(actual.rename({"b": "new"}))


def test_constant_series_in_a_panel_is_continued(scratch):
    y = panel()
    y["c"] = 7.25
    model = scratch.fit(y)
    np.testing.assert_allclose(model.predict()["c"], 7.25, rtol=1e-6)
    with pytest.warns(UserWarning, match="MASE is not defined for 1 of 4"):
        assert np.isfinite(model.score(model.predict() + 1.0))


@pytest.mark.parametrize("refit", [False, True])
def test_missing_rows_equal_missing_values(model, scratch, refit):
    gap = [("a", panel()["a"].index[row]) for row in (-3, -7)] + [("d", panel()["d"].index[4])]
    with_nan = panel().astype("float64")
    with_nan.loc[gap] = np.nan
    forecasts = []
    for y in (with_nan, panel().drop(gap)):
        with pytest.warns(UserWarning, match="lacks") if len(y) < len(with_nan) else contextlib.nullcontext():
            forecasts.append(scratch.fit(y).predict() if refit else model.predict(y=y))
    pd.testing.assert_series_equal(*forecasts, check_exact=True)
    assert np.isfinite(forecasts[0]).all()
    assert not np.array_equal(forecasts[0]["a"], model.predict()["a"])


def test_ids_may_have_several_levels_and_types():
    keys = {("north", 7): monthly(50), ("north", 2): monthly(40) + 5, ("south", 100): monthly(45)}
    y = pd.concat(keys, names=["region", None])
    forecast = FORECASTERS["linear"](horizon=HORIZON).fit(y).predict()
    assert forecast.index.names == ["region", None, "month"]
    pd.testing.assert_index_equal(
        forecast.index[::HORIZON].droplevel(2), pd.MultiIndex.from_tuples(sorted(keys), names=["region", None])
    )


def renamed(y, *names):
    return pd.concat(dict.fromkeys(names, y), names=["shop"])


OTHERS = {
    "on the same dates": lambda y: 4000 * y[::-1].set_axis(y.index) + 3e6,
    "on later dates": lambda y: (4000 * y + 3e6).set_axis(y.index + pd.DateOffset(years=30)),
    "shorter": lambda y: (4000 * y + 3e6)[:-20],
    "constant": lambda y: 0 * y + 5,
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_another_series_under_a_known_id_is_scaled_by_its_values(model, change):
    y = change(panel()["b"])
    forecast = model.predict(y=renamed(y, "b", "new"))
    np.testing.assert_array_equal(forecast["b"], forecast["new"])


def test_a_known_series_keeps_its_scale(model):
    pd.testing.assert_series_equal(model.predict(y=panel()), model.predict(), check_exact=True)
    revised = panel().round()
    shorter = revised.groupby("shop").tail(model.lookback_ + HORIZON)
    pd.testing.assert_series_equal(model.predict(y=shorter), model.predict(y=revised), rtol=1e-6)


def test_series_of_zeros_are_forecast_exactly(scratch):
    y = panel()
    y["a"], y["c"] = 0.0, -7.25e9
    model = scratch.fit(y)
    assert (model.predict()["a"] == 0).all() and (model.predict()["c"] == -7.25e9).all()
