"""`read_panel` of many series: every format and order of rows results in the same panel; invalid input is rejected."""

import datetime

import numpy as np
import pandas as pd
import pytest
from panel_table import DAYS, LENGTHS, SHAPES, SPANS, VALUES, future, long_frame, stack

from tsattn.series import tables
from tsattn.series.panel import read_panel

NAN = np.nan


def assert_same_panel(one, two):
    (panel, layout), (other, other_layout) = one, two
    np.testing.assert_array_equal(other.values, panel.values)
    assert other.values.dtype == panel.values.dtype
    assert other.offsets.tolist() == panel.offsets.tolist()
    assert other_layout.time_axis == layout.time_axis
    assert other_layout.firsts.tolist() == layout.firsts.tolist()
    assert other_layout.lengths.tolist() == layout.lengths.tolist()
    assert other_layout.ids.tolist() == layout.ids.tolist()
    assert other_layout.ids.names == layout.ids.names


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_panel_and_is_restored(shape):
    y = SHAPES[shape](stack())
    panel, layout = read_panel(y)
    assert panel.values[:, 0].tolist() == VALUES.tolist()
    assert panel.channels == len(layout.dtypes) == (2 if shape == "two channels" else 1)
    assert (panel.lengths.tolist(), layout.lengths.tolist()) == (LENGTHS, LENGTHS)
    assert (layout.firsts.tolist(), layout.ends.tolist()) == ([0, 2, 0], [8, 8, 5])
    assert layout.firsts.dtype == layout.lengths.dtype == np.int64
    assert (len(layout), layout.ids.tolist(), layout.time_axis.length) == (3, ["a", "b", "c"], 8)
    assert layout.ids.name == ("unique_id" if "long" in shape else "series")
    assert (layout.long is not None) == ("long" in shape)
    expected = SHAPES[shape](future(2))
    values = np.arange(6.0).reshape(3, 2, 1) * np.arange(1, panel.channels + 1)
    forecast = layout.to_pandas(values)
    assert type(forecast) is type(y)
    (pd.testing.assert_series_equal if isinstance(y, pd.Series) else pd.testing.assert_frame_equal)(forecast, expected)


TIMES = {
    "naive": DAYS,
    "tz": DAYS.tz_localize("Europe/Berlin"),
    "over the clock change": pd.date_range("2024-03-30 20:00", periods=12, freq="h", tz="Europe/Berlin"),
    **{unit: DAYS.as_unit(unit) for unit in ("s", "ms", "us", "ns")},
    "business days": pd.date_range("2024-01-01", periods=12, freq="B"),
    "periods": pd.period_range("2024-01", periods=12, freq="M"),
    "int64": pd.Index(range(10, 46, 3), dtype="int64"),
    "int8": pd.Index(range(-4, 8), dtype="int8"),
    "range": pd.RangeIndex(0, 24, 2),
    "text": DAYS.strftime("%Y-%m-%d"),
    "string": pd.date_range("2024-01-01", periods=12, freq="MS").strftime("%Y-%m").astype("string"),
}


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("shape", ["stacked", "long", "long by id"])
def test_stamps_of_every_kind_are_restored(kind, shape):
    stamps = TIMES[kind].rename("time")
    y = SHAPES[shape](stack(stamps=stamps))
    _, layout = read_panel(y)
    forecast = layout.to_pandas(np.arange(9.0).reshape(3, 3, 1))
    expected = SHAPES[shape](future(3, stamps=stamps))
    if shape == "stacked":
        pd.testing.assert_series_equal(forecast, expected)
        assert forecast.index.levels[1].dtype == y.index.levels[1].dtype
        assert type(forecast.index.levels[1]) is type(y.index.levels[1]) or kind == "range"
    else:
        pd.testing.assert_frame_equal(forecast, expected)
        assert forecast["ds"].dtype == y["ds"].dtype


def objects(*ids):
    return pd.Index(ids, dtype=object, tupleize_cols=False)


