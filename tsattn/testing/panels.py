"""Checks of many series: each is continued from its own end, in whatever shape they come."""

import numpy as np
import pandas as pd

from tsattn.testing.data import long_frame
from tsattn.testing.subject import finite, refused, same


def each_series_is_continued_from_its_own_end(subject):
    """The forecast of many series has their MultiIndex, and a horizon of stamps after the end of each."""
    y, forecast = subject.series, subject.on_series.predict()
    assert isinstance(forecast, pd.Series), f"came a {type(forecast).__name__}"
    assert (forecast.name, forecast.dtype) == (y.name, y.dtype), f"came {forecast.name!r}, {forecast.dtype}"
    assert forecast.index.names == y.index.names, f"came levels {forecast.index.names}"
    finite(forecast)
    for name, one in y.groupby(level=0):
        first = one.index[-1][1] + pd.DateOffset(months=1)
        stamps = pd.date_range(first, periods=subject.horizon, freq="MS", name="month")
        assert forecast[name].index.equals(stamps), f"of {name!r} came {forecast[name].index}"


def a_long_frame_comes_back_as_one(subject):
    """A long frame `unique_id, ds, y` is forecast as its series are in a MultiIndex, and comes back as a long frame."""
    long = long_frame(subject.series)
    forecast = subject.spare_on_series.fit(long).predict()
    assert list(forecast.columns) == list(long.columns), f"came the columns {list(forecast.columns)}"
    assert (forecast.dtypes == long.dtypes).all(), f"came the dtypes {list(forecast.dtypes)}"
    np.testing.assert_array_equal(forecast["y"], subject.on_series.predict())


def the_order_of_the_rows_does_not_matter(subject):
    """Rows in another order are forecast the same, to the bit, by `fit` and by `predict(y=)`."""
    shuffled, forecast = subject.series.sample(frac=1.0, random_state=3), subject.on_series.predict()
    same(subject.spare_on_series.fit(shuffled).predict(), forecast)
    same(subject.on_series.predict(y=shuffled), forecast)


def series_do_not_change_each_other(subject):
    """A series that is forecast alone is forecast as among the others."""
    model, forecast = subject.on_series, subject.on_series.predict()
    for name in forecast.index.get_level_values(0).unique():
        same(model.predict(y=subject.series.loc[[name]]), forecast.loc[[name]], rtol=1e-5)


def series_that_were_not_fitted_may_be_forecast(subject):
    """`predict(y=)` takes series that `fit` did not get, and forecasts those."""
    unseen = subject.series.loc[["b"]].rename({"b": "new"})
    forecast = subject.on_series.predict(y=unseen)
    names = forecast.index.get_level_values(0).unique().tolist()
    assert names == ["new"], f"came forecasts of {names}"
    finite(forecast)


def what_is_wrong_with_a_series_is_said_with_its_id(subject):
    """A series among many that cannot be learnt from is a ValueError that names it, and changes nothing."""
    forecast = subject.on_series.predict()
    y = subject.series.copy()
    y.loc["c"] = np.nan
    problem = refused(lambda: subject.on_series.fit(y), ValueError)
    assert "'c'" in str(problem), f"came ValueError: {problem}"
    same(subject.on_series.predict(), forecast)


CHECKS = (
    each_series_is_continued_from_its_own_end,
    a_long_frame_comes_back_as_one,
    the_order_of_the_rows_does_not_matter,
    series_do_not_change_each_other,
    series_that_were_not_fitted_may_be_forecast,
    what_is_wrong_with_a_series_is_said_with_its_id,
)
