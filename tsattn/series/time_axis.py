"""Time axes: timestamps at a regular step, identified by row numbers, with one class for each kind of pandas index."""

import abc
import functools
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from pandas import offsets
from pandas.api import types

from tsattn.series.frequency import (
    anchored_step,
    datetime_step,
    integer_step,
    parse_offset,
    period_step,
    season_length,
)
from tsattn.series.time_index import (
    INDEX_OF_Y,
    Place,
    check_parts_of_years,
    check_unique_stamps,
    typed_index,
    write_stamps,
)

INT64 = np.iinfo("int64")
OUT_OF_RANGE = (OverflowError, pd.errors.OutOfBoundsDatetime)
MIN_ROWS = 4  # of a later history, of which two must be neighbors; fewer may be apart by accident


@dataclass(frozen=True)
class TimeAxis(abc.ABC):
    """Abstract base class: timestamps at a regular step, identified by row numbers, infinite in both directions.

    Row 0 is the first timestamp of the history; rows before it are negative.

    Args:
        first: Timestamp of row 0.
        step: Step from one row to the next.
        length: Number of rows of the history.
        dtype: Dtype of the caller's index.
        name: Name of the caller's index. Defaults to None.
    """

    first: pd.Timestamp | pd.Period | int
    step: pd.offsets.BaseOffset | int
    length: int
    dtype: object
    name: Hashable = None

    kind: ClassVar[str]  # kind of timestamps, for error messages and model files
    has_calendar: ClassVar[bool]  # whether the timestamps have a date
    out_of_range_advice: ClassVar[str]

    @property
    def tz(self):
        """Time zone of the timestamps, or None."""
        return getattr(self.first, "tz", None)

    @property
    @abc.abstractmethod
    def freqstr(self):
        """The step as text: "h", "W-SAT", "MS", or "step of 2" for integers."""

    @property
    @abc.abstractmethod
    def season_length(self):
        """Number of steps in the main seasonal cycle, 1 if there is none."""

    @abc.abstractmethod
    def stamps(self, start, count):
        """Return the timestamps of the rows `[start, start + count)`.

        Args:
            start: First row; it may be negative (before the history), or `length` or more (in the future).
            count: Number of rows.

        Returns:
            A pandas Index like the caller's, `(count,)`.
        """

    @abc.abstractmethod
    def at(self, rows):
        """Return the timestamps of int64 rows, in any order, as a pandas Index like the caller's, `(len(rows),)`."""

    @abc.abstractmethod
    def calendar_times(self, start, count):
        """Return the local times of the rows `[start, start + count)` as a DatetimeIndex without time zone."""

    @abc.abstractmethod
    def may_be_clock_change(self, steps):
        """Return whether a gap of this many steps may be the hour skipped by daylight saving."""

    def positions(self, index, place, describe=None):
        """Return the rows of other timestamps, which may lie before or after the history.

        Args:
            index: A pandas Index of the same kind.
            place: Its `Place`, for error messages.
            describe: As in `read_time_axis`.

        Returns:
            int64 `(len(index),)`.

        Raises:
            TypeError: If the timestamps are of another kind.
            ValueError: If a timestamp is between two rows, or if only one side has a time zone.
        """
        typed, _ = typed_index(index, place, integer_dates=self.has_calendar)
        self._check_index(typed, place.name)
        return self._rows(typed, place.name, describe)

    @staticmethod
    @abc.abstractmethod
    def _accepts(index):
        """Return whether a typed index is of this kind."""

    @classmethod
    @abc.abstractmethod
    def _find_step(cls, index, freq, name):
        """Return the step of a typed index; `freq` is the caller's, or None."""

    @classmethod
    @abc.abstractmethod
    def _start(cls, typed, step, index, text):
        """Return an axis of length 1 that starts at the first of the typed timestamps of the caller's index."""

    @property
    @abc.abstractmethod
    def _grid(self):
        """The numbers of the rows."""

    @abc.abstractmethod
    def _to_numbers(self, index):
        """Convert a typed index to grid numbers."""

    @abc.abstractmethod
    def _to_index(self, numbers):
        """Convert grid numbers to a typed index."""

    @abc.abstractmethod
    def _check_same_step(self, index, name):
        """Check that a typed index of this kind has the same period or time zone awareness."""

    def _check_index(self, index, name):
        if not self._accepts(index):
            kind = _class_of(index).kind
            raise TypeError(
                f"`{name}` has {kind} timestamps, but {self.kind} timestamps are expected, as in the history."
            )
        self._check_same_step(index, name)

    def _typed_stamps(self, rows):
        """Return the timestamps of rows as a typed index. Raise a ValueError if they are out of its range."""
        try:
            return self._to_index(self._grid.at(rows))
        except OUT_OF_RANGE as error:
            raise ValueError(
                f"Steps {rows.min()} to {rows.max()} of {self.freqstr!r} from {self.first} are outside the range of "
                f"an index of dtype {self.dtype}. {self.out_of_range_advice}"
            ) from error

    def _rows(self, index, name, describe):
        """Return the rows of a typed index. Raise a ValueError for a timestamp between rows."""
        numbers, grid = self._to_numbers(index), self._grid
        try:
            rows = grid.floor(numbers)
        except OUT_OF_RANGE as error:
            raise ValueError(
                f"`{name}` has timestamps from {index.min()} to {index.max()}, too far apart to be counted in steps "
                f"from {self.first}. Repair the timestamp that is far from the others."
            ) from error
        found = grid.at(rows)
        is_row = found == numbers
        if self.tz is not None:  # a nonexistent local time was shifted after the gap
            is_row = is_row | np.asarray(self._to_index(found) == index)
        if not is_row.all():
            position = int(np.argmin(is_row))
            raise ValueError(
                f"{describe(position) if describe else f'`{name}`'} has the timestamp {index[position]}, which is not "
                f"on the grid of {self.freqstr!r} steps that starts at {self.first}. Repair the timestamp, or pass to "
                "the forecaster the step that all timestamps follow as `freq=`, or omit `freq` to infer it. A fitted "
                "forecaster keeps its step; fit another one to series of another step."
            )
        return rows


