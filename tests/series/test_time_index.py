"""Notations of dates: restored in forecasts, or refused with code that converts them when it is run."""

import datetime
import re

import numpy as np
import pandas as pd
import pytest

from tsattn import LinearForecaster, SeasonalNaiveForecaster, backtest, load_forecaster

MONTHS = pd.date_range("2019-03-01", periods=30, freq="MS").rename("when")
DAYS = pd.date_range("2024-02-20", periods=30).rename("when")
HOURS = pd.date_range("2024-02-28 20:00", periods=30, freq="h").rename("when")


def text(index, form):
    return index.strftime(form)


def arrow(index, dtype):
    pytest.importorskip("pyarrow")
    return index.astype(f"{dtype}[pyarrow]")


# The index of 30 steps and the number of steps to forecast.
NOTATIONS = {
    "months as integers": lambda: text(MONTHS, "%Y%m").astype("int64"),
    "months as short integers": lambda: text(MONTHS, "%Y%m").astype("int64").astype("int32"),
    "months as nullable integers": lambda: text(MONTHS, "%Y%m").astype("int64").astype("Int64"),
    "months of one year": lambda: pd.Index(np.arange(202401, 202413), name="when"),
    "days as integers": lambda: text(DAYS, "%Y%m%d").astype("int64"),
    "hours as integers": lambda: text(HOURS, "%Y%m%d%H").astype("int64"),
    "minutes as integers": lambda: text(HOURS, "%Y%m%d%H%M").astype("int64"),
    "ISO text": lambda: text(DAYS, "%Y-%m-%d"),
    "dates": lambda: pd.Index(DAYS.date, dtype=object, name="when"),
    "Timestamps": lambda: DAYS.astype(object),
    "datetimes": lambda: pd.Index([stamp.to_pydatetime() for stamp in DAYS], dtype=object, name="when"),
    "Periods": lambda: MONTHS.to_period("M").astype(object),
    "arrow times": lambda: arrow(DAYS, "timestamp[ns]"),
    "arrow times of a zone": lambda: arrow(DAYS.tz_localize("Europe/Berlin"), "timestamp[us, tz=Europe/Berlin]"),
    "arrow dates": lambda: arrow(DAYS, "date32[day]"),
    "arrow text": lambda: arrow(text(DAYS, "%Y-%m-%d"), "string"),
    "arrow integers": lambda: arrow(text(MONTHS, "%Y%m").astype("int64"), "int64"),
}
RESTORED = {"Timestamps": DAYS, "datetimes": DAYS, "Periods": MONTHS.to_period("M")}  # as pandas would infer them


@pytest.mark.parametrize("name", NOTATIONS)
def test_a_forecast_has_the_notation_of_its_history(name, tmp_path):
    index = NOTATIONS[name]()
    after = RESTORED.get(name, index)[-3:]
    y = pd.Series(np.arange(len(index)) % 7.0, index, name="sales")
    model = LinearForecaster(3, lookback=2).fit(y[:-3])
    forecast = model.predict()
    assert forecast.index.equals(after) and forecast.index.dtype == after.dtype and forecast.index.name == "when"
    assert model.predict(y=y[2:-3]).equals(forecast)
    model.save(tmp_path / "model.tsattn")
    assert load_forecaster(tmp_path / "model.tsattn").predict().equals(forecast)
    tested = backtest(SeasonalNaiveForecaster(2, season=2), y, windows=2, refit=True, verbose=0)
    assert list(tested["time"][-2:]) == list(RESTORED.get(name, index)[-2:])


