"""Ridge regression from a window, less its last value, to the forecast: one matrix, solved in closed form."""

import dataclasses

import numpy as np

from tsattn.forecasters.moments import Moments
from tsattn.forecasters.naive import newest_observed

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
