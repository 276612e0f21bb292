"""The covariates of every series as numbers, from which windows are gathered."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsattn.series.covariates.alignment import Aligned


@dataclass(frozen=True, eq=False)
class Covariates:
    """What is known beside the series of a panel, in the order of its series.

    Args:
        levels: for "past", "known" and "static" the number of codes of each column, 0 for numbers.
        past: the columns that are known up to the end of each series; None where there are none.
        known: the columns that are known in advance, without the calendar.
        calendar: the features of the calendar.
        static: float32 (series, columns), one row for each series.
        ids: the ids of the series, with `static`.
    """

    levels: dict
    past: Aligned | None = None
    known: Aligned | None = None
    calendar: Aligned | None = None
    static: np.ndarray | None = None
    ids: pd.Index | None = None

    def gather(self, series, before, lookback, horizon):
        """What stands beside some windows.

        Args:
            series: int64 (n,), the series of each window.
            before: int64 (n,), where it starts, counted from the end of its series: -lookback for the last one.
            lookback: steps of history in a window.
            horizon: steps after it.

        Returns:
            A dict with those of `"past"` (n, lookback, columns), `"known"` (n, lookback + horizon, columns, those of
            the calendar last) and `"static"` (n, columns) that there are: float32, NaN for numbers that are not
            known, 0 for categories that are not.
        """
        windows = {}
        if self.past is not None:
            windows["past"] = self.past.gather(series, before, lookback)
        known = [part for part in (self.known, self.calendar) if part is not None]
        if known:
            windows["known"] = _joined([part.gather(series, before, lookback + horizon) for part in known])
        if self.static is not None:
            windows["static"] = self.static[series]
        for role, values in windows.items():
            for place in np.flatnonzero(self.levels[role]):
                np.nan_to_num(values[..., place], copy=False)
        return windows

    def codes_are_known(self):
        """Whether each value of a category is missing or the code of one of its levels."""
        parts = {"past": self.past, "known": self.known}
        values = {role: part.values for role, part in parts.items() if part is not None}
        if self.static is not None:
            values["static"] = self.static
        return all(
            np.all(np.isnan(rows[:, place]) | np.isin(rows[:, place], np.arange(self.levels[role][place])))
            for role, rows in values.items()
            for place in np.flatnonzero(self.levels[role])
        )

    @property
    def before(self):
        """Rows of the history of each series that every column has, int64 (series,); None without rows."""
        parts = [part.before for part in (self.past, self.known, self.calendar) if part is not None]
        return np.min(parts, axis=0) if parts else None

    @property
    def ahead(self):
        """Steps after each series for which every known column has a value, int64 (series,); None without columns."""
        if self.known is None:
            return None
        count = len(self.known.ends)
        future = self.known.gather(np.arange(count), np.zeros(count, "int64"), int(self.known.after.max()))
        return np.cumprod(~np.isnan(future).any(axis=-1), axis=1).sum(axis=1)

    def tail(self, steps):
        """The same with only the last `steps` rows of the history of each series, and all that follows them."""
        roles = {role: getattr(self, role) for role in ("past", "known", "calendar")}
        return replace(self, **{role: part.tail(steps) for role, part in roles.items() if part is not None})


def _joined(parts):
    """Parts (n, steps, columns) beside each other, column by column: twice as fast as `np.concatenate`."""
    if len(parts) == 1:
        return parts[0]
    columns = [part[..., place] for part in parts for place in range(part.shape[-1])]
    joined = np.empty((*columns[0].shape, len(columns)), dtype="float32")
    for place, column in enumerate(columns):
        joined[..., place] = column
    return joined
