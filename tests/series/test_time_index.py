"""Notations of dates: restored in forecasts, or refused with code that converts them when it is run."""

import datetime
import re
from decimal import Decimal

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
    "offsets that change at midnights": (
        ["2024-03-30T00:00:00+01:00", "2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"],
        "2024-03-30",
    ),
    "offsets of months": (
        ["2024-03-01T00:00-05:00", "2024-04-01T00:00-04:00", "2024-05-01T00:00-04:00"],
        "2024-03-01",
    ),
    "ISO weeks": (["2024-W51", "2024-W52", "2025-W01"], "2024-12-16"),
    "ISO weeks without a hyphen": (["2024W51", "2024W52", "2025W01"], "2024-12-16"),
    "ISO weeks and days": (["2024-W51-3", "2024-W52-3", "2025-W01-3"], "2024-12-18"),
    "German weeks": (["KW 51/2024", "KW 52/2024", "KW 01/2025"], "2024-12-16"),
    "quarters before years": (["Q3 2000", "Q4 2000", "Q1 2001"], pd.Period("2000Q3")),
    "quarters after a slash": (["Q3/2000", "Q4/2000", "Q1/2001"], pd.Period("2000Q3")),
    "quarters after a space": (["2000 Q3", "2000 Q4", "2001 Q1"], pd.Period("2000Q3")),
    "small quarters": (["2000q3", "2000q4", "2001q1"], pd.Period("2000Q3")),
    "numbers of quarters": (["3Q2000", "4Q2000", "1Q2001"], pd.Period("2000Q3")),
    "short quarters": (["3Q24", "4Q24", "1Q25"], pd.Period("2024Q3")),
    "short quarters of two centuries": (["3Q99", "4Q99", "1Q00"], pd.Period("1999Q3")),
    "short quarters after a quote": (["Q3'24", "Q4'24", "Q1'25"], pd.Period("2024Q3")),
    "half years": (["2024-H1", "2024-H2", "2025-H1"], "2024-01-01"),
    "half years before years": (["H2 2024", "H1 2025", "H2 2025"], "2024-07-01"),
    "short half years": (["1H24", "2H24", "1H25"], "2024-01-01"),
    "semesters": (["2024S1", "2024S2", "2025S1"], "2024-01-01"),
    "fiscal years": (["FY23", "FY24", "FY25"], "2023-01-01"),
    "long fiscal years": (["FY2023", "FY2024", "FY2025"], "2023-01-01"),
    "months of Eurostat": (["2023M11", "2023M12", "2024M01"], "2023-11-01"),
    "months after a hyphen": (["2023-M11", "2023-M12", "2024-M01"], "2023-11-01"),
    "days of years": (["2024-001", "2024-002", "2024-003"], "2024-01-01"),
    "seconds since 1970": ([1709251200, 1709254800, 1709258400], "2024-03-01"),
    "milliseconds since 1970": ([1709251200000, 1709254800000, 1709258400000], "2024-03-01"),
    "nanoseconds since 1970": ([1709251200 * 10**9, 1709254800 * 10**9, 1709258400 * 10**9], "2024-03-01"),
    "fractions of seconds since 1970": ([1709251200.5, 1709254800.5, 1709258400.5], "2024-03-01 00:00:00.5"),
    "text of seconds since 1970": (["1709251200", "1709254800", "1709258400"], "2024-03-01"),
    "hours as days of Excel": ([45292 + hour / 24 for hour in range(3)], "2024-01-01"),
    "objects of integers": (np.array([1, 2, 3], dtype=object), 1),
    "integers and text": (np.array([1, 2, "3"], dtype=object), 1),
    "Decimals": ([Decimal(2021), Decimal(2022), Decimal(2023)], 2021),
    "time zones that change at midnights": (
        [
            pd.Timestamp("2024-03-30T00:00+01:00"),
            pd.Timestamp("2024-03-31T00:00+01:00"),
            pd.Timestamp("2024-04-01T00:00+02:00"),
        ],
        "2024-03-30",
    ),
    "periods of different lengths": (
        np.array([pd.Period("2024-01", "M"), pd.Period("2024-02", "M"), pd.Period("2024-03-05", "D")], dtype=object),
        pd.Period("2024-01", "M"),
    ),
    "quarters": (["2000Q1", "2000Q2", "2000Q3"], pd.Period("2000Q1")),
    "quarters with a hyphen": (["2000-Q1", "2000-Q2", "2000-Q3"], pd.Period("2000Q1")),
    "fractions of seconds": ([f"2024-01-01 00:00:00.{part}00" for part in (1, 2, 3)], "2024-01-01 00:00:00.1"),
    "short days": (["2024-1-8", "2024-1-9", "2024-1-10"], "2024-01-08"),
    "days first": (["13/01/2024", "14/01/2024", "15/01/2024"], "2024-01-13"),
    "months first": (["01/13/2024", "01/14/2024", "01/15/2024"], "2024-01-13"),
    "names of months": (["Jan 2024", "Feb 2024", "Mar 2024"], "2024-01-01"),
    "half days": (["1/13/2024 11:00 PM", "1/14/2024 12:00 AM", "1/14/2024 1:00 AM"], "2024-01-13 23:00"),
    "integers of weeks": ([202451, 202452, 202501], "2024-12-16"),
    "integers of weeks of one year": ([202411, 202412, 202413], "2024-03-11"),
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


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([202401, 202401, 202402, 202403], "1 duplicate timestamp.s.: 202401. Keep"),
        (["2024-01-01", "2024-01-01", "2024-01-02"], "1 duplicate timestamp.s.: 2024-01-01. Keep"),
        ([datetime.date(2024, 1, 1)] * 2, "1 duplicate timestamp.s.: 2024-01-01. Keep"),
        (["2024-01-01", "2024-01-02", "NaT"], "the text 'NaT' .* must be like '2024-01-01'. Correct that text"),
        (["2024-W52", "2024-W53", "2025-W01"], "the text '2024-W52' .* Correct that text"),
    ],
)
def test_an_error_contains_the_notation_of_the_caller(values, message):
    with pytest.raises(ValueError, match=message):
        SeasonalNaiveForecaster(1).fit(pd.Series(1.0, pd.Index(values)))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney"])
