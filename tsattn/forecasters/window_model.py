"""What every forecaster fits: a model of windows."""

from typing import Protocol

import numpy as np


class WindowModel(Protocol):
    """A fitted model that forecasts scaled windows."""

    def forecast(self, inputs: dict) -> np.ndarray:
        """Forecast windows.

        Args:
            inputs: Dict of `"history"` `(n, lookback, channels)`, NaN where not observed, and of the covariates
                `"past"`, `"known"` and `"static"`, as `Windows.gather` returns it.

        Returns:
            Array `(n, horizon, channels, outputs)`, one output for each trained level.
        """
        ...
