"""Windows of lookback and horizon as positions in a panel, gathered batch by batch instead of all at once."""

import numpy as np

from tsattn.series.domain import jitter

# Limits on the size of a batch: windows times channels, and values.
BATCH_ROWS, BATCH_VALUES = 256, 2**24
# Limits on the windows on which errors are measured; the limit on the number of values takes precedence.
MAX_MEASURED, MIN_MEASURED, MAX_MEASURED_VALUES = 2000, 200, 2**24


class Windows:
    """The windows of a panel that have observed values in both their history and their target.

    They are stored as runs of consecutive starts, so that memory does not grow with their number.

    Args:
        panel: A `Panel` of values in the units of the data, NaN where not observed.
        scaler: The `Scaler` of its series, applied to batches.
        lookback: Steps of history in a window.
        horizon: Steps of the target after it.
        covariates: The `Covariates` of its series. Defaults to None.
        runs: Three int64 arrays `(runs,)`: the series, the first start and the number of starts. A start is a row of
            the buffer of the panel; for a series shorter than a window, it is before the first row. Defaults to all
            windows of each series with stride 1.

    Example:

    >>> import numpy as np
    >>> from tsattn.series.panel import Panel
    >>> from tsattn.series.scaling import Unscaled
    >>> panel = Panel(np.arange(10.0)[:, None], np.array([0, 10]))
    >>> windows = Windows(panel, Unscaled.from_panel(panel, None), lookback=3, horizon=2)
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
    def at_origins(cls, panel, scaler, lookback, horizon, covariates=None, before=(0,)):
        """Build the windows whose history ends at given origins, series by series.

        Args:
            panel, scaler, lookback, horizon, covariates: As in the constructor.
            before: Steps from each origin to the end of its series, one window for each. With 0 the target follows the
                series and is not observed. Defaults to (0,).
        """
        ends = panel.offsets[1:, None] - np.asarray(before)
        series = np.arange(len(panel)).repeat(ends.shape[1])
        return cls(
            panel, scaler, lookback, horizon, covariates, (series, ends.ravel() - lookback, np.ones_like(series))
        )

    def __len__(self):
        """Number of windows."""
        return int(self._ends[-1]) if len(self._ends) else 0

    def gather(self, index, generator=None):
        """Return the inputs and targets of some windows, scaled; NaN where not observed or outside the series.

        If a channel has no observed value in its history, its target is also NaN, because it cannot be forecast.

        Args:
            index: Numbers of the windows, `(n,)`.
            generator: NumPy generator of the noise in the targets of counts, with which quantiles and their errors are
                measured, see `jitter`. If None, there is no noise. Defaults to None.

        Returns:
            `(inputs, target)`: a dict of `"history"` `(n, lookback, channels)` and, if there are covariates, `"past"`,
            `"known"` and `"static"` as returned by `Covariates.gather`; and `(n, horizon, channels)`.
        """
        series, starts = self._positions(index)
        begins, ends = self.panel.offsets[series], self.panel.offsets[series + 1]
        rows = starts[:, None] + np.arange(self.lookback + self.horizon)
        outside = (rows < begins[:, None]) | (rows >= ends[:, None])
        values = self.panel.values[np.where(outside, begins[:, None], rows)]
        values[outside] = np.nan
        if self.panel.counts and generator is not None:
            values[:, self.lookback :] = jitter(values[:, self.lookback :], generator)
        values = self.scaler.transform(values, series)
        history, target = values[:, : self.lookback], values[:, self.lookback :]
        unseen = np.isnan(history).all(axis=1)
        if unseen.any():
            target[unseen[:, None].repeat(self.horizon, axis=1)] = np.nan
        if self.panel.weights is not None:
            target[self.weights(index) == 0] = np.nan
        inputs = {"history": history}
        if self.covariates is not None:
            inputs.update(self.covariates.gather(series, starts - ends, self.lookback, self.horizon))
        return inputs, target

    def weights(self, index):
        """Return the weights of the targets of some windows in a loss.

        Args:
            index: Numbers of the windows, `(n,)`.

        Returns:
            float32 `(n, horizon, channels)`, or None if all weights are 1. A target with the weight 0 is gathered as
            NaN.
        """
        if self.panel.weights is None:
            return None
        rows = self._positions(index)[1][:, None] + np.arange(self.lookback, self.lookback + self.horizon)
        return self.panel.weights[rows]  # a target is always within its series

    def batches(self, index=None):
        """Split windows into batches that a network can process at once.

        Args:
            index: Numbers of the windows, `(n,)`, or None for all. Defaults to None.

        Returns:
            List of arrays of numbers: at most 256 windows times channels, or a single window.
        """
        index = np.arange(len(self)) if index is None else index
        rows = min(BATCH_ROWS, BATCH_VALUES // (self.lookback + self.horizon))
        size = max(1, rows // self.panel.channels)
        return np.array_split(index, max(1, -(-len(index) // size)))

    def scaled_std(self, index):
        """Return the standard deviation of the series of some windows in scaled units, `(n, 1, channels)`."""
        return self.scaler.scaled_std(self.runs[0][self._run(index)])

    def _run(self, index):
        return np.searchsorted(self._ends, index, side="right")

    def _positions(self, index):
        """Return the series and the first rows of some windows."""
        run = self._run(index)
        series, firsts, counts = self.runs
        return series[run], firsts[run] + np.asarray(index) - (self._ends - counts)[run]

    @property
    def horizons(self):
        """Number of horizons that the targets cover without overlap, over all series; a float."""
        return float(np.sum(self.runs[2] + self.horizon - 1)) / self.horizon

    @property
    def significant_ratio(self):
        """Ratio of two mean errors on these windows below which the first one is significantly lower.

        Over few horizons, an error can be lower merely because of noise. Therefore the explained share of the squared
        error is adjusted for the number of horizons; overlapping windows do not count more than adjacent ones.

        Reference:
            Adjusted coefficient of determination: Theil, 1961, "Economic Forecasts and Policy".
        """
        return (1 + 1 / self.horizons) ** -0.5

    @property
    def ends(self):
        """Row after the last target of each series, or the first row of a series without windows; int64 `(series,)`."""
        series, firsts, counts = self.runs
        ends = self.panel.offsets[:-1].copy()
        np.maximum.at(ends, series, firsts + counts - 1 + self.lookback + self.horizon)
        return ends

    def hold_out(self, fraction, ends=None):
        """Split windows into those that forecast the last part of their series and those before it.

        Args:
            fraction: Fraction of each series to hold out; at least one horizon.
            ends: Row after the last of each series, `(series,)`. Defaults to the end of the series.

        Returns:
            Two `Windows`: those whose target ends before the held-out part, and those whose target lies in it. No
            target value is in both.
        """
        series, firsts, counts = self.runs
        ends = self.panel.offsets[1:] if ends is None else ends
        steps = np.maximum(np.ceil(fraction * (ends - self.panel.offsets[:-1])).astype(int), self.horizon)
        border = (ends - steps)[series]
        after = firsts + counts
        last_of_earlier = np.minimum(after, border - self.lookback - self.horizon + 1)
        first_of_later = np.maximum(firsts, border - self.lookback)
        return self._part(firsts, last_of_earlier), self._part(first_of_later, after)

    def split_validation(self, fraction, remaining=0.5):
        """Split windows into training windows and held-out windows.

        Args:
            fraction: Fraction of each series to hold out, at its end; at least one horizon. 0 holds out nothing.
            remaining: Fraction of the windows that must remain for training. Defaults to 0.5.

        Returns:
            A pair of `Windows`. The second is None if nothing is held out, which is also the case if too few windows
            would remain for training.
        """
        if fraction:
            earlier, later = self.hold_out(fraction)
            if len(later) and len(earlier) >= remaining * len(self):
                return earlier, later
        return self, None

    def with_horizon(self, horizon):
        """Return the same windows with a target of `horizon` steps, which must not exceed the current horizon."""
        return Windows(self.panel, self.scaler, self.lookback, horizon, self.covariates, self.runs)

    def with_short_histories(self, shortest):
        """Return all windows of the panel, also those that begin before their series.

        Args:
            shortest: Steps of the series in the history of each window.
        """
        runs = _all_runs(self.panel, self.lookback, self.horizon, min(shortest, self.lookback))
        return Windows(self.panel, self.scaler, self.lookback, self.horizon, self.covariates, runs)

    def sample(self, most):
        """Return at most `most` of the windows, evenly spaced."""
        series, starts = self._positions(evenly_spaced(len(self), most))
        runs = (series, starts, np.ones_like(series))
        return Windows(self.panel, self.scaler, self.lookback, self.horizon, self.covariates, runs)

    def starting_from(self, firsts):
        """Return the windows that start at or after a row of the panel, for each series: `(series,)`."""
        series, starts, counts = self.runs
        return self._part(np.maximum(starts, firsts[series]), starts + counts)

    def _part(self, firsts, afters):
        kept = afters > firsts
        runs = (self.runs[0][kept], firsts[kept], (afters - firsts)[kept])
        return Windows(self.panel, self.scaler, self.lookback, self.horizon, self.covariates, runs)


def _all_runs(panel, lookback, horizon, shortest=None):
    """Return the runs of all windows of each series with an observed value in both the history and the target.

    Target values with the weight 0 do not count.

    The histories contain at least `shortest` steps of the series, by default the lookback, and begin before the series
    otherwise. In a shorter series, they contain at least half of the steps before a target.
    """
    shortest = lookback if shortest is None else shortest
    least = np.maximum(1, np.minimum(shortest, (panel.lengths - horizon + 1) // 2))
    least = np.where(panel.lengths >= shortest + horizon, shortest, least)
    firsts = panel.offsets[:-1] + np.minimum(0, least - lookback)
    counts = np.maximum(panel.offsets[1:] - lookback - horizon + 1 - firsts, 0)
    runs = []
    for s, (first, count) in enumerate(zip(firsts, counts, strict=True)):
        if count == 0:
            continue
        offset = panel.offsets[s]
        observed = ~np.isnan(panel.series(s)).all(axis=1)
        weighted = observed
        if panel.weights is not None:
            weighted = (panel.weights[offset : offset + len(observed)] > 0).any(axis=1)
        if observed.all() and weighted.all():
            runs.append((s, first, count))
            continue
        seen, aims = (np.concatenate([[0], np.cumsum(steps)]) for steps in (observed, weighted))
        starts = np.arange(first, first + count) - offset
        past = seen[starts + lookback] - seen[np.maximum(starts, 0)]
        future = aims[starts + lookback + horizon] - aims[starts + lookback]
        useful = np.concatenate([[0], (past > 0) & (future > 0), [0]]).astype("int8")
        borders = np.flatnonzero(np.diff(useful))
        runs.extend((s, first + a, b - a) for a, b in borders.reshape(-1, 2))
    return tuple(np.array(runs, dtype="int64").reshape(-1, 3).T)


def check_has_window(has_window, lookback, horizon):
    """Check that there is a window to train on.

    Args:
        has_window: Whether there is one.
        lookback, horizon: See `Windows`.

    Raises:
        ValueError: If there is none.
    """
    if not has_window:
        raise ValueError(
            f"`y` has no window of lookback {lookback} + horizon {horizon} steps with an observed past and an observed "
            "target. Lower `horizon` or `lookback`, or fill the missing values."
        )


def sample_evenly(count, size):
    """Choose evenly spaced windows on which to measure errors, within the memory limit.

    Args:
        count: Number of windows.
        size: Number of error values per window.

    Returns:
        Array of window numbers: between 200 and 2000, or all if there are fewer.
    """
    return evenly_spaced(count, min(MAX_MEASURED, max(MIN_MEASURED, MAX_MEASURED_VALUES // size)))


def evenly_spaced(count, most):
    """Return at most `most` evenly spaced integers from 0 to `count - 1`."""
    return np.linspace(0, count - 1, min(count, most)).astype(int)
