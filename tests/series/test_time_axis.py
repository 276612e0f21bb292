"""Time axes: their step is inferred, they continue in both directions, and invalid indexes are rejected."""

import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.series.panel import read_panel
from tsattn.series.time_axis import ClockGrid, DatetimeAxis, IntegerAxis, PeriodAxis, read_time_axis
from tsattn.series.time_index import Place

BERLIN = "Europe/Berlin"
UNITS = ("s", "ms", "us", "ns")


def stamps(start, periods, freq, tz=None, unit="ns"):
    """Stamps without `freq`, as after reading a file."""
    index = pd.date_range(start, periods=periods, freq=freq, tz=tz).as_unit(unit)
    return pd.DatetimeIndex(list(index), dtype=index.dtype, name="when")


def assert_same(index, other):
    """Assert equality, except for `freq`, which pandas 3.1 also compares and pandas 2.2 cannot compare."""
    assert index.equals(other), (index, other)
    assert (index.dtype, index.name, type(index)) == (other.dtype, other.name, type(other))


def assert_continues(index, freq=None):
    """Assert that the history is restored exactly and that the axis continues in both directions as in pandas."""
    axis, rows = read_time_axis(index[3:-3], freq=freq)
    assert rows.dtype == np.int64
    assert rows.tolist() == list(range(len(index) - 6))
    for start, count in ((0, len(index) - 6), (-3, len(index)), (len(index) - 6, 3), (-3, 3), (2, 0)):
        assert_same(axis.stamps(start, count), index[start + 3 : start + 3 + count])
    assert axis.positions(index, Place("other")).tolist() == list(range(-3, len(index) - 3))
    return axis


def read_series(index, freq=None):
    """Time axis of a series with these timestamps, and the rows that are not missing."""
    panel, layout = read_panel(pd.Series(1.0, index=index), freq=freq)
    return layout.time_axis, np.flatnonzero(~np.isnan(panel.values)).tolist()


STEPS = {
    "250ns": ("2024-01-01", "250ns"),
    "ms": ("2024-01-01", "ms"),
    "s": ("2024-01-01 10:00:07", "s"),
    "min": ("2024-01-01", "min"),
    "10min": ("2024-01-01 00:05", "10min"),
    "15min": ("2024-01-01", "15min"),
    "h": ("2024-01-01", "h"),
    "2h": ("2024-01-01 01:00", "2h"),
    "36h": ("2024-01-01", "36h"),
    "D": ("2024-01-01", "D"),
    "D at noon": ("2024-01-01 12:00", "D"),
    "2D": ("2024-01-01", "2D"),
    "B": ("2024-01-03", "B"),
    "W-SUN": ("2024-01-06", "W"),
    "W-SAT": ("2024-01-06", "W-SAT"),
    "2W-WED": ("2024-01-03", "2W-WED"),
    "MS": ("2024-01-01", "MS"),
    "ME": ("2024-01-31 18:00", "ME"),
    "2ME": ("2024-01-31", "2ME"),
    "BMS": ("2023-11-01", "BMS"),
    "BME": ("2024-01-31", "BME"),
    "QS-JAN": ("2024-01-01", "QS"),
    "QS-FEB": ("2024-02-01", "QS-FEB"),
    "QE-DEC": ("2024-03-31", "QE"),
    "QE-OCT": ("2024-01-31", "QE-JAN"),
    "BQE-DEC": ("2023-03-31", "BQE"),
    "2QS-JAN": ("2024-01-01", "2QS"),
    "YS-JAN": ("1990-01-01", "YS"),
    "YE-JUN": ("1990-06-30", "YE-JUN"),
}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("tz", [None, BERLIN])
def test_the_step_is_inferred_and_continued(name, tz):
    start, freq = STEPS[name]
    axis = assert_continues(stamps(start, 26, freq, tz))
    assert axis.freqstr == name.split(" ")[0]
    assert axis.stamps(5, 4).freqstr == axis.freqstr
    assert type(axis) is DatetimeAxis


@pytest.mark.parametrize("name", ["ms", "10min", "h", "D", "B", "2W-WED", "ME", "YS-JAN"])
@pytest.mark.parametrize("unit", UNITS)
def test_time_units_are_kept(name, unit):
    if (name, unit) != ("ms", "s"):
        start, freq = STEPS[name]
        for tz in (None, BERLIN):
            assert_continues(stamps(start, 26, freq, tz, unit))


