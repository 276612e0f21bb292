"""The sums that ridge regression needs, gathered a batch of rows at a time."""

import numpy as np


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
