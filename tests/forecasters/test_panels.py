"""Many series at once: every forecaster, in every shape that a panel comes in."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FORECASTERS, HORIZON, monthly, panel
from panel_table import long_frame

CHANNELS = ["sales", "orders"]


def with_orders():
    """Two channels, the second a mirror of the first."""
    return pd.DataFrame({"sales": panel(), "orders": 500 - panel()})


@pytest.fixture(scope="module")
def model(subject):
    """Each forecaster, fitted once on the panel."""
    return subject.fitted_panel


@pytest.fixture(scope="module")
def other(subject):
    """Another of each, to be fitted on other panels: a refit does not compile again."""
    return subject.scratch_panel


def test_the_forecast_of_each_series_is_in_its_own_range(model):
    forecast = model.predict()
    for shop, y in panel().groupby(level=0):
        span = y.max() - y.min()
        assert y.min() - span < forecast[shop].min() <= forecast[shop].max() < y.max() + span


def test_long_frames_of_any_order_come_back_as_they_were(model, other):
    turned = other.fit(long_frame(panel(), ("y", "ds", "unique_id"))).predict()
    assert list(turned.columns) == ["y", "ds", "unique_id"]
    by_id = other.fit(long_frame(panel()).set_index("unique_id")).predict()
    assert by_id.index.name == "unique_id" and list(by_id.columns) == ["ds", "y"]
    for forecast in (turned, by_id):
        np.testing.assert_array_equal(forecast["y"], model.predict())


def test_channels_of_a_panel_come_back_below_their_names(name):
    model = FORECASTERS[name](horizon=HORIZON).fit(with_orders())
    forecast = model.predict()
    assert list(forecast.columns) == CHANNELS and forecast.shape == (4 * HORIZON, 2)
    assert forecast.index.equals(FORECASTERS["seasonal_naive"](horizon=HORIZON).fit(panel()).predict().index)
    turned = model.predict(y=with_orders()[CHANNELS[::-1]])
    pd.testing.assert_frame_equal(turned, forecast, check_exact=True)
    mirrored = 500 - with_orders().loc["b", "orders"]
    assert mirrored.min() < forecast.loc["b", "sales"].mean() < mirrored.max()
    assert forecast.loc["b", "orders"].mean() < 0 < forecast.loc["b", "sales"].mean()


def test_a_series_that_was_not_fitted_is_forecast_in_its_own_units(model):
    """The series b again, in another unit, from another level and under another name."""
    expected = model.predict()["b"]
    unseen = pd.concat({"new": 1000 * panel()["b"] + 7e6}, names=["shop"])
    forecast = model.predict(y=unseen)
    assert forecast.index.get_level_values(0).unique().tolist() == ["new"]
    np.testing.assert_allclose(forecast, 1000 * expected + 7e6, atol=0.001 * 1000 * panel()["b"].std())


def test_the_scale_of_one_series_is_its_own_affair(model, other):
    larger = panel()
    larger["b"] *= 1024.0
    forecast, expected = other.fit(larger).predict(), model.predict()
    np.testing.assert_allclose(forecast["b"], 1024 * expected["b"], rtol=1e-5)
    pd.testing.assert_series_equal(forecast.drop("b"), expected.drop("b"), rtol=1e-5)


def test_the_score_is_the_mean_over_the_series(model):
    y, forecast = panel(), model.predict()
    after = forecast + np.tile([1.0, -2.0, 3.0], len(forecast) // 3)
    scales = {shop: np.abs(y[shop].diff(12)).mean() for shop in "abcd"}
    expected = -np.mean([2.0 / scale for scale in scales.values()])
    assert model.score(after) == pytest.approx(expected, rel=1e-4)
    some = -np.mean([2.0 / scales[shop] for shop in "ac"])
    assert model.score(after.loc[["a", "c"]]) == pytest.approx(some, rel=1e-4)
    with pytest.raises(ValueError, match=r"'new'.*does not follow a fitted series"):
        model.score(after.rename({"b": "new"}))


def test_a_constant_series_among_others_goes_on(other):
    y = panel()
    y["c"] = 7.25
    model = other.fit(y)
    np.testing.assert_allclose(model.predict()["c"], 7.25, rtol=1e-6)
    with pytest.warns(UserWarning, match="MASE is not defined for 1 of 4"):
        assert np.isfinite(model.score(model.predict() + 1.0))


@pytest.mark.parametrize("fitted_on_it", [False, True])
def test_what_is_missing_is_nothing_whether_it_is_told_or_left_out(model, other, fitted_on_it):
    gap = [("a", panel()["a"].index[row]) for row in (-3, -7)] + [("d", panel()["d"].index[4])]
    told = panel().astype("float64")
    told.loc[gap] = np.nan
    forecasts = []
    for y in (told, panel().drop(gap)):
        with pytest.warns(UserWarning, match="lacks") if len(y) < len(told) else contextlib.nullcontext():
            forecasts.append(other.fit(y).predict() if fitted_on_it else model.predict(y=y))
    pd.testing.assert_series_equal(*forecasts, check_exact=True)
    assert np.isfinite(forecasts[0]).all()
    assert not np.array_equal(forecasts[0]["a"], model.predict()["a"])


def test_ids_of_several_levels_and_any_kind():
    keys = {("north", 7): monthly(50), ("north", 2): monthly(40) + 5, ("south", 100): monthly(45)}
    y = pd.concat(keys, names=["region", None])
    forecast = FORECASTERS["linear"](horizon=HORIZON).fit(y).predict()
    assert forecast.index.names == ["region", None, "month"]
    pd.testing.assert_index_equal(
        forecast.index[::HORIZON].droplevel(2), pd.MultiIndex.from_tuples(sorted(keys), names=["region", None])
    )
