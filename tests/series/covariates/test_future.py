"""Known covariates of the steps to forecast: the frame to fill in, additional rows, and checks."""

import numpy as np
import pandas as pd
import pytest
from covariate_table import AHEAD, DAYS, SHAPES, SPANS, covariates, fit, known_ahead, table

KNOWN = ["price", "promo", "kind", "size"]
DTYPES = {"price": "float64", "promo": "boolean", "kind": table().kind.dtype, "size": table()["size"].dtype}


def future(layout, data, steps):
    """The known columns after each series as numbers, (series, steps, columns)."""
    every = np.arange(len(layout.ends))
    return data.gather(every, np.zeros(len(every), "int64"), 0, steps)["known"]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_future_frame_has_the_known_values_and_missing_ones(shape):
    layout, schema, data = fit(shape, calendar=("dayofweek",))
    frame = schema.future_frame(data.tail(2), layout, 4)
    assert len(frame) == 4 * len(layout.ends)
    if shape == "long":
        assert list(frame.columns) == ["unique_id", "ds", *KNOWN]
        assert frame.index.equals(pd.RangeIndex(12))
        frame = frame.set_index(["unique_id", "ds"])
    assert list(frame.columns) == KNOWN
    empty = schema.empty_frame(layout, 3, 4)
    empty = empty.set_index(["unique_id", "ds"]) if shape == "long" else empty
    assert empty.isna().all(axis=None)
    ahead = np.tile([False] * 3 + [True] * 4, len(layout.ends))
    assert empty.index[ahead].equals(frame.index)
    assert {label: empty[label].dtype for label in KNOWN} == DTYPES
    assert frame.dtypes.to_dict() == DTYPES
    for s, end in enumerate(layout.ends):
        part = frame.iloc[4 * s : 4 * s + 4]
        stamps = part.index.get_level_values("ds") if len(layout.ends) > 1 else part.index
        assert list(stamps) == list(DAYS[end : end + 4])
        seed, ahead = {"one": (0, 3), "shared": (0, 4)}.get(shape, (s, min([*AHEAD.values()][s], 4)))
        written = table(seed)[KNOWN][end : end + ahead]
        for column in KNOWN:
            assert part[column][:ahead].tolist() == written[column].tolist()
            assert part[column].isna().tolist() == [False] * ahead + [True] * (4 - ahead)
    if len(layout.ends) > 1:
        assert frame.index.unique("unique_id").tolist() == list(SPANS)


def filled(frame):
    return frame.assign(price=frame.price.fillna(7.5), promo=True, kind="tue", size="m")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("steps", [1, 4, 9])
def test_the_filled_future_frame_is_sufficient(shape, steps):
    layout, schema, data = fit(shape)
    data = data.tail(3)
    if steps == 9:
        with pytest.raises(ValueError, match="make_future_frame"):
            schema.check_future(data, layout, steps)
    frame = filled(schema.future_frame(data, layout, steps))
    extended = schema.extend(data, layout, frame.sample(frac=1, random_state=0))
    schema.check_future(extended, layout, steps)
    windows = future(layout, extended, steps)
    assert (windows[..., 1:] == [1, 2, 2]).all()
    price = (frame.price.to_numpy() - schema.known[0].center) / schema.known[0].scale
    np.testing.assert_allclose(windows[..., 0].ravel(), price, rtol=1e-5, atol=1e-6)
    before = np.arange(len(layout.ends)), np.full(len(layout.ends), -4), 4, 0
    for role, values in data.gather(*before).items():
        np.testing.assert_array_equal(extended.gather(*before)[role], values)
    again = schema.future_frame(extended, layout, steps)
    pd.testing.assert_frame_equal(again, frame.astype(again.dtypes.to_dict()))