@pytest.mark.parametrize("step", ["D", "MS"])
@pytest.mark.parametrize("naive", [False, True])
def test_midnights_in_utc_are_converted_to_the_time_zone(zone, step, naive):
    index = pd.DatetimeIndex(list(pd.date_range("2024-03-01", periods=60, freq=step, tz=zone).tz_convert("UTC")))
    y = pd.Series(1.0, index.tz_localize(None) if naive else index)
    with pytest.raises(ValueError, match="midnights of a time zone") as raised:
        SeasonalNaiveForecaster(1, season=1).fit(y)
    namespace = {"y": y}
    exec(re.search(r"`(y = [^`]*)`", str(raised.value))[1], namespace)
    assert SeasonalNaiveForecaster(1, season=1).fit(namespace["y"]).predict().index[0].hour == 0


MISSING = {
    "datetimes": pd.DatetimeIndex(["2024-01-01", None, "2024-01-03"]),
    "times of a zone": pd.DatetimeIndex(["2024-01-01", None, "2024-01-03"]).tz_localize("UTC"),
    "periods": pd.PeriodIndex(["2024-01", None, "2024-03"], freq="M"),
    "durations": pd.TimedeltaIndex(["1D", None, "3D"]),
    "categories": pd.CategoricalIndex(["2024-01-01", None, "2024-01-03"]),
    "dates": pd.Index([datetime.date(2024, 1, 1), None, datetime.date(2024, 1, 3)], dtype=object),
    "integers": pd.Index([202401, None, 202403], dtype="Int64"),
    "floats": pd.Index([1.0, None, 3.0]),
    "text": pd.Index(["2024-01-01", None, "2024-01-03"]),
    "NaT among dates": pd.Index([datetime.date(2024, 1, 1), pd.NaT, datetime.date(2024, 1, 3)], dtype=object),
}


@pytest.mark.parametrize("index", MISSING.values(), ids=MISSING)
def test_a_missing_timestamp_of_each_kind_is_named(index):
    with pytest.raises(ValueError, match=r"missing timestamp .* in row 1"):
        SeasonalNaiveForecaster(1).fit(pd.Series(1.0, index))


