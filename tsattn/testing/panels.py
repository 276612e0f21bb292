"""Checks of many series: each is continued from its own end, in whatever shape they come."""

import numpy as np
import pandas as pd

from tsattn.testing.data import long_frame
from tsattn.testing.subject import YEAR, finite, nearest, refused, same, untouched


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


def each_series_goes_on_at_its_own_level(subject):
    """The forecast of a series among many is nearer to how that series ended than to how another did."""
    ends = subject.series.groupby(level=0).apply(lambda one: one[-YEAR:].mean())
    forecasts = dict(list(subject.on_series.predict().groupby(level=0)))
    other = {name: nearest(one, ends) for name, one in forecasts.items() if nearest(one, ends) != name}
    assert not other, f"came forecasts at the level of another series: {other}"


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


def a_forecast_follows_its_series(subject):
    """Series that `predict(y=)` gets in another order, or under other ids, are forecast as before, each as its own."""
    y, forecast = subject.series, subject.on_series.predict()
    names = forecast.index.get_level_values(0).unique()
    turned = pd.concat([y.loc[[name]] for name in names[::-1]])
    ids = dict(zip(names, "zyxw", strict=True))
    for history, new in ((turned, dict(zip(names, names, strict=True))), (turned.rename(index=ids, level=0), ids)):
        with untouched(y=history):
            found = subject.on_series.predict(y=history)
        came = sorted(found.index.get_level_values(0).unique())
        assert came == sorted(new.values()), f"came forecasts of {came}"
        for name in names:
            same(found.loc[new[name]], forecast.loc[name], rtol=1e-5)


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
    y = subject.series
    y.loc["c"] = np.nan
    with untouched(y=y):
        problem = refused(lambda: subject.on_series.fit(y), ValueError)
    assert "'c'" in str(problem), f"came ValueError: {problem}"
    same(subject.on_series.predict(), forecast)


def static_covariates_are_taken(subject):
    """`fit` takes a row of `static` for each of many series, by its id, and `predict(y=, static=)` that of others."""
    y, static, model = subject.series, subject.static, subject.spare_with_static
    with untouched(y=y, static=static):
        forecast = model.fit(y, static=static).predict()
        finite(forecast)
        same(model.predict(y=y, static=static[::-1]), forecast, rtol=1e-5)
    unseen = {"b": "new"}
    found = model.predict(y=y.loc[["b"]].rename(unseen), static=static.loc[["b"]].rename(unseen))
    same(found.loc["new"], forecast.loc["b"], rtol=1e-5)
    problem = refused(lambda: model.fit(y, static=static.drop("c")), ValueError)
    assert "'c'" in str(problem), f"came ValueError: {problem}"


CHECKS = (
    each_series_is_continued_from_its_own_end,
    each_series_goes_on_at_its_own_level,
    a_long_frame_comes_back_as_one,
    the_order_of_the_rows_does_not_matter,
    a_forecast_follows_its_series,
    series_do_not_change_each_other,
    series_that_were_not_fitted_may_be_forecast,
    what_is_wrong_with_a_series_is_said_with_its_id,
    static_covariates_are_taken,
)
