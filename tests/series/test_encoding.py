import numpy as np
import pandas as pd
import pytest

from tsattn.series.covariates.encoding import Column

NAN = np.nan
DAYS = pd.date_range("2024-01-01", periods=4, name="day")


def column(values, dtype=None, name="x"):
    return pd.Series(values, index=DAYS[: len(values)], dtype=dtype, name=name)


def arrow(dtype):
    pa = pytest.importorskip("pyarrow")
    dtypes = {"text": pa.string(), "dictionary": pa.dictionary(pa.int32(), pa.string())}
    return pd.ArrowDtype(dtypes[dtype])


NUMBERS = {
    **dict.fromkeys(["float64", "int64", "int8", "uint32", "longdouble", "Sparse[float64]"], "float64"),
    **{"float32": "float32", "float16": "float32", "Int64": "Float64", "Float32": "Float32"},
    **dict.fromkeys(["int64[pyarrow]", "double[pyarrow]"], "double[pyarrow]"),
}


@pytest.mark.parametrize("dtype", NUMBERS)
def test_numbers_are_scaled_by_the_moments_of_the_history(dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    learnt = Column.of(column([1, 2, 6], dtype), "covariates")
    assert (learnt.label, learnt.levels, learnt.center) == ("x", 0, 3)
    assert learnt.scale == pytest.approx(np.std([1, 2, 6]), rel=1e-12)
    encoded = learnt.encode(column([3, 6], dtype), "covariates")
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded, [0, 3 / np.std([1, 2, 6])], rtol=1e-6)
    decoded = learnt.decode(encoded)
    assert decoded.dtype == NUMBERS[dtype]
    assert decoded.tolist() == [3, 6]


@pytest.mark.parametrize("dtype", ["float64", "Int64", "double[pyarrow]"])
def test_missing_numbers_are_left_out_and_stay_missing(dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    values = column([1, None, 2, 6], dtype)
    learnt = Column.of(values, "covariates")
    assert learnt.center == 3
    encoded = learnt.encode(values, "covariates")
    assert np.isnan(encoded).tolist() == [False, True, False, False]
    assert learnt.decode(encoded).isna().tolist() == [False, True, False, False]
    assert np.isnan(learnt.encode(column([None, None], dtype), "covariates")).all()


@pytest.mark.parametrize("values", [[0.1] * 3, [-7e8] * 3, [0.0] * 3, [1e-310] * 3, [NAN, 5.0, NAN]])
def test_a_change_of_a_constant_stays_moderate(values):
    level = np.nanmax(values)
    learnt = Column.of(column(values), "covariates")
    assert learnt.scale > 0
    encoded = learnt.encode(column([level, 2 * level, level + abs(level or 1)]), "covariates")
    np.testing.assert_allclose(encoded, [0, np.sign(level), 1], rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1.0, 100.0, 1e9, 1e30])
def test_decoded_numbers_are_what_the_caller_wrote(scale):
    written = np.array([19.99, 5.25, 0.07, 1.0, 20.5, 3.14159]) * scale
    learnt = Column.of(pd.Series(written, name="x"), "covariates")
    decoded = learnt.decode(learnt.encode(pd.Series(written), "covariates"))
    np.testing.assert_allclose(decoded, written, rtol=1e-14, atol=1e-14 * scale)


BOOLS = [("bool", "boolean"), ("boolean", "boolean"), ("bool[pyarrow]", "bool[pyarrow]")]


@pytest.mark.parametrize(("dtype", "future"), BOOLS)
def test_true_and_false_are_1_and_0(dtype, future):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    learnt = Column.of(column([True, True, False], dtype), "covariates")
    assert learnt.levels == 0
    assert learnt.encode(column([False, True], dtype), "covariates").tolist() == [0, 1]
    decoded = learnt.decode(np.float32([1, NAN, 0]))
    assert decoded.dtype == future
    assert decoded.isna().tolist() == [False, True, False]
    assert decoded[[0, 2]].tolist() == [True, False]
    assert learnt.encode(decoded, "covariates")[[0, 2]].tolist() == [1, 0]


@pytest.mark.parametrize("dtype", ["boolean", "bool[pyarrow]"])
def test_missing_among_true_and_false(dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    values = column([True, None, False], dtype)
    np.testing.assert_array_equal(Column.of(values, "covariates").encode(values, "covariates"), [1, NAN, 0])


TEXT = ["object", "str", "string", "category", "arrow text", "arrow dictionary"]


def text(values, dtype):
    if dtype.startswith("arrow"):
        return column(values, arrow(dtype.removeprefix("arrow ")))
    return column(values, object if dtype == "str" and pd.__version__ < "3" else dtype)


@pytest.mark.parametrize("dtype", TEXT)
def test_levels_have_codes_from_1_on(dtype):
    values = text(["b", "a", None, "b"], dtype)
    learnt = Column.of(values, "covariates")
    assert learnt.levels == 3
    assert learnt.categories.tolist() == ["a", "b"]
    encoded = learnt.encode(values, "covariates")
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded, [2, 1, NAN, 2])
    decoded = learnt.decode(np.float32([1, NAN, 0, 2]))
    assert decoded.dtype == values.dtype
    assert decoded.isna().tolist() == [False, True, True, False]
    assert decoded[[0, 3]].tolist() == ["a", "b"]


