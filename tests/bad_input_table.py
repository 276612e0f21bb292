"""Unusual and invalid inputs, each with the expected error message or result.

Each name starts with the number of its row in `bad_input_rows.py`.
"""

import datetime

import numpy as np
import pandas as pd
from forecaster_table import HORIZON, monthly, monthly_covariates, panel, shops, wide
from panel_table import long_frame

STAMPS = pd.date_range("2024-01-01", periods=60, freq="D")
BERLIN = pd.date_range("2024-10-27", periods=60, freq="h", tz="Europe/Berlin")


def changed(row, value):
    y = monthly()
    y.iloc[row] = value
    return y


def with_index(index):
    return pd.Series(monthly()[: len(index)].to_numpy(), index=index)


def every(step, **options):
    return pd.date_range("2024-01-01", periods=60, freq=step, **options)


def with_gap(series, rows):
    y = panel()
    y.loc[y[series].index[rows].map(lambda stamp: (series, stamp))] = np.nan
    return y


IDS = panel().index.get_level_values(0)
SEVERAL_INFINITE = panel().mask(panel() == panel()["b"].iloc[3], np.inf)
UNNAMED = panel().rename_axis([None, None])

# Read-only memory, and a frame with views.
FIXED = monthly().to_numpy().copy()
FIXED.flags.writeable = False
SHARED = pd.DataFrame(np.stack([FIXED, FIXED / 2], axis=1), index=STAMPS, columns=["other", "load"])

# Input that `fit` rejects: (y, error, message).
REFUSED = {
    "1 all missing": (monthly() * np.nan, ValueError, "no observed value"),
    "1 nothing in the last lookback": (changed(slice(-40, None), np.nan), ValueError, "no observed value in its last"),
    "1 a column without a value": (wide().assign(south=np.nan), ValueError, "south.*no observed value"),
    "1 a series without a value": (panel().where(panel() >= 2, np.nan), ValueError, "[Ss]eries 'd'.*no observed value"),
    "1 a series that ends in a gap": (with_gap("b", slice(-20, None)), ValueError, "[Ss]eries 'b'.*in its last 12"),
    "2 infinite": (changed(5, np.inf), ValueError, "2020-06-01.*finite"),
    "2 minus infinite": (changed(5, -np.inf), ValueError, "finite"),
    "2 infinite in a panel": (SEVERAL_INFINITE, ValueError, "[Ss]eries 'b'.*2021-02-01"),
    "8 booleans": (monthly() > 50, TypeError, "holds booleans"),
    "8 categories": (monthly().round().astype("category"), TypeError, "categories"),
    "9 objects": (monthly().astype(object), TypeError, "pd.to_numeric"),
    "10 complex": (monthly() * 1j, TypeError, "complex"),
    "10 text": (monthly().astype(str), TypeError, "pd.to_numeric"),
    "10 a column of text": (wide().assign(place="x"), TypeError, "place"),
    "10 times": (pd.Series(STAMPS, index=STAMPS), TypeError, "times"),
    "16 duplicate timestamps": (monthly().iloc[[*range(60), 7]], ValueError, "2020-08-01"),
    "16 duplicates in a panel": (panel().iloc[[*range(160), 60]], ValueError, "[Ss]eries 'b'.*2021-09-01"),
    "18 irregular timestamps": (with_index(STAMPS + pd.to_timedelta(np.arange(60) ** 2, "min")), ValueError, "freq="),
    "19 two rows": (with_index(pd.DatetimeIndex(STAMPS[:2].tolist())), ValueError, "freq="),
    "21 a step that was lost": (with_index(STAMPS[[0, 1, 3, 10, 11, 40]]), ValueError, "freq="),
    "21 floats as times": (with_index(pd.Index(np.arange(60) + 0.5)), TypeError, "index"),
    "27 clocks set back in naive times": (with_index(BERLIN.tz_localize(None)), ValueError, "tz_localize"),
    "32 NaT": (with_index(STAMPS.insert(5, pd.NaT)[:60]), ValueError, "NaT"),
    "32 text that is not ISO": (with_index(STAMPS.strftime("%d/%m/%Y")), ValueError, "pd.to_datetime"),
    "32 text in two layouts": (
        with_index([*STAMPS.strftime("%Y-%m-%d")[:30], *STAMPS.strftime("%d/%m/%Y")[30:]]),
        ValueError,
        "has the text '.*all timestamps must be like '2024-01-01'",
    ),
    "32 days and times of day": (
        with_index([*STAMPS.strftime("%Y-%m-%d")[:30], *STAMPS.strftime("%Y-%m-%d %H:%M")[30:]]),
        ValueError,
        "only ISO dates .* in one format .*pd.to_datetime",
    ),
    "32 NaT in a panel": (long_frame(panel()).assign(ds=lambda t: t.ds.mask(t.ds == t.ds[0])), ValueError, "missing"),
    "33 too short": (monthly()[:HORIZON], ValueError, "has 6 steps, but lookback .* needs at least"),
    "34 empty": (monthly()[:0], ValueError, "empty"),
    "34 no columns": (wide()[[]], ValueError, "no columns"),
    "34 an empty panel": (panel()[:0], ValueError, "empty"),
    "34 an empty long frame": (long_frame(panel())[:0], ValueError, "empty"),
    "35 one row": (monthly()[:1], ValueError, "needs at least|freq="),
    "35 a list": ([1.0, 2.0, 3.0], TypeError, "pandas Series or DataFrame"),
    "35 an array": (np.arange(60.0), TypeError, "pd.Series"),
    "41 levels in another order": (panel().swaplevel(), ValueError, r"must be \(series, time\).*swaplevel"),
    "41 one level": (panel()["a"].set_axis(pd.MultiIndex.from_arrays([panel()["a"].index])), ValueError, "one series"),
    "41 a long frame without y": (long_frame(panel()).rename(columns={"y": "z"}), ValueError, "without y.*rename"),
    "41 a long frame with more": (long_frame(panel()).assign(z=1.0), ValueError, "more columns.*covariates="),
    "41 missing ids": (
        long_frame(panel()).assign(unique_id=IDS.where(np.arange(len(IDS)) != 9)),
        ValueError,
        "unique_id.*row 9|row 9.*unique_id",
    ),
    "44 duplicate columns": (wide()[["north", "north"]], ValueError, "same name.*north"),
}

