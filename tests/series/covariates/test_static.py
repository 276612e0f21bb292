"""Static covariates: one row for each series."""

import numpy as np
import pandas as pd
import pytest
from covariate_table import history

from tsattn.series.covariates.schema import read_covariates
from tsattn.series.panel import read_panel

STATIC = pd.DataFrame(
    {"area": [4.0, 1.0, 100.0, np.nan], "region": ["n", "s", "s", None], "open": [True, False, True, True]},
    index=["c", "a", "never", "b"],
)
CENTER, SCALE = 2.5, 1.5  # of the areas of a and c


def layout_of(shape="panel", ids=None):
    y = history(shape)
    if ids is not None:
        y = pd.concat({label: y.loc[old] for label, old in zip(ids, "abc", strict=True)})
    return read_panel(y)[1]


@pytest.mark.parametrize("shape", ["panel", "long"])
@pytest.mark.parametrize("ids", ["index", "column"])
def test_rows_are_assigned_to_their_series(shape, ids):
    static = STATIC if ids == "index" else STATIC.rename_axis("unique_id").reset_index()
    schema, data = read_covariates(layout_of(shape), static=static, steps=2)
    assert schema.cardinalities == {"past": (), "known": (), "static": (0, 3, 0)}
    windows = data.gather(np.array([2, 0, 1, 2]), np.full(4, -2), 2, 2)
    assert windows.keys() == {"static"}
    assert windows["static"].dtype == np.float32
    c, a, b = [(4 - CENTER) / SCALE, 1, 1], [(1 - CENTER) / SCALE, 2, 0], [np.nan, 0, 1]
    np.testing.assert_allclose(windows["static"], [c, a, b, c], rtol=1e-6)
    np.testing.assert_array_equal(data.tail(1).gather(np.array([0]), np.array([0]), 0, 1)["static"], [np.float32(a)])


@pytest.mark.parametrize(
    "ids",
    [[3, 1, 2], [("x", 1), ("x", 2), ("y", 1)], pd.CategoricalIndex(["k", "l", "m"]), pd.date_range("2024", periods=3)],
    ids=str,
)
def test_ids_of_any_type(ids):
    layout = layout_of(ids=ids)
    static = pd.DataFrame({"number": [0.0, 1.0, 2.0]}, index=ids)
    schema, data = read_covariates(layout, static=static[::-1], steps=2)
    decoded = schema.static[0].decode(data.static[:, 0])
    assert decoded.tolist() == [static.number[ids[list(ids).index(label)]] for label in layout.ids]


def test_columns_are_matched_by_name():
    layout = layout_of()
    schema, data = read_covariates(layout, static=STATIC, steps=2)
    with pytest.warns(UserWarning, match=r"`static` has column.* not fitted: \['new'\]") as caught:
        again = schema.read(layout, static=STATIC.assign(new=1)[["open", "new", "region", "area"]], steps=2, lookback=3)
    assert len(caught) == 1
    np.testing.assert_array_equal(again.static, data.static)
    with pytest.raises(ValueError, match=r"`static` lacks the column\(s\) \['area'\].* unknown column\(s\) \['size'\]"):
        schema.read(layout, static=STATIC.rename(columns={"area": "size"}), steps=2, lookback=3)
    with pytest.warns(UserWarning, match="Column 'region' of `static` has 1 value.*: 'w'"):
        other = schema.read(layout, static=STATIC.assign(region="w"), steps=2, lookback=3)
    assert other.static[:, 1].tolist() == [0, 0, 0]


def test_rows_of_the_fit_are_used_for_its_series():
    schema, data = read_covariates(layout_of(), static=STATIC, steps=2)
    other = read_panel(history("panel").loc[["c", "b"]])[1]
    again = schema.read(other, steps=2, lookback=3, fitted=data.tail(2))
    np.testing.assert_array_equal(again.static, data.static[[1, 2]])
    np.testing.assert_array_equal(schema.read(other, steps=2, lookback=3, fitted=again).static, again.static)
    unknown = layout_of(ids=["b", "new", "c"])
    for fitted in (data, None):
        with pytest.raises(ValueError, match=r"series that were not fitted: .*'new'.* Pass those .* as `static=`"):
            schema.read(unknown, steps=2, lookback=3, fitted=fitted)
    own = schema.read(unknown, static=STATIC.rename({"a": "new"}), steps=2, lookback=3, fitted=data)
    np.testing.assert_array_equal(own.static, data.static[[1, 2, 0]])


REFUSED = [
    ("one", STATIC, ValueError, "`static` is for the series of a panel, but `y` is one series"),
    ("panel", [1, 2, 3], TypeError, "`static` is a list, but a pandas DataFrame"),
    ("panel", STATIC.area, TypeError, "`static` is a Series.*to_frame"),
    ("panel", STATIC[["area", "open", "area"]], ValueError, "same name: 'area'"),
    (
        "panel",
        STATIC.drop("b"),
        ValueError,
        "`static` has no row for 1 of 3 series: 'b'. Its ids are 'c', 'a', 'never'.",
    ),
    (
        "panel",
        STATIC.reset_index(drop=True),
        ValueError,
        "no row for 3 of 3 series: 'a', 'b', 'c'. Its ids are 0, 1, 2, ...",
    ),
    ("panel", STATIC.iloc[[0, 1, 3, 1]], ValueError, "duplicate ids: 'a'"),
    ("panel", STATIC.assign(area=np.inf), ValueError, "Column 'area' of `static` is inf at a"),
    ("panel", STATIC.assign(area=pd.Timestamp("2024")), TypeError, "Column 'area' of `static` holds times"),
    ("panel", STATIC.assign(area=np.nan), ValueError, "Column 'area' of `static` has no observed value"),
]


@pytest.mark.parametrize(("shape", "static", "error", "message"), REFUSED)
def test_invalid_static_covariates_are_refused(shape, static, error, message):
    with pytest.raises(error, match=message):
        read_covariates(layout_of(shape), static=static, steps=2)
