"""The regular time grid of series: rows to stamps and stamps to rows, exactly as the caller wrote them."""

from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pandas import offsets

from tsattn.series.grids import ClockGrid, OrdinalGrid
from tsattn.series.indexes import refuse_repeated, typed_index
from tsattn.series.steps import datetime_step, step_of

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
