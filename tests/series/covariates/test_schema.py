"""Schemas: invalid covariates are rejected in a fit, and read by column for another history."""

import numpy as np
import pandas as pd
import pytest
from covariate_table import DAYS, SHAPES, covariates, fit, history, table

from tsattn.series.covariates.schema import read_covariates
from tsattn.series.panel import read_panel

ONE = covariates("one")
PANEL = covariates("panel")
WIDE = pd.DataFrame({"north": np.arange(12.0), "south": 1.0}, index=DAYS[:12])


REFUSED = [
    ("one", [1, 2], {}, TypeError, "`covariates` is a list, but a pandas DataFrame"),
    ("one", ONE.price, {}, TypeError, "`covariates` is a Series, but a pandas DataFrame .*to_frame"),
    ("one", ONE.to_numpy(), {}, TypeError, "`covariates` is a ndarray"),
    ("one", ONE[["price", "promo", "price"]], {}, ValueError, r"columns with the same name: \['price'\]"),
    ("one", ONE[:0], {}, ValueError, "`covariates` is empty"),
    (
        "one",
        ONE.assign(load=1.0),
        {},
        ValueError,
        r"column\(s\) \['load'\], which are the series to forecast.*drop",
    ),
    ("panel", PANEL.assign(y=1.0), {}, None, None),  # the Series of this panel is called load
    ("panel", PANEL.assign(load=1.0), {}, ValueError, r"\['load'\], which are the series to forecast"),
    (
        "long",
        covariates("long").assign(y=1.0),
        {},
        ValueError,
        r"\['y'\], which are the series to forecast",
    ),
    ("one", ONE, {"past": ["gone"]}, ValueError, r"`past_covariates` is \['gone'\].* which are \['price', 'promo',"),
    ("one", ONE, {"past": "lag"}, ValueError, "`past_covariates` is 'lag', but must be a list of columns"),
    ("long", covariates("long"), {"past": ["ds"]}, ValueError, r"`past_covariates` is \['ds'\]"),
    (
        "one",
        ONE.assign(price=np.inf),
        {},
        ValueError,
        "Column 'price' of `covariates` is inf at 2024-01-01",
    ),
    ("panel", PANEL.assign(price=np.inf), {}, ValueError, r"is inf at \('a', Timestamp\('2024-01-03"),
    ("one", ONE.assign(price=ONE.index), {}, TypeError, "Column 'price' of `covariates` holds times"),
    (
        "one",
        ONE.assign(price=np.nan),
        {},
        ValueError,
        "'price' of `covariates` has no observed value in the history",
    ),
    (
        "one",
        ONE.set_index(ONE.index + pd.Timedelta("1h")),
        {},
        ValueError,
        "`covariates` has the timestamp .*not on the grid",
    ),
    ("one", ONE.tz_localize("UTC"), {}, ValueError, "time zone"),
    ("one", ONE.reset_index(drop=True), {}, TypeError, "integer timestamps"),
    ("one", pd.concat([ONE, ONE[3:5]]), {}, ValueError, "2024-01-04"),
    ("one", PANEL, {}, TypeError, "panel"),
    (
        "one",
        table()[12:],
        {},
        ValueError,
        "^`y` requires a row of `covariates` for each step of its history, 2024-01-01 00:00:00 to 2024-01-12 00:00:00, "
        "but 12 of 12 are missing, the first at 2024-01-01.*The received rows span 2024-01-13 00:00:00 to 2024-01-20",
    ),
    ("panel", PANEL.loc[["a", "c"]], {}, ValueError, "Series 'b' of `y` .*9 of 9 are missing.*It has no rows"),
    (
        "shared",
        table()[10:],
        {},
        ValueError,
        "Series 'b' .*2024-01-01 .* span 2024-01-11 .* 1 other series also lack rows",
    ),
    ("one", ONE, {"calendar": ("hour",)}, ValueError, "'hour', which is not informative at steps of 'D'"),
    ("one", ONE, {"calendar": "hour"}, ValueError, "`calendar` is 'hour', but must be None"),
]