@pytest.mark.parametrize("shape", SHAPES)
def test_extend_replaces_and_adds_future_rows_only(shape):
    layout, schema, data = fit(shape)
    rows = covariates(shape)
    stamps = rows.ds if shape == "long" else rows.index.get_level_values("ds")
    later = rows[np.asarray((stamps == DAYS[3]) | (stamps == DAYS[12]))].assign(price=100.0, kind="wed", lag=np.nan)
    extended = schema.extend(data, layout, later)
    old, new = future(layout, data, 6), future(layout, extended, 6)
    price = (100 - schema.known[0].center) / schema.known[0].scale
    changed = 12 - layout.ends  # steps from each end to the 13th day
    assert (changed >= 0).all()
    affected = {"one": [0], "panel": [0, 1], "long": [0, 1], "shared": [0, 1, 2]}[shape]  # c has no such row
    for s in range(len(layout.ends)):
        if s in affected:
            np.testing.assert_allclose(new[s, changed[s], [0, 2]], [price, 3], rtol=1e-5)
            old[s, changed[s]] = new[s, changed[s]]
    np.testing.assert_array_equal(new, old)
    history = np.arange(len(layout.ends)), -layout.lengths, 5, 1
    for role, values in data.gather(*history).items():
        np.testing.assert_array_equal(extended.gather(*history)[role], values)
    np.testing.assert_array_equal(future(layout, data, 6), future(layout, fit(shape)[2], 6))


def test_a_gap_is_missing_until_another_table_fills_it():
    layout, schema, data = fit("one", covariates("one")[:12])
    rows = table().drop(columns="lag")
    data = schema.extend(data, layout, rows[14:16])
    with pytest.raises(ValueError, match="but 'price' is missing at 2024-01-13"):
        schema.check_future(data, layout, 4)
    data = schema.extend(data, layout, rows[12:14])
    schema.check_future(data, layout, 4)
    assert schema.future_frame(data, layout, 4).price.tolist() == rows.price[12:16].tolist()


def test_a_missing_value_replaces_a_known_one():
    layout, schema, data = fit("one")
    schema.check_future(data, layout, 3)
    data = schema.extend(data, layout, covariates("one").assign(kind=None))
    with pytest.raises(ValueError, match="but 'kind' is missing at 2024-01-13"):
        schema.check_future(data, layout, 1)


def test_a_shared_table_extends_each_series_from_its_end():
    layout, schema, data = fit("panel")
    data = schema.extend(data.tail(2), layout, table(5).drop(columns="lag"))
    assert known_ahead(data).tolist() == [8, 11, 10]
    frame = schema.future_frame(data, layout, 8)
    for key, (_, end) in SPANS.items():
        assert frame.loc[key].price.tolist() == table(5).price[end : end + 8].tolist()


@pytest.mark.parametrize("lag", [True, False])
def test_past_columns_are_optional_and_ignored(lag):
    layout, schema, data = fit("one")
    rows = table()[12:18].assign(lag="nonsense") if lag else table()[12:18].drop(columns="lag")
    extended = schema.extend(data, layout, rows)
    assert known_ahead(extended).tolist() == [6]
    assert extended.past is data.past


def test_unknown_categories_count_as_known_values():
    layout, schema, data = fit("one")
    with pytest.warns(UserWarning, match="Column 'kind' of `covariates` has 1 value.*: 'sun'"):
        data = schema.extend(data, layout, table()[12:16].assign(kind="sun"))
    schema.check_future(data, layout, 4)
    assert future(layout, data, 4)[0, :, 2].tolist() == [0] * 4


def test_rows_of_the_history_are_ignored():
    layout, schema, data = fit("one")
    rows = table()[:15].assign(kind=["sun"] * 12 + ["mon"] * 3, price=[np.inf] * 12 + [1.0] * 3)
    data = schema.extend(data, layout, rows)
    assert future(layout, data, 3)[0, :, 2].tolist() == [1] * 3