needs_microseconds = pytest.mark.skipif(
    pd.DatetimeIndex(["2024-01-01"]).unit == "ns", reason="Before pandas 3, timestamps are in 1678 to 2261."
)
FAR = {
    "dates": [*DAYS.date, datetime.date(9999, 12, 31)],
    "a first date": [datetime.date(1, 1, 1), *DAYS.date],
    "text": [*DAYS.strftime("%Y-%m-%d"), "9999-12-31"],
    "periods": pd.PeriodIndex([*DAYS.to_period("D"), pd.Period("9999-12-31", "D")]),
}


@needs_microseconds
@pytest.mark.parametrize("values", FAR.values(), ids=FAR)
def test_a_date_used_as_infinity_is_named(values):
    with pytest.raises(
        ValueError, match=r"1 timestamp.s. that do not follow the step .* of the other 30: (9999-12|0001-01)"
    ):
        SeasonalNaiveForecaster(1).fit(pd.Series(1.0, pd.Index(values)))


@needs_microseconds
def test_dates_of_distant_years_are_continued():
    for year in (1, 1500, 9999):  # the first and the last year of `datetime.date`
        index = pd.Index([datetime.date(year, 1, day) for day in range(1, 9)], dtype=object)
        assert SeasonalNaiveForecaster(1, season=1).fit(pd.Series(1.0, index)).predict().index[0].year == year
    y = pd.Series(1.0, pd.Index([datetime.date(9999, 12, day) for day in range(24, 32)], dtype=object))
    with pytest.raises(
        ValueError, match=r"exceed the range of `datetime.date`.*`y.index = pd.DatetimeIndex\(y.index\)`"
    ):
        SeasonalNaiveForecaster(1, season=1).fit(y).predict()
    y.index = pd.DatetimeIndex(y.index)
    assert SeasonalNaiveForecaster(1, season=1).fit(y).predict().index[0].year == 10000


def test_datetimes_among_dates_keep_their_hours():
    values = [*DAYS[:2].date, datetime.datetime(2024, 2, 20, 12), datetime.datetime(2024, 2, 21, 12)]
    forecast = SeasonalNaiveForecaster(2, season=1).fit(pd.Series(1.0, pd.Index(values, dtype=object))).predict()
    assert list(forecast.index) == [pd.Timestamp("2024-02-22"), pd.Timestamp("2024-02-22 12:00")]


COUNTS = np.arange(12)
OTHER_CALENDARS = {
    "days": 20240101 + COUNTS,
    "counts": COUNTS,
    "years": 2000 + COUNTS,
    "an invalid month": [*range(202401, 202412), 20241],
    "a distant year": [*range(202401, 202412), 220412],
}


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("stamps", OTHER_CALENDARS.values(), ids=OTHER_CALENDARS)
def test_a_series_with_another_calendar_among_months_is_refused(stamps, long):
    months = pd.Series(1.0, pd.Index(range(202401, 202413)))
    y = pd.concat({"a": months, "b": pd.Series(1.0, pd.Index(stamps))}, names=["unique_id", "ds"]).rename("y")
    with pytest.raises(ValueError, match=r"The integers 202401 and 1\d more seem to be dates, but \d+ is none"):
        SeasonalNaiveForecaster(1).fit(y.reset_index() if long else y)


def test_rows_of_a_series_may_be_in_any_order():
    months = pd.Series(np.arange(12.0), pd.Index(range(202401, 202413)))
    swapped = months.iloc[[0, 2, 1, *range(3, 12)]]
    forecast = SeasonalNaiveForecaster(12, season=12).fit(pd.concat({"a": months, "b": swapped})).predict()
    assert forecast["a"].tolist() == forecast["b"].tolist() == list(range(12))
    assert list(forecast["b"].index) == list(range(202501, 202513))


def test_counts_may_cross_the_range_of_months():
    y = pd.Series(1.0, pd.RangeIndex(189990, 190006))
    assert SeasonalNaiveForecaster(1, season=1).fit(y).predict().index[0] == 190006
    y.index = pd.Index(range(189980, 190012, 2))
    assert SeasonalNaiveForecaster(1, season=1).fit(y).predict().index[0] == 190012


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
