"""Covariates of a fit: read from frames of every shape and gathered window by window."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from covariate_table import AHEAD, DAYS, SHAPES, SPANS, covariates, fit, history, known_ahead, table

from tsattn.series.covariates.schema import read_covariates
from tsattn.series.panel import read_panel

NAN = np.nan


def slow_known(shape):
    """A function that looks up the known columns of a series at a row of the time axis, number by number."""
    frame = covariates(shape)
    if shape in ("one", "shared"):
        frames, prices = [frame] * 3, frame.price[:12]
        spans = [(0, 15)] if shape == "one" else [(first, 20) for first, _ in SPANS.values()]
    else:
        frame = frame.set_index(["unique_id", "ds"]) if shape == "long" else frame
        frames = [frame.loc[key] for key in SPANS]
        prices = pd.concat([part.price[slice(*span)] for part, span in zip(frames, SPANS.values(), strict=True)])
        spans = [(first, end + AHEAD[key]) for key, (first, end) in SPANS.items()]
    mean, deviation = prices.mean(), prices.std(ddof=0)
    codes = {"mon": 1, "tue": 2, "wed": 3, "s": 1, "m": 2}

    def at(s, row):
        if not spans[s][0] <= row < spans[s][1]:
            return [NAN, NAN, 0, 0]
        found = frames[s].loc[DAYS[row]]
        return [(found.price - mean) / deviation, found.promo, codes[found["kind"]], codes[found["size"]]]

    return at


@pytest.mark.parametrize("shape", SHAPES)
def test_gather_returns_the_rows_of_the_frame(shape):
    layout, schema, data = fit(shape)
    assert schema.cardinalities == {"past": (0,), "known": (0, 0, 4, 3), "static": ()}
    ends = layout.ends.tolist()
    series, before = np.array([(s, begin) for s in range(len(ends)) for begin in range(-12, 3)]).T
    windows = data.gather(series, before, 3, 4)
    assert windows.keys() == {"past", "known"}
    assert windows["past"].shape == (len(series), 3, 1)
    assert windows["known"].shape == (len(series), 7, 4)
    assert windows["past"].dtype == windows["known"].dtype == np.float32
    slow = slow_known(shape)
    expected = [[slow(s, ends[s] + begin + step) for step in range(7)] for s, begin in zip(series, before, strict=True)]
    np.testing.assert_allclose(windows["known"], expected, rtol=1e-5, atol=1e-6)
    rows = layout.ends[series][:, None] + before[:, None] + np.arange(3)
    inside = (rows >= layout.firsts[series][:, None]) & (rows < layout.ends[series][:, None])
    np.testing.assert_array_equal(~np.isnan(windows["past"][..., 0]), inside)


def test_past_columns_are_scaled():
    _, schema, data = fit("one")
    lag = table().lag[:12].to_numpy()
    windows = data.gather(np.array([0]), np.array([-12]), 12, 1)
    np.testing.assert_allclose(windows["past"][0, :, 0], (lag - lag.mean()) / lag.std(), rtol=1e-5)
    assert [column.label for column in schema.past] == ["lag"]


def test_the_future_of_a_past_column_is_ignored():
    frame = covariates("one")
    frame["lag"] = frame.lag.where(frame.index < DAYS[12], np.inf)
    frame["state"] = ["on", "off"] * 6 + ["new"] * 3
    _, schema, data = fit("one", frame, past=["lag", "state"])
    assert schema.cardinalities["past"] == (0, 3)
    future = data.gather(np.array([0]), np.array([-1]), 4, 1)["past"][0]
    assert np.isnan(future[1:, 0]).all()
    assert future[:, 1].tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_order_of_rows_and_columns_does_not_matter(shape):
    frame = covariates(shape)
    layout, schema, data = fit(shape)
    order = np.random.default_rng(3).permutation(len(frame))
    _, _, shuffled = fit(shape, frame.iloc[order])
    again = schema.read(layout, frame.iloc[order, ::-1], steps=4, lookback=6)
    every = np.arange(len(layout.ends))
    first = np.full(len(every), -6)
    expected = data.tail(6).gather(every, first - 2, 6, 6)
    for other in (shuffled.tail(6), again):
        for role, windows in other.gather(every, first - 2, 6, 6).items():
            np.testing.assert_array_equal(windows, expected[role])
    assert np.isnan(expected["known"][:, :2, 0]).all()  # before the lookback


def test_shared_rows_are_stored_once_and_others_by_series():
    assert len(fit("shared")[2].known.values) == 20
    assert len(fit("panel")[2].known.values) == sum(end - first for first, end in SPANS.values()) + sum(AHEAD.values())
    assert fit("shared")[2].known.values.dtype == np.float32


def test_rows_after_the_end_are_known_ahead():
    assert known_ahead(fit("one")[2]).tolist() == [3]
    assert known_ahead(fit("panel")[2]).tolist() == list(AHEAD.values())
    assert known_ahead(fit("shared")[2]).tolist() == [8, 11, 10]
    frame = covariates("one")
    frame.loc[DAYS[13], "kind"] = None
    assert known_ahead(fit("one", frame)[2]).tolist() == [1]
    assert fit("one", frame[["lag"]])[2].known is None


@pytest.mark.parametrize("shape", SHAPES)
def test_tail_keeps_the_last_rows_and_the_future(shape):
    layout, _, data = fit(shape, calendar=("dayofweek",))
    tail = data.tail(4)
    every = np.arange(len(layout.ends))
    whole = data.gather(every, np.full(len(every), -4), 4, 9)
    cut = tail.gather(every, np.full(len(every), -6), 6, 9)
    for role, lost in (("past", 2), ("known", 2)):
        np.testing.assert_array_equal(cut[role][:, lost:], whole[role])
        assert np.isnan(cut[role][:, :lost, 0]).all()
    assert len(tail.past.values) < len(data.past.values)
    assert len(tail.known.values) < len(data.known.values)


CALENDAR = ("dayofweek", "weekend")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_calendar_comes_after_the_known_columns(shape):
    layout, schema, data = fit(shape, calendar=CALENDAR)
    assert schema.calendar == CALENDAR
    assert schema.cardinalities["known"] == (0, 0, 4, 3, 0, 0, 0)
    assert len(data.calendar.values) == layout.time_axis.length + 4  # one table for all series
    every = np.arange(len(layout.ends))
    windows = data.gather(every, -layout.lengths - 1, 3, 2)["known"]
    assert np.isnan(windows[:, 0, 4:]).all()  # before the start of the series
    windows = data.gather(every, np.full(len(every), -1), 1, 4)["known"]
    weekday = (layout.ends[:, None] + np.arange(-1, 4)) % 7  # the first of the DAYS is a Monday
    np.testing.assert_allclose(windows[..., 4], np.sin(2 * np.pi * weekday / 7), atol=1e-6)
    np.testing.assert_allclose(windows[..., 5], np.cos(2 * np.pi * weekday / 7), atol=1e-6)
    np.testing.assert_array_equal(windows[..., 6], weekday >= 5)


def test_with_steps_extends_the_calendar():
    layout, schema, data = fit("panel", calendar=CALENDAR)
    every, first = np.arange(3), np.zeros(3, "int64")
    end = layout.ends.max() - layout.ends  # the table extends 4 steps beyond the longest series
    short = data.tail(2).gather(every, first, 0, 30)["known"][..., 6]
    assert np.isnan(short).argmax(axis=1).tolist() == (end + 4).tolist()
    longer = schema.with_steps(data.tail(2), layout, 30)
    windows = longer.gather(every, first - 3, 3, 30)["known"][..., 6]
    assert np.isnan(windows).sum(axis=1).tolist() == [1, 1, 1]  # before the tail
    np.testing.assert_array_equal(windows[0, 3:7], short[0, :4])
    assert schema.with_steps(data, layout, 4) is data


def test_a_calendar_without_covariates():
    _, layout = read_panel(history("one"))
    schema, data = read_covariates(layout, calendar="auto", steps=3)
    assert schema.cardinalities == {"past": (), "known": (0,) * 4, "static": ()}
    windows = data.gather(np.array([0, 0]), np.array([-12, -2]), 2, 3)
    assert windows.keys() == {"known"}
    assert windows["known"].shape == (2, 5, 4)
    assert not np.isnan(windows["known"]).any()
    other = schema.read(read_panel(history("one"))[1], steps=3, lookback=2)
    np.testing.assert_array_equal(other.gather(np.array([0]), np.array([-2]), 2, 3)["known"][0], windows["known"][1])


def test_no_covariates():
    _, layout = read_panel(history("panel"))
    schema, data = read_covariates(layout, steps=3)
    assert schema.cardinalities == {"past": (), "known": (), "static": ()}
    for some in (data, data.tail(3), schema.read(layout, steps=3, lookback=3), schema.with_steps(data, layout, 9)):
        assert some.gather(np.array([0, 1]), np.array([-3, -3]), 3, 3) == {}


def test_missing_values_in_the_history_are_nan_or_unknown():
    frame = covariates("one")
    frame.loc[DAYS[3], ["price", "kind", "lag"]] = None
    _, schema, data = fit("one", frame)
    assert schema.cardinalities["known"][2] == 4
    windows = data.gather(np.array([0]), np.array([-12]), 12, 3)
    assert np.isnan(windows["past"][0, :, 0]).nonzero()[0].tolist() == [3]
    assert np.isnan(windows["known"][0, :, 0]).nonzero()[0].tolist() == [3]
    assert windows["known"][0, 2:5, 2].tolist() == [3, 0, 2]


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("one", "`covariates` lacks 2 of 12 rows in the history of 1 of 1 series. `y` lacks the first, 2024-01-04"),
        ("panel", "`covariates` lacks 8 of 24 rows in the history of 3 of 3 series. Series 'a' of `y` .* 2024-01-04"),
        ("shared", "`covariates` lacks 5 of 24 rows in the history of 3 of 3 series. Series 'a' of `y` .* 2024-01-04"),
    ],
)
def test_missing_rows_in_the_history_warn_once(shape, message):
    frame = covariates(shape)
    stamps = frame.index.get_level_values("ds")
    frame = frame[~stamps.isin(DAYS[[3, 8]] if shape != "panel" else DAYS[[3, 7, 8]])]
    with pytest.warns(UserWarning, match=message) as caught:
        layout, _, data = fit(shape, frame)
    assert len(caught) == 1
    windows = data.gather(np.array([0]), -layout.lengths[:1], 10, 1)["known"][0]
    assert np.isnan(windows[3 - layout.firsts[0], 0])
    assert windows[3 - layout.firsts[0], 2] == 0
    assert not np.isnan(windows[4 - layout.firsts[0]]).any()


def test_the_frame_of_the_caller_is_unchanged():
    frame = covariates("panel")
    before = frame.copy(deep=True)
    layout, schema, data = fit("panel", frame)
    schema.extend(data, layout, frame)
    schema.read(layout, frame, steps=4, lookback=3)
    pd.testing.assert_frame_equal(frame, before)


def test_schema_and_covariates_can_be_copied_and_pickled():
    layout, schema, data = fit("panel", calendar=CALENDAR)
    expected = data.gather(np.array([1]), np.array([-3]), 3, 3)["known"]
    for other_schema, other in (pickle.loads(pickle.dumps((schema, data))), copy.deepcopy((schema, data))):
        np.testing.assert_array_equal(other.gather(np.array([1]), np.array([-3]), 3, 3)["known"], expected)
        again = other_schema.read(layout, covariates("panel"), steps=4, lookback=3)
        np.testing.assert_array_equal(again.gather(np.array([1]), np.array([-3]), 3, 3)["known"], expected)