IDS = {
    "str": (pd.Index(["b", "c", "a"], dtype="str"), ["a", "b", "c"]),
    "object": (objects("b", "c", "a"), ["a", "b", "c"]),
    "string": (pd.Index(["b", "c", "a"], dtype="string"), ["a", "b", "c"]),
    "integers": (pd.Index([70, -3, 9]), [-3, 9, 70]),
    "Int64": (pd.Index([70, -3, 9], dtype="Int64"), [-3, 9, 70]),
    "floats": (pd.Index([2.5, -1.0, 0.0]), [-1.0, 0.0, 2.5]),
    "booleans and text": (objects(True, "x", "a"), [True, "a", "x"]),
    "tuples": (objects(("b", 2), ("b", 1), ("a", 9)), [("a", 9), ("b", 1), ("b", 2)]),
    "numbers and text": (objects("b", 10, 2.5), [2.5, 10, "b"]),
    "categories": (pd.CategoricalIndex(["b", "c", "a"], categories=["c", "x", "a", "b"]), ["c", "a", "b"]),
    "dates": (
        objects(*(datetime.date(2024, 1, day) for day in (3, 2, 1))),
        [datetime.date(2024, 1, d) for d in (1, 2, 3)],
    ),
    "stamps": (pd.DatetimeIndex(["2024-03-01", "2024-02-01", "2024-01-01"]), None),
    "cannot be sorted": (objects(("b", 2), 1, "a"), [("b", 2), 1, "a"]),
}


@pytest.mark.parametrize("kind", IDS)
@pytest.mark.parametrize("shape", ["stacked", "two channels", "long", "long by id"])
def test_ids_of_every_type_are_sorted_and_restored(kind, shape):
    ids, order = IDS[kind]
    order = ids[::-1].tolist() if order is None else order
    y = SHAPES[shape](stack(ids=ids))
    panel, layout = read_panel(y)
    assert layout.ids.tolist() == order
    assert layout.lengths.tolist() == [LENGTHS[ids.tolist().index(key)] for key in order]
    first = dict(zip(ids.tolist(), VALUES[[0, 8, 14]], strict=True))
    assert [panel.series(series)[0, 0] for series in range(3)] == [first[key] for key in order]
    forecast = layout.to_pandas(np.ones((3, 2, panel.channels)))
    received, restored = (_ids_of(table, shape) for table in (y, forecast))
    assert restored.tolist() == [key for key in order for _ in range(2)]
    assert restored.dtype == received.dtype
    assert type(restored) is type(received)


