"""Windows of lookback and horizon, as places in a panel: gathered a batch at a time, never all."""

import numpy as np

ROWS, VALUES = 256, 2**24  # in a batch, a row being a channel of a window
MOST_WINDOWS, LEAST_WINDOWS = 2000, 200  # that errors are measured on
MOST_VALUES = 2**24  # of errors that are kept, as far as LEAST_WINDOWS allow


class Windows:
    """The windows of a panel that hold something to learn: an observed past and an observed target.

    They are kept as runs of neighbouring starts, so that their memory does not grow with their number.

    Args:
        panel: A `Panel` of values in the units of the data, NaN where not observed.
        scaler: The `Scaler` of its series; batches come out scaled.
        lookback: Steps of history in a window.
        horizon: Steps after it.
        covariates: The `Covariates` of its series. Defaults to none.
        runs: Triple of int64 arrays `(runs,)`: series, first start (a row of the panel's buffer; before the
            first row of its series where that is shorter than a window) and number of starts. Defaults to
            every window of every series, stride 1.

    Example:

    >>> import numpy as np
    >>> from tsattn.series.panel import Panel
    >>> from tsattn.series.scaling import Unscaled
    >>> panel = Panel(np.arange(10.0)[:, None], np.array([0, 10]))
    >>> windows = Windows(panel, Unscaled.of(panel, None), lookback=3, horizon=2)
    >>> len(windows)
    6
    >>> inputs, target = windows.gather([0, 5])
    >>> inputs["history"][..., 0].tolist(), target[..., 0].tolist()
    ([[0.0, 1.0, 2.0], [5.0, 6.0, 7.0]], [[3.0, 4.0], [8.0, 9.0]])
    """

    def __init__(self, panel, scaler, lookback, horizon, covariates=None, runs=None):
        self.panel = panel
        self.scaler = scaler
        self.lookback = lookback
        self.horizon = horizon
        self.covariates = covariates
        self.runs = _all_runs(panel, lookback, horizon) if runs is None else runs
        self._ends = np.cumsum(self.runs[2])

    @classmethod
    def ending(cls, panel, scaler, lookback, horizon, covariates=None, before=(0,)):
        """Windows whose history ends so many steps before the end of its series: series by series, one for each.

        With 0 the target is what follows the series: all of it not observed.
        """
        ends = panel.offsets[1:, None] - np.asarray(before)
        series = np.arange(len(panel)).repeat(ends.shape[1])
        return cls(
            panel, scaler, lookback, horizon, covariates, (series, ends.ravel() - lookback, np.ones_like(series))
        )

    def __len__(self):
        return int(self._ends[-1]) if len(self._ends) else 0

    def gather(self, index):
        """Inputs and targets of some windows, scaled; NaN where not observed and outside of the series.

        The target of a channel that has no observed value in its history is not observed either:
        there is nothing to forecast it from.

        Returns:
            A pair: dict of `"history"` `(n, lookback, channels)` and what there is of the covariates
            `"past"`, `"known"` and `"static"`; and targets `(n, horizon, channels)`.
        """
        run = self._run(index)
        series, firsts, counts = self.runs
        starts = firsts[run] + np.asarray(index) - (self._ends - counts)[run]
        series = series[run]
        begins, ends = self.panel.offsets[series], self.panel.offsets[series + 1]
        rows = starts[:, None] + np.arange(self.lookback + self.horizon)
        outside = (rows < begins[:, None]) | (rows >= ends[:, None])
        values = self.panel.values[np.where(outside, begins[:, None], rows)]
        values[outside] = np.nan
        values = self.scaler.transform(values, series)
        history, target = values[:, : self.lookback], values[:, self.lookback :]
        unseen = np.isnan(history).all(axis=1)
        if unseen.any():
            target[unseen[:, None].repeat(self.horizon, axis=1)] = np.nan
        inputs = {"history": history}
        if self.covariates is not None:
            inputs.update(self.covariates.gather(series, starts - ends, self.lookback, self.horizon))
        return inputs, target

    def batches(self, index=None):
        """The numbers of windows, in parts that a network bears at once: at most 256 channels together, or one window.

        Args:
            index: Numbers `(n,)`, None for all. Defaults to None.
        """
        index = np.arange(len(self)) if index is None else index
        rows = min(ROWS, VALUES // (self.lookback + self.horizon))
        size = max(1, rows // self.panel.channels)
        return np.array_split(index, max(1, -(-len(index) // size)))

    def units(self, index):
        """What one standard deviation of the series of some windows is in their numbers, `(n, 1, channels)`."""
        return self.scaler.unit(self.runs[0][self._run(index)])

    def _run(self, index):
        return np.searchsorted(self._ends, index, side="right")

    @property
    def horizons(self):
        """How many horizons their targets cover side by side, over all series; a float."""
        return float(np.sum(self.runs[2] + self.horizon - 1)) / self.horizon

    @property
    def ends(self):
        """The row after the last target of each series, or its first row where it has no window; int64 `(series,)`."""
        series, firsts, counts = self.runs
        ends = self.panel.offsets[:-1].copy()
        np.maximum.at(ends, series, firsts + counts - 1 + self.lookback + self.horizon)
        return ends

    def hold_out(self, fraction, ends=None):
        """Split off the windows that forecast the last part of their series.

        Args:
            fraction: That part of each series, and at least one horizon of it.
            ends: The row after the last of each series, `(series,)`. None for where it ends. Defaults to None.

        Returns:
            A pair of `Windows`: those whose target ends before the last steps, and those whose
            target lies within them. No target value is in both.
        """
        series, firsts, counts = self.runs
        ends = self.panel.offsets[1:] if ends is None else ends
        steps = np.maximum(np.ceil(fraction * (ends - self.panel.offsets[:-1])).astype(int), self.horizon)
        border = (ends - steps)[series]
        after = firsts + counts
        last_of_earlier = np.minimum(after, border - self.lookback - self.horizon + 1)
        first_of_later = np.maximum(firsts, border - self.lookback)
        return self._part(firsts, last_of_earlier), self._part(first_of_later, after)

    def of_horizon(self, horizon):
        """The same windows with a target of so many steps, at most as many as they have."""
        return Windows(self.panel, self.scaler, self.lookback, horizon, self.covariates, self.runs)

    def starting(self, firsts):
        """Those windows that start at row `firsts` (series,) of their series, counted in the panel, or later."""
        series, known, counts = self.runs
        return self._part(np.maximum(known, firsts[series]), known + counts)

    def _part(self, firsts, afters):
        kept = afters > firsts
        runs = (self.runs[0][kept], firsts[kept], (afters - firsts)[kept])
        return Windows(self.panel, self.scaler, self.lookback, self.horizon, self.covariates, runs)


def _all_runs(panel, lookback, horizon):
    """Every window of every series with something observed on both sides.

    A series shorter than a window is seen through windows that begin before it, with at least half of what it has
    before a target as their history.
    """
    firsts = panel.offsets[:-1] + np.minimum(0, np.maximum(1, (panel.lengths - horizon + 1) // 2) - lookback)
    firsts = np.where(panel.lengths >= lookback + horizon, panel.offsets[:-1], firsts)
    counts = np.maximum(panel.offsets[1:] - lookback - horizon + 1 - firsts, 0)
    runs = []
    for s, (first, count) in enumerate(zip(firsts, counts, strict=True)):
        if count == 0:
            continue
        observed = ~np.isnan(panel.of(s)).all(axis=1)
        if observed.all():
            runs.append((s, first, count))
            continue
        offset = panel.offsets[s]
        seen = np.concatenate([[0], np.cumsum(observed)])
        starts = np.arange(first, first + count) - offset
        past = seen[starts + lookback] - seen[np.maximum(starts, 0)]
        future = seen[starts + lookback + horizon] - seen[starts + lookback]
        useful = np.concatenate([[0], (past > 0) & (future > 0), [0]]).astype("int8")
        borders = np.flatnonzero(np.diff(useful))
        runs.extend((s, first + a, b - a) for a, b in borders.reshape(-1, 2))
    return tuple(np.array(runs, dtype="int64").reshape(-1, 3).T)


def evenly(count, size):
    """Numbers of the windows to measure: evenly spaced, as many as memory bears with errors of this size."""
    return evenly_spaced(count, min(MOST_WINDOWS, max(LEAST_WINDOWS, MOST_VALUES // size)))


def evenly_spaced(count, most):
    return np.linspace(0, count - 1, min(count, most)).astype(int)