@pytest.mark.parametrize("freq", ["15min", "h", "2h", "D", "2D", "B", "W-MON"])
@pytest.mark.parametrize("start", ["2024-03-20", "2024-10-15"])
@pytest.mark.parametrize("is_passed", [True, False])
def test_stamps_continue_across_both_clock_changes(freq, start, is_passed):
    periods = {"15min": 1500, "h": 400, "2h": 200}.get(freq, 26)
    index = stamps(start, periods, freq, BERLIN)
    assert len({stamp.utcoffset() for stamp in index}) == 2
    axis = assert_continues(index, freq if is_passed else None)
    assert pd.tseries.frequencies.to_offset(freq) == axis.step
    future = read_time_axis(index[:5], freq=freq)[0].stamps(5, periods - 5)  # the clock change is in the future
    assert_same(future, index[5:])


def test_24_absolute_hours_are_not_a_day():
    axis = assert_continues(stamps("2024-03-20", 26, "24h", BERLIN))
    assert axis.freqstr == "24h"


def test_local_times_that_do_not_exist_or_are_ambiguous():
    wall = pd.date_range("2024-04-22", periods=8, freq="D")
    cairo = wall.tz_localize("Africa/Cairo", nonexistent="shift_forward")  # no midnight on 26 April
    axis, rows = read_time_axis(cairo, freq="D")
    assert rows.tolist() == list(range(8))
    assert_same(axis.stamps(0, 8), cairo)
    assert axis.positions(cairo[4:5], Place("x")).tolist() == [4]
    berlin = stamps("2024-03-28 02:30", 3, "D", BERLIN)
    future = read_time_axis(berlin)[0].stamps(3, 2)
    assert [str(stamp) for stamp in future] == ["2024-03-31 03:00:00+02:00", "2024-04-01 02:30:00+02:00"]
    berlin = stamps("2024-10-24 02:30", 3, "D", BERLIN)
    assert str(read_time_axis(berlin)[0].stamps(3, 1)[0]) == "2024-10-27 02:30:00+02:00"


@pytest.mark.parametrize("fold", [True, False])
def test_one_fold_of_a_daily_time_is_accepted_but_not_both(fold):
    wall = pd.date_range("2024-10-25 02:30", periods=5, freq="D")
    index = wall.tz_localize(BERLIN, ambiguous=np.full(5, fold))
    assert read_time_axis(index)[1].tolist() == [0, 1, 2, 3, 4]
    both = index.append(wall.tz_localize(BERLIN, ambiguous=np.full(5, not fold))[2:3])
    with pytest.raises(ValueError, match="duplicate timestamp"):
        read_series(both, freq="D")


@pytest.mark.parametrize(
    ("index", "freqstr"),
    [
        (pd.date_range("2024-01-01", periods=5, freq="B"), "D"),  # Monday to Friday
        (pd.date_range("2024-01-01", periods=12, freq="B"), "B"),
        (pd.date_range("2024-01-01", periods=28, freq="D"), "D"),
        (pd.DatetimeIndex(["2023-01-01", "2023-02-01", "2023-03-01"]), "MS"),
        (pd.DatetimeIndex(["2024-07-01", "2024-08-01", "2024-09-01"]), "MS"),  # 31 days each
        (pd.DatetimeIndex(["2021-01-01", "2022-01-01", "2023-01-01"]), "YS-JAN"),  # 365 days each
        (pd.DatetimeIndex(["2021-02-28", "2022-02-28", "2023-02-28"]), "YE-FEB"),
        (pd.date_range("2024-01-05", periods=3, freq="7D"), "W-FRI"),
        (pd.date_range("2024-01-05", periods=3, freq="14D"), "2W-FRI"),
    ],
)
def test_the_most_specific_step_is_inferred(index, freqstr):
    assert read_time_axis(pd.DatetimeIndex(list(index)))[0].freqstr == freqstr


@pytest.mark.parametrize("name", ["10min", "h", "D", "B", "W-SAT", "MS", "ME", "QE-DEC"])
def test_missing_stamps_are_filled_in_with_one_warning(name):
    start, freq = STEPS[name]
    index = stamps(start, 30, freq)
    with pytest.warns(UserWarning, match="lacks 2 of 30 timestamps, the first is " + str(index[7])) as caught:
        axis, rows = read_series(index.delete([7, 20]))
    assert len(caught) == 1
    assert rows == [row for row in range(30) if row not in (7, 20)]
    assert_same(axis.stamps(0, axis.length), index)


