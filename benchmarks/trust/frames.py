"""Strategies of hypothesis for the data of `fit`: series, panels and covariates of every kind, valid and invalid.

The flag `odd` of a strategy adds values, types and shapes that are mostly invalid.
"""

import dataclasses
import datetime
import decimal
import importlib.util

import numpy as np
import pandas as pd
from hypothesis import strategies as st

MAX_STEPS, AHEAD = 48, 12
STEPS = ("D", "h", "15min", "2h", "s", "MS", "ME", "QE", "W-SUN", "2W", "B", "BME", "YS", "C", "SMS")
ZONES = (None, None, None, "UTC", "Europe/Berlin", "America/New_York")
UNITS = ("s", "ms", "us", "ns")
PERIODS = ("M", "D", "Q", "Y", "h")
NAMES = ("sales", None, 0, "", ("a", "b"), datetime.date(2024, 1, 1), np.nan, "ds", "y", "unique_id", 2.5, "ÅØ\n", True)
SCALES = (1.0, 1.0, 1.0, 1e-3, 1e6, 1e-30, 1e30, 1e-300, 1e300, 1e308)
NUMBERS = (
    "float64",
    "float64",
    "float32",
    "float16",
    "int64",
    "int8",
    "uint8",
    "uint64",
    "Int64",
    "Float64",
    "Float32",
)
ODD = ("bool", "boolean", "object", "str", "category", "complex128", "datetime64[ns]", "timedelta64[ns]", "Decimal")
ARROW = ("double[pyarrow]", "int64[pyarrow]", "bool[pyarrow]", "string[pyarrow]")
ARROW = ARROW if importlib.util.find_spec("pyarrow") else ()
IDS = (list("abc"), [3, 1, 2], [("x", 1), ("x", 2), ("y", 1)], [2.5, -1.0, 0.0], ["", "b", "B"], [True, False, 2])


@dataclasses.dataclass
class Frame:
    """Generated data, and what is known about a correct forecast.

    Args:
        y: Data for `fit`.
        full: Index from which the rows were taken, and which continues after them.
        last: Position in `full` of the last row of a single series. None if unknown.
        step_is_known: Whether the frequency follows from the index.
        covariates, static: Covariates for `fit`. Default to None.
    """

    y: object
    full: pd.Index
    last: int | None
    step_is_known: bool
    covariates: pd.DataFrame | None = None
    static: pd.DataFrame | None = None


