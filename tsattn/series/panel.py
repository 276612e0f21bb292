"""Many series in one contiguous buffer."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Panel:
    """Series of different lengths, one after the other in one buffer.

    Args:
        values: float array (rows, channels), C-contiguous; NaN is a value that was not observed. It may be the
            caller's own memory, and is never written to.
        offsets: int64 array (series + 1,); series `s` has the rows offsets[s] to offsets[s + 1], at least one.

    Raises:
        ValueError: shapes, dtypes or offsets that do not describe such a buffer.
    """

    values: np.ndarray
    offsets: np.ndarray

    def __post_init__(self):
        values, offsets = self.values, self.offsets
        if not isinstance(values, np.ndarray) or values.ndim != 2 or values.shape[1] < 1 or values.dtype.kind != "f":
            raise ValueError(f"`values` must be a float array (rows, channels), not {_described(values)}.")
        if not values.flags.c_contiguous:
            raise ValueError("`values` must be contiguous. Pass `np.ascontiguousarray(values)`.")
        if not isinstance(offsets, np.ndarray) or offsets.ndim != 1 or len(offsets) < 2 or offsets.dtype != np.int64:
            raise ValueError(f"`offsets` must be an int64 array (series + 1,), not {_described(offsets)}.")
        if offsets[0] != 0 or offsets[-1] != len(values) or np.any(np.diff(offsets) < 1):
            raise ValueError(f"`offsets` must rise from 0 to the {len(values)} rows of `values`, not {offsets}.")

    def __len__(self):
        """Number of series."""
        return len(self.offsets) - 1

    @property
    def channels(self):
        return self.values.shape[1]

    @property
    def lengths(self):
        """Rows of every series, (series,)."""
        return np.diff(self.offsets)

    @property
    def observed(self):
        """Which values were observed, bool (rows, channels)."""
        return ~np.isnan(self.values)

    def of(self, series):
        """A view (length, channels) of the series with this number."""
        if not 0 <= series < len(self):
            raise IndexError(f"There is no series {series} among {len(self)}.")
        return self.values[self.offsets[series] : self.offsets[series + 1]]

    def last(self, steps):
        """The last `steps` rows of every series, (series, steps, channels), after NaN where it is shorter."""
        rows = self.offsets[1:, None] + np.arange(-steps, 0)
        missing = rows < self.offsets[:-1, None]
        windows = self.values[np.where(missing, 0, rows)]
        windows[missing] = np.nan
        return windows

    def tail(self, steps):
        """A Panel with a copy of the last `steps` (1 or more) rows of every series, fewer where it is shorter."""
        kept = np.minimum(self.lengths, steps)
        offsets = np.concatenate([[0], np.cumsum(kept)])
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[1:] - offsets[1:], kept)
        return Panel(self.values[rows], offsets)


def _described(array):
    return f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
