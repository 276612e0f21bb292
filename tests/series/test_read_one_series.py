"""`read_panel` of one series or a wide frame: values, names and dtypes are restored, and invalid input is rejected."""

import numpy as np
import pandas as pd
import pytest

from tsattn.series.panel import read_panel

DAYS = pd.date_range("2024-01-01", periods=6, name="day")
NUMBERS = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def series(values=NUMBERS, dtype=None, index=DAYS, name="load"):
    return pd.Series(values, index=index, name=name, dtype=dtype)


def frame(**columns):
    return pd.DataFrame(columns or {"a": NUMBERS, "b": NUMBERS}, index=DAYS)


def restored(panel, layout):
    """The values of a history in its own format, as if they were a forecast."""
    return layout.to_pandas(panel.values[None])


def test_a_forecast_continues_the_series():
    y = series()
    panel, layout = read_panel(y)
    assert (len(panel), panel.channels, panel.values.dtype) == (1, 1, np.float64)
    assert (len(layout), layout.firsts.tolist(), layout.lengths.tolist(), layout.ends.tolist()) == (1, [0], [6], [6])
    assert (layout.ids, layout.columns, layout.name, layout.dtypes, layout.long) == (
        None,
        None,
        "load",
        ("float64",),
        None,
    )
    assert layout.firsts.dtype == layout.lengths.dtype == np.int64
    after = pd.date_range("2024-01-07", periods=2, name="day")
    pd.testing.assert_series_equal(layout.to_pandas(np.array([[[7.0], [8.0]]])), series([7.0, 8.0], index=after))
    pd.testing.assert_index_equal(layout.future_index(2), after)


COLUMNS = [
    pd.Index(["a", "b"]),
    pd.Index(["a", "b"], name="variable"),
    pd.Index([0, 1]),
    pd.RangeIndex(2),
    pd.Index([None, ("x", 1)], dtype=object, tupleize_cols=False),
    pd.Index([2.5, "b"], dtype=object),
    pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["place", None]),
    pd.date_range("2024", periods=2),
    pd.CategoricalIndex(["a", "b"], categories=["b", "a"]),
]


@pytest.mark.parametrize("columns", COLUMNS)
def test_columns_are_restored(columns):
    y = pd.DataFrame(np.arange(12.0).reshape(6, 2), index=DAYS, columns=columns)
    panel, layout = read_panel(y)
    assert panel.channels == 2
    assert layout.channel_names == [str(column) for column in columns]
    future = y.set_axis(pd.date_range("2024-01-07", periods=6, name="day"))
    forecast = restored(panel, layout)
    pd.testing.assert_frame_equal(forecast, future)
    assert type(forecast.columns) is type(columns)
    assert forecast.columns.names == columns.names
    again, other = read_panel(y.iloc[:, ::-1], like=layout)
    np.testing.assert_array_equal(again.values, panel.values)
    pd.testing.assert_frame_equal(restored(again, other), future)


@pytest.mark.parametrize("name", ["y", None, 3, ("a", 1), 2.5])
def test_series_names_are_restored(name):
    panel, layout = read_panel(series(name=name))
    assert restored(panel, layout).name == name
    assert layout.channel_names == [str(name)]


