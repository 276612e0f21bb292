"""Which indexes can be a time axis: sort them into kinds, refuse the rest with a cure."""

import functools
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pandas import offsets
from pandas.api import types

from tsattn.series.frequency import datetime_step, step_of

# Text is read only in these layouts, all rows in one of them, so that it can be written back letter by letter.
TEXT_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m",
)
KINDS = "a DatetimeIndex, a PeriodIndex, an integer index or ISO date strings"
MISSING = "`{name}` has a missing {what} (NaN, NaT or None) in {place}, in row {row}. Drop or repair that row."


def typed_index(index, name):
    """Checks the index of the argument `name` and gives its kind.

    Returns:
        `(kind, index, text)`: kind is "datetime", "period" or "integer"; the index has that type (ISO text
        becomes a DatetimeIndex); text is the `strftime` layout of ISO text, else None.

    Raises:
        TypeError: an index that is no time axis. ValueError: empty, missing stamps, text that is not ISO.
    """
    refuse_empty(index, name)
    text = None
    if types.infer_dtype(index, skipna=True) == "string" and not isinstance(index.dtype, pd.CategoricalDtype):
        _refuse_missing(index, name)
        index, text = _from_text(index, name)
    kind = _kind(index, name)
    _refuse_missing(index, name)
    if kind == "integer" and index.max() > np.iinfo("int64").max:
        raise ValueError(f"`{name}` has the integer {index.max()} in its index, which does not fit into int64.")
    return kind, index, text


def refuse_empty(index, name):
    """ValueError where the argument `name` has no rows."""
    if len(index) == 0:
        raise ValueError(f"`{name}` is empty: it has no rows. Pass at least one.")


def refuse_repeated(stamps, where):
    """ValueError with the first few of these stamps, if any, which come more than once in what `where` names."""
    if len(stamps) == 0:
        return
    shown = ", ".join(str(stamp) for stamp in stamps[:3]) + (", ..." if len(stamps) > 3 else "")
    message = f"{where} has {len(stamps)} stamp(s) that come more than once: {shown}. Keep one row for each stamp"
    if isinstance(stamps, pd.DatetimeIndex) and stamps.tz is None and (stamps != stamps.normalize()).any():
        message += (
            "; if the clock was put back there (daylight saving), "
            "tell the two hours apart with `y.tz_localize(zone, ambiguous=...)`"
        )
    raise ValueError(message + ".")


def _refuse_missing(index, name):
    missing = index.isna()
    if missing.any():
        raise ValueError(MISSING.format(name=name, what="stamp", place="its index", row=missing.argmax()))


def _kind(index, name):
    if isinstance(index, pd.DatetimeIndex):
        return "datetime"
    if isinstance(index, pd.PeriodIndex):
        return "period"
    if types.is_integer_dtype(index.dtype):
        return "integer"
    raise TypeError(f"`{name}` has {_wrong(index)} The index must be {KINDS}.")


def _wrong(index):
    if isinstance(index, pd.MultiIndex):
        return "a MultiIndex; panels (series, time) are not handled here: pass one series, `y.xs(key, level=0)`."
    if isinstance(index, pd.CategoricalIndex):
        return "a categorical index. Convert it: `y.index = pd.to_datetime(y.index.astype(str))`."
    if types.is_bool_dtype(index.dtype):
        return "a boolean index, which is no time axis. Use `y.reset_index(drop=True)` to count the steps instead."
    if types.is_float_dtype(index.dtype):
        return "a float index. If the stamps are whole numbers: `y.index = y.index.astype('int64')`."
    if types.is_timedelta64_dtype(index.dtype):
        return "a timedelta index. Add a date to it: `y.index = pd.Timestamp('2000-01-01') + y.index`."
    return f"an index of dtype {index.dtype}. Convert it: `y.index = pd.to_datetime(y.index)`."


def _from_text(index, name):
    layout = next((layout for layout in TEXT_FORMATS if _fits(index[:1], layout).all()), None)
    fits = _fits(index, layout) if layout else [False]
    if not all(fits):
        stamp = index[list(fits).index(False)]
        wanted = f"like {index[0]!r}" if layout else "ISO dates such as '2024-01-31' or '2024-01-31 13:00'"
        raise ValueError(
            f"`{name}` has the text {stamp!r} in its index, but all stamps must be {wanted}. Convert the index, and "
            "say how it is written: `y.index = pd.to_datetime(y.index, format='%d/%m/%Y')`."
        )
    return _parsed(index, layout).as_unit("s"), layout


def _parsed(index, layout):
    return pd.DatetimeIndex(pd.to_datetime(index, format=layout, errors="coerce"))