NEEDED = r"`y` is forecast from 2024-01-13 .* to 2024-01-17 .*, 5 step\(s\), .*\['price', 'promo', 'kind', 'size'\]"
ADVICE = r"make_future_frame\(\d\)`, called with the same `y=` if any, and pass it as `covariates=`"
SHORT = [
    (
        "one",
        lambda X: X,
        f"^{NEEDED}.* the last row is at 2024-01-15 00:00:00[.] Fill in .*{ADVICE}.*only if they are as long as `y`",
    ),
    ("one", lambda X: X[:12], f"^{NEEDED}.* no row is after its end.*{ADVICE}"),
    (
        "one",
        lambda X: X.assign(promo=X.promo.astype("boolean").where(X.index != DAYS[13])),
        f"^{NEEDED}.*'promo' is missing at 2024-01-14.*{ADVICE}",
    ),
    ("one", lambda X: X.assign(kind=[*X.kind[:12], None, None, None]), f"^{NEEDED}.*'kind' is missing at 2024-01-13"),
    ("one", lambda X: X.drop(DAYS[13]), f"^{NEEDED}.*'price' is missing at 2024-01-14"),
    (
        "panel",
        lambda X: X,
        "^Series 'a' of `y` is .* last row is at 2024-01-15.* 1 other series is also affected",
    ),
    ("panel", lambda X: X.drop(("b", DAYS[11])), "^Series 'a' .* 2 other series are also affected"),
    ("shared", lambda X: X[:16], "^Series 'a' of `y` is .* 2024-01-13 .* last row is at 2024-01-16"),
]


@pytest.mark.parametrize(("shape", "change", "message"), SHORT)
def test_an_incomplete_future_is_refused(shape, change, message):
    layout, schema, data = fit(shape, change(covariates(shape)))
    for some in (data, data.tail(1)):
        with pytest.raises(ValueError, match=message):
            schema.check_future(some, layout, 5)


def test_extend_refuses_invalid_tables():
    layout, schema, data = fit("one")
    rows = table()[12:16]
    with pytest.raises(
        ValueError, match=r"`covariates` lacks the column\(s\) \['promo'\].* unknown column\(s\) \['new'\]"
    ):
        schema.extend(data, layout, rows.rename(columns={"promo": "new"}))
    with pytest.warns(UserWarning, match=r"not fitted: \['new'\]") as caught:
        schema.extend(data, layout, rows.assign(new=pd.NaT))
    assert len(caught) == 1
    with pytest.raises(ValueError, match=r"\['load'\], which are the series to forecast"):
        schema.extend(data, layout, rows.assign(load=1.0))
    with pytest.raises(ValueError, match="not on the grid"):
        schema.extend(data, layout, rows.set_index(rows.index + pd.Timedelta("1h")))
    with pytest.raises(TypeError, match="`covariates` is a dict"):
        schema.extend(data, layout, {"price": 1})
    with pytest.raises(ValueError, match="Column 'price' of `covariates` is inf at 2024-01-13"):
        schema.extend(data, layout, rows.assign(price=np.inf))


def test_extend_ignores_rows_up_to_the_end():
    layout, schema, data = fit("one")
    same = schema.extend(data, layout, table()[:12].assign(price=-1.0))
    window = np.array([0]), np.array([-12]), 12, 5
    np.testing.assert_array_equal(same.gather(*window)["known"], data.gather(*window)["known"])


@pytest.mark.parametrize("shape", ["one", "panel", "long"])
def test_without_known_columns_no_future_is_needed(shape):
    frame = covariates(shape)
    columns = ["unique_id", "ds", "lag"] if shape == "long" else ["lag"]
    layout, schema, data = fit(shape, frame[columns], calendar=("dayofweek",))
    schema.check_future(data, layout, 100)
    future_frame = schema.future_frame(data, layout, 5)
    assert list(future_frame.columns) == columns[:-1]
    assert len(future_frame) == 5 * len(layout.ends)
    assert schema.extend(data, layout, future_frame) is data
    assert schema.extend(data, layout, frame[columns]) is data
