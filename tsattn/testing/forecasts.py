"""Checks of `predict`: the index, the names and the dtypes of a forecast, and what it is made from."""

import numpy as np
import pandas as pd

from tsattn.testing.data import monthly
from tsattn.testing.subject import YEAR, finite, nearest, refused, same, warned


def a_forecast_continues_the_series(subject):
    """The forecast of a Series is a finite Series of its name and dtype, on the stamps that follow its index."""
    y, forecast = subject.y, subject.fitted.predict()
    assert isinstance(forecast, pd.Series), f"came a {type(forecast).__name__}"
    pd.testing.assert_index_equal(forecast.index, subject.after.index)
    assert (forecast.name, forecast.dtype) == (y.name, y.dtype), f"came {forecast.name!r}, {forecast.dtype}"
    finite(forecast)


def a_wide_frame_comes_back_as_one(subject):
    """The forecast of a wide frame is a frame with its columns, each at its own level."""
    forecast = subject.on_channels.predict()
    pd.testing.assert_index_equal(forecast.columns, subject.channels.columns)
    pd.testing.assert_index_equal(forecast.index, subject.after.index)
    finite(forecast)
    ends = subject.channels[-YEAR:].mean()
    other = [name for name in forecast if nearest(forecast[name], ends) != name]
    assert not other, f"at the level of another column came {other}:\n{forecast}"


def columns_are_matched_by_name(subject):
    """`predict(y=)` takes columns in any order, warns of others, and raises a ValueError where one is missing."""
    y, model = subject.channels, subject.on_channels
    forecast = model.predict()
    same(model.predict(y=y[["south", "north"]]), forecast)
    same(warned(lambda: model.predict(y=y.assign(extra=1.0))), forecast)
    assert "south" in str(refused(lambda: model.predict(y=y[["north"]]), ValueError)), "the column is not named"


def a_history_may_be_passed(subject):
    """`predict(y=)` forecasts what follows that history, without a fit: what `predict()` does if it is the same."""
    y, model = subject.y, subject.fitted
    same(model.predict(y=y), model.predict())
    other = model.predict(y=y[:-7].rename("other"))
    assert (other.index[0], other.name) == (y.index[-7], "other"), f"came {other.name!r} from {other.index[0]} on"
    assert not np.allclose(other, model.predict()), "the forecast does not depend on the history"
    same(model.predict(), subject.copy().predict())


def a_history_that_is_another_thing_is_refused(subject):
    """`predict(y=)` raises a TypeError or ValueError for another kind of data or of index than `fit` got."""
    for y in (subject.channels, subject.series, subject.y.reset_index(drop=True), subject.y[:0], [1.0]):
        refused(lambda y=y: subject.fitted.predict(y=y), (TypeError, ValueError))


def any_horizon_may_be_asked_for(subject):
    """`predict(horizon=)` cuts a forecast or rolls it forward; what is no whole number above 0 is a ValueError."""
    model, horizon = subject.fitted, subject.horizon
    longer = model.predict(horizon=3 * horizon + 1)
    assert len(longer) == 3 * horizon + 1, f"{len(longer)} steps came"
    same(longer[:horizon], model.predict())
    finite(longer)
    rolled = model.predict(y=pd.concat([subject.y, model.predict()]))
    np.testing.assert_allclose(longer[horizon : 2 * horizon], rolled, rtol=1e-4)
    same(model.predict(horizon=1), model.predict()[:1])
    for steps in (0, -1, 2.5, "3"):
        refused(lambda steps=steps: model.predict(horizon=steps), ValueError)


def shifting_time_shifts_the_forecast(subject):
    """The same values at another time are forecast the same, at that time."""
    # By so many years that all days of the week come again: features of the calendar are the same.
    moved = subject.spare.fit(monthly(subject.length, start="1992-01")).predict()
    np.testing.assert_array_equal(moved, subject.fitted.predict())
    assert moved.index[0] == pd.Timestamp("1992-01-01") + pd.DateOffset(months=subject.length), f"came {moved.index[0]}"


def missing_values_are_left_out(subject):
    """NaN and missing stamps are the same, and leave a finite forecast."""
    y = subject.y
    y.iloc[[5, 30, 31, -2]] = np.nan
    model = subject.spare.fit(y)
    finite(model.predict())
    same(warned(lambda: model.predict(y=y.drop(y.index[[30, 31]]))), model.predict())


INDEXES = {
    "integers of step 5": lambda steps: pd.Index(np.arange(100, 100 + 5 * steps, 5), name="minute"),
    "periods": lambda steps: pd.period_range("2000-01", periods=steps, freq="M", name="month"),
    "hours as clocks go back": lambda steps: pd.date_range("2024-10-25", periods=steps, freq="h", tz="Europe/Berlin"),
    "business days": lambda steps: pd.date_range("2024-01-01", periods=steps, freq="B", unit="s"),
}


def an_index_of_any_kind_is_continued(subject):
    """The forecast has the kind of index, the time zone and the unit that the history has."""
    for index in INDEXES.values():
        y = pd.Series(subject.y.to_numpy(), index(subject.length))
        forecast = subject.seasonal.fit(y).predict()
        ahead = index(subject.length + subject.horizon)[subject.length :]
        pd.testing.assert_index_equal(forecast.index, ahead, exact=True)
        finite(forecast)


DTYPES = {"int64": "float64", "float32": "float32", "Float64": "Float64", "Int32": "Float64"}


def numbers_of_any_kind_are_taken(subject):
    """The forecast of floats has their dtype, that of integers is of floats, nullable as they are."""
    for dtype, wanted in DTYPES.items():
        forecast = subject.spare.fit(subject.y.round().astype(dtype)).predict()
        assert forecast.dtype == wanted, f"of {dtype} came {forecast.dtype}, not {wanted}"
        finite(forecast)


def the_score_is_minus_the_mase(subject):
    """`score` is minus the mean absolute error, over that of the seasonal naive forecast within the history."""
    model = subject.seasonal.fit(subject.y)
    values = subject.y.to_numpy()
    scale = np.abs(values[subject.season :] - values[: -subject.season]).mean()
    for after in (subject.after, subject.after[-1:]):
        wanted = -np.abs(after - model.predict()[after.index]).mean() / scale
        np.testing.assert_allclose(model.score(after), wanted, rtol=1e-5)
    refused(lambda: model.score(subject.y[:3]), ValueError)


CHECKS = (
    a_forecast_continues_the_series,
    a_wide_frame_comes_back_as_one,
    columns_are_matched_by_name,
    a_history_may_be_passed,
    a_history_that_is_another_thing_is_refused,
    any_horizon_may_be_asked_for,
    shifting_time_shifts_the_forecast,
    missing_values_are_left_out,
    an_index_of_any_kind_is_continued,
    numbers_of_any_kind_are_taken,
    the_score_is_minus_the_mase,
)