@pytest.mark.parametrize("fitted", TEXT)
@pytest.mark.parametrize("dtype", TEXT)
def test_unseen_levels_are_unknown_and_told_of_once(fitted, dtype):
    learnt, values = Column.of(text(["a", "b"], fitted), "covariates"), text(["c", "b", None, "c"], dtype)
    with pytest.warns(UserWarning, match="Column 'x' of `covariates` has 1 level.*: 'c'. They are taken") as caught:
        encoded = learnt.encode(values, "covariates")
    assert len(caught) == 1
    np.testing.assert_array_equal(encoded, [0, 2, NAN, 0])


@pytest.mark.parametrize(("levels", "shown"), [("cde", "'c', 'd', 'e'[.]"), ("cdef", "'c', 'd', 'e', [.]{4}")])
def test_only_the_first_few_unseen_levels_are_named(levels, shown):
    with pytest.warns(UserWarning, match=f"has {len(levels)} level.*: {shown} They are"):
        Column.of(column(["a"]), "covariates").encode(column(list(levels)), "covariates")


DECLARED = pd.CategoricalDtype(["large", "small", "never"], ordered=True)


def test_declared_categories_keep_their_order_and_come_back():
    learnt = Column.of(column(["small", "large", None], DECLARED), "covariates")
    assert learnt.categories.tolist() == ["large", "small"]  # what was never seen has learnt nothing
    decoded = learnt.decode(np.float32([2, NAN]))
    assert decoded.dtype == DECLARED
    assert decoded[0] == "small"
    with pytest.warns(UserWarning, match="'never'"):
        assert learnt.encode(column(["never"], DECLARED), "covariates").tolist() == [0]


@pytest.mark.parametrize(
    "levels",
    [[2, 1], [True, False], [0.5, 0.25], [pd.Timestamp("2024"), pd.Timestamp("2023")], [("a", 1), ("b", 2)]],
)
def test_categories_of_any_kind(levels):
    values = column(pd.Categorical([levels[0], None, levels[1]]))
    learnt = Column.of(values, "covariates")
    encoded = learnt.encode(values, "covariates")
    assert sorted(encoded[[0, 2]]) == [1, 2]
    assert np.isnan(encoded[1])
    decoded = learnt.decode(encoded)
    assert decoded.dtype == values.dtype
    assert decoded[[0, 2]].tolist() == levels


def test_numbers_may_stand_for_categories_of_numbers():
    learnt = Column.of(column([3, 1], "category"), "covariates")
    np.testing.assert_array_equal(learnt.encode(column([1.0, NAN, 3]), "covariates"), [1, NAN, 2])


REFUSED = [
    (column([1, 2 + 1j]), TypeError, "complex"),
    (column(DAYS), TypeError, "Column 'x' of `covariates` holds times"),
    (column(DAYS.tz_localize("UTC")), TypeError, "times"),
    (column(DAYS.to_period("D")), TypeError, "times"),
    (column(DAYS - DAYS[0]), TypeError, "durations .*total_seconds"),
    (column([1, "a"]), TypeError, r"Python objects \(mixed-integer\).*pd.to_numeric.*astype\(str\)"),
    (column([1, 2.5], object), TypeError, "Python objects .*pd.to_numeric"),
    (column([True, None]), TypeError, r"Python objects \(boolean\).*astype\('boolean'\)"),
    (column([[1], [2]]), TypeError, "Python objects"),
    (column([1, np.inf]), ValueError, "Column 'x' of `covariates` is inf at 2024-01-02.*NaN"),
    (column(pd.array([1.0, -np.inf], dtype="Float64")), ValueError, "is -inf at 2024-01-02"),
    (column([NAN, NAN]), ValueError, "Column 'x' of `covariates` has no observed value in the history"),
    (column([None, None], object), ValueError, "no observed value"),
    (column([None, None], "category"), ValueError, "no observed value"),
    (column([1e200, -1e200]), ValueError, "goes from -1e.200 to 1e.200, from which no scale"),
    (column([0, 1e-200]), ValueError, "goes from 0 to 1e-200, from which no scale"),
]


@pytest.mark.parametrize(("values", "error", "message"), REFUSED)
def test_refused_in_the_fit(values, error, message):
    with pytest.raises(error, match=message):
        Column.of(values, "covariates")


LATER = [
    (column([1, 2, 3]), column(["a", "b"]), TypeError, "to_numeric|text"),
    (column([1, 2, 3]), column(["a", "b"], "category"), TypeError, "Column 'x' of `static` holds categories"),
    (column([1, 2, 3]), column([1, np.inf]), ValueError, "is inf at 2024-01-02"),
    (column([1, 2, 3]), column([1, 1e300]), ValueError, "1e.300 at 2024-01-02.*too large .* mean 2 and standard dev"),
    (column(["a"]), column([1, 2]), TypeError, r"dtype int64, but had levels such as 'a' .*astype\(str\)"),
    (column(["a"]), column(DAYS), TypeError, "datetime64.* but had levels such as 'a'"),
]


@pytest.mark.parametrize(("fitted", "values", "error", "message"), LATER)
def test_refused_later(fitted, values, error, message):
    with pytest.raises(error, match=message):
        Column.of(fitted, "static").encode(values, "static")


def test_a_large_constant_is_decoded_in_float64():
    """Once the error of float32 was computed in float32, and overflowed."""
    written = pd.Series([1e300, 1e300], name="x")
    learnt = Column.of(written, "covariates")
    np.testing.assert_allclose(learnt.decode(learnt.encode(written, "covariates")), written, rtol=1e-6)