def _ids_of(table, shape):
    if shape == "long":
        return pd.Index(table["unique_id"], dtype=table["unique_id"].dtype, tupleize_cols=False)
    return table.index if shape == "long by id" else table.index.get_level_values(0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", [kind for kind in IDS if kind != "cannot be sorted"])
def test_the_order_of_rows_does_not_matter(shape, kind):
    y = SHAPES[shape](stack(ids=IDS[kind][0]))
    order = np.random.default_rng(3).permutation(len(y))
    for other in (y.iloc[::-1], y.iloc[order]):
        assert_same_panel(read_panel(y), read_panel(other))
    assert not np.array_equal(np.sort(order), order)


def test_ids_that_cannot_be_sorted_are_in_order_of_appearance():
    y = stack(ids=IDS["cannot be sorted"][0])
    assert read_panel(y.iloc[::-1])[1].ids.tolist() == ["a", 1, ("b", 2)]
    assert read_panel(long_frame(y).iloc[::-1])[1].ids.tolist() == ["a", 1, ("b", 2)]


@pytest.mark.parametrize("shape", SHAPES)
def test_interleaved_rows_are_sorted_and_gaps_become_nan(shape):
    y = SHAPES[shape](stack())
    kept = np.delete(np.arange(19), [3, 10, 11])
    message = r"`y` lacks 3 of 19 timestamps in 2 of 3 series, the first is 2024-01-04 00:00:00 of series 'a'\. They"
    with pytest.warns(UserWarning, match=message) as caught:
        panel, layout = read_panel(y.iloc[kept])
    assert len(caught) == 1
    expected = VALUES.copy()
    expected[[3, 10, 11]] = NAN
    np.testing.assert_array_equal(panel.values[:, 0], expected)
    assert layout.lengths.tolist() == LENGTHS
    by_time = kept[np.argsort(_times(y.iloc[kept]), kind="stable")]
    assert by_time.tolist() != kept.tolist()
    with pytest.warns(UserWarning, match=message):
        assert_same_panel((panel, layout), read_panel(y.iloc[by_time]))


def _times(y):
    return y["ds"].to_numpy() if "ds" in getattr(y, "columns", []) else y.index.get_level_values(1).to_numpy()


def nested(names=("country", "shop", "time")):
    """Three series with ids of two levels; not every country has every shop."""
    y = stack()
    ids = {"a": ("nl", 2), "b": ("de", 7), "c": ("nl", 1)}
    keys = [(*ids[key], time) for key, time in y.index]
    return pd.Series(VALUES, index=pd.MultiIndex.from_tuples(keys, names=list(names)), name="load")


@pytest.mark.parametrize("names", [("country", "shop", "time"), (None, None, None)])
@pytest.mark.parametrize("shape", ["stacked", "stacked frame"])
def test_ids_of_two_levels_are_restored(names, shape):
    y = SHAPES[shape](nested(names))
    panel, layout = read_panel(y)
    assert layout.ids.tolist() == [("de", 7), ("nl", 1), ("nl", 2)]
    assert (list(layout.ids.names), layout.time_axis.name) == (list(names[:2]), names[2])
    assert layout.lengths.tolist() == [6, 5, 8]
    assert panel.values[:, 0].tolist() == [*VALUES[8:14], *VALUES[14:], *VALUES[:8]]
    assert layout.series_name(1) == "Series ('nl', 1) of `y`"
    forecast = layout.to_pandas(np.arange(3.0).reshape(3, 1, 1))
    ends = [("de", 7, DAYS[8]), ("nl", 1, DAYS[5]), ("nl", 2, DAYS[8])]
    assert forecast.index.tolist() == ends
    assert list(forecast.index.names) == list(names)
    assert [level.dtype for level in forecast.index.levels] == [level.dtype for level in y.index.levels]
    order = np.random.default_rng(1).permutation(19)
    assert_same_panel((panel, layout), read_panel(y.iloc[order]))


def test_hundreds_of_ids_of_two_levels_are_sorted():
    index = pd.MultiIndex.from_product([range(30), range(20), DAYS[:3]])
    shuffled = pd.Series(np.arange(1800.0), index=index).sample(frac=1, random_state=0)
    panel, layout = read_panel(shuffled)
    assert layout.ids.tolist() == [(first, second) for first in range(30) for second in range(20)]
    np.testing.assert_array_equal(panel.values[:, 0], np.arange(1800.0))


def test_ids_of_three_levels_are_sorted():
    keys = [(first, second, third) for first in "ba" for second in (2, 1) for third in "yx"]
    keys.remove(("a", 1, "y"))
    index = pd.MultiIndex.from_tuples([(*key, time) for time in DAYS[:4] for key in keys])
    panel, layout = read_panel(pd.Series(np.arange(28.0), index=index))
    assert layout.ids.tolist() == sorted(keys)
    assert panel.series(0)[:, 0].tolist() == [keys.index(sorted(keys)[0]) + 7 * step for step in range(4)]


def test_unused_entries_of_a_level_are_ignored():
    y = stack()
    late = y[y.index.get_level_values(1) >= DAYS[2]].drop("b")
    assert (len(late.index.levels[0]), len(late.index.levels[1])) == (3, 8)
    _, layout = read_panel(late)
    assert (layout.ids.tolist(), layout.lengths.tolist(), layout.firsts.tolist()) == (["a", "c"], [6, 3], [0, 0])
    assert layout.time_axis.first == DAYS[2]
    odd = pd.concat([y, y[:1].rename(index={DAYS[0]: DAYS[0] + pd.Timedelta("1h")})])
    assert_same_panel(read_panel(y), read_panel(odd.iloc[:-1]))


@pytest.mark.parametrize(("count", "size"), [(100, 1), (300, 2), (40_000, 4)])
def test_codes_of_every_size_are_read(count, size):
    ids = np.random.default_rng(0).permutation(count)
    y = pd.Series(np.arange(2.0 * count), index=pd.MultiIndex.from_product([ids, DAYS[:2]]))
    assert y.index.codes[0].itemsize == size
    panel, layout = read_panel(y, freq="D")
    assert layout.ids.tolist() == list(range(count))
    np.testing.assert_array_equal(panel.values[::2, 0], np.argsort(ids) * 2.0)


@pytest.mark.parametrize("chunk", [1, 2, 7, 19])
@pytest.mark.parametrize("make", [stack, nested, lambda: stack()[::-1], lambda: stack(ids=IDS["cannot be sorted"][0])])
def test_the_chunk_size_does_not_matter(monkeypatch, chunk, make):
    expected = read_panel(make())
    monkeypatch.setattr(tables, "CHUNK_ROWS", chunk)
    assert_same_panel(expected, read_panel(make()))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("channels", [None, 3])
def test_sorted_floats_are_a_read_only_view_of_the_callers_memory(dtype, channels):
    values = np.arange(24 * (channels or 1), dtype=dtype).reshape(24, *([channels] if channels else []))
    index = pd.MultiIndex.from_product([["a", "b"], DAYS])
    y = (pd.DataFrame if channels else pd.Series)(values, index=index, copy=False)
    panel, _ = read_panel(y)
    assert np.shares_memory(panel.values, values)
    assert panel.values.dtype == dtype
    assert not panel.values.flags.writeable
    assert values.flags.writeable
    assert not np.shares_memory(read_panel(y[::-1])[0].values, values)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "int64", "Int64"])