def test_business_days_with_a_holiday_are_inferred():
    index = stamps("2024-01-01", 60, "B").delete([20])
    with pytest.warns(UserWarning, match="lacks 1 of 60"):
        assert read_series(index)[0].freqstr == "B"


def test_a_skipped_hour_hints_at_the_clock_change():
    local = stamps("2024-03-30", 72, "h", BERLIN).tz_localize(None)
    with pytest.warns(UserWarning, match="tz_localize"):
        read_series(local)
    with pytest.warns(UserWarning, match="lacks 2 of") as caught:
        read_series(stamps("2024-03-30", 72, "h").delete([5, 6]))
    assert "tz_localize" not in str(caught[0].message)


INTEGERS = [
    (pd.Index(range(5, 14), dtype="int64"), 1),
    (pd.Index(range(10, 37, 3), dtype="int32", name="t"), 3),
    (pd.Index(range(-4, 14, 2), dtype="int16"), 2),
    (pd.Index(range(4, 13), dtype="uint8"), 1),
    (pd.Index(range(4, 13), dtype="Int64"), 1),
    (pd.RangeIndex(9), 1),
    (pd.RangeIndex(100, 190, 10, name="t"), 10),
]


@pytest.mark.parametrize(("index", "step"), INTEGERS)
def test_integers_continue_with_their_step(index, step):
    axis = assert_continues(index)
    assert type(axis) is IntegerAxis
    assert axis.step == step
    assert axis.freqstr == f"step of {step}"
    backwards, rows = read_time_axis(index[::-1])
    assert rows.tolist() == [8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert backwards.step == step


@pytest.mark.parametrize(
    ("index", "freq", "step"), [(pd.Index([7]), None, 1), (pd.RangeIndex(7, 8, 3), None, 3), (pd.Index([7]), 4, 4)]
)
def test_the_step_of_one_integer(index, freq, step):
    axis, _ = read_time_axis(index, freq=freq)
    assert axis.stamps(1, 2).tolist() == [7 + step, 7 + 2 * step]


def test_missing_integers_are_filled_in():
    with pytest.warns(UserWarning, match="lacks 1 of 5 timestamps, the first is 4"):
        axis, rows = read_series(pd.Index([0, 2, 6, 8]))
    assert rows == [0, 1, 3, 4]
    assert axis.stamps(5, 1).tolist() == [10]
    with pytest.warns(UserWarning, match="lacks 5 of 10"):
        assert read_series(pd.Index([0, 2, 4, 6, 9]), freq=1)[0].length == 10


@pytest.mark.parametrize("freq", ["min", "h", "D", "W-SUN", "W-SAT", "M", "2M", "Q-DEC", "Q-JAN", "Y-DEC"])
def test_periods_continue(freq):
    index = pd.period_range("2020-02", periods=20, freq=freq, name="when")
    axis = assert_continues(index)
    assert type(axis) is PeriodAxis
    assert axis.freqstr == freq
    assert_continues(index, freq)
    with pytest.warns(UserWarning, match="lacks 1 of 20"):
        assert read_series(index.delete(4)[::-1])[0] == read_time_axis(index)[0]


TEXTS = ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("dtype", [object, "str", "string"])
def test_iso_text_is_restored_in_its_format(text, dtype):
    index = pd.date_range("2024-01-01", periods=20, freq="MS").strftime(text).astype(dtype).rename("when")
    assert assert_continues(index).freqstr == "MS"
    assert read_time_axis(index)[0].positions(pd.DatetimeIndex(["2024-02-01"]), Place("x")).tolist() == [1]


@pytest.mark.parametrize(
    ("index", "freq"),
    [
        (pd.bdate_range("2024-12-16", periods=26, freq="C", holidays=["2024-12-25", "2025-01-01"]), None),
        (pd.DatetimeIndex([f"{year}-{month:02}-15" for year in (2023, 2024) for month in range(1, 13)]), "15th"),
        (pd.date_range("2024-01-01", periods=26, freq="SMS"), "SMS"),
    ],
)
def test_other_offsets_are_passed_as_freq(index, freq):
    freq = pd.DateOffset(months=1) if freq == "15th" else freq or index.freq
    assert_continues(pd.DatetimeIndex(list(index)), freq)


@pytest.mark.parametrize(
    "index",
    [
        pd.date_range("2024-03-30 20:00", periods=12, freq="h", tz=BERLIN),
        pd.date_range("2024-01-31", periods=12, freq="ME"),
        pd.period_range("2024-01", periods=12, freq="M"),
        pd.RangeIndex(0, 24, 2),
        pd.Index(range(5, 17), dtype="int8"),
        pd.date_range("2024-01-01", periods=12).strftime("%Y-%m-%d"),
    ],
)
def test_at_returns_stamps_of_rows_in_any_order(index):
    axis, _ = read_time_axis(index[:8].rename("when"))
    stamps = axis.at(np.array([9, 0, 3, 3, 11]))
    assert stamps.tolist() == index[[9, 0, 3, 3, 11]].tolist()
    assert (stamps.dtype, stamps.name) == (index.dtype, "when")


def test_months_from_the_31st_do_not_drift():
    axis, _ = read_time_axis(pd.DatetimeIndex(["2024-01-31"]), freq=pd.DateOffset(months=1))
    assert axis.stamps(1, 3).strftime("%m-%d").tolist() == ["02-29", "03-31", "04-30"]
    assert axis.positions(pd.DatetimeIndex(["2024-03-31", "2023-12-31"]), Place("x")).tolist() == [2, -1]


@pytest.mark.parametrize(("day", "months"), [(29, 1), (30, 1), (31, 1), (31, 3)])
def test_a_history_from_the_end_of_a_short_month_continues_the_steps(day, months):
    step = pd.DateOffset(months=months)
    index = pd.DatetimeIndex([pd.Timestamp(f"2021-01-{day}") + number * step for number in range(30)])
    axis, _ = read_time_axis(index, freq=step)
    for start in range(1, 20):
        for like in (axis, None):
            later, rows = read_time_axis(index[start:-1], freq=step, like=like)
            assert rows.tolist() == list(range(29 - start))
            assert later.stamps(29 - start, 1)[0] == index[-1]
            assert later.season_length == 12 // months


@pytest.mark.parametrize("far", ["1680-01-01", "2260-12-01"])
def test_far_stamps_are_in_the_range_of_nanoseconds(far):
    axis, _ = read_time_axis(stamps("2024-01-01", 5, "MS"))
    row = axis.positions(pd.DatetimeIndex([far]), Place("x"))[0]
    assert axis.stamps(row, 1)[0] == pd.Timestamp(far)


@pytest.mark.parametrize("freq", ["D", "MS", "YS"])
def test_three_centuries_in_nanoseconds(freq):
    assert_continues(pd.date_range("1700-01-01", "2024-01-01", freq=freq, unit="ns"))


def test_a_timedelta_of_days_is_a_day():
    index = stamps("2024-03-29", 5, "D", BERLIN)
    assert read_time_axis(index, freq=datetime.timedelta(days=1))[0].freqstr == "D"


def test_the_freq_of_the_index_is_used_if_it_holds():
    index = pd.date_range("2024-01-01", periods=2, freq="2h")
    assert read_time_axis(index)[0].freqstr == "2h"
    assert read_time_axis(pd.date_range("2024-01-01", periods=5, freq="h")[::-1])[0].freqstr == "h"
    utc = pd.date_range("2024-03-25 12:00", periods=10, freq="D", tz="UTC").tz_convert(BERLIN)
    assert read_time_axis(utc)[0].freqstr == "24h"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *[("H", "h"), ("T", "min"), ("M", "ME"), ("Q", "QE"), ("A", "YE"), ("Y", "YE"), ("S", "s"), ("L", "ms")],
        *[("3H", "3h"), ("Q-DEC", "QE-DEC"), ("A-JUN", "YE-JUN"), ("15T", "15min"), ("BM", "BME"), ("d", "D")],
    ],
)
def test_deprecated_aliases_are_refused_with_the_new_one(old, new):
    with pytest.raises(ValueError, match=f"`freq` is {old!r}, a deprecated pandas alias. Use `freq={new!r}`"):
        read_time_axis(pd.date_range("2024-01-01", periods=5), freq=old)


