"""Forecasters that satisfy the contract, in ways that a check could wrongly reject."""

import random

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from tsattn import LinearForecaster, SeasonalNaiveForecaster


class Wrapped(BaseEstimator):
    """A forecaster outside tsattn that delegates to one: no `season`, no `lookback`, no keyword-only arguments."""

    def __init__(self, horizon):
        self.horizon = horizon

    def fit(self, y, covariates=None, static=None):
        self.model_ = LinearForecaster(self.horizon).fit(y, covariates, static=static)
        return self

    def predict(self, covariates=None, static=None, horizon=None, y=None):
        check_is_fitted(self)
        return self.model_.predict(covariates, static=static, horizon=horizon, y=y)

    def score(self, y):
        check_is_fitted(self)
        return self.model_.score(y)


class RandomForecaster(LinearForecaster):
    """A forecaster that uses the global random generators and restores their states."""

    def fit(self, y, covariates=None, *, static=None):
        states = random.getstate(), np.random.get_state()
        random.seed(1)
        np.random.seed(1)
        super().fit(y.copy(), covariates, static=static)
        self.noise_ = random.random() + np.random.rand()
        random.setstate(states[0])
        np.random.set_state(states[1])
        return self


class CopyingForecaster(LinearForecaster):
    """A forecaster that modifies copies of the data."""

    def fit(self, y, covariates=None, *, static=None):
        y = y.copy()
        super().fit(y, covariates, static=static)
        y.iloc[:] = y.iloc[0]
        return self

    def predict(self, covariates=None, *, y=None, static=None, horizon=None):
        if covariates is not None:
            covariates = covariates.copy()
            covariates["row"] = 1.0
            del covariates["row"]
        return super().predict(covariates, y=y, static=static, horizon=horizon)


VALID = {
    **{f"linear of horizon {steps}": LinearForecaster(horizon=steps) for steps in (1, 2, 14)},
    **{f"naive of horizon {steps}": SeasonalNaiveForecaster(horizon=steps) for steps in (1, 14, 60)},
    "linear of horizon 24": LinearForecaster(horizon=24, lookback=12),
    "a long lookback": SeasonalNaiveForecaster(horizon=6, lookback=60),
    "a long season": SeasonalNaiveForecaster(horizon=6, season=24),
    "a short season and lookback": SeasonalNaiveForecaster(horizon=6, season=4, lookback=8),
    "positive": LinearForecaster(horizon=6, positive=True),
    "logarithms": LinearForecaster(horizon=6, target_transform="log1p"),
    "outside tsattn": Wrapped(horizon=6),
    "global random state": RandomForecaster(horizon=6),
    "modified copies": CopyingForecaster(horizon=6),
}