# Arguments that `fit` rejects: (arguments, y, message of the ValueError).
ARGUMENTS = {
    **{f"22 {old}": ({"freq": old}, monthly(), cure) for old, cure in {"M": "ME", "H": "h", "T": "min"}.items()},
    **{f"22 {old}": ({"freq": old}, monthly(), cure) for old, cure in {"Q": "QE", "A": "YE", "Y": "YE"}.items()},
    "18 a timestamp that is far from the others": (
        {"freq": 1},
        with_index([*range(59), 10**13]),
        "60 rows for 1e[+]13 steps .'step of 1'.: `y` spans 0 to 10000000000000. Repair a timestamp",
    ),
    "18 a step that is far too short": (
        {"freq": "s"},
        with_index(pd.date_range("1900", periods=60, freq="365D")),
        "1.86e[+]09 steps .'s'.: `y` spans 1900-01-01 .*pass the step of the rows",
    ),
    "20 a step that the data do not follow": ({"freq": "W-SUN"}, monthly(), "not on the grid"),
    "33 a short series in a panel": ({"lookback": 12}, panel(), "[Ss]eries 'd' of `y` has 14 steps.*at least 18"),
    "33 a lookback that is too long": ({"lookback": 100}, monthly(), r"lookback 100 \+ horizon 6 needs at least 106"),
    **{f"36 horizon {horizon!r}": ({"horizon": horizon}, monthly(), "`horizon` is") for horizon in (0, -1, 2.5, "3")},
    **{f"36 horizon {horizon!r}": ({"horizon": horizon}, monthly(), "`horizon` is") for horizon in (True, None)},
}

