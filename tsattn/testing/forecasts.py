"""Checks of `predict`: the index, names, dtypes and values of a forecast."""

import numpy as np
import pandas as pd

from tsattn.testing.assertions import assert_at_own_level, assert_finite, assert_raises, assert_same, assert_warns
from tsattn.testing.data import monthly
from tsattn.testing.subject import YEAR


def forecast_continues_series(subject):
    """The forecast of a Series is a finite Series with the same name and dtype, at the times that follow its index."""
    y, forecast = subject.y, subject.fitted.predict()
    assert isinstance(forecast, pd.Series), f"received a {type(forecast).__name__}, expected a Series"
    pd.testing.assert_index_equal(forecast.index, subject.future.index)
    received, expected = (forecast.name, forecast.dtype), (y.name, y.dtype)
    assert received == expected, f"received the name and dtype {received}, expected {expected}"
    assert_finite(forecast)


def wide_frame_returns_wide_frame(subject):
    """The forecast of a wide frame is a frame with the same columns, each at the level of its own column."""
    forecast = subject.fitted_wide.predict()
    pd.testing.assert_index_equal(forecast.columns, subject.wide.columns)
    pd.testing.assert_index_equal(forecast.index, subject.future.index)
    assert_finite(forecast)
    assert_at_own_level(dict(forecast.items()), subject.wide[-YEAR:].mean())


def columns_are_identified_by_name(subject):
    """`predict(y=)` accepts columns in any order, warns about unknown ones and raises a ValueError for missing ones."""
    y, model = subject.wide, subject.fitted_wide
    forecast = model.predict()
    assert_same(model.predict(y=y[["south", "north"]]), forecast)
    assert_same(assert_warns(lambda: model.predict(y=y.assign(extra=1.0))), forecast)
    error = assert_raises(lambda: model.predict(y=y[["north"]]), ValueError)
    assert "south" in str(error), f"received ValueError: {error}, expected the name of the missing column in it"


def predict_accepts_another_history(subject):
    """`predict(y=)` forecasts the continuation of that history, without a fit and without changing the forecaster."""
    y, model = subject.y, subject.fitted
    assert_same(model.predict(y=y), model.predict())
    other = model.predict(y=y[:-7].rename("other"))
    received, expected = (other.index[0], other.name), (y.index[-7], "other")
    assert received == expected, f"received the start and name {received}, expected {expected}"
    assert not np.allclose(other, model.predict()), "received the same forecast, expected that of the other history"
    assert_same(model.predict(), subject.copy().predict())


def predict_rejects_incompatible_history(subject):
    """`predict(y=)` raises a TypeError or ValueError if the data or their index differ in kind from those of `fit`."""
    for y in (subject.wide, subject.panel, subject.y.reset_index(drop=True), subject.y[:0], [1.0]):
        assert_raises(lambda y=y: subject.fitted.predict(y=y), (TypeError, ValueError))


def predict_accepts_any_horizon(subject):
    """`predict(horizon=)` shortens a forecast or extends it recursively, and raises a ValueError for other values."""
    model, horizon = subject.fitted, subject.horizon
    longer = model.predict(horizon=3 * horizon + 1)
    assert len(longer) == 3 * horizon + 1, f"received {len(longer)} steps, expected {3 * horizon + 1}"
    assert_same(longer[:horizon], model.predict())
    assert_finite(longer)
    extended = model.predict(y=pd.concat([subject.y, model.predict()]))
    np.testing.assert_allclose(longer[horizon : 2 * horizon], extended, rtol=1e-4)
    assert_same(model.predict(horizon=1), model.predict()[:1])
    for steps in (0, -1, 2.5, "3"):
        assert_raises(lambda steps=steps: model.predict(horizon=steps), ValueError)


def time_shift_shifts_forecast(subject):
    """The same values at shifted times have the same forecast, at the shifted times."""
    # A shift of 28 years repeats all weekdays, so that calendar features do not change.
    shifted = subject.scratch.fit(monthly(subject.length, start="1992-01")).predict()
    np.testing.assert_array_equal(shifted, subject.fitted.predict())
    start = pd.Timestamp("1992-01-01") + pd.DateOffset(months=subject.length)
    assert shifted.index[0] == start, f"received a forecast from {shifted.index[0]}, expected from {start}"


def missing_values_are_ignored(subject):
    """NaN and missing rows are equivalent, and the forecast is finite."""
    y = subject.y
    y.iloc[[5, 30, 31, -2]] = np.nan
    model = subject.scratch.fit(y)
    assert_finite(model.predict())
    assert_same(assert_warns(lambda: model.predict(y=y.drop(y.index[[30, 31]]))), model.predict())


INDEXES = {
    "integers of step 5": lambda steps: pd.Index(np.arange(100, 100 + 5 * steps, 5), name="minute"),
    "periods": lambda steps: pd.period_range("2000-01", periods=steps, freq="M", name="month"),
    "hours in which clocks go back": lambda steps: pd.date_range(
        "2024-10-25", periods=steps, freq="h", tz="Europe/Berlin"
    ),
    "business days": lambda steps: pd.date_range("2024-01-01", periods=steps, freq="B", unit="s"),
}


def every_index_type_is_continued(subject):
    """The forecast has the index type, time zone and unit of the history."""
    for index in INDEXES.values():
        y = pd.Series(subject.y.to_numpy(), index(subject.length))
        forecast = subject.scratch_seasonal.fit(y).predict()
        future = index(subject.length + subject.horizon)[subject.length :]
        pd.testing.assert_index_equal(forecast.index, future, exact=True)
        assert_finite(forecast)


DTYPES = {"int64": "float64", "float32": "float32", "Float64": "Float64", "Int32": "Float64"}


def every_numeric_dtype_is_accepted(subject):
    """The forecast of floats has their dtype; that of integers has a float dtype, nullable for nullable integers."""
    for dtype, expected in DTYPES.items():
        forecast = subject.scratch.fit(subject.y.round().astype(dtype)).predict()
        assert forecast.dtype == expected, f"received {forecast.dtype} for {dtype}, expected {expected}"
        assert_finite(forecast)


def score_is_negative_mase(subject):
    """`score` returns the negative mean absolute scaled error, relative to the seasonal naive error in the history."""
    model = subject.scratch_seasonal.fit(subject.y)
    values = subject.y.to_numpy()
    scale = np.abs(values[subject.season :] - values[: -subject.season]).mean()
    for future in (subject.future, subject.future[-1:]):
        expected = -np.abs(future - model.predict()[future.index]).mean() / scale
        np.testing.assert_allclose(model.score(future), expected, rtol=1e-5)
    assert_raises(lambda: model.score(subject.y[:3]), ValueError)


CHECKS = (
    forecast_continues_series,
    wide_frame_returns_wide_frame,
    columns_are_identified_by_name,
    predict_accepts_another_history,
    predict_rejects_incompatible_history,
    predict_accepts_any_horizon,
    time_shift_shifts_forecast,
    missing_values_are_ignored,
    every_index_type_is_continued,
    every_numeric_dtype_is_accepted,
    score_is_negative_mase,
)
