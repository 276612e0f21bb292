"""Encoding of columns: numbers, booleans, text and categories of every dtype."""

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
    fitted = Column.fit(column([1, 2, 6], dtype), "covariates")
    assert (fitted.label, fitted.cardinality, fitted.center) == ("x", 0, 3)
    assert fitted.scale == pytest.approx(np.std([1, 2, 6]), rel=1e-12)
    encoded = fitted.encode(column([3, 6], dtype), "covariates")
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded, [0, 3 / np.std([1, 2, 6])], rtol=1e-6)
    decoded = fitted.decode(encoded)
    assert decoded.dtype == NUMBERS[dtype]
    assert decoded.tolist() == [3, 6]


@pytest.mark.parametrize("dtype", ["float64", "Int64", "double[pyarrow]"])
def test_missing_numbers_are_ignored_and_stay_missing(dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    values = column([1, None, 2, 6], dtype)
    fitted = Column.fit(values, "covariates")
    assert fitted.center == 3
    encoded = fitted.encode(values, "covariates")
    assert np.isnan(encoded).tolist() == [False, True, False, False]
    assert fitted.decode(encoded).isna().tolist() == [False, True, False, False]
    assert np.isnan(fitted.encode(column([None, None], dtype), "covariates")).all()


@pytest.mark.parametrize("values", [[0.1] * 3, [-7e8] * 3, [0.0] * 3, [1e-310] * 3, [NAN, 5.0, NAN]])
def test_a_later_change_of_a_constant_is_moderate(values):
    level = np.nanmax(values)
    fitted = Column.fit(column(values), "covariates")
    assert fitted.scale > 0
    encoded = fitted.encode(column([level, 2 * level, level + abs(level or 1)]), "covariates")
    np.testing.assert_allclose(encoded, [0, np.sign(level), 1], rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1.0, 100.0, 1e9, 1e30])
def test_decoded_numbers_equal_the_written_ones(scale):
    written = np.array([19.99, 5.25, 0.07, 1.0, 20.5, 3.14159]) * scale
    fitted = Column.fit(pd.Series(written, name="x"), "covariates")
    decoded = fitted.decode(fitted.encode(pd.Series(written), "covariates"))
    np.testing.assert_allclose(decoded, written, rtol=1e-14, atol=1e-14 * scale)


BOOLS = [("bool", "boolean"), ("boolean", "boolean"), ("bool[pyarrow]", "bool[pyarrow]")]


@pytest.mark.parametrize(("dtype", "future"), BOOLS)
def test_booleans_are_encoded_as_1_and_0(dtype, future):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    fitted = Column.fit(column([True, True, False], dtype), "covariates")
    assert fitted.cardinality == 0
    assert fitted.encode(column([False, True], dtype), "covariates").tolist() == [0, 1]
    decoded = fitted.decode(np.float32([1, NAN, 0]))
    assert decoded.dtype == future
    assert decoded.isna().tolist() == [False, True, False]
    assert decoded[[0, 2]].tolist() == [True, False]
    assert fitted.encode(decoded, "covariates")[[0, 2]].tolist() == [1, 0]


@pytest.mark.parametrize("dtype", ["boolean", "bool[pyarrow]"])
def test_missing_booleans_are_nan(dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    values = column([True, None, False], dtype)
    np.testing.assert_array_equal(Column.fit(values, "covariates").encode(values, "covariates"), [1, NAN, 0])


TEXT = ["object", "str", "string", "category", "arrow text", "arrow dictionary"]


def text(values, dtype):
    if dtype.startswith("arrow"):
        return column(values, arrow(dtype.removeprefix("arrow ")))
    return column(values, object if dtype == "str" and pd.__version__ < "3" else dtype)


@pytest.mark.parametrize("dtype", TEXT)
def test_categories_have_codes_from_1(dtype):
    values = text(["b", "a", None, "b"], dtype)
    fitted = Column.fit(values, "covariates")
    assert fitted.cardinality == 3
    assert fitted.categories.tolist() == ["a", "b"]
    encoded = fitted.encode(values, "covariates")
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded, [2, 1, NAN, 2])
    decoded = fitted.decode(np.float32([1, NAN, 0, 2]))
    assert decoded.dtype == values.dtype
    assert decoded.isna().tolist() == [False, True, True, False]
    assert decoded[[0, 3]].tolist() == ["a", "b"]


