"""Layouts: rows of other tables are located, and numbers are returned in the caller's format."""

import pickle

import numpy as np
import pandas as pd
import pytest
from panel_table import DAYS, SHAPES, SPANS, VALUES, future, long_frame, stack

from tsattn.series import tables
from tsattn.series.panel import read_panel

LEVELS = pd.Index([0.1, 0.5, 0.9], name="quantile")
ONE = pd.Series(np.arange(8.0), index=DAYS[:8], name="load")


def layout_of(y):
    return read_panel(y)[1]


@pytest.fixture(params=SHAPES)
def shape(request):
    return request.param


def test_labels_are_columns_of_each_channel(shape):
    y = SHAPES[shape](stack())
    layout = layout_of(y)
    channels = len(layout.dtypes)
    values = np.arange(3 * 2 * channels * 3.0).reshape(3, 2, channels, 3)
    forecast = layout.to_pandas(values, LEVELS)
    assert isinstance(forecast, pd.DataFrame)
    expected = future(2).index
    if "long" in shape:
        keys = ["unique_id", "ds"] if shape != "long by id" else ["ds"]
        assert forecast.columns.tolist() == [*keys, 0.1, 0.5, 0.9]
        if shape != "long by id":
            assert forecast["unique_id"].tolist() == expected.get_level_values(0).tolist()
            pd.testing.assert_index_equal(forecast.index, pd.RangeIndex(6))
        else:
            assert forecast.index.tolist() == expected.get_level_values(0).tolist()
            assert forecast.index.name == "unique_id"
        assert forecast["ds"].tolist() == expected.get_level_values(1).tolist()
    else:
        pd.testing.assert_index_equal(forecast.index, expected)
        columns = LEVELS
        if shape != "stacked":
            columns = pd.MultiIndex.from_product([y.columns, LEVELS], names=[None, "quantile"])
        pd.testing.assert_index_equal(forecast.columns, columns)
    np.testing.assert_array_equal(forecast[forecast.columns[-3 * channels :]], values.reshape(6, channels * 3))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (pd.Index(["a", "b"], name="what"), [("a", 0.1), ("a", 0.5), ("a", 0.9), ("b", 0.1), ("b", 0.5), ("b", 0.9)]),
        (pd.Index([("a", 1), 7], tupleize_cols=False), [*((("a", 1), q) for q in LEVELS), *((7, q) for q in LEVELS)]),
        (
            pd.MultiIndex.from_tuples([("x", 1), ("x", 2)], names=["p", None]),
            [*(("x", 1, q) for q in LEVELS), *(("x", 2, q) for q in LEVELS)],
        ),
    ],
)
def test_labels_are_the_last_level_of_the_columns(columns, expected):
    wide = pd.DataFrame(np.ones((8, 2), "float32"), index=DAYS[:8], columns=columns)
    forecast = layout_of(wide.astype({wide.columns[1]: "float64"})).to_pandas(np.ones((1, 2, 2, 3)), LEVELS)
    assert forecast.columns.tolist() == expected
    assert list(forecast.columns.names) == [*columns.names, "quantile"]
    assert forecast.dtypes.tolist() == ["float32"] * 3 + ["float64"] * 3
    assert forecast.index.tolist() == [DAYS[8], DAYS[9]]


def test_labels_of_a_series_are_its_columns():
    forecast = layout_of(ONE).to_pandas(np.arange(6.0).reshape(1, 2, 1, 3), LEVELS)
    assert forecast.index.equals(DAYS[8:10])
    pd.testing.assert_index_equal(forecast.columns, LEVELS)
    assert forecast.to_numpy().tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    ("y", "size", "labels", "expected"),
    [
        (stack(), (2, 4, 1), None, (3, 4, 1)),
        (stack(), (3, 4, 2), None, (3, 4, 1)),
        (ONE, (3, 4, 1), None, (1, 4, 1)),
        (pd.DataFrame({"a": ONE, "b": ONE}), (1, 4, 3), None, (1, 4, 2)),
        (stack(), (3, 4, 1, 2), LEVELS, (3, 4, 1, 3)),
        (stack(), (3, 4, 1), LEVELS, (3, 4, 1, 3)),
        (stack(), (3, 4, 1, 1), None, (3, 4, 1)),
    ],
)
def test_to_pandas_refuses_other_shapes(y, size, labels, expected):
    with pytest.raises(ValueError) as caught:
        layout_of(y).to_pandas(np.ones(size), labels)
    assert str(caught.value) == f"`values` has the shape {size}, but {expected} is expected."