@dataclass(frozen=True)
class DatetimeAxis(TimeAxis):
    """Time axis of a DatetimeIndex or of other notations of dates.

    Steps shorter than a day run in absolute time, longer ones in the local time of the time zone. A nonexistent local
    time is replaced by the first one after the gap; an ambiguous local time is the earlier one.

    Args:
        first, step, length, dtype, name: As in `TimeAxis`.
        text: Notation of the caller's index as in `typed_index`. Defaults to None.
    """

    text: str | None = None

    kind: ClassVar[str] = "datetime"
    has_calendar: ClassVar[bool] = True
    out_of_range_advice: ClassVar[str] = "Store the timestamps in a coarser unit: `y.index = y.index.as_unit('us')`."

    def __post_init__(self):
        parse_offset(self.step)  # raises an error for an invalid step in a model file

    @property
    def freqstr(self):
        return self.step.freqstr

    @property
    def season_length(self):
        return season_length(self.step)

    def stamps(self, start, count):
        index = self.at(np.arange(start, start + count, dtype="int64"))
        return _with_freq(index, self.step) if isinstance(index, pd.DatetimeIndex) else index

    def at(self, rows):
        return write_stamps(self._typed_stamps(rows).rename(self.name), self.text, self.dtype)

    def calendar_times(self, start, count):
        return self._typed_stamps(np.arange(start, start + count, dtype="int64")).tz_localize(None)

    def may_be_clock_change(self, steps):
        is_naive = self._is_absolute and self.tz is None
        return is_naive and steps * pd.Timedelta(self.step) == pd.Timedelta(hours=1)

    @staticmethod
    def _accepts(index):
        return isinstance(index, pd.DatetimeIndex)

    @classmethod
    def _find_step(cls, index, freq, name):
        return datetime_step(freq, index, name)

    @classmethod
    def _start(cls, typed, step, index, text):
        step = anchored_step(step, typed)
        is_kept = text is not None or isinstance(index.dtype, pd.ArrowDtype)
        return cls(typed.min(), step, 1, index.dtype if is_kept else typed.dtype, index.name, text)

    @property
    def _grid(self):
        first = self._clock(self.first)
        is_fine = self.first.nanosecond or (self._is_absolute and self.step.nanos % 1000)
        if self.first.unit == "ns" and not is_fine:  # 300 years in nanoseconds do not fit into int64
            first = first.astype("datetime64[us]")
        return ClockGrid(first, self.step)

    def _to_numbers(self, index):
        return self._clock(index)

    def _to_index(self, numbers):
        times = pd.DatetimeIndex(numbers).as_unit(self.first.unit)
        if self.tz is None:
            return times
        if self._is_absolute:
            return times.tz_localize("UTC").tz_convert(self.tz)
        return times.tz_localize(self.tz, ambiguous=np.ones(len(times), bool), nonexistent="shift_forward")

    def _check_same_step(self, index, name):
        if (index.tz is None) != (self.tz is None):
            received, method = ("no time zone", "tz_localize") if index.tz is None else ("a time zone", "tz_convert")
            expected = "none" if self.tz is None else str(self.tz)
            zone = "None" if self.tz is None else repr(str(self.tz))
            raise ValueError(f"`{name}` has {received}, but the history has {expected}. Use `.{method}({zone})`.")

    @property
    def _is_absolute(self):
        return isinstance(self.step, offsets.Tick) and not isinstance(self.step, offsets.Day)

    def _clock(self, times):
        """Convert a Timestamp or DatetimeIndex to `datetime64`: UTC for absolute steps, else local time."""
        if self.tz is not None:
            times = times.tz_convert("UTC" if self._is_absolute else self.tz).tz_localize(None)
        return times.to_numpy()


