"""The sums that ridge regression needs, gathered a batch of rows at a time."""

import dataclasses

import numpy as np

from tsattn.baselines.seasonal_naive import newest_observed


class Moments:
    """Sums over rows of features and targets; their size does not grow with the rows.

    Args:
        steps: Of a target.
        groups: Groups of neighbouring steps, each with sums of its own over the rows where all of its steps were
            observed. Defaults to 1.

    Attributes:
        rows: Rows in which some step was observed; `whole`, those in which all were.
        count: Rows in the sums, of all groups together.
        width: Features of a row, 0 before there was one.

    Example:

    >>> import numpy as np
    >>> features, targets = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]), np.array([[1.0], [3.0], [5.0]])
    >>> moments = Moments(steps=1)
    >>> moments.add(features, targets)
    >>> moments.solve(penalty=0.0).round(6).tolist()
    [[2.0], [1.0]]
    """

    def __init__(self, steps, groups=1):
        self.rows = self.whole = self.count = self.width = 0
        self._groups = np.array_split(np.arange(steps), groups)
        self._sums = [(0.0, 0.0, 0.0)] * groups

    def add(self, features, targets):
        """Take in rows of features `(n, features)`, the last of them constant.

        Args:
            targets: `(n, steps)`, NaN where not observed.
        """
        self.width, observed = features.shape[1], ~np.isnan(targets)
        self.rows += np.count_nonzero(observed.any(axis=1))
        self.whole += np.count_nonzero(observed.all(axis=1))
        for place, steps in enumerate(self._groups):
            seen = observed[:, steps].all(axis=1)
            x, y = features[seen], targets[seen][:, steps]
            self.count += len(x)
            inputs, cross, squares = self._sums[place]
            self._sums[place] = inputs + x.T @ x, cross + x.T @ y, squares + np.sum(y**2, axis=0)

    def solve(self, penalty):
        """Coefficients `(features, steps)`; that of the constant is not penalised.

        Args:
            penalty: Relative to the mean square of the features.
        """
        parts = []
        for inputs, cross, _ in self._sums:
            ridge = np.full(len(inputs), penalty * np.trace(inputs[:-1, :-1]) / max(len(inputs) - 1, 1))
            ridge[-1] = 0.0
            parts.append(np.linalg.lstsq(inputs + np.diag(ridge), cross, rcond=None)[0])
        return np.concatenate(parts, axis=1)

    def error(self, coefficients):
        """Sum of squared errors of such coefficients on these rows."""
        total = 0.0
        for (inputs, cross, squares), steps in zip(self._sums, self._groups, strict=True):
            part = coefficients[:, steps]
            total += np.sum(squares - 2 * np.sum(part * cross, axis=0) + np.sum(part * (inputs @ part), axis=0))
        return float(total)


PENALTIES = 10.0 ** np.arange(-4, 4)  # per window, relative to the mean variance of the inputs
LONGEST = 1000  # steps of history where nobody asks for more: the seconds grow with the cube
ROWS, MOST_ROWS = 4096, 1_000_000  # at once and at most, a row being a channel of a window
SUMS = 4_000_000  # numbers, where steps are learnt apart