def test_future_index_continues_each_series():
    layout = layout_of(stack())
    pd.testing.assert_index_equal(layout.future_index(3), future(3).index)
    assert layout.future_index(3).levels[1].tolist() == list(DAYS[5:11])
    one = layout_of(ONE).future_index(3)
    assert one.equals(DAYS[8:11])
    assert (one.name, one.freqstr) == ("time", "D")


def test_set_future_index_of_other_columns(shape):
    y = SHAPES[shape](stack())
    known = pd.DataFrame({"temp": range(6), "open": [True, False] * 3})
    before = known.copy(deep=True)
    found = layout_of(y).set_future_index(known, 2)
    expected = known.set_axis(future(2).index)
    if "long" in shape:
        expected = known.assign(unique_id=list("aabbcc"), ds=future(2).index.get_level_values(1))
        expected = expected[["unique_id", "ds", "temp", "open"]].astype(
            {"unique_id": y.reset_index()["unique_id"].dtype}
        )
        expected = expected.set_index("unique_id") if shape == "long by id" else expected
    pd.testing.assert_frame_equal(found, expected)
    pd.testing.assert_frame_equal(known, before)


def test_names_for_messages():
    one, wide = layout_of(ONE), layout_of(pd.DataFrame({"a": ONE, 7: ONE}))
    many = layout_of(stack().to_frame())
    assert (one.series_name(0), one.value_name(0, 0)) == ("`y`", "`y`")
    assert (wide.series_name(0), wide.value_name(0, 1)) == ("`y`", "Column 7 of `y`")
    assert many.series_name(1) == "Series 'b' of `y`"
    assert many.value_name(2, 0, "actual") == "Column 'load' of series 'c' of `actual`"
    assert (one.channel_names, wide.channel_names, many.channel_names) == (["load"], ["a", "7"], ["load"])
    assert layout_of(long_frame(stack())).channel_names == ["y"]
    assert layout_of(stack(ids=pd.Index([4, 5, 6]))).series_name(2) == "Series 6 of `y`"


def test_a_layout_can_be_pickled(shape):
    layout = layout_of(SHAPES[shape](stack()))
    back = pickle.loads(pickle.dumps(layout))
    values = np.ones((3, 2, len(layout.dtypes)))
    assert back.to_pandas(values).equals(layout.to_pandas(values))
    assert len(pickle.dumps(layout)) < 5000


# Rows of another table, of the series b and a: before, in and after the series.
OTHER = [("b", 10), ("b", 0), ("a", 11), ("a", 3), ("a", 2)]
STAMPS = pd.date_range("2023-12-30", periods=16, name="time")  # row r of the time axis is STAMPS[r + 2]


def other_table(pairs=OTHER, form="stacked"):
    index = pd.MultiIndex.from_tuples([(key, STAMPS[row + 2]) for key, row in pairs], names=["series", "time"])
    table = pd.DataFrame({"temp": np.arange(len(pairs)), "kind": "x"}, index=index)
    if form == "stacked":
        return table
    table = table.rename_axis(["unique_id", "ds"]).reset_index()
    return table.set_index("unique_id") if form == "long by id" else table[["temp", "ds", "unique_id", "kind"]]


@pytest.mark.parametrize("form", ["stacked", "long", "long by id"])
@pytest.mark.parametrize("of", ["stacked", "long", "two channels"])
def test_rows_of_another_table_are_located(form, of):
    layout = layout_of(SHAPES[of](stack()))
    table = other_table([*OTHER, ("c", -2)], form)
    before = table.copy(deep=True)
    series, row, columns = layout.locate_rows(table, "covariates")
    assert series.tolist() == [1, 1, 0, 0, 0, 2]
    assert row.tolist() == [10, 0, 11, 3, 2, -2]
    assert series.dtype == row.dtype == np.int64
    assert columns.columns.tolist() == ["temp", "kind"]
    assert columns["temp"].tolist() == list(range(6))
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("y", [stack(), long_frame(stack()), ONE, ONE.to_frame()])
def test_a_table_with_a_time_index_is_for_all_series(y):
    series, row, columns = layout_of(y).locate_rows(
        pd.DataFrame({"temp": range(14)}, index=STAMPS[13::-1]), "covariates"
    )
    assert series is None
    assert row.tolist() == list(range(11, -3, -1))
    assert row.dtype == np.int64
    assert columns["temp"].tolist() == list(range(14))