@pytest.mark.parametrize("order", [1, -1])
def test_the_data_of_the_caller_are_unchanged(shape, dtype, order):
    y = SHAPES[shape](stack().astype(dtype)).iloc[::order]
    before = y.copy(deep=True)
    panel, layout = read_panel(y)
    read_panel(y, like=layout)
    (pd.testing.assert_series_equal if shape == "stacked" else pd.testing.assert_frame_equal)(y, before)
    with pytest.raises(ValueError, match="read-only"):
        panel.values[0] = 1


DTYPES = {"float32": "float32", "int64": "float64", "Int64": "Float64", "Float32": "Float32"}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", ["stacked", "long"])
def test_output_dtypes(dtype, shape):
    y = SHAPES[shape](stack())
    y = y.astype(dtype) if shape == "stacked" else y.astype({"y": dtype})
    panel, layout = read_panel(y)
    assert panel.values.dtype == DTYPES[dtype].lower()
    forecast = layout.to_pandas(np.ones((3, 1, 1)))
    assert (forecast if shape == "stacked" else forecast["y"]).dtype == DTYPES[dtype]


def test_columns_of_a_panel_keep_their_names_and_dtypes():
    columns = pd.MultiIndex.from_tuples([("load", 1), ("load", 2)], names=["what", None])
    y = pd.DataFrame({0: VALUES.astype("float32"), 1: pd.array(range(19), dtype="Int64")}, index=stack().index)
    y.columns = columns
    panel, layout = read_panel(y)
    forecast = layout.to_pandas(np.ones((3, 2, 2)))
    assert panel.values.dtype == np.float64
    assert forecast.dtypes.astype(str).tolist() == ["float32", "Float64"]
    pd.testing.assert_index_equal(forecast.columns, columns, exact=True)
    assert layout.channel_names == ["('load', 1)", "('load', 2)"]


def test_a_long_frame_keeps_the_index_of_its_columns():
    y = long_frame(stack()).rename_axis(columns="field").set_index(pd.Index(range(100, 119), name="row"))
    forecast = read_panel(y)[1].to_pandas(np.ones((3, 1, 1)))
    pd.testing.assert_index_equal(forecast.columns, y.columns)
    pd.testing.assert_index_equal(forecast.index, pd.RangeIndex(3))


SHORT = {"a": (0, 2), "b": (1, 3), "c": (0, 1)}
STEPS = [
    (stack(), None, "D"),
    (stack(SHORT, values=np.ones(5)), None, "D"),  # the step can only be inferred from all timestamps together
    (stack(SHORT, values=np.ones(5)), "D", "D"),
    (stack({"a": (0, 1), "b": (3, 4), "c": (6, 7)}, pd.RangeIndex(7), values=np.ones(3)), None, "step of 3"),
    (
        stack({"a": (0, 1), "b": (3, 4), "c": (6, 7)}, pd.Index(range(7), dtype="int32"), values=np.ones(3)),
        None,
        "step of 3",
    ),
]


@pytest.mark.parametrize(("y", "freq", "freqstr"), STEPS)
def test_the_step_is_inferred_from_the_series_with_the_most_rows(y, freq, freqstr):
    assert read_panel(y, freq=freq)[1].time_axis.freqstr == freqstr
    assert read_panel(y[::-1], freq=freq)[1].time_axis.freqstr == freqstr