DAYS = pd.date_range("2024-01-01", periods=5)
HOURS = pd.date_range("2024-01-01", periods=5, freq="h")
IRREGULAR = pd.DatetimeIndex(["2024-01-01", "2024-01-02 05:00", "2024-01-09 11:13", "2024-02-01"])
MONTHS = pd.period_range("2024-01", periods=5, freq="M")
REFUSED = [
    (DAYS[:0], None, ValueError, "`y` is empty"),
    (DAYS.append(DAYS[1:3]), None, ValueError, "2 duplicate timestamp.s.: 2024-01-02 00:00:00, 2024-01-03"),
    (HOURS.append(HOURS[1:2]), None, ValueError, "ambiguous="),
    (pd.Index([1, 2, 2]), None, ValueError, "1 duplicate timestamp.s.: 2"),
    (MONTHS.append(MONTHS[:1]), None, ValueError, "1 duplicate timestamp.s.: 2024-01"),
    (DAYS.insert(2, pd.NaT), None, ValueError, "missing timestamp .* row 2"),
    (pd.Index(["2024-01-01", None]), None, ValueError, "missing timestamp .* row 1"),
    (pd.Index([1, None], dtype="Int64"), None, ValueError, "missing timestamp .* row 1"),
    (pd.PeriodIndex(["2024-01", None], freq="M"), None, ValueError, "missing timestamp .* row 1"),
    (IRREGULAR, None, ValueError, "4 timestamp.* Pass the step, for example `freq='D'`"),
    (pd.DatetimeIndex(["2024-01-01", "2024-01-02"]), None, ValueError, "2 timestamp.* requires at least 3 timestamps"),
    (pd.DatetimeIndex(["2024-01-15", "2024-02-15", "2024-03-15", "2024-04-15"]), None, ValueError, "`freq='D'`"),
    (pd.Index([2**63, 2**63 + 1], dtype="uint64"), None, ValueError, "does not fit into int64"),
    (
        pd.Index([-(2**63), 0, 2**63 - 1]),
        None,
        ValueError,
        "spans 18446744073709551616 positions .* more than half of them missing",
    ),
    (
        pd.Index([1 - 2**63, 0, 2**63 - 1]),
        None,
        ValueError,
        "too far apart to be counted in steps",
    ),
    (pd.Index([-(2**63), 2**63 - 1]), 1, ValueError, "too far apart to be counted in steps"),
    (pd.Index([0, 1, 2, 50]), None, ValueError, "spans 51 positions in steps of 1, more than half of them missing"),
    (DAYS, "MS", ValueError, "2024-01-02 00:00:00, which is not on the grid of 'MS' steps"),
    (DAYS[1:], "MS", ValueError, "2024-01-02 00:00:00, which is not on the grid of 'MS' steps"),
    (DAYS, "2D", ValueError, "2024-01-02 00:00:00, which is not on the grid of '2D' steps"),
    (DAYS, "fortnight", ValueError, "'fortnight', which pandas cannot parse"),
    (DAYS, 3, ValueError, "`freq` is 3, which pandas cannot parse"),
    (DAYS, "-1D", ValueError, "which is not positive"),
    (DAYS, "0h", ValueError, "which is not positive"),
    (HOURS, pd.DateOffset(hours=1), ValueError, "shorter than a day"),
    (HOURS, pd.DateOffset(hour=5), ValueError, "which has no length. Add a length"),
    (HOURS.as_unit("s"), "500ms", ValueError, "cannot hold steps of '500ms'"),
    (MONTHS, "D", ValueError, "the index has periods of 'M'"),
    (MONTHS, "H", ValueError, "`freq='h'`"),
    (pd.Index([0, 2]), 3, ValueError, "2, which is not on the grid of 'step of 3' steps"),
    (pd.Index([0, 2]), "D", ValueError, "must be an integer of at least 1"),
    (pd.Index([0, 2]), 0, ValueError, "must be an integer of at least 1"),
    (pd.Index([0, 2]), True, ValueError, "must be an integer of at least 1"),
    (pd.Index([0.0, 1.0]), None, TypeError, "astype.'int64'"),
    (pd.Index([True, False]), None, TypeError, "booleans as times"),
    (pd.MultiIndex.from_product([["a"], DAYS]), None, TypeError, "panels .series, time. are not supported"),
    (pd.CategoricalIndex(["2024-01-01", "2024-01-02"]), None, TypeError, "categories as times"),
    (pd.to_timedelta([1, 2], unit="h"), None, TypeError, "durations as times"),
    (pd.Index(["a", "b", "c"]), None, ValueError, "'a' .* ISO dates"),
    (pd.Index(["01/02/2024", "01/03/2024"]), None, ValueError, "pd.to_datetime"),
    (
        pd.Index(["2024-01-01", "2024-1-2", "2024-01-03"]),
        None,
        ValueError,
        "'2024-1-2' .* only ISO dates .* in one format",
    ),
    (pd.Index(["2024-01-01", "2024-01-02 00:00"]), None, ValueError, "'2024-01-02 00:00'"),
    (pd.Index(["2024-01-01", "2024-02-30"]), None, ValueError, "'2024-02-30'"),
]