@pytest.mark.parametrize("name", NOTATIONS)
def test_panels_and_covariates_may_have_each_notation(name):
    index = NOTATIONS[name]()
    after = RESTORED.get(name, index)[-3:]
    y = pd.Series(np.arange(len(index)) % 7.0, index, name="y")
    covariates = pd.DataFrame({"x": np.arange(len(index)) % 2.0}, index)
    panel = pd.concat({"a": y[:-3], "b": y[1:-3]}, names=["shop"])
    forecast = LinearForecaster(3, lookback=2).fit(panel, covariates).predict()
    assert forecast.loc["b"].index.equals(after)
    long = panel.reset_index().rename(columns={"shop": "unique_id", "when": "ds"})
    long["ds"] = long["ds"].astype(index.dtype)
    frame = LinearForecaster(3, lookback=2).fit(long, covariates).predict()
    assert pd.Index(frame["ds"][:3]).equals(after.rename("ds"))
    np.testing.assert_array_equal(frame["y"], forecast)


def test_integers_number_the_steps_if_the_step_is_1():
    y = pd.Series(np.arange(12) % 4.0, pd.RangeIndex(202401, 202413))  # as `set_index` returns
    assert list(SeasonalNaiveForecaster(2, season=4).fit(y).predict().index) == [202501, 202502]
    model = SeasonalNaiveForecaster(2, season=4, freq=1).fit(y)
    assert list(model.predict().index) == [202413, 202414]
    assert list(model.predict(y=y[:-3]).index) == [202410, 202411]
    steps = y.set_axis(pd.RangeIndex(12))
    panel = pd.concat({200101: steps, 200102: steps})  # ids that look like months
    assert list(SeasonalNaiveForecaster(2, season=4).fit(panel).predict().loc[200102].index) == [12, 13]


@pytest.mark.parametrize(
    ("integers", "wrong"),
    [
        ([20240227, 20240228, 20240229, 20240230], 20240230),
        (range(202001, 202014), 202013),
        ([202012, 202101, 202102, 202100], 202100),
    ],
)
def test_a_wrong_date_among_integers_is_named(integers, wrong):
    y = pd.Series(1.0, pd.Index(np.array(integers)))
    with pytest.raises(ValueError, match=f"seem to be dates, but {wrong} is none"):
        SeasonalNaiveForecaster(2).fit(y)
    if max(integers) - min(integers) < 20:
        assert len(SeasonalNaiveForecaster(2, freq=1).fit(y).predict()) == 2


def test_dates_as_integers_have_no_other_integer_step():
    y = pd.Series(1.0, pd.Index([20240101, 20240108, 20240115, 20240122]))
    with pytest.raises(ValueError, match="`freq` is 7, which pandas cannot parse"):
        SeasonalNaiveForecaster(2, freq=7).fit(y)
    assert list(SeasonalNaiveForecaster(2, freq="W-MON").fit(y).predict().index) == [20240129, 20240205]


def test_the_code_for_a_panel_works_with_unused_levels():
    values = pd.Series(1.0, ["13/01/2024", "14/01/2024", "15/01/2024"])
    y = pd.concat({"a": values, "b": values.set_axis(["1", "x", "3"])}, names=["shop", "when"]).drop("b")
    with pytest.raises(ValueError, match="remove_unused_levels") as raised:
        SeasonalNaiveForecaster(1).fit(y)
    namespace = {"y": y, "pd": pd}
    exec(re.search(r"`(y.index = [^`]*)`", str(raised.value))[1], namespace)
    assert len(SeasonalNaiveForecaster(1).fit(namespace["y"]).predict()) == 1