@dataclasses.dataclass(frozen=True)
class Ridge:
    """What was learnt from windows, each of their channels a row.

    Attributes:
        coefficients: `(features, horizon)`, the features as `design` gives them.
        penalty: With the least error on the windows held out; the middle one of the grid if there were none.
        held_out: Whether there were any.
    """

    coefficients: np.ndarray
    penalty: float
    held_out: bool

    @classmethod
    def learnt(cls, windows, parts, levels, *, steps=None, whole=True):
        """Learnt from windows whose target was fully observed, or None where there are none.

        Of more than a million rows some are left out, evenly but at random. Where most targets were not observed as a
        whole, each step is learnt from what was observed of it, of long horizons a few neighbours together.

        Args:
            windows: The `Windows`.
            parts: The same in two, the penalty being chosen on the later ones; or None, for the middle one of the grid.
            levels, steps: As in `design`.
            whole: Whether the later ones are learnt from too, once the penalty is chosen. Defaults to True.
        """

        def moments(part, groups):
            return _moments(part, groups, levels, steps)

        everything, groups = moments(windows, 1), 1
        if 2 * everything.whole < everything.rows:
            groups = min(windows.horizon, max(1, SUMS // everything.width**2))
            everything = moments(windows, groups)
        if not everything.count:
            return None
        learnt, held_out = (moments(part, groups) for part in parts) if parts else (None, None)
        if not (parts and learnt.count and held_out.count):
            penalty = PENALTIES[len(PENALTIES) // 2]
            return cls(everything.solve(penalty), float(penalty), False)
        penalty = min(PENALTIES, key=lambda penalty: held_out.error(learnt.solve(penalty)))
        return cls((everything if whole else learnt).solve(penalty), float(penalty), True)


def _moments(windows, groups, levels, steps):
    """The `Moments` of windows, a row for each channel."""
    moments = Moments(windows.horizon, groups)
    channels = windows.panel.channels
    index = _sample(len(windows), max(1, MOST_ROWS // channels))
    for part in np.array_split(index, -(-len(index) * channels // ROWS)) if len(index) else ():
        inputs, target = windows.gather(part)
        features, last = design(inputs, windows.horizon, levels, steps)
        moments.add(features, rows_of(target) - last)
    return moments


def _sample(count, most):
    """At most so many of the numbers up to a count, rising: one at random of each of as many equal parts."""
    if count <= most:
        return np.arange(count)
    borders = np.arange(most + 1) * count // most
    return np.random.default_rng(0).integers(borders[:-1], borders[1:])


def forecast_by(coefficients, inputs, levels, steps=None):
    """Forecasts `(n, horizon, channels)` by such coefficients, NaN where a channel has no observed value.

    Args:
        coefficients: As in `Ridge`.
        inputs, levels, steps: As in `design`.
    """
    windows, _, channels = inputs["history"].shape
    features, last = design(inputs, coefficients.shape[1], levels, steps)
    return (features @ coefficients + last).reshape(windows, channels, -1).transpose(0, 2, 1)


def design(inputs, horizon, levels, steps=None):
    """Features and last values of windows, a row for each channel of each.

    Args:
        inputs: Dict of `"history"` `(n, lookback, channels)` and covariates, as `Windows.gather` gives them.
        horizon: Steps of the forecast.
        levels: For each kind of covariate that is to enter the number of codes of each column, 0 for numbers.
        steps: Of the history that enter, the newest. None for all. Defaults to None.

    Returns:
        Features `(n * channels, features)`: the history less its last observed value, 0 where missing; numbers and
        indicators of the covariates; 1. And that last value `(n * channels, 1)`, NaN where there is none.
    """
    history = rows_of(inputs["history"])
    last = newest_observed(history)[:, None]
    newest = history if steps is None else history[:, history.shape[1] - steps :]
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
    return np.concatenate([np.nan_to_num(newest - last), *beside, np.ones((len(history), 1))], axis=1), last


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


FRACTION = 0.1  # at the end of what is learnt from, on which the penalty is chosen


def line_of(windows, few=False):
    """Coefficients `(steps + 1, horizon)`, of at most the newest 1,000 steps of the history and of 1; None for none.

    With `few` windows the penalty is a fixed one: to choose it on a part of those costs more of the power to tell the
    forecast from the last value than it gains.
    """
    parts = None if few else windows.hold_out(FRACTION, windows.ends)
    ridge = Ridge.learnt(windows, parts, {}, steps=min(windows.lookback, LONGEST))
    return None if ridge is None else ridge.coefficients


def by_line(coefficients):
    """The forecast by such coefficients as a function of inputs, to `(n, horizon, channels)`."""
    return lambda inputs: forecast_by(coefficients, inputs, {}, len(coefficients) - 1)