def test_the_longest_series_determines_the_step():
    index = pd.MultiIndex.from_tuples(
        [("a", DAYS[0]), ("a", DAYS[5]), *(("b", day) for day in DAYS[0:12:2]), ("c", DAYS[4]), ("c", DAYS[2])]
    )
    _, layout = read_panel(pd.Series(1.0, index=index).drop(("a", DAYS[5])))
    assert layout.time_axis.freqstr == "2D"
    message = (
        r"Series 'a' of `y` has the timestamp 2024-01-06 00:00:00, which is not on the grid of '2D' steps that starts"
    )
    with pytest.raises(ValueError, match=message):
        read_panel(pd.Series(1.0, index=index))
    with pytest.warns(UserWarning, match="lacks 10 of 20 timestamps in 3 of 3 series"):
        assert read_panel(pd.Series(1.0, index=index), freq="D")[1].time_axis.length == 11


def test_the_first_of_equally_long_series_determines_the_step():
    def pair(first, second):
        return pd.concat({"a": pd.Series(1.0, index=first), "b": pd.Series(2.0, index=second)})

    with pytest.raises(ValueError, match="Series 'b' of `y` has the timestamp 2024-01-02"):
        read_panel(pair(DAYS[0:8:2], DAYS[:4]))
    with pytest.warns(UserWarning, match="`y` lacks 3 of 11 timestamps in 1 of 2 series, .* of series 'b'"):
        assert read_panel(pair(DAYS[:4], DAYS[0:8:2]))[1].time_axis.freqstr == "D"


@pytest.mark.parametrize(("freq", "periods"), [("2h", 2), ("B", 5)])  # five business days look like any other days
def test_the_freq_of_a_complete_level_is_used(freq, periods):
    stamps = pd.date_range("2024-01-01", periods=periods, freq=freq)
    complete = pd.Series(1.0, index=pd.MultiIndex.from_product([["a", "b"], stamps]))
    for y in (complete, complete[:-1]):
        assert read_panel(y)[1].time_axis.freqstr == freq


def test_the_freq_of_a_level_is_ignored_if_rows_skip_stamps():
    y = pd.Series(
        1.0, index=pd.MultiIndex.from_product([["a", "b"], pd.date_range("2024-01-01", periods=12, freq="h")])
    )
    every_other = y[::2]
    assert every_other.index.levels[1].freqstr == "h"
    assert read_panel(every_other)[1].time_axis.freqstr == "2h"


def test_series_in_both_folds_share_a_daily_axis():
    wall = pd.date_range("2024-10-25 02:30", periods=5)
    folds = [wall.tz_localize("Europe/Berlin", ambiguous=np.full(5, fold)) for fold in (True, False)]
    y = pd.concat([pd.Series(1.0, index=folds[0]), pd.Series(2.0, index=folds[1])], keys=["a", "b"])
    assert len(y.index.levels[1]) == 6
    _, layout = read_panel(y, freq="D")
    assert layout.lengths.tolist() == [5, 5]
    both = pd.concat([y, y[7:8].rename(index={"b": "a"})])
    with pytest.raises(ValueError, match=r"Series 'a' of `y` has 1 duplicate timestamp.s.: 2024-10-27 02:30"):
        read_panel(both, freq="D")


def changed(y, position, value):
    y = y.astype(object) if isinstance(value, str) else y.copy()
    y.iloc[position] = value
    return y


def missing_level(level):
    y = stack().reset_index()
    y.loc[4, y.columns[level]] = None
    return y.set_index(["series", "time"])["load"]


def missing_column(name):
    y = long_frame(stack())
    y.loc[4, name] = None
    return y