@pytest.mark.parametrize(("shape", "frame", "options", "error", "message"), REFUSED)
def test_invalid_covariates_are_refused(shape, frame, options, error, message):
    if error is None:
        assert "y" in [column.label for column in fit(shape, frame, **{"past": (), **options})[1].known]
    else:
        with pytest.raises(error, match=message):
            fit(shape, frame, **{"past": (), **options})


def test_a_channel_of_a_wide_frame_is_refused_as_a_covariate():
    _, layout = read_panel(WIDE)
    with pytest.raises(ValueError, match=r"\['south'\], which are the series to forecast"):
        read_covariates(layout, ONE.assign(south=1.0), steps=2)
    schema, _ = read_covariates(layout, ONE.assign(load=1.0), steps=2)
    assert len(schema.cardinalities["known"]) == 6


def test_past_covariates_without_covariates_are_refused():
    _, layout = read_panel(history("one"))
    with pytest.raises(ValueError, match=r"`past_covariates` is \['lag'\], but must be .* which are \[\]"):
        read_covariates(layout, past=["lag"], steps=2)


@pytest.mark.parametrize("name", [None, ("x", 1), 3, 2.5, True])
def test_columns_with_any_label(name):
    frame = pd.DataFrame({0: ONE.price, 1: ONE.kind}).set_axis(
        pd.Index([name, "kind"], dtype=object, tupleize_cols=False), axis=1
    )
    layout, schema, data = fit("one", frame, past=[name])
    assert [column.label for column in schema.past] == [name]
    again = schema.read(layout, frame.iloc[:, ::-1], steps=2, lookback=3)
    window = np.array([0]), np.array([-3]), 3, 3
    np.testing.assert_array_equal(again.gather(*window)["past"], data.gather(*window)["past"])


def test_columns_with_two_levels():
    frame = ONE[["price", "kind"]].set_axis(pd.MultiIndex.from_tuples([("x", "price"), ("x", "kind")]), axis=1)
    layout, schema, data = fit("one", frame, past=[("x", "kind")])
    assert schema.cardinalities == {"past": (4,), "known": (0,), "static": ()}
    again = schema.extend(data, layout, frame.iloc[:, ::-1])
    pd.testing.assert_frame_equal(schema.future_frame(again, layout, 3), frame[[("x", "price")]][12:], check_freq=False)


# The history of the fit is 12 days, or the panel. The other history is later, and a panel has other series too.
LATER = pd.Series(np.arange(6.0), DAYS[6:12], name="other")


def later(shape):
    """Another history, and covariates of its last days and its future."""
    if shape == "one":
        return LATER, table(7)[6:15]
    parts = {key: (LATER[begin:], table(seed)[6:16]) for seed, (key, begin) in enumerate({"b": 0, "x": 2}.items())}
    y, frame = (pd.concat({key: part[i] for key, part in parts.items()}, names=["unique_id"]) for i in (0, 1))
    if shape == "long":
        return y.rename("y").reset_index(), frame.reset_index()
    return y, table(7)[6:16] if shape == "shared" else frame


@pytest.mark.parametrize("shape", SHAPES)
def test_another_history_is_encoded_like_the_fit(shape):
    _, layout = read_panel(later(shape)[0])
    fitted, schema, _ = fit(shape)
    data = schema.read(layout, later(shape)[1].drop(columns="promo").assign(promo=True), steps=4, lookback=3)
    every = np.arange(len(layout.ends))
    windows = data.gather(every, np.full(len(every), -4), 4, 3)
    assert np.isnan(windows["known"][:, 0, 0]).all()  # before the lookback
    assert not np.isnan(windows["known"][:, 1:]).any()
    assert (windows["known"][:, 1:, 1] == 1).all()
    price = schema.known[0]
    for s in range(len(every)):
        frame = table(s if shape in ("panel", "long") else 7)[9:15]
        np.testing.assert_allclose(windows["known"][s, 1:, 0], (frame.price - price.center) / price.scale, rtol=1e-5)
        codes = frame.kind.map({"mon": 1, "tue": 2, "wed": 3})
        assert windows["known"][s, 1:, 2].tolist() == codes.tolist()
    assert len(fitted.ends) == {"one": 1}.get(shape, 3)


