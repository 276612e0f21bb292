"""A network with a fixed horizon and fixed levels, as a model of other horizons and levels."""

import dataclasses

import numpy as np

from tsattn.forecasters.conformal import MEDIAN, level_weights
from tsattn.training.compiled import TrainedNetwork


@dataclasses.dataclass(frozen=True, eq=False)
class RolledModel:
    """A network that is rolled forward to a longer horizon, and whose quantiles are interpolated.

    Each part of the forecast is based on the median of the previous one.

    Args:
        network: A `TrainedNetwork`.
        horizon: Number of steps to forecast.
        levels: Tuple of the levels to forecast; `(0.5,)` for a network without quantiles.
    """

    network: TrainedNetwork
    horizon: int
    levels: tuple

    def forecast(self, inputs):
        """Forecast windows, see `WindowModel.forecast`."""
        parts, steps = [self._part(inputs)], self.network.spec.horizon
        median = self._trained_levels.index(MEDIAN)
        while len(parts) * steps < self.horizon:
            inputs = advance(inputs, parts[-1][..., median], steps)
            parts.append(self._part(inputs))
        forecasts = np.concatenate(parts, axis=1)[:, : self.horizon]
        if self.levels == self._trained_levels:
            return forecasts
        return np.maximum.accumulate(forecasts @ self.level_weights, axis=-1)  # rounding must not make quantiles cross

    def _part(self, inputs):
        """Forecast the next steps; known covariates may extend beyond them."""
        if "known" in inputs:
            end = self.network.spec.lookback + self.network.spec.horizon
            inputs = {**inputs, "known": inputs["known"][:, :end]}
        return self.network.forecast(inputs)

    @property
    def level_weights(self):
        """Matrix `(outputs of the network, levels)` that interpolates the quantiles of the network."""
        return level_weights(self._trained_levels, self.levels)

    @property
    def _trained_levels(self):
        return self.network.spec.skeleton.quantiles or (MEDIAN,)


def advance(inputs, forecast, steps):
    """Return the inputs of the next part of a forecast.

    Args:
        inputs: Dict of inputs as `Windows.gather` returns it. Known covariates may extend beyond `steps`.
        forecast: The forecast, which becomes history, `(n, steps, channels)`.
        steps: Number of steps of a part.

    Returns:
        Dict of inputs. Covariates of steps that are not known are NaN.
    """
    moved = dict(inputs)
    moved["history"] = np.concatenate([inputs["history"], forecast], axis=1)[:, steps:]
    for name in {"past", "known"} & set(inputs):
        values = inputs[name][:, steps:]
        missing = np.full((len(values), steps, values.shape[2]), np.nan, values.dtype)
        moved[name] = np.concatenate([values, missing], axis=1)
    return moved
