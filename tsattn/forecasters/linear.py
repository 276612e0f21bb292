"""The linear forecast: one matrix from the window to the horizon, solved in closed form."""

import dataclasses
from functools import partial

import numpy as np

from tsattn.checks import check_optional_count, check_rate
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.documented import documented
from tsattn.forecasters.forecaster import Forecaster
from tsattn.forecasters.naive import newest_observed
from tsattn.forecasters.refusals import refuse_short

PENALTIES = 10.0 ** np.arange(-4, 4)  # per window, relative to the mean variance of the inputs
CHUNK = 4096
ROUNDS = 20  # of guessing what is missing of the targets: each takes away the missing part of the error


@documented
@dataclasses.dataclass(eq=False, repr=False)
class LinearForecaster(Forecaster):
    """Ridge regression from the window, less its last value, to the forecast; one matrix for all series and channels.

    Covariates enter with the steps of the forecast and as many before them. The penalty is the one
    with the least error on the last part of the series, from a grid of eight; then all windows are
    learnt from, but with `calibrate` only those before. Windows whose target was not fully observed
    are left out; where none was, each step is learnt from what was observed of it, with the penalty in the middle. The
    lookback of None is that of the networks.

    Args:
        validation_fraction: Part of each series at its end on which the penalty is chosen.
            Defaults to 0.1.

    Reference:
        Zeng et al., 2023, https://arxiv.org/abs/2205.13504; in closed form: Toner and Darlow, 2024,
        https://arxiv.org/abs/2403.14587. Missing targets by rounds: Dempster, Laird and Rubin, 1977,
        https://doi.org/10.1111/j.2517-6161.1977.tb01600.x.

    Example:

    >>> from tsattn import LinearForecaster, load_dataset
    >>> len(LinearForecaster(horizon=12).fit(load_dataset("air_passengers")).predict())
    12
    """

    _: dataclasses.KW_ONLY
    validation_fraction: float = 0.1

    def _choose(self):
        lookback = check_optional_count("lookback", self.lookback)
        length = int(np.median(self.layout_.lengths))
        self.lookback_, _ = default_window(length, self.horizon_, self.season_, lookback, series=len(self.layout_))
        refuse_short(self.layout_, self.lookback_ if lookback else 1, self.horizon_)

    def _learn(self, windows):
        fraction = check_rate("validation_fraction", self.validation_fraction)
        earlier, later = windows.hold_out(fraction)
        measure = partial(Moments.of, levels=self.schema_.levels)
        everything, penalty = measure(windows), PENALTIES[len(PENALTIES) // 2]
        if not everything.count:
            everything = self._completed(windows, measure, penalty)
        learnt, held_out = measure(earlier), measure(later)
        self.held_out_ = bool(fraction and learnt.count and held_out.count)
        if self.held_out_:
            penalty = min(PENALTIES, key=lambda penalty: held_out.error(learnt.solve(penalty)))
            everything = learnt if self.calibrate else everything
        self.coefficients_, self.penalty_ = everything.solve(penalty), float(penalty)

    def _completed(self, windows, measure, penalty):
        """The `Moments` of all windows, in whose targets the missing values are what the solution says of them."""
        if not len(windows):
            raise ValueError(
                f"`y` has no window of lookback {self.lookback_} + horizon {self.horizon_} steps with an observed past "
                "and an observed target. Lower `horizon` or `lookback`, or fill the missing values."
            )
        features, _ = design(windows.gather([0])[0], self.horizon_, self.schema_.levels)
        guess = np.zeros((features.shape[1], self.horizon_))
        for _ in range(ROUNDS):
            moments = measure(windows, guess=guess)
            guess = moments.solve(penalty)
        return moments

    def _held_out(self, windows):
        return windows.hold_out(self.validation_fraction)[1] if self.held_out_ else None

    def _forecast(self, inputs):
        features, last = design(inputs, self.horizon_, self.schema_.levels)
        values = features @ self.coefficients_ + last
        series, _, channels = inputs["history"].shape
        return values.reshape(series, channels, -1, 1).transpose(0, 2, 1, 3)


@dataclasses.dataclass
class Moments:
    """The sums over windows that least squares needs; their size does not grow with the windows."""

    count: int
    inputs: np.ndarray  # (features, features), the last feature being the constant
    cross: np.ndarray  # (features, horizon)
    targets: np.ndarray  # (horizon,)

    @classmethod
    def of(cls, windows, levels, guess=None):
        """The sums over windows whose target is whole, or over all where coefficients guess what is missing."""
        moments = cls(0, 0.0, 0.0, np.zeros(windows.horizon))
        for first in range(0, len(windows), CHUNK):
            inputs, target = windows.gather(np.arange(first, min(first + CHUNK, len(windows))))
            features, last = design(inputs, windows.horizon, levels)
            target = rows_of(target) - last
            if guess is not None:
                target = np.where(np.isnan(target), features @ guess, target)
            whole = ~np.isnan(target).any(axis=1)
            features, target = features[whole], target[whole]
            moments.count += len(features)
            moments.inputs += features.T @ features
            moments.cross += features.T @ target
            moments.targets += np.sum(target**2, axis=0)
        return moments

    def solve(self, penalty):
        """Coefficients `(features, horizon)`; that of the constant is not penalised."""
        ridge = np.full(len(self.inputs), penalty * np.trace(self.inputs[:-1, :-1]) / max(len(self.inputs) - 1, 1))
        ridge[-1] = 0.0
        return np.linalg.lstsq(self.inputs + np.diag(ridge), self.cross, rcond=None)[0]

    def error(self, coefficients):
        """Sum of squared errors of such coefficients on these windows."""
        explained = 2 * np.sum(coefficients * self.cross, axis=0)
        return float(np.sum(self.targets - explained + np.sum(coefficients * (self.inputs @ coefficients), axis=0)))


def design(inputs, horizon, levels):
    """Features and last values of windows, a row for each channel of each.

    Args:
        inputs: Dict of `"history"` `(n, lookback, channels)` and covariates, as `Windows.gather` gives them.
        horizon: Steps of the forecast.
        levels: For each kind of covariate the number of codes of each column, 0 for numbers.

    Returns:
        Features `(n * channels, features)`: the history less its last observed value, 0 where missing; numbers and
        indicators of the covariates; 1. And that last value `(n * channels, 1)`, NaN where there is none.
    """
    history = rows_of(inputs["history"])
    last = newest_observed(history)[:, None]
    channels = inputs["history"].shape[2]
    beside = [
        _flat(
            inputs[kind] if kind == "static" else inputs[kind][:, -horizon if kind == "past" else -2 * horizon :],
            columns,
        )
        for kind, columns in levels.items()
        if columns
    ]
    beside = [part.repeat(channels, axis=0) for part in beside]
    return np.concatenate([np.nan_to_num(history - last), *beside, np.ones((len(history), 1))], axis=1), last


def rows_of(values):
    """`(n, steps, channels)` as float64 `(n * channels, steps)`."""
    return values.transpose(0, 2, 1).reshape(-1, values.shape[1]).astype("float64")


def _flat(values, levels):
    """Covariates `(n, ..., columns)` as `(n, features)`: numbers, 0 where missing; an indicator for each category."""
    parts = [
        values[..., place] if not codes else values[..., place, None] == np.arange(codes)
        for place, codes in enumerate(levels)
    ]
    return np.concatenate([np.nan_to_num(part).reshape(len(values), -1) for part in parts], axis=1, dtype="float64")