@pytest.mark.parametrize(("index", "freq", "error", "message"), REFUSED)
def test_invalid_indexes_are_refused(index, freq, error, message):
    with pytest.raises(error, match=message):
        read_time_axis(index, freq=freq)


@pytest.mark.parametrize("unit", UNITS)
def test_positions_of_stamps_in_other_units_and_zones(unit):
    axis, _ = read_time_axis(stamps("2024-03-30", 48, "h", BERLIN))
    other = pd.DatetimeIndex(["2024-03-31 05:00", "2024-03-29 22:00"], tz="UTC").as_unit(unit)
    assert axis.positions(other, Place("covariates")).tolist() == [30, -1]


@pytest.mark.parametrize(
    ("index", "other", "error", "message"),
    [
        (DAYS, DAYS[:2].append(DAYS[3:] + pd.Timedelta("1h")), ValueError, "`x` has the timestamp 2024-01-04 01:00:00"),
        (DAYS, DAYS.tz_localize("UTC"), ValueError, "`x` has a time zone, .* `.tz_convert.None.`"),
        (DAYS.tz_localize("UTC"), DAYS, ValueError, "`x` has no time zone, .* `.tz_localize.'UTC'.`"),
        (DAYS, pd.RangeIndex(5), TypeError, "integer timestamps, but datetime timestamps are expected"),
        (DAYS, MONTHS, TypeError, "period timestamps"),
        (MONTHS, pd.period_range("2024", periods=4, freq="D"), ValueError, "periods of 'D', but 'M' is expected"),
        (pd.RangeIndex(0, 10, 2), pd.Index([4, 5]), ValueError, "`x` has the timestamp 5"),
    ],
)
def test_stamps_of_another_kind_are_refused(index, other, error, message):
    axis, _ = read_time_axis(index)
    for read in (axis.positions, lambda stamps, name: read_time_axis(stamps, like=axis, place=name)):
        with pytest.raises(error, match=message):
            read(other, Place("x"))


