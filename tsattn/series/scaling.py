"""Centre and scale of every series and channel, in float64, before anything is float32."""

from dataclasses import dataclass

import numpy as np

EPSILON = np.finfo("float64").eps
SMALLEST = np.finfo("float64").tiny


@dataclass(frozen=True, eq=False)
class Scaler:
    """Maps each channel of each series to mean 0 and standard deviation 1, and back.

    Args:
        center: float64 (series, channels).
        scale: float64 (series, channels), above 0.
    """

    center: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, panel, layout):
        """Mean and standard deviation of what was observed in each channel of each series of a Panel.

        A constant channel gets a scale so small that it comes out as exactly 0 and goes back to itself;
        a channel without any observation gets center 0 and scale 1.

        Raises:
            ValueError: a value is too far from the others for float32; `layout` names it.
        """
        moments = np.array([_moments_of(panel.of(s)) for s in range(len(panel))])
        scaler = cls(np.ascontiguousarray(moments[..., 0]), np.ascontiguousarray(moments[..., 1]))
        scaler.refuse_outliers(panel, layout)
        return scaler

    def unit(self, series):
        """One standard deviation of the series (n,) in the numbers that `transform` gives: 1, (n, 1, channels)."""
        return np.ones_like(self.scale[series][:, None])

    def known_or(self, other, places):
        """The Scaler of other series: where places (n,) is not -1, that of our series there, else that of `other`."""
        known = (places >= 0)[:, None]
        return Scaler(
            np.where(known, self.center[places], other.center), np.where(known, self.scale[places], other.scale)
        )

    def refuse_outliers(self, panel, layout):
        """ValueError unless every value of the Panel is finite in float32 once scaled."""
        starts = panel.offsets[:-1]
        for extreme in (np.fmin, np.fmax):
            values = extreme.reduceat(panel.values, starts, axis=0)  # (series, channels)
            lost = np.isinf(self.transform(values[:, None], slice(None)))[:, 0]
            if lost.any():
                series, channel = np.argwhere(lost)[0]
                raise ValueError(
                    f"{layout.series_name(series)} has the value {values[series, channel]:g} in channel "
                    f"{layout.channel_names[channel]}, which is too large to be scaled: this channel has center "
                    f"{self.center[series, channel]:g} and scale {self.scale[series, channel]:g}. "
                    "Replace the outlier or mark it as missing (NaN)."
                )

    def transform(self, values, series):
        """Values (n, steps, channels) of the series (n,), scaled: float32; NaN stays NaN."""
        with np.errstate(over="ignore", invalid="ignore"):
            return ((values - self.center[series][:, None]) / self.scale[series][:, None]).astype("float32")

    def inverse(self, scaled, series):
        """Scaled numbers (n, steps, channels) or (n, steps, channels, any) in the units of the data, float64.

        Raises:
            ValueError: a number that leaves float64.
        """
        scaled = np.asarray(scaled, dtype="float64")
        shape = (-1, 1, self.center.shape[1]) + (1,) * (scaled.ndim - 3)
        center, scale = self.center[series].reshape(shape), self.scale[series].reshape(shape)
        with np.errstate(over="ignore"):
            values = scaled * scale + center
        if np.any(np.isinf(values)):
            raise ValueError("The numbers are too large for float64 in the units of the data. Rescale the data first.")
        return values


class Unscaled:
    """In place of a `Scaler` where values are to stay as they are, in their own dtype; it knows their scale."""

    def __init__(self, scaler):
        self.scaler = scaler

    @classmethod
    def of(cls, panel, layout):
        return cls(Scaler.of(panel, layout))

    @property
    def scale(self):
        return self.scaler.scale

    def unit(self, series):
        """One standard deviation of the series (n,) in the numbers that `transform` gives, (n, 1, channels)."""
        return self.scale[series][:, None]

    def known_or(self, other, places):
        return Unscaled(self.scaler.known_or(other.scaler, places))

    def transform(self, values, series):
        return values

    def inverse(self, values, series):
        return values


def _moments_of(values):
    """Pairs of center and scale for the columns of (steps, channels)."""
    columns = values.T.astype("float64")
    return [_moments(column[~np.isnan(column)]) for column in columns]


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
