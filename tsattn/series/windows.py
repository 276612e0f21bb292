"""Windows of lookback and horizon, as places in a panel: gathered a batch at a time, never all."""

import numpy as np


class Windows:
    """The windows of a panel that hold something to learn: an observed past and an observed target.

    Args:
        panel: A `Panel` of values as the network sees them, NaN where not observed.
        lookback: Steps of history in a window.
        horizon: Steps after it.
        starts: First rows of the windows in the panel's buffer, `(windows,)`. Defaults to every
            window of every series, stride 1.

    Example:

    >>> import numpy as np
    >>> from tsattn.series.panel import Panel
    >>> windows = Windows(Panel(np.arange(10.0)[:, None], np.array([0, 10])), lookback=3, horizon=2)
    >>> len(windows)
    6
    >>> history, target = windows.gather([0, 5])
    >>> history[..., 0].tolist(), target[..., 0].tolist()
    ([[0.0, 1.0, 2.0], [5.0, 6.0, 7.0]], [[3.0, 4.0], [8.0, 9.0]])
    """

    def __init__(self, panel, lookback, horizon, starts=None):
        self.panel = panel
        self.lookback = lookback
        self.horizon = horizon
        self.starts = self._all_starts() if starts is None else starts
        self._steps = np.arange(lookback + horizon)

    def _all_starts(self):
        size = self.lookback + self.horizon
        first, after = self.panel.offsets[:-1], self.panel.offsets[1:]
        starts = np.concatenate([np.arange(a, b - size + 1) for a, b in zip(first, after, strict=True)])
        seen = np.concatenate([[0], np.cumsum(self.panel.observed.any(axis=1))])
        past = seen[starts + self.lookback] - seen[starts]
        future = seen[starts + size] - seen[starts + self.lookback]
        return starts[(past > 0) & (future > 0)]

    def __len__(self):
        return len(self.starts)

    def gather(self, index):
        """Histories `(n, lookback, channels)` and targets `(n, horizon, channels)` of some windows.

        The target of a channel that has no observed value in its history is not observed either:
        there is nothing to forecast it from.
        """
        values = self.panel.values[self.starts[index][:, None] + self._steps]
        history, target = values[:, : self.lookback], values[:, self.lookback :]
        target[np.isnan(history).all(axis=1)[:, None].repeat(self.horizon, axis=1)] = np.nan
        return history, target

    def hold_out(self, fraction):
        """Split off the windows that forecast the last part of their series.

        Args:
            fraction: That part of each series, and at least one horizon of it.

        Returns:
            A pair of `Windows`: those whose target ends before the last steps, and those whose
            target lies within them. No target value is in both.
        """
        steps = np.maximum(np.ceil(fraction * self.panel.lengths).astype(int), self.horizon)
        series = np.searchsorted(self.panel.offsets, self.starts, side="right") - 1
        border = (self.panel.offsets[1:] - steps)[series]
        target = self.starts + self.lookback
        earlier, later = self.starts[target + self.horizon <= border], self.starts[target >= border]
        return tuple(Windows(self.panel, self.lookback, self.horizon, starts) for starts in (earlier, later))
