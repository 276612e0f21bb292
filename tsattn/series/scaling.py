"""Centre and scale of every channel, in float64, before anything is float32."""

from dataclasses import dataclass

import numpy as np

from tsattn.series.panel import Panel

EPSILON = np.finfo("float64").eps
SMALLEST = np.finfo("float64").tiny


@dataclass(frozen=True, eq=False)
class Scaler:
    """Maps channels to mean 0 and standard deviation 1, and back.

    Args:
        center: float64 (channels,).
        scale: float64 (channels,), above 0.
    """

    center: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, panel):
        """Mean and standard deviation of what was observed in each channel, over all series.

        A constant channel gets a scale so small that it comes out as exactly 0 and goes back to itself;
        a channel without any observation gets center 0 and scale 1.
        """
        columns = panel.values.T.astype("float64")
        moments = [_moments(column[~np.isnan(column)]) for column in columns]
        return cls(*np.array(moments).T)

    def transform(self, panel, names):
        """The scaled Panel, float32; NaN stays NaN.

        Args:
            panel: a Panel.
            names: names of the channels, for the error.

        Raises:
            ValueError: an observed value is too far from the others for float32.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = ((panel.values - self.center) / self.scale).astype("float32")
        lost = panel.observed & ~np.isfinite(scaled)
        if lost.any():
            row, channel = np.argwhere(lost)[0]
            raise ValueError(
                f"The value {panel.values[row, channel]:g} in channel {names[channel]} is too large to be scaled: "
                f"this channel has center {self.center[channel]:g} and scale {self.scale[channel]:g}. "
                "Replace the outlier or mark it as missing (NaN)."
            )
        return Panel(scaled, panel.offsets)

    def inverse(self, scaled):
        """Scaled numbers (..., channels) in the units of the data, float64.

        Raises:
            ValueError: a number that leaves float64.
        """
        scaled = np.asarray(scaled, dtype="float64")
        with np.errstate(over="ignore"):
            values = scaled * self.scale + self.center
        if np.any(np.isinf(values)):
            raise ValueError("The numbers are too large for float64 in the units of the data. Rescale the data first.")
        return values


class Unscaled:
    """In place of a `Scaler` where values are to stay as they are, in float64."""

    scale = 1.0

    def transform(self, panel, names):
        return panel

    def inverse(self, values):
        return values


def _moments(observed):
    """Center and scale of the observed values (steps,) of a channel."""
    if len(observed) == 0:
        return 0.0, 1.0
    # Dividing by a power of two is exact and keeps the squares of 1e200 finite. Counting from the least value
    # makes a constant exact and keeps a small signal on a large level.
    unit = np.ldexp(1.0, max(np.frexp(np.abs(observed).max())[1] - 1, -1022))
    least = (observed / unit).min()
    above = observed / unit - least
    center, deviation = (least + above.mean()) * unit, above.std() * unit
    rounding = EPSILON * abs(center)
    return center, max(deviation if deviation > rounding else rounding or EPSILON, SMALLEST)