DTYPES = {
    **{"float64": "float64", "float32": "float32", "float16": "float32", "longdouble": "float64"},
    **{"int64": "float64", "int8": "float64", "uint32": "float64", "Sparse[float64]": "float64"},
    **{"Int64": "Float64", "Int8": "Float64", "UInt16": "Float64", "Float64": "Float64", "Float32": "Float32"},
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", ["series", "frame"])
def test_output_dtypes(dtype, shape):
    y = series(dtype=dtype)
    y = y if shape == "series" else y.to_frame()
    panel, layout = read_panel(y)
    assert panel.values.dtype == DTYPES[dtype].lower()
    assert panel.values[:, 0].tolist() == NUMBERS
    forecast = restored(panel, layout)
    assert (forecast.dtype if shape == "series" else forecast.dtypes.iloc[0]) == DTYPES[dtype]


@pytest.mark.parametrize("dtype", ["int64", "double", "float"])
def test_pyarrow_numbers_are_restored_as_double(dtype):
    pytest.importorskip("pyarrow")
    panel, layout = read_panel(series([0, 1, None, 3, 4, 5], dtype=f"{dtype}[pyarrow]"))
    np.testing.assert_array_equal(panel.values[:, 0], [0, 1, np.nan, 3, 4, 5])
    assert restored(panel, layout).dtype == "double[pyarrow]"


def test_each_column_keeps_its_dtype():
    y = frame(a=np.float32(NUMBERS), b=pd.array([1, 2, None, 4, 5, 6]), c=range(6))
    panel, layout = read_panel(y)
    assert panel.values.dtype == np.float64
    forecast = restored(panel, layout)
    assert forecast.dtypes.astype(str).tolist() == ["float32", "Float64", "float64"]
    assert np.isnan(panel.values[2]).tolist() == [False, True, False]
    assert forecast.isna().sum().tolist() == [0, 1, 0]


@pytest.mark.parametrize("values", [[0, np.nan, 2, 3, 4, 5], pd.array([0, None, 2, 3, 4, 5], dtype="Int64")])
def test_missing_values_are_nan(values):
    panel, _ = read_panel(series(values))
    assert np.isnan(panel.values[:, 0]).tolist() == [False, True, False, False, False, False]


def test_rows_are_sorted_and_missing_rows_become_nan():
    y = frame(a=NUMBERS, b=range(10, 16))
    with pytest.warns(UserWarning, match="`y` lacks 1 of 6 timestamps, the first is 2024-01-03"):
        panel, layout = read_panel(y.iloc[[5, 0, 3, 1, 4]])
    np.testing.assert_array_equal(panel.values[:, 1], [10, 11, np.nan, 13, 14, 15])
    assert layout.time_axis == read_panel(y)[1].time_axis


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "Int64"])
@pytest.mark.parametrize("order", [1, -1])
def test_the_data_of_the_caller_are_unchanged(dtype, order):
    y = pd.DataFrame({"a": NUMBERS, "b": NUMBERS}, index=DAYS).astype(dtype)[::order]
    for each in (y, y["a"]):
        before = each.copy(deep=True)
        panel, layout = read_panel(each)
        read_panel(each, like=layout)
        assert each.equals(before)
        assert each.index.equals(before.index)
        with pytest.raises(ValueError, match="read-only"):
            panel.values[:] = -1


def test_sorted_floats_are_not_copied():
    values = np.arange(12, dtype="float32").reshape(6, 2)
    wide = pd.DataFrame(values, index=DAYS, copy=False)
    assert np.shares_memory(read_panel(wide)[0].values, values)
    one = values[:, 0].copy()
    assert np.shares_memory(read_panel(pd.Series(one, index=DAYS, copy=False))[0].values, one)
    assert one.flags.writeable  # only the view is read-only


REFUSED = [
    (NUMBERS, TypeError, "`y` is a list, .*pd.Series.values"),
    (np.array(NUMBERS), TypeError, "`y` is a ndarray"),
    (None, TypeError, "`y` is a NoneType"),
    (series()[:0], ValueError, "`y` is empty: it has no rows"),
    (frame()[:0], ValueError, "`y` is empty: it has no rows"),
    (frame()[[]], ValueError, "`y` is empty: it has no columns"),
    (frame()[["a", "b", "a"]], ValueError, r"same name: \['a'\]"),
    (series([0, 1, np.inf, 3, -np.inf, 5]), ValueError, "`y` is inf at 2024-01-03 00:00:00. Replace it"),
    (frame(a=NUMBERS, b=[0, 1, 2, 3, -np.inf, 5]), ValueError, "Column 'b' of `y` is -inf at 2024-01-05"),
    (frame(a=NUMBERS, b=[np.inf] * 6).set_axis([4, 7], axis=1), ValueError, "Column 7 of `y` is inf"),
    (frame(a=NUMBERS, b=list("abcdef")).set_axis([4, 7], axis=1), TypeError, "Column 7 of `y` holds"),
    (series(pd.array([1, 2, 3, 4, 5, float("inf")], dtype="Float64")), ValueError, "is inf at 2024-01-06"),
    (series([np.nan] * 6), ValueError, "`y` has no observed value: all 6 are missing"),
    (series([None] * 6, dtype="Int64"), ValueError, "`y` has no observed value"),
    (frame(a=NUMBERS, b=[np.nan] * 6), ValueError, "Column 'b' of `y` has no observed value"),
    (frame(a=[np.nan] * 6, b=[np.nan] * 6), ValueError, "Column 'a' of `y`, Column 'b' of `y` have no observed value"),
    (series([True, False] * 3), TypeError, "booleans"),
    (series([True, None] * 3, dtype="boolean"), TypeError, "booleans"),
    (series(NUMBERS, dtype="category"), TypeError, "categories"),
    (series([True, False] * 3, dtype="category"), TypeError, "categories"),
    (series(DAYS), TypeError, "times .*set_index"),
    (series(DAYS.tz_localize("UTC")), TypeError, "times"),
    (series(DAYS.to_period("D")), TypeError, "times"),
    (series(DAYS - DAYS[0]), TypeError, "durations"),
    (series(["1"] * 6), TypeError, "pd.to_numeric"),
    (series(["1"] * 6, dtype="string"), TypeError, "text .*pd.to_numeric"),
    (series(NUMBERS, dtype=object), TypeError, "Python objects .*pd.to_numeric"),
    (series(NUMBERS, dtype=complex), TypeError, "complex"),
    (series(pd.interval_range(0, 6)), TypeError, "dtype interval"),
    (frame(a=NUMBERS, b=list("abcdef")), TypeError, "Column 'b' of `y` holds text .*else drop it"),
    (series(index=[0.5, 1, 2, 3, 4, 5]), TypeError, "`y` has floats as times"),
]


