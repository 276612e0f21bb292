"""The linear forecast: one matrix from the window to the horizon, solved in closed form."""

import dataclasses

import numpy as np

from tsattn.checks import check_optional_count, check_rate
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.documented import documented
from tsattn.forecasters.forecaster import Forecaster
from tsattn.forecasters.moments import Moments
from tsattn.forecasters.naive import newest_observed
from tsattn.forecasters.refusals import refuse_short

PENALTIES = 10.0 ** np.arange(-4, 4)  # per window, relative to the mean variance of the inputs
ROWS = 4096  # at once, a row being a channel of a window
LONGEST = 1000  # of the lookbacks that it chooses: the seconds grow with the cube
SUMS = 4_000_000  # numbers, where steps are learnt apart


@documented
@dataclasses.dataclass(eq=False, repr=False)
class LinearForecaster(Forecaster):
    """Ridge regression from the window, less its last value, to the forecast; one matrix for all series and channels.

    Covariates enter with the steps of the forecast and as many before them. The penalty is the one
    with the least error on the last part of the series, from a grid of eight; then all windows are
    learnt from, but with `calibrate` only those before. Windows whose target was not fully observed
    are left out; where most were not, each step is learnt from what was observed of it, of long
    horizons a few neighbours together. The lookback of None is that of the networks, but at most
    1,000 steps.

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

    def _choose(self):
        lookback = check_optional_count("lookback", self.lookback)
        length = int(np.median(self.layout_.lengths))
        chosen, _ = default_window(length, self.horizon_, self.season_, lookback, series=len(self.layout_))
        self.lookback_ = lookback or min(chosen, LONGEST)
        refuse_short(self.layout_, self.lookback_ if lookback else 1, self.horizon_)

    def _learn(self, windows):
        fraction = check_rate("validation_fraction", self.validation_fraction)
        earlier, later = windows.hold_out(fraction)
        everything, groups = self._moments(windows), 1
        if 2 * everything.whole < everything.rows:
            groups = min(self.horizon_, max(1, SUMS // everything.width**2))
            everything = self._moments(windows, groups)
        if not everything.count:
            raise ValueError(
                f"`y` has no window of lookback {self.lookback_} + horizon {self.horizon_} steps with an observed past "
                "and an observed target. Lower `horizon` or `lookback`, or fill the missing values."
            )
        penalty = PENALTIES[len(PENALTIES) // 2]
        learnt, held_out = self._moments(earlier, groups), self._moments(later, groups)
        self.held_out_ = bool(fraction and learnt.count and held_out.count)
        if self.held_out_:
            penalty = min(PENALTIES, key=lambda penalty: held_out.error(learnt.solve(penalty)))
            everything = learnt if self.calibrate else everything
        self.coefficients_, self.penalty_ = everything.solve(penalty), float(penalty)

    def _moments(self, windows, groups=1):
        """The `Moments` of windows, a row for each channel."""
        moments = Moments(self.horizon_, groups)
        size = max(1, ROWS // windows.panel.channels)
        for first in range(0, len(windows), size):
            inputs, target = windows.gather(np.arange(first, min(first + size, len(windows))))
            features, last = design(inputs, self.horizon_, self.schema_.levels)
            moments.add(features, rows_of(target) - last)
        return moments

    def _held_out(self, windows):
        return windows.hold_out(self.validation_fraction)[1] if self.held_out_ else None

    def _forecast(self, inputs):
        features, last = design(inputs, self.horizon_, self.schema_.levels)
        values = features @ self.coefficients_ + last
        series, _, channels = inputs["history"].shape
        return values.reshape(series, channels, -1, 1).transpose(0, 2, 1, 3)


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