# Input that `fit` accepts: (y, dtype of the forecast, which is finite and in the range of the data).
TAKEN = {
    "1 missing values": (changed([3, 4, 40], np.nan), "float64"),
    "3 huge": (monthly() * 1e30, "float64"),
    "3 tiny": (monthly() * 1e-30, "float64"),
    "3 a small signal on a large level": (monthly() + 1e9, "float64"),
    "4 constant": (monthly() * 0 + 7.0, "float64"),
    "4 nearly constant": (monthly() * 0 + 7.0 + 1e-14 * np.arange(60), "float64"),
    "5 observed once in a lookback": (changed(slice(-24, -1), np.nan), "float64"),
    "5 a lookback without a value": (changed(slice(10, 44), np.nan), "float64"),
    "6 float16": (monthly().astype("float16"), "float32"),
    "6 float32": (monthly().astype("float32"), "float32"),
    "7 integers": (monthly().round().astype("int32"), "float64"),
    "11 nullable integers with NA": (monthly().round().astype("Int64").mask(monthly() > 80), "Float64"),
    "11 nullable floats with NA": (monthly().astype("Float64").mask(monthly() > 80), "Float64"),
    "12 Arrow": (monthly().astype("double[pyarrow]").mask(monthly() > 80), "double[pyarrow]"),
    "14 a read-only buffer": (pd.Series(FIXED, index=STAMPS, copy=False), "float64"),
    "14 a view of a column": (SHARED["load"][:50], "float64"),
    "45 no name": (monthly().rename(None), "float64"),
    "45 a name that is not text": (monthly().rename(datetime.date(2024, 1, 1)), "float64"),
}

NUMBERED = long_frame(panel()).assign(unique_id=IDS.map({"a": 3, "b": 7, "c": 100, "d": 1000}))

# Pairs of equivalent inputs: the numbers of their forecasts are bitwise equal.
SAME = {
    "7 integers and floats": (monthly().round().astype("int64"), monthly().round()),
    "11 NA and NaN": (monthly().astype("Float64").mask(monthly() > 80), monthly().mask(monthly() > 80)),
    "13 ids of the dtype str and of object": (
        long_frame(panel()).astype({"unique_id": "str"}),
        long_frame(panel()).astype({"unique_id": object}),
    ),
    "13 columns of the dtype str and of object": (wide(), wide().set_axis(wide().columns.astype(object), axis=1)),
    "13 ids in the index of the dtype str and of object": (
        panel(),
        panel().set_axis(panel().index.set_levels(panel().index.levels[0].astype(object), level=0)),
    ),
    "13 ids that are categories": (long_frame(panel()).astype({"unique_id": "category"}), panel()),
    "17 rows in another order": (monthly().sample(frac=1.0, random_state=0), monthly()),
    "17 ids interleaved": (panel().sample(frac=1.0, random_state=0), panel()),
    "18 missing timestamps": (monthly().drop(monthly().index[[20, 21]]), changed([20, 21], np.nan)),
    "18 missing timestamps in a panel": (
        panel().drop(panel()["b"].index[[20, 21]].map(lambda stamp: ("b", stamp))),
        with_gap("b", [20, 21]),
    ),
    "21 a step that is not declared": (with_index(pd.DatetimeIndex(monthly().index.to_numpy())), monthly()),
    "39 numbers as ids": (NUMBERED, panel()),
    "40 ids in a column": (long_frame(panel()), panel()),
    "40 ids in the index of a long frame": (long_frame(panel()).set_index("unique_id"), panel()),
    "45 levels without names": (UNNAMED, panel()),
}

TEXT = STAMPS.strftime("%Y-%m-%d").to_numpy()