@pytest.mark.parametrize("fitted", TEXT)
@pytest.mark.parametrize("dtype", TEXT)
def test_unknown_categories_are_encoded_as_0_with_one_warning(fitted, dtype):
    column_of_fit, values = Column.fit(text(["a", "b"], fitted), "covariates"), text(["c", "b", None, "c"], dtype)
    message = "Column 'x' of `covariates` has 1 value.s. that were not in the history of the fit: 'c'. They are encoded"
    with pytest.warns(UserWarning, match=message) as caught:
        encoded = column_of_fit.encode(values, "covariates")
    assert len(caught) == 1
    np.testing.assert_array_equal(encoded, [0, 2, NAN, 0])


@pytest.mark.parametrize(("values", "shown"), [("cde", "'c', 'd', 'e'[.]"), ("cdef", "'c', 'd', 'e', [.]{4}")])
def test_only_the_first_few_unknown_categories_are_named(values, shown):
    with pytest.warns(UserWarning, match=f"has {len(values)} value.*: {shown} They are"):
        Column.fit(column(["a"]), "covariates").encode(column(list(values)), "covariates")


DECLARED = pd.CategoricalDtype(["large", "small", "never"], ordered=True)


def test_declared_categories_are_restored_in_their_order():
    fitted = Column.fit(column(["small", "large", None], DECLARED), "covariates")
    assert fitted.categories.tolist() == ["large", "small"]  # a category that is not in the history has no code
    decoded = fitted.decode(np.float32([2, NAN]))
    assert decoded.dtype == DECLARED
    assert decoded[0] == "small"
    with pytest.warns(UserWarning, match="'never'"):
        assert fitted.encode(column(["never"], DECLARED), "covariates").tolist() == [0]


@pytest.mark.parametrize(
    "categories",
    [[2, 1], [True, False], [0.5, 0.25], [pd.Timestamp("2024"), pd.Timestamp("2023")], [("a", 1), ("b", 2)]],
)
def test_categories_of_any_type_are_restored(categories):
    values = column(pd.Categorical([categories[0], None, categories[1]]))
    fitted = Column.fit(values, "covariates")
    encoded = fitted.encode(values, "covariates")
    assert sorted(encoded[[0, 2]]) == [1, 2]
    assert np.isnan(encoded[1])
    decoded = fitted.decode(encoded)
    assert decoded.dtype == values.dtype
    assert decoded[[0, 2]].tolist() == categories


def test_numbers_are_encoded_as_categories_of_numbers():
    fitted = Column.fit(column([3, 1], "category"), "covariates")
    np.testing.assert_array_equal(fitted.encode(column([1.0, NAN, 3]), "covariates"), [1, NAN, 2])


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
    (column([1e200, -1e200]), ValueError, "ranges from -1e.200 to 1e.200, for which no scale"),
    (column([0, 1e-200]), ValueError, "ranges from 0 to 1e-200, for which no scale"),
]


@pytest.mark.parametrize(("values", "error", "message"), REFUSED)
def test_invalid_columns_are_refused_in_the_fit(values, error, message):
    with pytest.raises(error, match=message):
        Column.fit(values, "covariates")


LATER = [
    (column([1, 2, 3]), column(["a", "b"]), TypeError, "to_numeric|text"),
    (column([1, 2, 3]), column(["a", "b"], "category"), TypeError, "Column 'x' of `static` holds categories"),
    (column([1, 2, 3]), column([1, np.inf]), ValueError, "is inf at 2024-01-02"),
    (column([1, 2, 3]), column([1, 1e300]), ValueError, "1e.300 at 2024-01-02.*too large .* mean 2 and standard dev"),
    (column(["a"]), column([1, 2]), TypeError, r"dtype int64, but had categories such as 'a' .*astype\(str\)"),
    (column(["a"]), column(DAYS), TypeError, "datetime64.* but had categories such as 'a'"),
]


@pytest.mark.parametrize(("fitted", "values", "error", "message"), LATER)
def test_invalid_columns_are_refused_after_the_fit(fitted, values, error, message):
    with pytest.raises(error, match=message):
        Column.fit(fitted, "static").encode(values, "static")


def test_a_large_constant_is_decoded_in_float64():
    """The error of float32 would overflow if it were computed in float32."""
    written = pd.Series([1e300, 1e300], name="x")
    fitted = Column.fit(written, "covariates")
    np.testing.assert_allclose(fitted.decode(fitted.encode(written, "covariates")), written, rtol=1e-6)