# Text or integers, and the first time after the code in the error has been run.
CONVERTED = {
    "UTC": (["2024-01-01T00:00Z", "2024-01-01T01:00Z", "2024-01-01T02:00Z"], "2024-01-01T00:00Z"),
    "an offset": ([f"2024-01-0{day}T00:00+02:00" for day in (1, 2, 3)], "2024-01-01T00:00+02:00"),
    "offsets that change": (
        ["2024-03-31T01:00+01:00", "2024-03-31T03:00+02:00", "2024-03-31T04:00+02:00"],
        "2024-03-31T00:00Z",
    ),
    "days without separators": (["20200101", "20200102", "20200103"], "2020-01-01"),
    "months without separators": (["202001", "202002", "202003"], "2020-01-01"),
    "quarters": (["2000Q1", "2000Q2", "2000Q3"], pd.Period("2000Q1")),
    "quarters with a hyphen": (["2000-Q1", "2000-Q2", "2000-Q3"], pd.Period("2000Q1")),
    "fractions of seconds": ([f"2024-01-01 00:00:00.{part}00" for part in (1, 2, 3)], "2024-01-01 00:00:00.1"),
    "short days": (["2024-1-8", "2024-1-9", "2024-1-10"], "2024-01-08"),
    "days first": (["13/01/2024", "14/01/2024", "15/01/2024"], "2024-01-13"),
    "months first": (["01/13/2024", "01/14/2024", "01/15/2024"], "2024-01-13"),
    "names of months": (["Jan 2024", "Feb 2024", "Mar 2024"], "2024-01-01"),
    "half days": (["1/13/2024 11:00 PM", "1/14/2024 12:00 AM", "1/14/2024 1:00 AM"], "2024-01-13 23:00"),
    "integers of weeks": ([202451, 202452, 202501], "2024-12-16"),
    "integers of quarters": ([20243, 20244, 20251], pd.Period("2024Q3")),
    "floats": ([202401.0, 202402.0, 202403.0], 202401),
    "time zones that change": (
        [
            pd.Timestamp("2024-03-31T01:00+01:00"),
            pd.Timestamp("2024-03-31T03:00+02:00"),
            pd.Timestamp("2024-03-31T02Z"),
        ],
        "2024-03-31T00:00Z",
    ),
    "durations": (pd.to_timedelta([1, 2, 3], unit="D"), "2000-01-02"),
    "categories": (pd.Categorical(["2024-01-01", "2024-01-02", "2024-01-03"]), "2024-01-01"),
}
PLACES = {
    "index": lambda y: y,
    "level": lambda y: pd.concat({"a": y}, names=["shop", "when"]),
    "column": lambda y: pd.DataFrame({"unique_id": "a", "ds": y.index, "y": y.to_numpy()}),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("values", "first"), CONVERTED.values(), ids=CONVERTED)
def test_the_code_in_an_error_converts_the_timestamps(values, first, place):
    y = PLACES[place](pd.Series([1.0, 2.0, 3.0], pd.Index(values)))
    model = SeasonalNaiveForecaster(1, season=1)
    with pytest.raises((ValueError, TypeError)) as raised:
        model.fit(y)
    code = re.findall(r"`(y(?:\.index|\['ds'\]) = [^`]*)`", str(raised.value))
    assert len(code) == 1, str(raised.value)
    namespace = {"y": y, "pd": pd}
    exec(code[0], namespace)
    y = namespace["y"]
    stamps = y["ds"] if place == "column" else y.index.get_level_values(-1)
    assert stamps[0] == (pd.Timestamp(first) if isinstance(first, str) else first)
    assert len(model.fit(y).predict()) == 1


def test_both_readings_of_unclear_days_are_shown():
    y = pd.Series([1.0, 2.0, 3.0], ["01/02/2024", "02/02/2024", "03/02/2024"])
    with pytest.raises(ValueError, match=r"format='%d/%m/%Y'\)`, or `y.index = .*format='%m/%d/%Y'\)`"):
        SeasonalNaiveForecaster(1).fit(y)


def test_text_that_is_no_time_is_named():
    y = pd.Series([1.0, 2.0, 3.0], ["2024-01-01", "2024-01-02", "total"])
    with pytest.raises(ValueError, match=r"text 'total' in its index, .* like '2024-01-01'. Correct that text"):
        SeasonalNaiveForecaster(1).fit(y)


def test_dates_and_texts_are_not_mixed():
    y = pd.Series([1.0, 2.0], pd.Index([datetime.date(2024, 1, 1), "2024-01-02"], dtype=object))
    with pytest.raises(TypeError, match=r"values of dtype object, such as .*, as times in its index"):
        SeasonalNaiveForecaster(1).fit(y)