# Timestamps that the forecast continues unchanged.
CONTINUED = {
    "21 monthly": pd.date_range("2020-01", periods=60, freq="MS", name="month"),
    **{f"23 every {step}": every(step) for step in ("10min", "15min", "2h", "2W")},
    **{f"24 {step}": every(step, unit="ms") for step in ("B", "MS", "QE", "BME", "C", "YS-MAR", "WOM-3FRI")},
    "25 with a time zone": every("D", tz="America/New_York", name="day"),
    "26 hourly as clocks go forward": pd.date_range("2024-03-30", periods=60, freq="h", tz="Europe/Berlin", unit="s"),
    "26 hourly as clocks go back": BERLIN[:30].union(BERLIN[30:]),
    "26 daily over a change of clocks": pd.date_range("2024-02-25", periods=60, freq="D", tz="Europe/Berlin"),
    "28 periods": pd.period_range("2000Q1", periods=60, freq="Q"),
    "29 rows": pd.RangeIndex(60),
    "29 integers of step 5": pd.Index(np.arange(100, 400, 5), name="minute"),
    **{f"30 unit {unit}": every("h", unit=unit) for unit in ("s", "ms", "us", "ns")},
    **{f"31 integers of the dtype {dtype}": pd.Index(np.arange(60), dtype=dtype) for dtype in ("int32", "uint8")},
    **{f"31 text of the dtype {dtype}": pd.Index(TEXT, dtype=dtype, name="day") for dtype in ("object", "str")},
    "31 timestamps in seconds with a time zone": every("h", tz="Asia/Kolkata", unit="s", name="hour"),
    "31 periods of weeks": pd.period_range("2024", periods=60, freq="W-WED", name="week"),
    "32 text": pd.Index(TEXT),
    "32 text with times of day": pd.Index(every("h").strftime("%Y-%m-%dT%H:%M:%S")),
}

FUTURE = monthly_covariates(60 + HORIZON)
LATE = monthly_covariates(66)[60:]
STATIC = shops()

# Data of the fit, by the names used in the tables below.
FITTED = {
    "series": ({}, (monthly(),), {}),
    "wide": ({}, (wide(),), {}),
    "panel": ({}, (panel(),), {}),
    "covariates": ({"past_covariates": ["price"]}, (monthly(), monthly_covariates()), {}),
    "static": ({}, (panel(),), {"static": shops()}),
}

RENAMED = panel().rename({"d": "new"})
NEW = shops(["a", "b", "c", "new"])

# Arguments that `predict` accepts: (data of the fit, arguments, equivalent arguments, message of a warning).
TAKEN_CALLS = {
    "17 covariates in another order": ("covariates", {"covariates": LATE[::-1]}, {"covariates": LATE}, None),
    "38 a series that was not fitted": ("panel", {"y": RENAMED}, {}, None),
    "38 a new series with static covariates": ("static", {"y": RENAMED, "static": NEW}, {}, None),
    "38 a new series of a new category": (
        "static",
        {"y": RENAMED, "static": NEW.assign(size=list("smlx"))},
        {"y": RENAMED, "static": NEW.assign(size=list("smlz"))},
        "1 value.*'x'.*unknown",
    ),
    "39 static covariates in another order": ("static", {"y": panel(), "static": STATIC[::-1]}, {}, None),
    "40 static covariates with a column of ids": (
        "static",
        {"y": panel(), "static": STATIC.reset_index(names="unique_id")},
        {},
        None,
    ),
    "13 covariates of the dtype object": (
        "covariates",
        {"covariates": LATE.astype({"kind": object})},
        {"covariates": LATE.astype({"kind": "str"})},
        None,
    ),
    "42 columns in another order": ("wide", {"y": wide()[["south", "north"]]}, {}, None),
    "42 covariates in another order": ("covariates", {"covariates": LATE.iloc[:, ::-1]}, {"covariates": LATE}, None),
    "43 another column": ("wide", {"y": wide().assign(extra=1.0)}, {}, "extra.*ignored"),
    "43 another covariate": ("covariates", {"covariates": LATE.assign(extra=1.0)}, {"covariates": LATE}, "extra"),
    "43 another static covariate": ("static", {"y": panel(), "static": STATIC.assign(extra=1)}, {}, "extra"),
    "43 a past covariate ahead": ("covariates", {"covariates": LATE.drop(columns="price")}, {"covariates": LATE}, None),
    "46 more than is needed": ("covariates", {"covariates": monthly_covariates(80)}, {"covariates": LATE}, None),
    "47 NaN in past covariates ahead": (
        "covariates",
        {"covariates": LATE.assign(price=np.nan)},
        {"covariates": LATE},
        None,
    ),
    "49 a new category": (
        "covariates",
        {"covariates": LATE.replace({"kind": {"x": "new"}})},
        {"covariates": LATE.replace({"kind": {"x": "other"}})},
        "1 value.*'new'.*unknown",
    ),
}

