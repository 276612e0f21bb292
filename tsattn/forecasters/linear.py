"""The linear forecast: one matrix from the window to the horizon, solved in closed form."""

import dataclasses

import numpy as np

from tsattn.checks import check_count, check_rate
from tsattn.forecasters.base import Forecaster, refuse_short
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.documented import documented
from tsattn.forecasters.naive import newest_observed
from tsattn.series.windows import Windows

PENALTIES = 10.0 ** np.arange(-4, 4)  # per window, relative to the mean variance of the inputs
CHUNK = 4096


@documented
@dataclasses.dataclass(eq=False, repr=False)
class LinearForecaster(Forecaster):
    """Ridge regression from the window, less its last value, to the forecast; one matrix for all channels.

    The penalty is the one with the least error on the last part of the series, from a grid of
    eight; then all windows are learnt from. Windows whose target was not fully observed are left
    out. The lookback of None is that of the networks.

    Args:
        validation_fraction: Part of each series at its end on which the penalty is chosen.
            Defaults to 0.1.

    Reference:
        Zeng et al., 2023, https://arxiv.org/abs/2205.13504; in closed form: Toner and Darlow, 2024,
        https://arxiv.org/abs/2403.14587.

    Example:

    >>> from tsattn import LinearForecaster, load_dataset
    >>> len(LinearForecaster(horizon=12).fit(load_dataset("air_passengers")).predict())
    12
    """

    _: dataclasses.KW_ONLY
    validation_fraction: float = 0.1

    def _settings(self, length, horizon, season):
        lookback = None if self.lookback is None else check_count("lookback", self.lookback)
        lookback, _ = default_window(length, horizon, season, lookback)
        refuse_short(length, lookback, horizon)
        return {"lookback_": lookback}

    def _learn(self, panel, fitted):
        fraction = check_rate("validation_fraction", self.validation_fraction)
        windows = Windows(panel, fitted["lookback_"], fitted["horizon_"])
        earlier, later = windows.hold_out(fraction)
        everything = Moments.of(windows)
        if not everything.count:
            raise ValueError(
                f"`y` has no window of lookback {fitted['lookback_']} + horizon {fitted['horizon_']} steps with an "
                "observed past and a complete target. Lower `horizon` or `lookback`, or fill the missing values."
            )
        penalty = PENALTIES[len(PENALTIES) // 2]
        if fraction and len(earlier) and len(later):
            learnt, held_out = Moments.of(earlier), Moments.of(later)
            if learnt.count and held_out.count:
                penalty = min(PENALTIES, key=lambda penalty: held_out.error(learnt.solve(penalty)))
        return {"coefficients_": everything.solve(penalty), "penalty_": float(penalty)}

    def _forecast(self, history):
        series, lookback, channels = history.shape
        inputs, last = centred(history.transpose(0, 2, 1).reshape(-1, lookback).astype("float64"))
        values = inputs @ self.coefficients_ + last
        return values.reshape(series, channels, -1).transpose(0, 2, 1)


@dataclasses.dataclass
class Moments:
    """The sums over windows that least squares needs; their size does not grow with the windows."""

    count: int
    inputs: np.ndarray  # (lookback + 1, lookback + 1)
    cross: np.ndarray  # (lookback + 1, horizon)
    targets: np.ndarray  # (horizon,)

    @classmethod
    def of(cls, windows):
        size = windows.lookback + 1
        moments = cls(0, np.zeros((size, size)), np.zeros((size, windows.horizon)), np.zeros(windows.horizon))
        for first in range(0, len(windows), CHUNK):
            history, target = windows.gather(np.arange(first, min(first + CHUNK, len(windows))))
            history = history.transpose(0, 2, 1).reshape(-1, windows.lookback).astype("float64")
            target = target.transpose(0, 2, 1).reshape(-1, windows.horizon).astype("float64")
            whole = ~np.isnan(target).any(axis=1) & ~np.isnan(history).all(axis=1)
            inputs, last = centred(history[whole])
            target = target[whole] - last
            moments.count += len(inputs)
            moments.inputs += inputs.T @ inputs
            moments.cross += inputs.T @ target
            moments.targets += np.sum(target**2, axis=0)
        return moments

    def solve(self, penalty):
        """Coefficients `(lookback + 1, horizon)`; the last row, the constant, is not penalised."""
        ridge = np.full(len(self.inputs), penalty * np.trace(self.inputs[:-1, :-1]) / max(len(self.inputs) - 1, 1))
        ridge[-1] = 0.0
        return np.linalg.lstsq(self.inputs + np.diag(ridge), self.cross, rcond=None)[0]

    def error(self, coefficients):
        """Sum of squared errors of such coefficients on these windows."""
        explained = 2 * np.sum(coefficients * self.cross, axis=0)
        return float(np.sum(self.targets - explained + np.sum(coefficients * (self.inputs @ coefficients), axis=0)))


def centred(history):
    """Windows `(n, lookback)` less their last observed value, 0 where missing, a 1 behind; and that value `(n, 1)`."""
    last = newest_observed(history)[:, None]
    return np.concatenate([np.nan_to_num(history - last), np.ones((len(history), 1))], axis=1), last
