"""Which origins a rolling evaluation forecasts from, and which of them share a fit."""

from dataclasses import dataclass

from tsattn._utils.validation import check_count


@dataclass(frozen=True)
class Plan:
    """Rolling origins, counted from the end of each series: each has them, however long ago it ended.

    Args:
        horizon: Steps that are forecast from each origin.
        windows: Number of origins.
        stride: Steps from one to the next.
        refit: Origins that share a fit: 1 for a fit at each, `windows` for one at the first; None for no fit at all.
        train_size: Steps of history that a fit gets at most; None for all.
    """

    horizon: int
    windows: int
    stride: int
    refit: int | None
    train_size: int | None

    @classmethod
    def of(cls, horizon, windows, stride, refit, train_size):
        """Checks the arguments of `backtest`.

        Raises:
            ValueError: one of them is not of its kind.
        """
        windows = check_count("windows", windows)
        if refit in (True, False):
            refit = 1 if refit else windows
        elif refit == "never":
            refit = None
        elif isinstance(refit, str):
            raise ValueError(f'`refit` is {refit!r}, but must be True, False, a number of origins or "never".')
        else:
            refit = min(check_count("refit", refit), windows)
        stride = horizon if stride is None else check_count("stride", stride)
        train_size = None if train_size is None else check_count("train_size", train_size)
        return cls(check_count("horizon", horizon), windows, stride, refit, train_size)

    @property
    def backs(self):
        """Steps that each series still has after each origin, the earliest origin first."""
        return [self.horizon + (self.windows - 1 - window) * self.stride for window in range(self.windows)]

    @property
    def parts(self):
        """The origins that share a fit, as tuples of steps after them."""
        size, backs = self.refit or self.windows, self.backs
        return [tuple(backs[first : first + size]) for first in range(0, self.windows, size)]

    def check(self, layout):
        """A ValueError that names the shortest series unless each has a history before the first origin."""
        series, longest = int(layout.lengths.argmin()), self.backs[0]
        if (length := layout.lengths[series]) <= longest:
            raise ValueError(
                f"{layout.series_name(series)} has {length} steps, but {self.windows} window(s) with stride "
                f"{self.stride} and horizon {self.horizon} take the last {longest}, and nothing is left to fit. "
                "Lower `windows`, `stride` or `horizon`, or pass a longer history."
            )