STACKED, LONG = stack(), long_frame(stack())
TWICE = pd.concat([STACKED, STACKED.iloc[[9, 9, 10, 15]]])
HOURS = pd.date_range("2024-01-01", periods=12, freq="h")
OFF = pd.concat([STACKED[:18], STACKED[18:].rename(index={DAYS[4]: DAYS[4] + pd.Timedelta("1h")})])
EMPTY = STACKED.copy()
EMPTY[8:14] = NAN
MANY = pd.Series(NAN, index=pd.MultiIndex.from_product([range(6), DAYS]))
MANY[0] = 1.0
ORDER = r"must be \(series, time\), with the time last"
WITHIN = {"a": (0, 4), "b": (0, 4), "c": (0, 4)}
REFUSED = [
    # duplicates
    (
        TWICE,
        ValueError,
        "Series 'b' of `y` has 2 duplicate timestamp.s.: 2024-01-04 .*, 2024-01-05 .* Keep one",
    ),
    (long_frame(TWICE), ValueError, "Series 'b' of `y` has 2 duplicate timestamp.s.: 2024-01-04"),
    (pd.concat([STACKED[:1], STACKED]), ValueError, "Series 'a' of `y` has 1 duplicate timestamp.s.: 2024-01-01"),
    (
        pd.concat([stack(WITHIN, HOURS, values=np.ones(12))] * 2),
        ValueError,
        "Series 'a' .* has 4 duplicate timestamp.*, ....* `y.tz_localize.zone, ambiguous",
    ),
    (pd.concat([nested(), nested()[8:9]]), ValueError, r"Series \('de', 7\) of `y` has 1 duplicate timestamp"),
    # off the grid
    (OFF, ValueError, "Series 'c' of `y` has the timestamp 2024-01-05 01:00:00, which is not on the grid of 'D' steps"),
    (long_frame(OFF), ValueError, "Series 'c' of `y` has the timestamp 2024-01-05 01:00:00"),
    # values
    (changed(STACKED, 9, np.inf), ValueError, "Series 'b' of `y` is inf at 2024-01-04 00:00:00. Replace it with"),
    (
        changed(LONG.set_index(["unique_id", "ds"]), 9, -np.inf),
        ValueError,
        "Column 'y' of series 'b' of `y` is -inf at",
    ),
    (changed(STACKED, 9, np.inf)[::-1].astype("float32"), ValueError, "Series 'b' of `y` is inf at 2024-01-04"),
    (changed(LONG.set_index("unique_id"), 9, [DAYS[3], np.inf]), ValueError, "Series 'b' of `y` is inf at 2024-01-04"),
    (EMPTY, ValueError, "Series 'b' of `y` has no observed value: all 6 are missing. Drop it or fill it."),
    (long_frame(EMPTY), ValueError, "Series 'b' of `y` has no observed value"),
    (pd.DataFrame({"x": VALUES, "z": EMPTY}), ValueError, "Column 'z' of series 'b' of `y` has no observed value"),
    (MANY, ValueError, "Series 1 of `y`, Series 2 of `y`, Series 3 of `y` and 2 more have no observed value"),
    (STACKED.astype(str).astype(object), TypeError, "text .*pd.to_numeric"),
    (STACKED.to_frame().astype(bool), TypeError, "Column 'load' of `y` holds booleans"),
    (LONG.assign(y="1"), TypeError, "`y` holds text|`y` holds Python objects"),
    # missing ids and timestamps
    (missing_level(0), ValueError, "`y` has a missing id .NaN, NaT or None. in 'series', in row 4. Drop or repair"),
    (
        missing_level(1),
        ValueError,
        "`y` has a missing timestamp .NaN, NaT or None. in 'time', in row 4. Drop or repair",
    ),
    (missing_column("unique_id"), ValueError, "`y` has a missing id .* in 'unique_id', in row 4"),
    (missing_column("ds"), ValueError, "`y` has a missing timestamp .* in 'ds', in row 4"),
    (missing_level(0).rename_axis([None, None]), ValueError, "missing id .* in its index, in row 4"),
    # levels
    (STACKED.swaplevel(), ValueError, rf"levels \['time', 'series'\], but {ORDER}: .* holds 'a' .*`y.swaplevel"),
    (stack(ids=(1, 2, 3)).swaplevel(), ValueError, f"{ORDER}: the last holds integers, but level 0 holds times"),
    (stack(stamps=TIMES["text"], ids=(1, 2, 3)).swaplevel(), ValueError, "level 0 holds times"),
    (stack(stamps=TIMES["periods"], ids=(1, 2, 3)).swaplevel(), ValueError, "level 0 holds times"),
    (nested().reorder_levels([0, 2, 1]), ValueError, "but level 1 holds times. .*level=1"),
    (nested().reorder_levels([2, 1, 0]), ValueError, f"{ORDER}: .* holds 'de' .* `y.reorder_levels"),
    (stack(stamps=pd.Index(np.arange(12) / 2)), ValueError, f"{ORDER}: .* holds 0.0 .dtype float64."),
    (stack(stamps=DAYS.strftime("%d/%m/%Y")), ValueError, f"{ORDER}: .* holds '01/01/2024' .*pd.to_datetime"),
    (stack(stamps=pd.CategoricalIndex(TIMES["text"])), ValueError, f"{ORDER}: .*dtype category"),
    (stack(stamps=DAYS - DAYS[0]), ValueError, f"{ORDER}: .*dtype timedelta"),
    (STACKED.set_axis(pd.MultiIndex.from_arrays([range(19)])), ValueError, f"{ORDER}. For one .*get_level_values.0."),
    (
        LONG.assign(ds=0.5),
        TypeError,
        "`y` has floats as times in the column ds",
    ),
    (LONG.assign(ds="May"), ValueError, "`y` has the text 'May' in the column ds"),
    (
        stack(stamps=DAYS.strftime("%Y-%m-%d").where(DAYS[4] != DAYS, "x")),
        ValueError,
        "`y` has the text 'x' in the last level",
    ),
    # columns
    (
        LONG.assign(temp=1, wind=2),
        ValueError,
        r"than unique_id, ds and y: \['temp', 'wind'\]. .*`covariates=`.*set_index",
    ),
    (LONG.set_index("unique_id").assign(temp=1), ValueError, r"more columns .*: \['temp'\]"),
    (LONG.rename(columns={"y": "load"}), ValueError, r"\['unique_id', 'ds', 'load'\], but without y. Rename"),
    (pd.concat([LONG, LONG["y"]], axis=1), ValueError, r"same name: \['y'\]"),
    (STACKED.to_frame()[[]], ValueError, "`y` is empty: it has no columns"),
    (STACKED[:0], ValueError, "`y` is empty: it has no rows"),
    (LONG[:0], ValueError, "`y` is empty: it has no rows"),
    # steps
    (
        stack({"a": (0, 1), "b": (1, 2)}, ids="ab", values=[1, 2]),
        ValueError,
        "`y` has 2 timestamp.s. from .*Pass the step",
    ),
]