def _fits(index, layout):
    # Written back and compared, because parsers forgive what could not be restored ("2024-1-1").
    return (_parsed(index, layout).strftime(layout) == index.astype(object)) & ~index.isna()


INT64 = np.iinfo("int64")


@dataclass(frozen=True)
class OrdinalGrid:
    """Whole numbers `first + row * step`: integers, and the ordinals of periods."""

    first: int
    step: int

    def at(self, rows):
        _refuse_overflow(self.first, self.step, rows)
        return self.first + rows * self.step

    def floor(self, numbers):
        """The last row that is not after each of the numbers."""
        _refuse_overflow(-self.first, 1, numbers)
        return (numbers - self.first) // self.step


@dataclass(frozen=True)
class ClockGrid:
    """Times `first + row * step` on one running clock, as `datetime64` of the unit of `first`."""

    first: np.datetime64
    step: pd.offsets.BaseOffset

    def at(self, rows):
        """The times of an int64 array of rows, in any order, before and after the first."""
        if self._fixed is not None:
            one = self._fixed.astype(f"timedelta64[{np.datetime_data(self.first.dtype)[0]}]")
            _refuse_overflow(int(self.first.astype("int64")), int(one.astype("int64")), rows)
            return self.first + rows * self._fixed
        if len(rows) == 0:
            return np.empty(0, self.first.dtype)
        start, stop = int(rows.min()), int(rows.max()) + 1
        return self._calendar(start, stop)[rows - start]

    def floor(self, times):
        """The last row that is not after each of the times."""
        times = times.astype(self.first.dtype)
        if self._fixed is not None:
            # "long long" here, the other C type of 64 bits, with which `ufunc.at` is 20 times slower
            return ((times - self.first) // self._fixed).astype("int64")
        start, stop = self._reach(times.min(), -1), self._reach(times.max(), 1)
        return start + np.searchsorted(self._calendar(start, stop + 1), times, side="right") - 1

    @property
    def _fixed(self):
        """The step as a `timedelta64` where all steps are equally long, else None."""
        if isinstance(self.step, offsets.Day):
            return np.timedelta64(self.step.n, "D")
        if not isinstance(self.step, offsets.Tick):
            return None
        length = np.timedelta64(self.step.nanos, "ns")
        unit, _ = np.datetime_data(self.first.dtype)
        kept = length.astype(f"timedelta64[{unit}]")
        if kept != length:
            raise ValueError(
                f"Stamps stored in the unit {unit!r} cannot hold steps of {self.step.freqstr!r}. "
                "Convert the index with `y.index = y.index.as_unit('ns')`."
            )
        return kept

    def _reach(self, time, direction):
        """A row at or beyond the time, in steps of the average pace from row 0 on."""
        pace = (self._time(8) - self._time(0)) / 8
        row = 0
        while (left := direction * (time - self._time(row))) > np.timedelta64(0):
            row += direction * (int(left // pace) + 1)
        return row

    def _time(self, row):
        return self._calendar(row, row + 1)[0]

    def _calendar(self, start, stop):
        unit, _ = np.datetime_data(self.first.dtype)  # equal times of two units are equal keys
        return _calendar(self.first, unit, self.step, start, stop)


def _refuse_overflow(first, step, rows):
    """An OverflowError where `first + row * step` is no int64 for any of the rows, which NumPy would not say."""
    for row in (int(rows.min()), int(rows.max())) if len(rows) else ():
        if not INT64.min <= first + row * step <= INT64.max:
            raise OverflowError(f"{first} + {row} x {step} does not fit into int64.")


@functools.lru_cache(maxsize=64)
def _calendar(first, unit, step, start, stop):
    """The times of some rows of a `ClockGrid`. pandas makes them one by one, and a forecast asks for the same again."""
    start_of_all = pd.Timestamp(first)
    if type(step) is offsets.DateOffset:
        # Stepping on from the 31st would stay at the 28th after February; n steps at once do not.
        times = np.array([(start_of_all + row * step).to_datetime64() for row in range(start, stop)], dtype=first.dtype)
    else:
        begin = start_of_all + start * step if start else start_of_all  # not every offset can be 0 times itself
        times = pd.date_range(begin, periods=stop - start, freq=step, unit=unit).to_numpy(copy=True)
    times.flags.writeable = False
    return times


COARSER = "Store the stamps in a coarser unit: `y.index = y.index.as_unit('us')`."
SMALLER = "Let the index of `y` begin at a smaller number, or count in smaller steps."


@dataclass(frozen=True)
class Timeline:
    """A grid of `length` stamps, `step` apart, that starts at `first`, and goes on both ways without end.

    Steps within a day run in absolute time, steps of days and longer in the local time of the time zone. Where
    that local time does not exist the stamp is the first one after the gap; where it comes twice, the earlier one.

    Args:
        kind: "datetime", "period" or "integer".
        first: the stamp of row 0, a `Timestamp`, a `Period` or an int.
        step: a pandas offset, or an int for integers.
        length: number of rows of the history.
        dtype: dtype of the caller's index.
        name: name of the caller's index.
        text: `strftime` layout where the caller's index is ISO text, else None.
        ranged: the caller's index is a `RangeIndex`.
    """

    kind: str
    first: pd.Timestamp | pd.Period | int
    step: pd.offsets.BaseOffset | int
    length: int
    dtype: object
    name: Hashable = None
    text: str | None = None
    ranged: bool = False

    def __post_init__(self):
        if self.kind == "datetime":
            datetime_step(self.step)
        elif (self.step if self.kind == "integer" else self.step.n) < 1:
            raise ValueError(f"The step of a time line must go forward, but is {self.step!r}.")

    @classmethod
    def read(cls, index, *, freq=None, name="y", longest=None, whose=None):
        """Reads the grid off the stamps of one series, in any order, or off the distinct stamps of many.

        Args:
            index: any pandas Index.
            freq: the step (alias, offset, or int for integers); None takes the index's own or infers it.
            name: the argument that error messages name.
            longest: for many series, a function that gives the places in `index` of the stamps of the series from
                which the step is inferred first; where that fails it is inferred from all stamps.
            whose: a function from a place in `index` to the words for the series that has this stamp.

        Returns:
            `(Timeline, rows)`; rows is int64 of shape (len(index),), in 0..length-1.

        Raises:
            TypeError: the index is no time axis. ValueError: empty, duplicates, missing stamps, a step that
                cannot be decided, a `freq` that is unknown or that the stamps do not follow.
        """
        kind, typed, text = typed_index(index, name)
        refuse_repeated(typed[typed.duplicated()].unique(), f"`{name}`")
        step = step_of(kind, typed, freq, name, longest)
        ranged = isinstance(index, pd.RangeIndex)
        first = int(typed.min()) if kind == "integer" else typed.min()
        timeline = cls(kind, first, step, 1, index.dtype, index.name, text, ranged)
        rows = timeline._rows(typed, name, whose)
        return replace(timeline, length=int(rows.max()) + 1), rows

    @property
    def freqstr(self):
        """The step in today's words: "h", "W-SAT", "MS", or "step of 2" for integers."""
        if self.kind == "integer":
            return f"step of {self.step}"
        return self.first.freqstr if self.kind == "period" else self.step.freqstr

    def stamps(self, start, count):
        """The stamps of the rows [start, start + count): a pandas Index like the caller's, of shape (count,).

        `start` may be negative (before the history) or `length` and more (the future).
        """
        if self.ranged:
            begin = int(self._stamped(np.array([start, start + max(count, 1) - 1]))[0])
            return pd.RangeIndex(begin, begin + count * self.step, self.step, name=self.name)
        index = self.at(np.arange(start, start + count, dtype="int64"))
        return _with_freq(index, self.step) if isinstance(index, pd.DatetimeIndex) else index

    def at(self, rows):
        """The stamps of an int64 array of rows, in any order: a pandas Index of shape (len(rows),)."""
        index = self._stamped(rows).rename(self.name)
        if self.text is not None:
            return index.strftime(self.text).astype(self.dtype)
        if self.kind == "datetime":
            return index
        dressed = index.astype(self.dtype)
        if (dressed != index).any():
            raise ValueError(
                f"The stamps {index[0]} to {index[-1]} do not fit into an index of dtype {self.dtype}. "
                "Convert the index of `y`: `y.index = y.index.astype('int64')`."
            )
        return dressed

    @property
    def naive(self):
        """Whether steps within a day have no time zone, so that an hour may be lost, or come twice."""
        return self._absolute and self._tz is None

    def positions(self, index, name, whose=None):
        """The rows, int64 of shape (len(index),), of other stamps on this grid; below 0 or beyond length too.

        Raises:
            TypeError: stamps of another kind. ValueError: a stamp off the grid, or only one side has a time zone.
        """
        kind, typed, _ = typed_index(index, name)
        self._refuse_other_kind(kind, typed, name)
        return self._rows(typed, name, whose)

    def continued(self, index, name, whose=None):
        """Reads another history, one row or more, that has this grid's step: `(Timeline, rows)` like `read`.

        Raises:
            TypeError: stamps of another kind. ValueError: as `read`, and where the stamps do not follow the step.
        """
        kind, typed, _ = typed_index(index, name)
        self._refuse_other_kind(kind, typed, name)
        return Timeline.read(index, freq=self.step, name=name, whose=whose)

    @property
    def _tz(self):
        return self.first.tz if self.kind == "datetime" else None

    @property
    def _absolute(self):
        return isinstance(self.step, offsets.Tick) and not isinstance(self.step, offsets.Day)

    @property
    def _grid(self):
        if self.kind == "datetime":
            first = self._clock(self.first)
            fine = self.first.nanosecond or (self._absolute and self.step.nanos % 1000)
            if self.first.unit == "ns" and not fine:  # 300 years are too many nanoseconds for int64
                first = first.astype("datetime64[us]")
            return ClockGrid(first, self.step)
        if self.kind == "period":
            return OrdinalGrid(self.first.ordinal, self.step.n)
        return OrdinalGrid(self.first, self.step)

    def _numbers(self, index):
        """A typed index as the numbers that the grid counts in."""
        return self._clock(index) if self.kind == "datetime" else index.astype("int64").to_numpy()

    def _clock(self, times):
        """A Timestamp or DatetimeIndex as `datetime64`: in UTC for absolute steps, else in local time."""
        if self._tz is not None:
            times = times.tz_convert("UTC" if self._absolute else self._tz).tz_localize(None)
        return times.to_numpy()

    def _typed(self, numbers):
        """The numbers of the grid as an index of the kind."""
        if self.kind == "period":
            return pd.PeriodIndex.from_ordinals(numbers, freq=self.step)
        if self.kind == "integer":
            return pd.Index(numbers)
        times = pd.DatetimeIndex(numbers).as_unit(self.first.unit)
        if self._tz is None:
            return times
        if self._absolute:
            return times.tz_localize("UTC").tz_convert(self._tz)
        return times.tz_localize(self._tz, ambiguous=np.ones(len(times), bool), nonexistent="shift_forward")

    def _stamped(self, rows):
        """The stamps of rows as an index of the kind; a ValueError where there are none so far away."""
        try:
            return self._typed(self._grid.at(rows))
        except (OverflowError, pd.errors.OutOfBoundsDatetime) as problem:
            cure = COARSER if self.kind == "datetime" else SMALLER
            raise ValueError(
                f"Steps {rows.min()} to {rows.max()} of {self.freqstr!r} from {self.first} lie before the first stamp, "
                f"or beyond the last one, that an index of dtype {self.dtype} can hold. {cure}"
            ) from problem

    def _rows(self, index, name, whose):
        numbers, grid = self._numbers(index), self._grid
        try:
            rows = grid.floor(numbers)
        except (OverflowError, pd.errors.OutOfBoundsDatetime) as problem:
            raise ValueError(
                f"`{name}` has stamps from {index.min()} to {index.max()}, on a grid that starts at {self.first}, "
                "which is further apart than can be counted. Repair the stamp that is far from the others."
            ) from problem
        found = grid.at(rows)
        fits = found == numbers
        if self._tz is not None:  # a local time that does not exist was moved behind the gap
            fits = fits | np.asarray(self._typed(found) == index)
        if not fits.all():
            place = int(np.argmin(fits))
            raise ValueError(
                f"{whose(place) if whose else f'`{name}`'} has the stamp {index[place]}, which is not on the grid of "
                f"{self.freqstr!r} steps that starts at {self.first}. Repair the stamp, or use the frequency that all "
                "stamps follow, with `freq=` or by leaving it out; a fitted forecaster keeps its own."
            )
        return rows

    def _refuse_other_kind(self, kind, index, name):
        if kind != self.kind:
            raise TypeError(f"`{name}` has {kind} stamps, but {self.kind} stamps are needed, as in the history.")
        if kind == "period" and index.freq != self.step:
            raise ValueError(
                f"`{name}` has periods of {index.freqstr!r}, but {self.freqstr!r} is needed, as in the history. "
                f"Convert them with `asfreq({self.freqstr!r})`."
            )
        if kind == "datetime" and (index.tz is None) != (self._tz is None):
            came, cure = ("no time zone", "tz_localize") if index.tz is None else ("a time zone", "tz_convert")
            wanted = "none" if self._tz is None else str(self._tz)
            zone = "None" if self._tz is None else repr(str(self._tz))
            raise ValueError(f"`{name}` has {came}, but the history has {wanted}. Use `.{cure}({zone})`.")


def _with_freq(index, step):
    # pandas makes the range again to check it, and across a local time that does not exist it raises ValueError,
    # or, before pandas 3, an exception of pytz. Such an index goes without.
    with suppress(Exception):
        index.freq = step
    return index