@pytest.mark.parametrize("form", ["stacked", "long", "long by id"])
def test_rows_of_unknown_ids_are_ignored(form):
    table = other_table([("x", 0), ("b", 3), ("x", 1), ("a", 1)], form)
    message = "`covariates` has 1 id.s. that are not in `y`: 'x'. Their rows are ignored"
    with pytest.warns(UserWarning, match=message) as caught:
        series, row, columns = layout_of(stack()).locate_rows(table, "covariates")
    assert len(caught) == 1
    assert (series.tolist(), row.tolist(), columns["temp"].tolist()) == ([1, 0], [3, 1], [1, 3])


def test_only_the_first_few_unknown_ids_are_named():
    with pytest.warns(UserWarning, match="has 5 id.s. that are not in `y`: 'p', 'q', 'r', .... Their rows"):
        layout_of(stack()).locate_rows(other_table([*((key, 0) for key in "qprts"), ("a", 0)]), "covariates")


def test_stamps_of_unknown_ids_are_not_checked():
    table = pd.concat([other_table(), other_table([("x", 1)]).rename(index={DAYS[1]: DAYS[1] + pd.Timedelta("1h")})])
    with pytest.warns(UserWarning, match="not in `y`: 'x'"):
        assert layout_of(stack()).locate_rows(table, "covariates")[1].tolist() == [row for _, row in OTHER]


def test_ids_of_two_levels_are_located():
    keys = {"a": ("nl", 2), "b": ("de", 7), "c": ("nl", 1)}

    def nested(table):
        tuples = [(*keys[key], time) for key, time in table.index]
        return table.set_axis(pd.MultiIndex.from_tuples(tuples, names=["country", "shop", "time"]))

    layout = layout_of(nested(stack()))
    series, row, _ = layout.locate_rows(nested(other_table()), "covariates")
    assert series.tolist() == [0, 0, 2, 2, 2]
    assert row.tolist() == [row for _, row in OTHER]
    with pytest.raises(ValueError, match=r"has the id levels \['series'\], but `y` has \['country', 'shop'\]"):
        layout.locate_rows(other_table(), "covariates")


TUPLES = pd.Index([("a", 1), ("a", 2), ("b", 1)], tupleize_cols=False)


@pytest.mark.parametrize(
    "ids", [TUPLES, pd.CategoricalIndex(list("zyx")), pd.Index([30, 10, 20]), pd.Index([1.5, -1, 0])]
)
@pytest.mark.parametrize("form", ["stacked", "long", "long by id"])
def test_ids_of_every_type_are_located(ids, form):
    y = stack(ids=ids)
    layout = layout_of(y)
    table = pd.DataFrame(SHAPES[form](y[::-1])).rename(columns={"load": "x", "y": "x"})
    series, row, _ = layout.locate_rows(table, "covariates")
    names = layout.ids.tolist()
    assert [names[number] for number in series] == y.index.get_level_values(0)[::-1].tolist()
    assert row.tolist() == [at for begin, end in reversed(SPANS.values()) for at in range(end - 1, begin - 1, -1)]


@pytest.mark.parametrize("chunk", [1, 3])
def test_the_chunk_size_does_not_matter(monkeypatch, chunk):
    layout = layout_of(stack())
    monkeypatch.setattr(tables, "CHUNK_ROWS", chunk)
    series, row, _ = layout.locate_rows(other_table(), "covariates")
    assert list(zip(np.array(["a", "b", "c"])[series], row.tolist(), strict=True)) == OTHER