@pytest.mark.parametrize(("y", "error", "message"), REFUSED)
def test_invalid_panels_are_refused(y, error, message):
    with pytest.raises(error, match=message):
        read_panel(y)


def test_times_as_ids_are_accepted_as_categories():
    y = stack(ids=(1, 2, 3)).swaplevel()
    with pytest.raises(ValueError) as caught:
        read_panel(y)
    advice = str(caught.value).split("`")[-2]
    assert "astype('category')" in advice
    y.index = eval(advice, {"y": y})
    with pytest.warns(UserWarning, match="lacks 2 of 21 timestamps in 2 of 8 series"):
        assert read_panel(y)[1].ids.tolist() == DAYS[:8].tolist()


def test_a_lost_hour_hints_at_the_clock_change():
    stamps = pd.date_range("2024-03-31", periods=12, freq="h")
    y = stack(stamps=stamps)
    with pytest.warns(UserWarning, match="the first is 2024-03-31 03:00:00 of series 'b'.*`y.tz_localize"):
        read_panel(y.drop(("b", stamps[3])))
    with pytest.warns(UserWarning, match="the first is 2024-03-31 03:00:00 of series 'b'") as caught:
        read_panel(y.drop([("b", stamps[3]), ("b", stamps[4])]))
    assert "tz_localize" not in str(caught[0].message)


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="Series 'b' of `actual` has 2 duplicate timestamp"):
        read_panel(TWICE, name="actual")
    with pytest.raises(ValueError, match="Series 'c' of `actual` has the timestamp"):
        read_panel(OFF, name="actual")


def test_a_panel_of_one_series():
    panel, layout = read_panel(stack({"a": (0, 8)}, ids="a", values=VALUES[:8]))
    assert (len(panel), layout.ids.tolist(), SPANS["a"]) == (1, ["a"], (0, 8))
    assert layout.to_pandas(np.ones((1, 2, 1))).index.tolist() == [("a", DAYS[8]), ("a", DAYS[9])]
