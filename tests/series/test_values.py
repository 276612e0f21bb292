"""Values that are numbers for sure are read; all others are refused with code that converts them when it is run."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from tsattn import LinearForecaster, SeasonalNaiveForecaster

DAYS = pd.date_range("2024-01-01", periods=4)


def fit(y, **options):
    return SeasonalNaiveForecaster(1, season=1).fit(y, **options)


@pytest.mark.parametrize("values", [["1.5", "2", "3", "4.25"], [None, "2", "3", "4.25"]])
def test_decimals_of_databases_are_numbers(values):
    y = pd.Series([value and Decimal(value) for value in values], DAYS)
    forecast = fit(y).predict()
    assert forecast.tolist() == [4.25] and forecast.dtype == "float64"
    frame = pd.DataFrame({"x": y, "z": 1.0})
    assert fit(frame).predict()["x"].tolist() == [4.25]
    LinearForecaster(1, lookback=1, past_covariates=["x"]).fit(pd.Series(np.arange(4.0), DAYS), frame[["x"]]).predict()


def test_decimals_of_arrow_are_numbers():
    pyarrow = pytest.importorskip("pyarrow")
    y = pd.Series([Decimal(value) for value in "1234"], DAYS, dtype=pd.ArrowDtype(pyarrow.decimal128(12, 2)))
    forecast = fit(y).predict()
    assert forecast.tolist() == [4] and forecast.dtype == "double[pyarrow]"


CONVERTED = {
    # values: the last of them as a number, after the code in the error has been run
    "text": (["1", "2.5", "3", "4"], 4),
    "thousands and decimals": (["1,000.00", "2.50", "3", "4,000,000.25"], 4000000.25),
    "points for thousands": (["1.000,00", "2,50", "3", "4.000"], 4000),
    "decimal commas": (["1,5", "2,5", "3", "4,25"], 4.25),
    "spaces": (["1 000", "2 000,5", "3", "4 000"], 4000),
    "percent": (["1%", "2.5%", "3 %", "4%"], 4),
    "a currency": (["€ 1", "€ 2.50", "€ 3", "€ 4,000"], 4000),
    "a currency by name": (["1 EUR", "-2.50 EUR", "3 EUR", "4,000 EUR"], 4000),
    "a currency after a sign": (["$1,000.00", "-$2.50", "$3.00", "-$4.50"], -4.5),
    "the minus of typography": (["1", "2.5", "3", "\u22124,000.5"], -4000.5),
    "digits of another script": (["\u0661", "2", "3", "\u0664"], 4),
    "objects": (np.array([1, 2.5, 3, 4], dtype=object), 4),
    "objects and text": (np.array([1, "2.5", 3, "4"], dtype=object), 4),
    "booleans": ([True, False, True, True], 1),
    "missing booleans": (pd.array([True, None, False, True], dtype="boolean"), 1),
    "booleans as objects": (np.array([True, False, True, True], dtype=object), 1),
    "categories": (pd.Categorical([1, 2, 3, 4]), 4),
    "categories of text": (pd.Categorical(["1,5", "2", None, "4"]), 4),
    "bytes": (np.array([b"1", b"2", b"3", b"4"], dtype=object), 4),
    "large integers": (np.array([10**30, 2, 3, 4], dtype=object), 4),
    "fractions": (np.array([Fraction(1, 3), 2, 3, 4], dtype=object), 4),
    "missing objects": (np.array([pd.NA, None, 3, 4], dtype=object), 4),
    "a missing time": (np.array([pd.NaT, 2, 3, 4], dtype=object), 4),
    "complex numbers": ([1, 2, 3, 4j], 4),
    "durations": (pd.to_timedelta([1, 2, 3, 4], unit="s"), 4),
    "a remark": (["1", "closed", "3", "4"], 4),
    "an object": (np.array([1, (), 3, 4], dtype=object), 4),
}


@pytest.mark.parametrize("shape", ["series", "frame"])
@pytest.mark.parametrize(("values", "last"), CONVERTED.values(), ids=CONVERTED)
def test_the_code_in_an_error_converts_the_values(values, last, shape):
    y = pd.Series(values, DAYS, name="x")
    y = y.to_frame() if shape == "frame" else y
    with pytest.raises(TypeError, match="but numbers are expected") as raised:
        fit(y)
    code = re.findall(r"`(y[^`]* = [^`]*)`", str(raised.value))
    assert len(code) == 1, str(raised.value)
    namespace = {"y": y, "pd": pd}
    exec(code[0], namespace)
    assert np.ravel(fit(namespace["y"]).predict()).tolist() == [last]


def test_both_readings_of_an_unclear_sign_are_shown():
    y = pd.Series(["1,001", "1,002", "999", "998"], DAYS)
    with pytest.raises(TypeError, match="Convert it: ") as raised:
        fit(y)
    code = re.findall(r"`(y = [^`]*)`", str(raised.value))
    assert [eval(each.removeprefix("y = "), {"y": y, "pd": pd}).iloc[0] for each in code] == [1001, 1.001]


UNSAFE = [["(1)", "2"], ["5-", "2"], ["1\u20ac50", "2"], ["1k", "2M"], ["1k", "2k"], ["1 EUR", "2 USD"]]


def objects(*values):
    array = np.empty(4, dtype=object)
    array[:] = [*values, *[1] * (4 - len(values))]
    return array


REFUSED = {
    # values, words of the error; there is no code, because none would convert them
    "a signaling NaN among floats": (objects(Decimal("sNaN")), r"contains Decimal\('sNaN'\) in row 0. Correct it.$"),
    "an integer beyond float64": (objects(10**400), r"contains 1000\d*\.\.\.\d* in row 0. Correct it.$"),
    "a complex object": (objects(1j), "contains 1j in row 0. Correct it.$"),
    "lists": (objects([1], [2], [3], [4]), "If it identifies the series, move it into the index; else drop it.$"),
    "dicts": (objects({}, {}, {}, {}), "If it identifies the series, move it into the index; else drop it.$"),
    "only missing objects": (objects(None, None, pd.NA, np.nan), "has no observed value. Drop it or fill it.$"),
    "intervals": (pd.interval_range(0, 4), "If it identifies the series, move it into the index; else drop it.$"),
    "categories of words": (pd.Categorical(list("abab")), "If it identifies the series"),
    "an accountant's negative number": (["(1)", "2", "3", "4"], r"contains '\(1\)' in row 0. Correct it.$"),
    "times": (DAYS, "move them into the index with `set_index`"),
}


@pytest.mark.parametrize("shape", ["series", "frame"])
@pytest.mark.parametrize(("values", "message"), REFUSED.values(), ids=REFUSED)
def test_other_values_are_refused(values, message, shape):
    y = pd.Series(values, DAYS, name="x")
    with pytest.raises(TypeError, match=message):
        fit(y if shape == "series" else pd.DataFrame({"x": y, "{z}": 1.0}))


def test_a_signaling_nan_of_a_database_is_missing():
    y = pd.Series([Decimal("sNaN"), Decimal(2), Decimal("NaN"), Decimal(4)], DAYS)
    assert fit(y).predict().tolist() == [4]
    frame = pd.DataFrame({"x": y, "z": 1.0})
    assert fit(frame).predict()["x"].tolist() == [4]


@pytest.mark.parametrize("value", ["1e400", "-1e400"])
def test_a_decimal_beyond_float64_is_named(value):
    y = pd.Series([Decimal(1), Decimal(2), Decimal(value), Decimal(4)], DAYS)
    with pytest.raises(
        ValueError, match=r"contains Decimal\('-?1E\+400'\) in row 2, which exceeds the range of float64"
    ):
        fit(y)


@pytest.mark.parametrize("values", ["inf", "-Infinity", "1e400"])
def test_infinite_text_is_refused_after_its_conversion(values):
    y = pd.Series([values, "2", "3", "4"], DAYS)
    with pytest.raises(TypeError, match=r"`y = pd.to_numeric\(y\)`"):
        fit(y)
    with pytest.raises(ValueError, match=r"`y` is -?inf at 2024-01-01"):
        fit(pd.to_numeric(y))


@pytest.mark.parametrize("values", UNSAFE)
def test_no_code_drops_a_sign_or_a_unit(values):
    with pytest.raises(TypeError, match="but numbers are expected") as raised:
        fit(pd.Series(values * 2, DAYS))
    assert "replace" not in str(raised.value) and "coerce" not in str(raised.value)


def test_text_of_a_long_frame_is_converted_in_its_column():
    y = pd.DataFrame({"unique_id": "a", "ds": DAYS, "y": ["1,5", "2", "3", "4"]})
    with pytest.raises(TypeError) as raised:
        fit(y)
    namespace = {"y": y, "pd": pd}
    exec(re.search(r"`(y\['y'\] = [^`]*)`", str(raised.value))[1], namespace)
    assert fit(namespace["y"]).predict()["y"].tolist() == [4]


def test_a_value_that_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"Column 'x' of `y` holds text .*'closed' in row 2"):
        fit(pd.DataFrame({"x": [None, "1", "closed", "2"]}, DAYS))


IDS = list("aabb")
TWICE = [*DAYS[:2], *DAYS[:2]]
LONG = {
    # frame: the ids after the code in the error has been run
    "other names": (pd.DataFrame({"store": IDS, "date": TWICE, "sales": range(4)}), ["a", "b"]),
    "ISO text": (
        pd.DataFrame({"store": IDS, "date": pd.Index(TWICE).strftime("%Y-%m-%d"), "sales": range(4)}),
        ["a", "b"],
    ),
    "other text": (
        pd.DataFrame({"store": IDS, "date": ["13/01/2024", "14/01/2024"] * 2, "sales": range(4)}),
        ["a", "b"],
    ),
    "integer ids": (pd.DataFrame({"item": [1, 1, 2, 2], "date": TWICE, "sales": range(4)}), [1, 2]),
    "two ids": (pd.DataFrame({"store": IDS, "item": list("xyxy"), "date": [DAYS[0]] * 4, "sales": range(4)}), None),
    "capitals": (pd.DataFrame({"DS": DAYS, "Y": range(4)}), []),
    "the names of Prophet": (pd.DataFrame({"ds": DAYS, "y": range(4)}), []),
    "a column of ids without their times": (pd.DataFrame({"unique_id": IDS, "date": TWICE, "y": range(4)}), ["a", "b"]),
    "two channels": (pd.DataFrame({"date": DAYS, "u": range(4), "v": range(4)}), []),
    "the time in the index": (
        pd.DataFrame({"store": IDS, "sales": range(4)}, index=pd.DatetimeIndex(TWICE)),
        ["a", "b"],
    ),
    "two ids, the time in the index": (
        pd.DataFrame({"store": IDS, "item": list("xyxy"), "sales": range(4)}, index=pd.DatetimeIndex([DAYS[0]] * 4)),
        None,
    ),
    "integer ids, the time in the index": (
        pd.DataFrame({"store": [1, 1, 2, 2], "sales": range(4)}, index=pd.DatetimeIndex([*DAYS[:2], *DAYS[:2]])),
        [1, 2],
    ),
    "hours next to dates": (pd.DataFrame({"date": [DAYS[0]] * 4, "hour": range(21, 25), "x": range(4)}), []),
    "hours next to dates of two series": (
        pd.DataFrame({"shop": IDS, "date": ["2024-01-01"] * 4, "hour": [0, 1, 0, 1], "x": range(4)}),
        ["a", "b"],
    ),
    "integer dates": (pd.DataFrame({"date": range(20240101, 20240105), "v": range(4)}), []),
    "integer ids and a remark": (
        pd.DataFrame({"store": [1, 1, 2, 2], "date": TWICE, "sales": range(4), "promo": list("xxyx")}),
        None,
    ),
    "values as text": (pd.DataFrame({"date": DAYS, "v": ["1,5", "2", "3", "4"]}), "text"),
    "names with quotes": (pd.DataFrame({"it's": IDS, 'the "day"': TWICE, "x": range(4)}), ["a", "b"]),
}


@pytest.mark.parametrize(("frame", "ids"), LONG.values(), ids=LONG)
def test_the_code_in_an_error_indexes_a_long_frame(frame, ids):
    with pytest.raises(ValueError, match="`y` has the columns") as raised:
        fit(frame)
    code = re.findall(r"`(y = .*?)`", str(raised.value))
    namespace = {"y": frame, "pd": pd}
    exec(code[0], namespace)
    y = namespace["y"]
    if ids == "text" or "promo" in frame:
        assert list(y.index.names) == (["date"] if ids == "text" else ["store", "date"])
        return
    freq = "h" if "hour" in frame else "D"
    forecast = SeasonalNaiveForecaster(1, season=1, freq=freq).fit(y).predict()
    assert len(forecast) == (4 if ids is None else max(len(ids), 1))
    if ids:
        assert list(forecast.index.get_level_values(0)) == ids


def test_a_frame_whose_rows_are_not_identified_is_described_without_code():
    frame = pd.DataFrame({"date": TWICE, "sales": [1.5, 2, 3, 4]})
    with pytest.raises(ValueError, match=r"not the time, which 'date' seems to be. Move it into the index"):
        fit(frame)
    with pytest.raises(ValueError, match="columns with the same name"):
        fit(pd.DataFrame([["1", "2"]] * 4, DAYS, columns=["a", "a"]))
    assert len(fit(pd.DataFrame({"v": range(2021, 2025)})).predict()) == 1
    assert len(fit(pd.DataFrame({"v": np.arange(4, dtype="float16")})).predict()) == 1


def test_other_columns_of_a_frame_with_a_time_index_are_named():
    frame = pd.DataFrame({"sales": range(4), "kind": list("abab")}, DAYS)
    with pytest.raises(TypeError, match=r"Column 'kind' of `y` holds text .*move it into the index; else drop it"):
        fit(frame)
    with pytest.raises(TypeError, match=r"Column 'updated' of `y` holds times"):
        fit(pd.DataFrame({"sales": range(4), "updated": DAYS}, DAYS))