BAD_TABLES = [
    (stack(), stack(), TypeError, "`covariates` is a Series, but a pandas DataFrame .* `series.to_frame"),
    (stack(), [1], TypeError, "`covariates` is a list"),
    (
        stack(),
        other_table([*OTHER, ("a", 3), ("b", 0)]),
        ValueError,
        "Series 'a' of `covariates` has 1 duplicate timestamp.*: 2024-01-04",
    ),
    (
        stack(),
        other_table([("b", -2), ("a", 5), ("b", -2)]),
        ValueError,
        "Series 'b' of `covariates` .*: 2023-12-30 00:00:00.*",
    ),
    (
        stack(),
        other_table([*OTHER, ("b", 0)], "long"),
        ValueError,
        "Series 'b' of `covariates` has 1 duplicate .*: 2024-01-01",
    ),
    (stack(), ONE.to_frame().iloc[[0, 1, 1]], ValueError, "`covariates` has 1 duplicate timestamp.*: 2024-01-02"),
    (ONE, ONE.to_frame().iloc[[0, 1, 1]], ValueError, "`covariates` has 1 duplicate timestamp.*: 2024-01-02"),
    (stack(), other_table()[:0], ValueError, "`covariates` is empty"),
    (ONE, ONE.to_frame()[:0], ValueError, "`covariates` is empty"),
    (
        stack(),
        other_table().rename(index={DAYS[3]: DAYS[3] + pd.Timedelta("1h")}),
        ValueError,
        "Series 'a' of `covariates` has the timestamp 2024-01-04 01:00:00, which is not on the grid",
    ),
    (ONE, other_table(), TypeError, "`covariates` is a panel with the ids 'a', 'b', but `y` is one series"),
    (ONE, other_table(form="long"), TypeError, "`covariates` is a panel with the ids"),
    (stack(), other_table().swaplevel(), ValueError, r"`covariates` has the index levels .* must be \(series, time\)"),
    (
        stack(),
        other_table(form="long").assign(ds="May"),
        ValueError,
        "`covariates` has the text 'May' in the column ds",
    ),
    (
        stack(),
        other_table(form="long").assign(ds=3),
        TypeError,
        "`covariates` has integer timestamps, but datetime timestamps are expected",
    ),
    (
        stack(),
        other_table([("p", 1), ("q", 1)]),
        ValueError,
        "has the ids 'p', 'q' .* none of which is in `y`",
    ),
    (
        stack(ids=pd.Index([1, 2, 3])),
        other_table([("1", 1)]),
        ValueError,
        "has the ids '1' .dtype .*whose ids are 1, 2, 3 .dtype int64.",
    ),
    (
        stack(),
        pd.concat([other_table(), other_table()["kind"]], axis=1),
        ValueError,
        r"columns with the same name: \['kind'\]",
    ),
    (stack(), pd.DataFrame({"x": 1}, index=DAYS[:3].tz_localize("UTC")), ValueError, "`covariates` has a time zone"),
]


@pytest.mark.parametrize(("y", "table", "error", "message"), BAD_TABLES)
def test_invalid_tables_are_refused(y, table, error, message):
    with pytest.raises(error, match=message):
        layout_of(y).locate_rows(table, "covariates")


def test_steps_ahead_of_another_panel(shape):
    layout = layout_of(SHAPES[shape](stack()))
    later = stack({"c": (9, 12), "x": (3, 5), "b": (1, 4)}, ids=("c", "x", "b"), values=np.ones(8))
    other = read_panel(SHAPES[shape](later), freq="D")[1]
    series, steps = layout.steps_ahead(other)
    assert other.ids.tolist() == ["b", "c", "x"]
    assert (series.tolist(), steps.tolist()) == ([1, 2, -1], [-7, 4, 0])
    assert series.dtype == steps.dtype == np.int64


def test_steps_ahead_of_another_series():
    layout = layout_of(ONE)
    for begin, steps in ((8, 0), (10, 2), (0, -8)):
        other = read_panel(pd.Series([1.0, 2.0], index=DAYS[begin : begin + 2]), freq="D")[1]
        assert [part.tolist() for part in layout.steps_ahead(other)] == [[0], [steps]]


