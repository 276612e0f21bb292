"""Ridge regression from a window to its forecast, in closed form: one matrix for all series and channels."""

import dataclasses

import numpy as np

from tsattn.baselines.seasonal_naive import newest_observed

PENALTIES = 10.0 ** np.arange(-4, 4)  # relative to the mean square of the inputs
DEFAULT_PENALTY = PENALTIES[len(PENALTIES) // 2]
MAX_LAGS = 1000  # in a default lookback, because the time to solve grows with the cube
CHUNK_ROWS, MAX_ROWS = 4096, 1_000_000  # a row is one channel of a window
MAX_GRAM_VALUES = 4_000_000  # in the Gram matrices of all groups of steps
LAG_FRACTION = 0.1  # of the training windows, at their end, on which `fit_lags` chooses the penalty


@dataclasses.dataclass(frozen=True)
class Ridge:
    """A fitted ridge regression.

    Args:
        coefficients: Array `(features, horizon)`; features in the order of `design_matrix`.
        penalty: Penalty with the lowest held-out error; without held-out windows, the middle of the grid.
        held_out: Whether the penalty was chosen on held-out windows.
        categories: Dict from the role of covariates to the number of codes of each column, 0 for numbers. Defaults to
            no covariates.
        lags: Number of newest steps of the history that are used, or None for all. Defaults to None.
    """

    coefficients: np.ndarray
    penalty: float
    held_out: bool
    categories: dict = dataclasses.field(default_factory=dict)
    lags: int | None = None

    @classmethod
    def fit(cls, windows, split=None, categories=None, *, lags=None, refit=True):
        """Fit to all windows with a fully observed target.

        If there are more than a million rows, an evenly spread random sample is used. If most targets are only partly
        observed, each step is solved from the rows in which it was observed; for a long horizon, in groups of
        neighboring steps.

        Args:
            windows: The training `Windows`.
            split: The same windows as a pair (earlier, later); the penalty is chosen on the later ones. If None, the
                middle of the grid is used. Defaults to None.
            categories, lags: See `Ridge`.
            refit: If True, fit to all windows again after the penalty has been chosen. Defaults to True.

        Returns:
            A `Ridge`, or None if no target was observed.
        """
        categories = categories or {}

        def moments(part, groups):
            return _moments(part, groups, categories, lags)

        total, groups = moments(windows, 1), 1
        if 2 * total.complete < total.rows:
            groups = min(windows.horizon, max(1, MAX_GRAM_VALUES // total.width**2))
            total = moments(windows, groups)
        if not total.count:
            return None
        earlier, later = (moments(part, groups) for part in split) if split else (None, None)
        if not (split and earlier.count and later.count):
            return cls(total.solve(DEFAULT_PENALTY), float(DEFAULT_PENALTY), False, categories, lags)
        penalty = min(PENALTIES, key=lambda penalty: later.squared_error(earlier.solve(penalty)))
        coefficients = (total if refit else earlier).solve(penalty)
        return cls(coefficients, float(penalty), True, categories, lags)

    @classmethod
    def fit_lags(cls, windows, *, choose_penalty=True):
        """Fit to the history alone; at most its newest 1,000 steps are used.

        Args:
            windows: The training `Windows`.
            choose_penalty: If True, choose the penalty on the last tenth of the windows. If False, use the middle of
                the grid, which is more reliable with few windows. Defaults to True.

        Returns:
            A `Ridge`, or None if no target was observed.
        """
        split = windows.hold_out(LAG_FRACTION, windows.ends) if choose_penalty else None
        return cls.fit(windows, split, lags=min(windows.lookback, MAX_LAGS))

    @classmethod
    def of_lags(cls, coefficients):
        """Return the model with the coefficients `(lags + 1, horizon)` of `fit_lags`."""
        return cls(coefficients, float("nan"), False, lags=len(coefficients) - 1)

    def forecast(self, inputs):
        """Forecast windows.

        Args:
            inputs: Dict of arrays as returned by `Windows.gather`.

        Returns:
            Array `(n, horizon, channels, 1)`, NaN where a channel has no observed value.
        """
        windows, _, channels = inputs["history"].shape
        features, last = design_matrix(inputs, self.coefficients.shape[1], self.categories, self.lags)
        values = (features @ self.coefficients + last).reshape(windows, channels, -1)
        return values.transpose(0, 2, 1)[..., None]


def _moments(windows, groups, categories, lags):
    """Return the `Moments` of windows, with one row per channel."""
    moments = Moments(windows.horizon, groups)
    channels = windows.panel.channels
    index = _sample(len(windows), max(1, MAX_ROWS // channels))
    for part in np.array_split(index, -(-len(index) * channels // CHUNK_ROWS)) if len(index) else ():
        inputs, target = windows.gather(part)
        features, last = design_matrix(inputs, windows.horizon, categories, lags)
        weights = windows.weights(part)
        moments.add(features, _rows(target) - last, None if weights is None else _rows(weights))
    return moments


def _sample(count, most):
    """Return up to `most` increasing integers below `count`, one drawn at random from each of equal parts."""
    if count <= most:
        return np.arange(count)
    borders = np.arange(most + 1) * count // most
    return np.random.default_rng(0).integers(borders[:-1], borders[1:])


def design_matrix(inputs, horizon, categories, lags=None):
    """Return the features of windows, with one row per window and channel.

    Args:
        inputs: Dict of `"history"` `(n, lookback, channels)` and covariates, as returned by `Windows.gather`.
        horizon: Number of steps to forecast.
        categories, lags: See `Ridge`.

    Returns:
        A pair: features `(n * channels, features)`, and last observed values `(n * channels, 1)`, NaN if there are
        none. The features are the history minus the last observed value, 0 where missing; the covariates, as numbers or
        one-hot categories; and the constant 1.
    """
    history = _rows(inputs["history"])
    last = newest_observed(history)[:, None]
    newest = history if lags is None else history[:, history.shape[1] - lags :]
    channels = inputs["history"].shape[2]
    covariates = [
        _one_hot(
            inputs[role] if role == "static" else inputs[role][:, -horizon if role == "past" else -2 * horizon :],
            columns,
        )
        for role, columns in categories.items()
        if columns
    ]
    covariates = [part.repeat(channels, axis=0) for part in covariates]
    return np.concatenate([np.nan_to_num(newest - last), *covariates, np.ones((len(history), 1))], axis=1), last


def _rows(values):
    """Reshape `(n, steps, channels)` to float64 `(n * channels, steps)`."""
    return values.transpose(0, 2, 1).reshape(-1, values.shape[1]).astype("float64")


def _one_hot(values, categories):
    """Return covariates `(n, ..., columns)` as `(n, features)`: numbers, 0 where missing, and one-hot categories."""
    parts = [
        values[..., column] if not codes else values[..., column, None] == np.arange(codes)
        for column, codes in enumerate(categories)
    ]
    return np.concatenate([np.nan_to_num(part).reshape(len(values), -1) for part in parts], axis=1, dtype="float64")


class Moments:
    """Sufficient statistics of ridge regression, accumulated batch by batch.

    Args:
        steps: Number of steps of a target.
        groups: Number of groups of neighboring steps. The sums of a group are over the rows in which all of its steps
            were observed. Defaults to 1.

    Attributes:
        rows: Number of rows in which any step was observed.
        complete: Number of rows in which all steps were observed.
        count: Number of rows in the sums, totalled over the groups.
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
        self.rows = self.complete = self.count = self.width = 0
        self._groups = np.array_split(np.arange(steps), groups)
        self._sums = [(0.0, 0.0, 0.0)] * groups

    def add(self, features, targets, weights=None):
        """Add rows.

        Args:
            features: Array `(n, features)`; the last column is constant.
            targets: Array `(n, steps)`, NaN where not observed.
            weights: Array `(n, steps)` of weights of the squared errors, or None if all are 1. A row has the mean
                weight of the steps of a group. Defaults to None.
        """
        self.width, observed = features.shape[1], ~np.isnan(targets)
        self.rows += np.count_nonzero(observed.any(axis=1))
        self.complete += np.count_nonzero(observed.all(axis=1))
        for group, steps in enumerate(self._groups):
            used = observed[:, steps].all(axis=1)
            x, y = features[used], targets[used][:, steps]
            self.count += len(x)
            if weights is not None:
                root = np.sqrt(weights[used][:, steps].mean(axis=1, keepdims=True))
                x, y = root * x, root * y
            gram, cross, squares = self._sums[group]
            self._sums[group] = gram + x.T @ x, cross + x.T @ y, squares + np.sum(y**2, axis=0)

    def solve(self, penalty):
        """Return the coefficients `(features, steps)`; the constant is not penalized.

        Args:
            penalty: Penalty, relative to the mean square of the features.
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