# Arguments that `predict` rejects: (data of the fit, arguments, error, message).
CALLS = {
    "1 nothing observed at the end": ("series", {"y": changed(slice(-40, None), np.nan)}, ValueError, "in its last"),
    "1 nothing at the end of a series": (
        "panel",
        {"y": with_gap("c", slice(-30, None))},
        ValueError,
        "[Ss]eries 'c'",
    ),
    "2 infinite": ("series", {"y": changed(5, np.inf)}, ValueError, "finite"),
    "2 infinite covariates": ("covariates", {"covariates": LATE.replace({1.0: np.inf})}, ValueError, "promo"),
    "3 an outlier": ("wide", {"y": wide().replace(wide().iloc[-3, 1], 1e300)}, ValueError, "1e\\+300.*south"),
    "8 booleans": ("series", {"y": monthly() > 50}, TypeError, "holds booleans"),
    "16 duplicate timestamps": ("series", {"y": monthly().iloc[[*range(60), 7]]}, ValueError, "2020-08-01"),
    "16 duplicate covariates": ("covariates", {"covariates": LATE.iloc[[0, *range(6)]]}, ValueError, "2025-01-01"),
    "20 another step": ("series", {"y": monthly().set_axis(STAMPS)}, ValueError, "grid"),
    "21 another kind of index": ("series", {"y": monthly().reset_index(drop=True)}, TypeError, "datetime"),
    "25 a time zone": ("series", {"y": monthly().tz_localize("UTC")}, ValueError, "time zone"),
    "34 empty": ("series", {"y": monthly()[:0]}, ValueError, "empty"),
    "34 covariates without rows": ("covariates", {"covariates": LATE[:0]}, ValueError, "empty"),
    **{f"36 horizon {h!r}": ("series", {"horizon": h}, ValueError, "`horizon` is") for h in (0, -1, 2.5, "3")},
    "35 a frame": ("series", {"y": wide()}, TypeError, "a Series was fitted"),
    "35 a Series": ("wide", {"y": monthly()}, TypeError, "a DataFrame was fitted"),
    "38 a new series without its static covariates": (
        "static",
        {"y": panel().rename({"d": "new"})},
        ValueError,
        "1 series that were not fitted: 'new'.*static=",
    ),
    "39 ids of another dtype": ("static", {"y": panel(), "static": shops(range(4))}, ValueError, "no row for 4 of 4"),
    "41 a panel": ("series", {"y": panel()}, TypeError, "panel"),
    "41 one series": ("panel", {"y": monthly()}, TypeError, r"one series without an id.*pd.concat"),
    "41 levels in another order": ("panel", {"y": panel().swaplevel()}, ValueError, r"\(series, time\)"),
    "43 a missing column": ("wide", {"y": wide().rename(columns={"south": "s"})}, ValueError, "'south'.*unknown.*'s'"),
    "43 a missing covariate": (
        "covariates",
        {"covariates": LATE.rename(columns={"promo": "p"})},
        ValueError,
        "'promo'.*unknown.*'p'",
    ),
    "43 no covariates": ("covariates", {"y": monthly()}, ValueError, "fitted with the covariates.*covariates="),
    "44 duplicate columns": ("covariates", {"covariates": LATE[["promo", "promo"]]}, ValueError, "same name.*promo"),
    "46 no future": (
        "covariates",
        {},
        ValueError,
        "2025-01-01.*to 2025-06-01.*no row is after its end.*make_future_frame",
    ),
    "46 too short": ("covariates", {"covariates": LATE[:4]}, ValueError, "2025-06-01.*last row is at 2025-04-01"),
    "46 misaligned": ("covariates", {"covariates": LATE.shift(3, freq="D")}, ValueError, "grid"),
    "46 without the history": ("covariates", {"y": monthly(), "covariates": LATE}, ValueError, "for the history"),
    "46 for a longer horizon": ("covariates", {"covariates": LATE, "horizon": 7}, ValueError, "7 step"),
    "47 NaN in the future": (
        "covariates",
        {"covariates": LATE.assign(promo=LATE.promo.mask(LATE.index == "2025-03"))},
        ValueError,
        "'promo' is missing at 2025-03-01",
    ),
    "48 the target among the covariates": (
        "covariates",
        {"covariates": LATE.assign(sales=1.0)},
        ValueError,
        "'sales'.*forecast",
    ),
}