@dataclass(frozen=True)
class PeriodAxis(TimeAxis):
    """Time axis of a PeriodIndex.

    Args:
        first, step, length, dtype, name: As in `TimeAxis`.
    """

    kind: ClassVar[str] = "period"
    has_calendar: ClassVar[bool] = True
    out_of_range_advice: ClassVar[str] = "Start the index of `y` at a smaller number, or use smaller steps."

    def __post_init__(self):
        _check_positive(self.step.n, self.step)

    @property
    def freqstr(self):
        return self.first.freqstr

    @property
    def season_length(self):
        return season_length(self.step)

    def stamps(self, start, count):
        return self.at(np.arange(start, start + count, dtype="int64"))

    def at(self, rows):
        return _cast(self._typed_stamps(rows).rename(self.name), self.dtype)

    def calendar_times(self, start, count):
        return self.stamps(start, count).to_timestamp(how="start")

    def may_be_clock_change(self, steps):
        return False

    @staticmethod
    def _accepts(index):
        return isinstance(index, pd.PeriodIndex)

    @classmethod
    def _find_step(cls, index, freq, name):
        return period_step(freq, index, name)

    @classmethod
    def _start(cls, typed, step, index, text):
        return cls(typed.min(), step, 1, typed.dtype, index.name)

    @property
    def _grid(self):
        return OrdinalGrid(self.first.ordinal, self.step.n)

    def _to_numbers(self, index):
        return index.astype("int64").to_numpy()

    def _to_index(self, numbers):
        return pd.PeriodIndex.from_ordinals(numbers, freq=self.step)

    def _check_same_step(self, index, name):
        if index.freq != self.step:
            raise ValueError(
                f"`{name}` has periods of {index.freqstr!r}, but {self.freqstr!r} is expected, as in the history. "
                f"Convert them with `asfreq({self.freqstr!r})`."
            )


@dataclass(frozen=True)
class IntegerAxis(TimeAxis):
    """Time axis of an integer index.

    Args:
        first, step, length, dtype, name: As in `TimeAxis`.
        ranged: Whether the caller's index is a `RangeIndex`. Defaults to False.
    """

    ranged: bool = False

    kind: ClassVar[str] = "integer"
    has_calendar: ClassVar[bool] = False
    out_of_range_advice: ClassVar[str] = "Start the index of `y` at a smaller number, or use smaller steps."

    def __post_init__(self):
        _check_positive(self.step, self.step)

    @property
    def freqstr(self):
        return f"step of {self.step}"

    @property
    def season_length(self):
        return 1

    def stamps(self, start, count):
        if not self.ranged:
            return self.at(np.arange(start, start + count, dtype="int64"))
        begin = int(self._typed_stamps(np.array([start, start + max(count, 1) - 1]))[0])
        return pd.RangeIndex(begin, begin + count * self.step, self.step, name=self.name)

    def at(self, rows):
        return _cast(self._typed_stamps(rows).rename(self.name), self.dtype)

    def calendar_times(self, start, count):
        raise TypeError("Integer timestamps have no calendar times.")

    def may_be_clock_change(self, steps):
        return False

    @staticmethod
    def _accepts(index):
        return types.is_integer_dtype(index.dtype)

    @classmethod
    def _find_step(cls, index, freq, name):
        return integer_step(freq, index, name)

    @classmethod
    def _start(cls, typed, step, index, text):
        return cls(int(typed.min()), step, 1, index.dtype, index.name, isinstance(index, pd.RangeIndex))

    @property
    def _grid(self):
        return OrdinalGrid(self.first, self.step)

    def _to_numbers(self, index):
        return index.astype("int64").to_numpy()

    def _to_index(self, numbers):
        return pd.Index(numbers)

    def _check_same_step(self, index, name):
        """Integers of any dtype are accepted."""


