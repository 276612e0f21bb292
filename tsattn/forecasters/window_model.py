"""The protocol of fitted models, which forecast windows."""

from typing import Protocol

import numpy as np


class WindowModel(Protocol):
    """Protocol of a fitted model that forecasts scaled windows."""

    def forecast(self, inputs: dict) -> np.ndarray:
        """Forecast windows.

        Args:
            inputs: Dict of arrays as returned by `Windows.gather`: `"history"` `(n, lookback, channels)`, NaN where not
                observed, and the covariates `"past"`, `"known"` and `"static"`.

        Returns:
            Array `(n, horizon, channels, outputs)`, with one output per trained level.
        """
        ...