@st.composite
def indexes(draw, odd):
    """Draw an index and whether its frequency follows from it."""
    length = MAX_STEPS + AHEAD
    kind = draw(st.sampled_from(["time"] * 6 + ["period", "rows", "integers", "text"] + ["wrong"] * odd))
    if kind == "time":
        step, zone, unit = draw(st.sampled_from(STEPS)), draw(st.sampled_from(ZONES)), draw(st.sampled_from(UNITS))
        start = draw(st.sampled_from(["2024-03-29", "2024-10-26", "1999-12-31", "1970-01-01", "2200-06-30"]))
        return pd.date_range(start, periods=length, freq=step, tz=zone, unit=unit), True
    if kind == "period":
        return pd.period_range("1999-11", periods=length, freq=draw(st.sampled_from(PERIODS))), True
    if kind == "rows":
        return pd.RangeIndex(draw(st.integers(-5, 5)), 10_000, draw(st.integers(1, 7)))[:length], True
    if kind == "integers":
        step = draw(st.sampled_from([1, 2, 60, 10**12, -1]))
        return pd.Index(draw(st.integers(-(10**6), 10**6)) + step * np.arange(length)), False
    if kind == "text":
        text = pd.date_range("2024-01-01", periods=length, freq=draw(st.sampled_from(["D", "h", "MS"])))
        layouts = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"] + ["%d/%m/%Y"] * odd
        return text.strftime(draw(st.sampled_from(layouts))), False
    wrong = [
        pd.Index(np.arange(length) + 0.5),
        pd.Index(list("ab") * (length // 2)),
        pd.to_timedelta(np.arange(length), unit="h"),
        pd.CategoricalIndex(list("ab") * (length // 2)),
        pd.Index([object() for _ in range(length)]),
        pd.Index([datetime.date(2024, 1, 1) + datetime.timedelta(days=d) for d in range(length)]),
        pd.IntervalIndex.from_breaks(np.arange(length + 1)),
    ]
    return draw(st.sampled_from(wrong)), False


@st.composite
def values(draw, length, odd):
    """Draw numbers, including extreme and missing values."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = ["noise", "walk", "season", "constant", "zeros", "counts", "outlier", "extremes"]
    kind, scale = draw(st.sampled_from(kinds)), draw(st.sampled_from(SCALES))
    noise = rng.normal(size=length)
    numbers = {
        "noise": noise,
        "walk": noise.cumsum(),
        "season": np.sin(np.arange(length)) + 0.1 * noise,
        "constant": np.full(length, 7.25),
        "zeros": np.zeros(length),
        "counts": rng.integers(0, 100, length).astype(float),
        "outlier": np.where(np.arange(length) == length // 2, 1e6, noise),
        "extremes": rng.choice([np.finfo(float).max, np.finfo(float).tiny, 0.0, -1.0], length),
    }[kind]
    with np.errstate(over="ignore"):
        numbers = numbers * (1.0 if kind == "extremes" else scale) + draw(st.sampled_from([0.0, 0.0, 100.0, -1e9]))
    if not draw(st.integers(0, 3)):
        missing = draw(st.sampled_from([0.05, 0.3] + [0.95, 1.0] * odd))
        numbers[rng.uniform(size=length) < missing] = np.nan
    if not draw(st.integers(0, 5)) and length:
        numbers[-draw(st.integers(1, max(length // 2, 1))) :] = np.nan
    if odd and not draw(st.integers(0, 9)) and length:
        numbers[rng.integers(length)] = draw(st.sampled_from([np.inf, -np.inf]))
    return numbers


def typed(numbers, dtype):
    """Return a Series of this dtype that has the same values, as far as the dtype allows."""
    y = pd.Series(numbers)
    whole = y.fillna(1).clip(-100, 100).round().abs()
    if dtype in ("Decimal", "object"):
        return y.map(lambda v: decimal.Decimal(repr(v)) if dtype == "Decimal" else v).astype(object)
    if dtype in ("str", "string[pyarrow]", "category"):
        return whole.astype("int64").astype("str").astype(dtype)
    if dtype in ("datetime64[ns]", "timedelta64[ns]"):
        return whole.astype("int64").astype(dtype)
    if dtype in ("bool", "boolean", "bool[pyarrow]"):
        return (whole > 5).astype(dtype)
    if dtype in ("Int64", "int64[pyarrow]"):
        return whole.astype("Int64").mask(y.isna()).astype(dtype)
    if "nt" in dtype:
        return whole.astype(dtype)
    with np.errstate(over="ignore"):
        return y.astype(dtype)


def dtypes(odd):
    """Strategy for numeric dtypes, and for other dtypes if `odd`."""
    return st.sampled_from(NUMBERS + ARROW[:2] + (ODD + ARROW) * odd)


@st.composite
def one(draw, chosen=None):
    """Draw a Frame with a series or a wide frame.

    `chosen` are the columns of the covariates. If None, they are drawn.
    """
    odd = draw(st.integers(0, 2)) == 0
    index, step_is_known = draw(indexes(odd))
    length = draw(st.integers(0 if odd else 12, MAX_STEPS))
    columns = draw(st.integers(0 if odd else 1, 3)) if not draw(st.integers(0, 3)) else None
    parts = [typed(draw(values(length, odd)), draw(dtypes(odd))) for _ in range(1 if columns is None else columns)]
    kept = index[:length]
    if columns is None:
        y = parts[0].set_axis(kept).rename(draw(st.sampled_from(NAMES)))
    else:
        unique = None if odd else repr
        names = draw(st.lists(st.sampled_from(NAMES), min_size=columns, max_size=columns, unique_by=unique))
        y = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=range(length))
        y = y.set_axis(kept).set_axis(pd.Index(names, tupleize_cols=False, dtype=object), axis=1)
    y.index.name = draw(st.sampled_from([None, "time", 0]))
    places = np.arange(length)
    changes = [None] * 4 + ["shuffle", "lose the step", "drop"] + ["repeat", "missing"] * odd
    change = draw(st.sampled_from(changes))
    rng = np.random.default_rng(length)
    if change == "shuffle":
        places = rng.permutation(places)
    elif change == "drop":
        places = places[rng.uniform(size=length) < draw(st.sampled_from([0.95, 0.5, 0.1]))]
    elif change == "repeat" and length:
        places = np.append(places, places[0])
    if change is not None:
        y = y.iloc[places]
    if change == "missing" and length and isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        y.index = y.index.where(np.arange(length) != length // 2)
    last = int(places.max()) if len(places) else None
    step_is_known = step_is_known and change is None and length > 0
    return Frame(y, index, last, step_is_known, draw(covariate_frames(index, length, odd, chosen)))


@st.composite
def covariate_frames(draw, index, length, odd, chosen=None):
    """Draw covariates with the columns `chosen`, or with drawn columns. Valid ones end at `length` plus a horizon."""
    if chosen == () or (chosen is None and draw(st.integers(0, 3))):
        return None
    steps = length + draw(st.sampled_from([AHEAD] + [0, 2, -2] * odd))
    steps = min(max(steps, 0), len(index))
    count = np.arange(steps)
    columns = {
        "number": count * draw(st.sampled_from(SCALES[:-1])),
        "promo": count % 3 == 0,
        "kind": pd.Series(count % 3).map({0: "x", 1: "y", 2: None if odd else "z"}),
        "level": pd.Categorical(np.array(["lo", "hi"])[count % 2]),
        "gap": np.where(count == draw(st.integers(0, 200)), np.nan, 1.0),
        "sales": count * 1.0,
        "when": pd.date_range("2024-01-01", periods=steps),
        "object": [object() if n else None for n in count],
    }
    names = st.sampled_from(list(columns)[: None if odd else 4])
    chosen = chosen or draw(st.lists(names, min_size=1, max_size=3, unique=not odd))
    frame = pd.DataFrame({name: pd.Series(columns[name], dtype=None) for name in columns}, index=range(steps))
    return frame[list(chosen)].set_axis(index[:steps])


@st.composite
def static_frames(draw, ids, odd):
    """Draw static covariates. Odd covariates may have missing rows, duplicate rows or invalid values."""
    ids = pd.Index(ids, tupleize_cols=False)
    columns = {"area": np.arange(len(ids)) * draw(st.sampled_from(SCALES[:-1])), "size": list("smsl")[: len(ids)]}
    frame = pd.DataFrame(columns, index=ids)
    if not odd:
        return frame
    wrong = {
        "missing row": frame[1:],
        "repeated row": frame.iloc[[0, *range(len(ids))]],
        "infinite": frame.assign(area=np.inf),
        "objects": frame.assign(size=[object() for _ in ids]),
        "missing": frame.assign(area=np.nan, size=None),
        "a Series": frame["area"],
        "by column": frame.rename_axis("unique_id").reset_index(),
    }
    return draw(st.sampled_from([frame, *wrong.values()]))


@st.composite
def many(draw, chosen=None, static=None):
    """Draw a Frame with a panel in one of its formats.

    `chosen` are the columns of the covariates. If None, they are drawn. `static` is whether there are static
    covariates. If None, it is drawn.
    """
    odd = draw(st.integers(0, 2)) == 0
    index, _ = draw(indexes(odd))
    ids, dtype = draw(st.sampled_from(IDS)), draw(dtypes(odd))
    parts, keys, times = [], [], []
    for name in ids:
        first, length = draw(st.integers(0, 12)), draw(st.integers(0 if odd else 20, MAX_STEPS - 12))
        parts.append(draw(values(length, odd)))
        keys += [name] * length
        times.append(np.arange(first, first + length))
    times = index[np.concatenate(times).astype(int)]
    y = typed(np.concatenate(parts), dtype)
    keys = pd.Index(keys, tupleize_cols=False)
    shape = draw(st.sampled_from(["stacked", "frame", "long", "long by id", "levels"] + ["swapped"] * odd))
    if shape in ("stacked", "frame", "swapped", "levels"):
        if shape == "levels" and len(keys) and isinstance(keys[0], tuple):
            arrays = [*map(list, zip(*keys, strict=True)), times]
        else:
            arrays = [keys, times] if shape != "swapped" else [times, keys]
        y = y.set_axis(pd.MultiIndex.from_arrays(arrays)).rename(draw(st.sampled_from(NAMES)))
        if shape == "frame":
            y = pd.DataFrame({"load": y, draw(st.sampled_from(["other", 3] + ["load"] * odd)): y})
    else:
        y = pd.DataFrame({"unique_id": keys, "ds": times, "y": y})
        y = y.set_index("unique_id") if shape == "long by id" else y
    if not draw(st.integers(0, 4)):
        y = y.sample(frac=draw(st.sampled_from([1.0, 0.9])), random_state=0)
    if static is None:
        static = not draw(st.integers(0, 3))
    static_frame = draw(static_frames(ids, odd)) if static else None
    return Frame(y, index, None, False, draw(covariate_frames(index, MAX_STEPS, odd, chosen)), static_frame)


@st.composite
def arguments(draw):
    """Draw the arguments of a forecaster, most of them valid."""
    if draw(st.integers(0, 2)):
        return {"horizon": draw(st.integers(1, 6))}
    return {
        "horizon": draw(st.integers(1, 6)),
        "lookback": draw(st.sampled_from([None] * 6 + [1, 2, 5, 30])),
        "season": draw(st.sampled_from([None] * 6 + [1, 3, 7, 40])),
        "freq": draw(st.sampled_from([None] * 20 + ["D", "MS", "M", 5, "nonsense"])),
        "positive": not draw(st.integers(0, 15)),
        "target_transform": draw(st.sampled_from([None] * 12 + ["log", "log1p", "sqrt", "asinh", "cube"])),
        "calibrate": not draw(st.integers(0, 4)),
        "calendar": draw(st.sampled_from([None] * 9 + ["auto", ("month", "dayofweek"), ("hour",), ("moon",)])),
        "past_covariates": draw(st.sampled_from([()] * 20 + [("number",), ("kind",), ("none",)])),
    }