@pytest.mark.parametrize(
    ("index", "other"),
    [
        (DAYS, DAYS[4:5] + pd.Timedelta("1h")),
        (HOURS.tz_localize(BERLIN), pd.DatetimeIndex(["2025-07-01 00:30"], tz="UTC").as_unit("s")),
        (pd.date_range("2024", periods=5, freq="2W"), pd.DatetimeIndex(["2024-02-11"], name="later")),
        (pd.date_range("2024", periods=5, freq="ME"), pd.DatetimeIndex(["2024-02-29", "2024-03-31"])),
        (MONTHS, pd.PeriodIndex(["2030-01"], freq="M")),
        (pd.RangeIndex(0, 10, 2), pd.Index([41])),
        (pd.Index(["2024-01-01", "2024-02-01", "2024-03-01"]), pd.Index(["2025-01-01"])),
    ],
)
def test_another_history_keeps_the_step(index, other):
    fitted, _ = read_time_axis(index)
    axis, rows = read_time_axis(other, like=fitted)
    assert axis.step == fitted.step
    assert rows.tolist() == list(range(len(other)))
    assert axis.stamps(0, len(other)).equals(other)
    assert axis.stamps(0, 1).name == other.name


def test_integers_that_overflow_their_dtype_are_refused():
    axis, _ = read_time_axis(pd.Index([120, 121, 122], dtype="int8"))
    with pytest.raises(ValueError, match="int8"):
        axis.stamps(3, 10)


def test_the_error_names_the_series_by_a_function():
    odd = DAYS[:2].append(DAYS[2:] + pd.Timedelta("1h"))
    with pytest.raises(
        ValueError,
        match=r"number 2 has the timestamp 2024-01-03 01:00:00.* starts at 2024-01-01 "
        r"00:00:00",
    ):
        read_time_axis(odd, freq="D", describe=lambda position: f"number {position}")
    axis, _ = read_time_axis(DAYS)
    stamps = DAYS[[0]].append(DAYS[[0]] + pd.Timedelta("193h"))
    for read in (axis.positions, lambda *args: read_time_axis(args[0], like=axis, place=args[1], describe=args[2])):
        with pytest.raises(ValueError, match="number 1 has the timestamp 2024-01-09 01:00:00"):
            read(stamps, Place("x"), lambda position: f"number {position}")


