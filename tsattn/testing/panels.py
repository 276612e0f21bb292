"""Checks of panels: each series is continued from its own end, in every data format."""

import numpy as np
import pandas as pd

from tsattn.testing.assertions import (
    assert_at_own_level,
    assert_finite,
    assert_not_modified,
    assert_raises,
    assert_same,
)
from tsattn.testing.data import long_frame
from tsattn.testing.subject import YEAR


def every_series_is_continued_from_its_end(subject):
    """The forecast of a panel has the same MultiIndex levels and continues each series for one horizon."""
    y, forecast = subject.panel, subject.fitted_panel.predict()
    assert isinstance(forecast, pd.Series), f"received a {type(forecast).__name__}, expected a Series"
    received, expected = (forecast.name, forecast.dtype), (y.name, y.dtype)
    assert received == expected, f"received the name and dtype {received}, expected {expected}"
    names = forecast.index.names
    assert names == y.index.names, f"received the index levels {names}, expected {y.index.names}"
    assert_finite(forecast)
    for name, series in y.groupby(level=0):
        first = series.index[-1][1] + pd.DateOffset(months=1)
        times = pd.date_range(first, periods=subject.horizon, freq="MS", name="month")
        index = forecast[name].index
        assert index.equals(times), f"received {index} for series {name!r}, expected {times}"


def every_series_keeps_its_level(subject):
    """The forecast of a series in a panel is closer to the last level of that series than to that of another."""
    levels = subject.panel.groupby(level=0).apply(lambda series: series[-YEAR:].mean())
    assert_at_own_level(dict(list(subject.fitted_panel.predict().groupby(level=0))), levels)


def long_frame_returns_long_frame(subject):
    """A long frame `unique_id, ds, y` has the same forecast as its series in a MultiIndex, in the long format."""
    long = long_frame(subject.panel)
    forecast = subject.scratch_panel.fit(long).predict()
    received, expected = list(forecast.columns), list(long.columns)
    assert received == expected, f"received the columns {received}, expected {expected}"
    received, expected = list(forecast.dtypes), list(long.dtypes)
    assert received == expected, f"received the dtypes {received}, expected {expected}"
    np.testing.assert_array_equal(forecast["y"], subject.fitted_panel.predict())


def row_order_has_no_effect(subject):
    """The order of the rows does not affect the forecast, in `fit` and in `predict(y=)`."""
    shuffled, forecast = subject.panel.sample(frac=1.0, random_state=3), subject.fitted_panel.predict()
    assert_same(subject.scratch_panel.fit(shuffled).predict(), forecast)
    assert_same(subject.fitted_panel.predict(y=shuffled), forecast)


def series_order_and_ids_have_no_effect(subject):
    """`predict(y=)` returns the same forecast for a series in any order of the series and under any id."""
    y, forecast = subject.panel, subject.fitted_panel.predict()
    names = forecast.index.get_level_values(0).unique()
    reversed_y = pd.concat([y.loc[[name]] for name in names[::-1]])
    ids = dict(zip(names, "zyxw", strict=True))
    cases = (reversed_y, dict(zip(names, names, strict=True))), (reversed_y.rename(index=ids, level=0), ids)
    for history, new_ids in cases:
        with assert_not_modified(y=history):
            other = subject.fitted_panel.predict(y=history)
        received, expected = sorted(other.index.get_level_values(0).unique()), sorted(new_ids.values())
        assert received == expected, f"received forecasts of {received}, expected {expected}"
        for name in names:
            assert_same(other.loc[new_ids[name]], forecast.loc[name], rtol=1e-5)


def series_are_forecast_independently(subject):
    """The forecast of a single series is the same as in a panel."""
    model, forecast = subject.fitted_panel, subject.fitted_panel.predict()
    for name in forecast.index.get_level_values(0).unique():
        assert_same(model.predict(y=subject.panel.loc[[name]]), forecast.loc[[name]], rtol=1e-5)


def new_series_are_accepted(subject):
    """`predict(y=)` accepts series that were not fitted, and forecasts only these."""
    forecast = subject.fitted_panel.predict(y=subject.panel.loc[["b"]].rename({"b": "new"}))
    names = forecast.index.get_level_values(0).unique().tolist()
    assert names == ["new"], f"received forecasts of {names}, expected ['new']"
    assert_finite(forecast)


def errors_name_the_series(subject):
    """`fit` raises a ValueError that names a series that cannot be fitted, and leaves the forecaster unchanged."""
    forecast = subject.fitted_panel.predict()
    y = subject.panel
    y.loc["c"] = np.nan
    with assert_not_modified(y=y):
        error = assert_raises(lambda: subject.fitted_panel.fit(y), ValueError)
    assert "'c'" in str(error), f"received ValueError: {error}, expected 'c' in the message"
    assert_same(subject.fitted_panel.predict(), forecast)


def static_covariates_are_accepted(subject):
    """`fit` and `predict(y=, static=)` accept a row of static covariates per series, identified by its id."""
    y, static, model = subject.panel, subject.static, subject.scratch_static
    with assert_not_modified(y=y, static=static):
        forecast = model.fit(y, static=static).predict()
        assert_finite(forecast)
        assert_same(model.predict(y=y, static=static[::-1]), forecast, rtol=1e-5)
    ids = {"b": "new"}
    other = model.predict(y=y.loc[["b"]].rename(ids), static=static.loc[["b"]].rename(ids))
    assert_same(other.loc["new"], forecast.loc["b"], rtol=1e-5)
    error = assert_raises(lambda: model.fit(y, static=static.drop("c")), ValueError)
    assert "'c'" in str(error), f"received ValueError: {error}, expected 'c' in the message"


CHECKS = (
    every_series_is_continued_from_its_end,
    every_series_keeps_its_level,
    long_frame_returns_long_frame,
    row_order_has_no_effect,
    series_order_and_ids_have_no_effect,
    series_are_forecast_independently,
    new_series_are_accepted,
    errors_name_the_series,
    static_covariates_are_accepted,
)
