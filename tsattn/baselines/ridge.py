"""Ridge regression from a window to its forecast: one matrix for all series and channels, solved in closed form."""

import dataclasses

import numpy as np

from tsattn.baselines.seasonal_naive import newest_observed

PENALTIES = 10.0 ** np.arange(-4, 4)  # relative to the mean square of the inputs
DEFAULT_PENALTY = PENALTIES[len(PENALTIES) // 2]
MAX_LAGS = 1000  # of a default lookback: the time to solve grows with the cube
CHUNK_ROWS, MAX_ROWS = 4096, 1_000_000  # a row is one channel of a window
MAX_GRAM_VALUES = 4_000_000  # of all groups together, where steps are solved separately
LAG_FRACTION = 0.1  # of the training windows, at their end, on which the penalty of a lag model is chosen


@dataclasses.dataclass(frozen=True)
class Ridge:
    """A fitted ridge regression.

    Args:
        coefficients: Array `(features, horizon)`; features in the order of `design_matrix`.
        penalty: The penalty with the lowest held-out error, or the middle of the grid without held-out windows.
        held_out: Whether the penalty was chosen on held-out windows.
        categories: For each kind of covariate the number of codes of each column, 0 for numbers. Defaults to no
            covariates.
        lags: Newest steps of the history that enter. None for all. Defaults to None.
    """

    coefficients: np.ndarray
    penalty: float
    held_out: bool
    categories: dict = dataclasses.field(default_factory=dict)
    lags: int | None = None

    @classmethod
    def fit(cls, windows, split=None, categories=None, *, lags=None, refit=True):
        """Fit to all windows with a fully observed target.

        Of more than a million rows an even random sample is taken. If most targets are only partly observed, each
        step is solved from the rows in which it was observed; with a long horizon, a few neighbouring steps together.

        Args:
            windows: The training `Windows`.
            split: The same windows as a pair (earlier, later); the penalty is chosen on the later ones. None takes
                the middle of the grid. Defaults to None.
            categories, lags: See `Ridge`.
            refit: If True, fit to all windows again once the penalty is chosen. Defaults to True.

        Returns:
            A `Ridge`, or None if no target was observed.
        """
        categories = categories or {}

        def moments(part, groups):
            return _moments(part, groups, categories, lags)

        everything, groups = moments(windows, 1), 1
        if 2 * everything.whole < everything.rows:
            groups = min(windows.horizon, max(1, MAX_GRAM_VALUES // everything.width**2))
            everything = moments(windows, groups)
        if not everything.count:
            return None
        earlier, later = (moments(part, groups) for part in split) if split else (None, None)
        if not (split and earlier.count and later.count):
            return cls(everything.solve(DEFAULT_PENALTY), float(DEFAULT_PENALTY), False, categories, lags)
        penalty = min(PENALTIES, key=lambda penalty: later.squared_error(earlier.solve(penalty)))
        coefficients = (everything if refit else earlier).solve(penalty)
        return cls(coefficients, float(penalty), True, categories, lags)

    @classmethod
    def fit_lags(cls, windows, *, choose_penalty=True):
        """Fit to the history alone, at most its newest 1,000 steps.

        Args:
            windows: The training `Windows`.
            choose_penalty: If True, choose the penalty on the last tenth of them. With few windows a fixed penalty
                loses less power to distinguish the forecast from the last value. Defaults to True.

        Returns:
            A `Ridge`, or None if no target was observed.
        """
        split = windows.hold_out(LAG_FRACTION, windows.ends) if choose_penalty else None
        return cls.fit(windows, split, lags=min(windows.lookback, MAX_LAGS))

    @classmethod
    def of_lags(cls, coefficients):
        """Wrap the coefficients `(lags + 1, horizon)` of a model of the history alone."""
        return cls(coefficients, float("nan"), False, lags=len(coefficients) - 1)

    def forecast(self, inputs):
        """Forecast windows.

        Args:
            inputs: Dict of arrays as `Windows.gather` returns it.

        Returns:
            Array `(n, horizon, channels, 1)`, NaN where a channel has no observed value.
        """
        windows, _, channels = inputs["history"].shape
        features, last = design_matrix(inputs, self.coefficients.shape[1], self.categories, self.lags)
        values = (features @ self.coefficients + last).reshape(windows, channels, -1)
        return values.transpose(0, 2, 1)[..., None]


def _moments(windows, groups, categories, lags):
    """The `Moments` of windows, one row for each channel."""
    moments = Moments(windows.horizon, groups)
    channels = windows.panel.channels
    index = _sample(len(windows), max(1, MAX_ROWS // channels))
    for part in np.array_split(index, -(-len(index) * channels // CHUNK_ROWS)) if len(index) else ():
        inputs, target = windows.gather(part)
        features, last = design_matrix(inputs, windows.horizon, categories, lags)
        moments.add(features, _rows(target) - last)
    return moments


def _sample(count, most):
    """Return at most `most` rising integers below `count`: one at random from each of equal parts."""
    if count <= most:
        return np.arange(count)
    borders = np.arange(most + 1) * count // most
    return np.random.default_rng(0).integers(borders[:-1], borders[1:])


def design_matrix(inputs, horizon, categories, lags=None):
    """Build the features of windows, one row for each channel of each window.

    Args:
        inputs: Dict of `"history"` `(n, lookback, channels)` and covariates, as `Windows.gather` returns it.
        horizon: Steps to forecast.
        categories, lags: See `Ridge`.

    Returns:
        A pair of features `(n * channels, features)` and last observed values `(n * channels, 1)`, NaN where there is
        none. Features are the history minus that value, 0 where missing; numbers and one-hot categories of the
        covariates; and a constant 1.
    """
    history = _rows(inputs["history"])
    last = newest_observed(history)[:, None]
    newest = history if lags is None else history[:, history.shape[1] - lags :]
    channels = inputs["history"].shape[2]
    covariates = [
        _one_hot(
            inputs[kind] if kind == "static" else inputs[kind][:, -horizon if kind == "past" else -2 * horizon :],
            columns,
        )
        for kind, columns in categories.items()
        if columns
    ]
    covariates = [part.repeat(channels, axis=0) for part in covariates]
    return np.concatenate([np.nan_to_num(newest - last), *covariates, np.ones((len(history), 1))], axis=1), last


def _rows(values):
    """`(n, steps, channels)` as float64 `(n * channels, steps)`."""
    return values.transpose(0, 2, 1).reshape(-1, values.shape[1]).astype("float64")


def _one_hot(values, categories):
    """Covariates `(n, ..., columns)` as `(n, features)`: numbers, 0 where missing, and one-hot categories."""
    parts = [
        values[..., place] if not codes else values[..., place, None] == np.arange(codes)
        for place, codes in enumerate(categories)
    ]
    return np.concatenate([np.nan_to_num(part).reshape(len(values), -1) for part in parts], axis=1, dtype="float64")


class Moments:
    """Sufficient statistics of ridge regression, accumulated a batch of rows at a time.

    Args:
        steps: Steps of a target.
        groups: Number of groups of neighbouring steps. Each group has its own sums over the rows in which all of its
            steps were observed. Defaults to 1.

    Attributes:
        rows: Number of rows in which any step was observed.
        whole: Number of rows in which all steps were observed.
        count: Number of rows in the sums, over all groups.
        width: Number of features; 0 before the first row.

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
        """Add rows.

        Args:
            features: Array `(n, features)`; the last column is constant.
            targets: Array `(n, steps)`, NaN where not observed.
        """
        self.width, observed = features.shape[1], ~np.isnan(targets)
        self.rows += np.count_nonzero(observed.any(axis=1))
        self.whole += np.count_nonzero(observed.all(axis=1))
        for place, steps in enumerate(self._groups):
            seen = observed[:, steps].all(axis=1)
            x, y = features[seen], targets[seen][:, steps]
            self.count += len(x)
            gram, cross, squares = self._sums[place]
            self._sums[place] = gram + x.T @ x, cross + x.T @ y, squares + np.sum(y**2, axis=0)

    def solve(self, penalty):
        """Return the coefficients `(features, steps)`; the constant is not penalised.

        Args:
            penalty: Relative to the mean square of the features.
        """
        parts = []
        for gram, cross, _ in self._sums:
            ridge = np.full(len(gram), penalty * np.trace(gram[:-1, :-1]) / max(len(gram) - 1, 1))
            ridge[-1] = 0.0
            parts.append(np.linalg.lstsq(gram + np.diag(ridge), cross, rcond=None)[0])
        return np.concatenate(parts, axis=1)

    def squared_error(self, coefficients):
        """Return the sum of squared errors of coefficients `(features, steps)` on the rows added so far."""
        total = 0.0
        for (gram, cross, squares), steps in zip(self._sums, self._groups, strict=True):
            part = coefficients[:, steps]
            total += np.sum(squares - 2 * np.sum(part * cross, axis=0) + np.sum(part * (gram @ part), axis=0))
        return float(total)