AXES = (DatetimeAxis, PeriodAxis, IntegerAxis)


def read_time_axis(index, *, freq=None, like=None, place=INDEX_OF_Y, longest=None, describe=None):
    """Read the time axis of the timestamps of one series, in any order, or of the distinct timestamps of many series.

    Args:
        index: Any pandas Index.
        freq: Step of the timestamps: an alias or offset, or an int for integers. If None, it is read from the index or
            inferred.
        like: A `TimeAxis` whose kind and step the timestamps must have. Defaults to None.
        place: `Place` of the timestamps, for error messages. Defaults to the index of `y`.
        longest: For many series, a function that returns the positions in `index` of the timestamps of the longest
            series. The step is inferred from these; if that fails, from all timestamps.
        describe: Function from a position in `index` to the name of a series with this timestamp, for error messages.

    Returns:
        `(TimeAxis, rows)`; rows is int64 `(len(index),)`, in 0..length-1.

    Raises:
        TypeError: If the index is not a time axis, or not of the kind of `like`.
        ValueError: If the index is empty or has duplicate or missing timestamps, if the step cannot be inferred, if
            `freq` is unknown, or if the timestamps do not follow it.
    """
    integer_dates = freq != 1 if like is None else like.has_calendar
    typed, text = typed_index(index, place, integer_dates=integer_dates)
    axis_class, name = _class_of(typed), place.name
    if freq is None and like is None and not axis_class.has_calendar:
        check_parts_of_years(typed, place)
    if like is not None:
        like._check_index(typed, name)
        freq = like.step
    if (repeated := typed.duplicated()).any():
        check_unique_stamps(typed[repeated].unique(), f"`{name}`", index[repeated].unique())
    step = _find_step(axis_class, typed, freq, name, longest)
    axis = axis_class._start(typed, step, index, text)
    rows = axis._rows(typed, name, describe)
    if like is not None:
        _check_neighbors(rows, like, name)
    return replace(axis, length=int(rows.max()) + 1), rows


def _check_neighbors(rows, like, name):
    """Check that the step of several timestamps is not a multiple of the step of an earlier history.

    Raises:
        ValueError: If it is: no two timestamps are neighbors.
    """
    if len(rows) >= MIN_ROWS and (closest := int(np.diff(np.unique(rows)).min(initial=len(rows)))) > 1:
        raise ValueError(
            f"`{name}` has no two timestamps that are one step ({like.freqstr}) of the fitted history apart: the "
            f"closest are {closest} steps apart. Pass series of this step, or fit another forecaster to series of "
            "another step."
        )


def axis_class_of(index):
    """Return the `TimeAxis` class for an index, or None if there is none; only its first entry is checked.

    Integers are not taken for dates, because ids may have the same digits.
    """
    with suppress(TypeError, ValueError):
        return _class_of(typed_index(index[:1], Place("index"), integer_dates=False)[0])


def _class_of(typed):
    return next(axis_class for axis_class in AXES if axis_class._accepts(typed))


def _find_step(axis_class, index, freq, name, longest):
    if freq is None and longest is not None and len(positions := longest()) > 1:
        with suppress(ValueError):  # too few or too irregular timestamps: infer the step from all of them
            return axis_class._find_step(index if len(positions) == len(index) else index[positions], None, name)
    return axis_class._find_step(index, freq, name)


def _check_positive(count, step):
    if count < 1:
        raise ValueError(f"The step of a time axis is {step!r}, but must be positive.")


def _cast(index, dtype):
    cast = index.astype(dtype)
    if (cast != index).any():
        raise ValueError(
            f"The timestamps {index[0]} to {index[-1]} do not fit into an index of dtype {dtype}. "
            "Convert the index of `y`: `y.index = y.index.astype('int64')`."
        )
    return cast