GRIDS = st.tuples(
    st.sampled_from(list(STEPS)),
    st.sampled_from([None, "UTC", BERLIN, "America/New_York", "Australia/Lord_Howe"]),
    st.sampled_from(UNITS[1:]),
    st.integers(8, 60),
)


@settings(deadline=None, max_examples=60)
@given(GRIDS, st.randoms(use_true_random=False))
def test_any_stamps_in_any_order_with_a_gap(grid, random):
    name, tz, unit, periods = grid
    unit = "ns" if name == "250ns" else unit
    start, freq = STEPS[name]
    index = stamps(start, periods, freq, tz, unit)
    axis, _ = read_time_axis(index)
    assert_same(axis.stamps(0, periods), index)

    order = random.sample(range(periods), periods)
    shuffled, rows = read_time_axis(index[order])
    assert shuffled == axis
    assert rows.tolist() == order

    inner = random.randrange(1, periods - 1)
    with pytest.warns(UserWarning, match="lacks 1 of"):
        gapped, _ = read_series(index.delete(inner), freq=axis.step)
    assert gapped == axis


@settings(deadline=None, max_examples=60)
@given(GRIDS, st.integers(-100, 100), st.integers(1, 50))
def test_positions_are_the_inverse_of_stamps(grid, start, count):
    name, tz, unit, _ = grid
    unit = "ns" if name == "250ns" else unit
    begin, freq = STEPS[name]
    axis, _ = read_time_axis(stamps(begin, 8, freq, tz, unit))
    far = axis.stamps(start, count)
    assert axis.positions(far, Place("x")).tolist() == list(range(start, start + count))
    assert all(a < b for a, b in pairwise(far))


LAST, UNTIL = 2**63, pd.Timestamp("2262-04-11 20:00")
ENDS = {
    "integers": (pd.Index(range(LAST - 8, LAST - 3)), "smaller number"),
    "a range": (pd.RangeIndex(LAST - 8, LAST - 3), "smaller number"),
    "wide steps": (pd.Index(np.arange(4) * 2**61), "smaller steps"),
    "small integers": (pd.Index(range(2**15 - 8, 2**15 - 3), dtype="int16"), r"astype\('int64'\)"),
    "days": (pd.date_range(end="2262-04-08", periods=5, unit="ns"), r"as_unit\('us'\)"),
    "months": (pd.date_range(end="2262-01-01", freq="MS", periods=5, unit="ns"), r"as_unit\('us'\)"),
    "hours of a zone": (pd.date_range(end=UNTIL, freq="h", periods=5, unit="ns", tz=BERLIN), r"as_unit\('us'\)"),
    "nanoseconds": (pd.date_range(end="2262-04-11 23:47:16.854775804", freq="ns", periods=5, unit="ns"), "as_unit"),
}


@pytest.mark.parametrize(("index", "advice"), ENDS.values(), ids=ENDS)
def test_stamps_out_of_the_range_of_the_index_are_refused(index, advice):
    """Otherwise pandas and NumPy can overflow silently."""
    axis, _ = read_time_axis(index)
    assert axis.stamps(0, len(index)).equals(index)
    with pytest.raises(ValueError, match=advice):
        axis.stamps(len(index), 6)


def test_a_range_continues_to_the_last_integer():
    axis, _ = read_time_axis(pd.RangeIndex(LAST - 8, LAST - 3))
    assert axis.stamps(5, 3).equals(pd.RangeIndex(LAST - 3, LAST))


@pytest.mark.parametrize("step", [pd.offsets.MonthEnd(), pd.DateOffset(months=1)], ids=["month end", "a month"])
def test_cached_times_keep_their_unit(step):
    """The cache distinguishes grids whose first times are equal but have different units."""
    for unit in ("s", "ns", "s"):
        grid = ClockGrid(np.datetime64("2020-01-31", unit), step)
        times = grid.at(np.array([2, 0, 1]))
        assert times.dtype == f"datetime64[{unit}]"
        assert times.astype("datetime64[D]").astype(str).tolist() == ["2020-03-31", "2020-01-31", "2020-02-29"]
        times[:] = 0  # the result is a copy of the cached times