def test_missing_columns_are_refused_and_unknown_ones_ignored():
    layout, schema, _ = fit("one")
    with pytest.raises(
        ValueError, match=r"`covariates` lacks the column\(s\) \['kind'\].* unknown column\(s\) \['new'\]"
    ):
        schema.read(layout, ONE.rename(columns={"kind": "new"}), steps=2, lookback=3)
    with pytest.warns(UserWarning, match=r"`covariates` has column.* not fitted: \['new', 'more'\]") as caught:
        schema.read(layout, ONE.assign(new=1, more=pd.NaT), steps=2, lookback=3)
    assert len(caught) == 1
    with pytest.raises(ValueError, match=r"fitted with the covariates \['lag', 'price', .*Pass them as `covariates=`"):
        schema.read(layout, steps=2, lookback=3)
    with pytest.raises(ValueError, match=r"\['load'\], which are the series to forecast"):
        schema.read(layout, ONE.assign(load=1.0), steps=2, lookback=3)


def test_categories_that_were_not_in_the_fit_are_unknown():
    layout, schema, _ = fit("one")
    with pytest.warns(UserWarning, match="Column 'kind' of `covariates` has 1 value.*: 'sun'[.]") as caught:
        data = schema.read(layout, ONE.assign(kind=["mon", "sun", "wed"] * 5), steps=2, lookback=3)
    assert len(caught) == 1
    assert data.gather(np.array([0]), np.array([-3]), 3, 3)["known"][0, :, 2].tolist() == [1, 0, 3, 1, 0, 3]
    with pytest.warns(UserWarning, match="'fri'"):  # also in the fit, if it occurs only in the future
        fit("one", ONE.assign(kind=[*ONE.kind[:13], "fri", "mon"]))


@pytest.mark.parametrize("lost", [[9], [9, 10, 11]])
def test_all_rows_of_the_lookback_are_needed(lost):
    layout, schema, _ = fit("one")
    schema.read(layout, ONE.drop(DAYS[:9]), steps=2, lookback=3)  # earlier rows are not needed
    message = (
        "`y` requires a row of `covariates` for each step of its history, 2024-01-10 00:00:00 to 2024-01-12 00:00:00, "
        f"but {len(lost)} of 3 are missing, the first at 2024-01-10.*The received rows span 2024-01-01 .* to 2024-01-15"
    )
    with pytest.raises(ValueError, match=message):
        schema.read(layout, ONE.drop(DAYS[lost]), steps=2, lookback=3)


def test_the_error_names_the_series_that_lacks_a_row():
    layout, schema, _ = fit("panel")
    with pytest.raises(
        ValueError, match=r"^Series 'b' of `y` requires .* but 1 of 3 are missing, the first at 2024-01-0"
    ):
        schema.read(layout, PANEL.drop(("b", DAYS[7])), steps=2, lookback=3)
    with pytest.warns(
        UserWarning, match="1 of 24 rows in the history of 1 of 3 series. Series 'b' .* first, 2024-01-08"
    ):
        fit("panel", PANEL.drop(("b", DAYS[7])))


def test_a_history_shorter_than_the_lookback_is_read_whole():
    _, layout = read_panel(LATER)
    _, schema, _ = fit("one")
    data = schema.read(layout, later("one")[1], steps=3, lookback=48)
    known = data.gather(np.array([0]), np.array([-48]), 48, 3)["known"][0]
    assert np.isnan(known[:42, 0]).all()
    assert not np.isnan(known[42:]).any()


def test_missing_values_of_the_history_stay_missing():
    layout, schema, _ = fit("one")
    frame = ONE.assign(price=np.nan, kind=pd.Series([None] * 15, index=ONE.index, dtype=object))
    known = schema.read(layout, frame, steps=3, lookback=2).gather(np.array([0]), np.array([-2]), 2, 3)["known"][0]
    assert np.isnan(known[:, 0]).all()
    assert known[:, 2].tolist() == [0] * 5
