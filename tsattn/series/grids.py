"""The arithmetic of a regular grid: the number at a row, and the row of a number. No pandas index, no time zone."""

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import offsets

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