def _with_freq(index, step):
    # pandas builds the range to check `freq`. For a nonexistent local time, this raises a ValueError, or a pytz error
    # before pandas 3. Such an index has no `freq`.
    with suppress(Exception):
        index.freq = step
    return index


@dataclass(frozen=True)
class OrdinalGrid:
    """Integers `first + row * step`: the values of integer timestamps, and the ordinals of periods."""

    first: int
    step: int

    def at(self, rows):
        """Return the numbers of int64 rows, in any order."""
        _check_int64(self.first, self.step, rows)
        return self.first + rows * self.step

    def floor(self, numbers):
        """Return, for each number, the last row that is not after it."""
        _check_int64(-self.first, 1, numbers)
        return (numbers - self.first) // self.step


@dataclass(frozen=True)
class ClockGrid:
    """Times `first + row * step` without time zone, as `datetime64` in the unit of `first`."""

    first: np.datetime64
    step: pd.offsets.BaseOffset

    def at(self, rows):
        """Return the times of int64 rows, in any order, before and after the first."""
        if self._fixed_step is not None:
            step = self._fixed_step.astype(f"timedelta64[{np.datetime_data(self.first.dtype)[0]}]")
            _check_int64(int(self.first.astype("int64")), int(step.astype("int64")), rows)
            return self.first + rows * self._fixed_step
        if len(rows) == 0:
            return np.empty(0, self.first.dtype)
        start, stop = int(rows.min()), int(rows.max()) + 1
        return self._times(start, stop)[rows - start]

    def floor(self, times):
        """Return, for each time, the last row that is not after it."""
        times = times.astype(self.first.dtype)
        if self._fixed_step is not None:
            # Not "long long", the other 64-bit type of C, with which `ufunc.at` is 20 times slower.
            return ((times - self.first) // self._fixed_step).astype("int64")
        start, stop = self._bound(times.min(), -1), self._bound(times.max(), 1)
        return start + np.searchsorted(self._times(start, stop + 1), times, side="right") - 1

    @property
    def _fixed_step(self):
        """The step as a `timedelta64` if all steps have the same length, else None."""
        if isinstance(self.step, offsets.Day):
            return np.timedelta64(self.step.n, "D")
        if not isinstance(self.step, offsets.Tick):
            return None
        length = np.timedelta64(self.step.nanos, "ns")
        unit, _ = np.datetime_data(self.first.dtype)
        converted = length.astype(f"timedelta64[{unit}]")
        if converted != length:
            raise ValueError(
                f"Stamps stored in the unit {unit!r} cannot hold steps of {self.step.freqstr!r}. "
                "Convert the index with `y.index = y.index.as_unit('ns')`."
            )
        return converted

    def _bound(self, time, direction):
        """Return a row at or beyond a time, estimated from the average step."""
        pace = (self._time(8) - self._time(0)) / 8
        row = 0
        while (left := direction * (time - self._time(row))).astype("int64") > 0:
            row += direction * (int(left // pace) + 1)
        return row

    def _time(self, row):
        return self._times(row, row + 1)[0]

    def _times(self, start, stop):
        unit, _ = np.datetime_data(
            self.first.dtype
        )  # part of the cache key, because equal times in two units are equal
        return _offset_times(self.first, unit, self.step, start, stop)


@functools.lru_cache(maxsize=64)
def _offset_times(first, unit, step, start, stop):
    """Return the times of a range of rows. Cached, because pandas adds offsets one by one."""
    origin = pd.Timestamp(first)
    if type(step) is offsets.DateOffset:
        # Adding single months to the 31st would stay at the 28th after February; adding n months at once does not.
        times = np.array([(origin + row * step).to_datetime64() for row in range(start, stop)], dtype=first.dtype)
    else:
        begin = origin + start * step if start else origin  # some offsets cannot be multiplied by 0
        times = pd.date_range(begin, periods=stop - start, freq=step, unit=unit).to_numpy(copy=True)
    times.flags.writeable = False
    return times


def _check_int64(first, step, rows):
    """Raise an OverflowError if `first + row * step` does not fit into int64; NumPy would not report this."""
    for row in (int(rows.min()), int(rows.max())) if len(rows) else ():
        if not INT64.min <= first + row * step <= INT64.max:
            raise OverflowError(f"{first} + {row} * {step} does not fit into int64.")