def test_steps_ahead_refuses_stamps_off_the_grid():
    layout = layout_of(stack({"a": (0, 4), "b": (0, 4), "c": (0, 4)}, DAYS[::2], values=np.ones(12)))
    later = stack({"x": (1, 5), "b": (0, 4)}, DAYS[1::2], ids=("x", "b"), values=np.ones(8))
    with pytest.raises(
        ValueError, match="Series 'b' of `y` has the timestamp 2024-01-02 00:00:00, which is not on the grid"
    ):
        layout.steps_ahead(layout_of(later))
    assert [part.tolist() for part in layout.steps_ahead(layout_of(later.drop("b", level=0)))] == [[-1], [0]]


def test_another_history_of_a_panel_is_read(shape):
    layout = layout_of(SHAPES[shape](stack()))
    later = stack({"b": (9, 12), "x": (3, 5)}, ids=("b", "x"), values=np.ones(5))
    panel, other = read_panel(SHAPES[shape](later), like=layout)
    assert other.ids.tolist() == ["b", "x"]
    assert (panel.lengths.tolist(), other.firsts.tolist()) == ([3, 2], [6, 0])
    forecast = other.to_pandas(np.ones((2, 1, panel.channels)))
    assert type(forecast) is type(SHAPES[shape](later))
    assert len(forecast) == 2


def test_a_long_frame_and_a_stacked_series_are_interchangeable():
    assert read_panel(stack(), like=layout_of(long_frame(stack())))[1].long is None
    assert read_panel(long_frame(stack()), like=layout_of(stack()))[1].long.tolist() == ["unique_id", "ds", "y"]


def test_the_columns_of_a_panel_are_matched_by_name():
    layout = layout_of(SHAPES["two channels"](stack()))
    y = pd.DataFrame({"z": "text", "y": VALUES * 2, "x": VALUES}, index=stack().index)
    with pytest.warns(UserWarning, match=r"`y` has column.s. that were not fitted: \['z'\]"):
        panel, other = read_panel(y, like=layout)
    assert other.channel_names == ["x", "y"]
    np.testing.assert_array_equal(panel.values, np.stack([VALUES, VALUES * 2], axis=1))


@pytest.mark.parametrize(
    ("fitted", "y", "error", "message"),
    [
        (
            stack(),
            ONE,
            TypeError,
            r"`y` is one series .* panel with the ids 'a', 'b', 'c'. Add an id: `pd.concat\(\{'a': y",
        ),
        (ONE, stack(), TypeError, "`y` is a panel with the ids 'a', 'b', 'c', but the fitted history is one series"),
        (ONE, long_frame(stack()), TypeError, "`y` is a panel with the ids"),
        (stack(), stack().to_frame(), TypeError, "`y` is a DataFrame, but a Series was fitted. Pass `y.'column'.`"),
        (stack().to_frame(), stack(), TypeError, "`y` is a Series, but a DataFrame was fitted. Pass `y.to_frame"),
        (stack().to_frame(), stack().rename("x").to_frame(), ValueError, r"lacks the column.s. \['load'\]"),
        (stack(), [1], TypeError, "`y` is a list"),
        (
            stack(),
            stack(stamps=pd.RangeIndex(12)),
            TypeError,
            "integer timestamps, but datetime timestamps are expected",
        ),
        (stack(), stack(stamps=DAYS.tz_localize("UTC")), ValueError, "`y` has a time zone"),
        (
            stack(),
            stack(stamps=pd.date_range("2024", periods=12, freq="h")),
            ValueError,
            "Series 'a' of `y` has the timestamp 2024-01-01 01:00:00, which is not on the grid of 'D' steps",
        ),
        (
            stack(),
            pd.concat({"nl": stack()}),
            ValueError,
            r"`y` has the id levels \[None, 'series'\], but the fitted history has \['series'\]",
        ),
    ],
)
def test_another_history_of_another_format_is_refused(fitted, y, error, message):
    with pytest.raises(error, match=message):
        read_panel(y, like=layout_of(fitted))


def test_the_advice_for_a_series_without_an_id_works():
    layout = layout_of(stack())
    with pytest.raises(TypeError) as caught:
        read_panel(ONE, like=layout)
    advice = str(caught.value).split("`")[-2]
    assert read_panel(eval(advice, {"pd": pd, "y": ONE}), like=layout)[1].ids.tolist() == ["a"]