@pytest.mark.parametrize(("y", "error", "message"), REFUSED)
def test_invalid_series_are_refused(y, error, message):
    with pytest.raises(error, match=message):
        read_panel(y)


def test_errors_name_the_argument():
    with pytest.raises(TypeError, match="`covariates` is a list"):
        read_panel([1], name="covariates")
    with pytest.raises(ValueError, match=r"`covariates` has 2 timestamp.*`freq='D'`"):
        read_panel(series()[:2].set_axis(list(DAYS[:2])), name="covariates")


def test_freq_sets_the_step():
    assert read_panel(series()[:2].set_axis(list(DAYS[:2])), freq="D")[1].time_axis.freqstr == "D"


def test_another_history_of_a_series():
    _, layout = read_panel(series())
    y = series([1, 2], dtype="Int64", index=pd.DatetimeIndex(["2030-01-02", "2030-01-01"]), name="other")
    panel, other = read_panel(y, like=layout)
    assert panel.values[:, 0].tolist() == [2, 1]
    forecast = other.to_pandas(np.array([[[3.0]]]))
    assert (forecast.name, forecast.dtype, forecast.index.name) == ("other", "Float64", None)
    assert forecast.index[0] == pd.Timestamp("2030-01-03")


def test_another_history_of_a_frame():
    _, layout = read_panel(frame())
    extra = frame(x=list("abcdef"), b=range(6), a=range(10, 16))
    with pytest.warns(
        UserWarning, match=r"`y` has column.s. that were not fitted: \['x'\]. They are ignored."
    ) as caught:
        panel, other = read_panel(extra, like=layout)
    assert len(caught) == 1
    assert panel.values[0].tolist() == [10, 0]
    assert other.channel_names == ["a", "b"]
    assert list(extra.columns) == ["x", "b", "a"]


@pytest.mark.parametrize(
    ("fitted", "y", "error", "message"),
    [
        (frame(), frame(b=NUMBERS, x=NUMBERS), ValueError, r"lacks the column.s. \['a'\].*unknown column.s. \['x'\]"),
        (frame(), frame()[["a", "b", "a"]], ValueError, "same name"),
        (frame(), series(), TypeError, "`y` is a Series, but a DataFrame was fitted. Pass `y.to_frame"),
        (series(), frame(), TypeError, "`y` is a DataFrame, but a Series was fitted. Pass `y.'column'.`"),
        (series(), NUMBERS, TypeError, "`y` is a list"),
        (series(), series()[:0], ValueError, "empty"),
        (series(), series(index=range(6)), TypeError, "integer timestamps, but datetime timestamps are expected"),
        (series(), series(index=DAYS.tz_localize("UTC")), ValueError, "time zone"),
        (
            series(),
            series(index=pd.date_range("2024", periods=6, freq="h")),
            ValueError,
            "not on the grid of 'D' steps",
        ),
        (series(), series([np.inf] * 6), ValueError, "inf at 2024-01-01"),
    ],
)
def test_another_history_of_another_format_is_refused(fitted, y, error, message):
    with pytest.raises(error, match=message):
        read_panel(y, like=read_panel(fitted)[1])
