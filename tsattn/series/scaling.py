"""Scaling of each channel of each series by its mean and standard deviation, in float64."""

from dataclasses import dataclass

import numpy as np

from tsattn.series.domain import spread
from tsattn.series.transforms import Transform

EPSILON = np.finfo("float64").eps
LARGEST_ROUNDING = 1e6  # scaled error of a forecast of a constant channel, whose scale is about EPSILON
SMALLEST_SCALE = np.finfo("float64").tiny


@dataclass(frozen=True, eq=False)
class Scaler:
    """Scale each channel of each series to mean 0 and standard deviation 1, and invert the scaling.

    Args:
        center: float64 `(series, channels)`.
        scale: float64 `(series, channels)`, above 0.
    """

    center: np.ndarray
    scale: np.ndarray

    @classmethod
    def from_panel(cls, panel, layout):
        """Compute mean and standard deviation of the observed values of each channel of each series.

        The scale of a constant channel is so small that its values become exactly 0 and are restored exactly. A channel
        without observed values has center 0 and scale 1. The scale of counts includes the noise in their targets.

        Args:
            panel: The `Panel`.
            layout: `Layout` of the panel, for error messages.

        Raises:
            ValueError: If a value is so far from the others that float32 overflows.
        """
        scaler = _measure(panel)
        scaler.check_range(panel, layout)
        return scaler

    def for_panel(self, panel, layout):
        """Return the scaler of the same kind of another panel; see `from_panel`."""
        return self.from_panel(panel, layout)

    @property
    def moments(self):
        """Center and scale."""
        return self.center, self.scale

    def scaled_std(self, series):
        """Return the standard deviation of some series in scaled units, which is 1: `(n, 1, channels)`.

        Args:
            series: Indices of the series, `(n,)`.
        """
        return np.ones_like(self.scale[series][:, None])

    def take(self, series, default):
        """Return a Scaler for other series.

        Args:
            series: Index in this Scaler of each of them, or -1, `(n,)`.
            default: Scaler of the other series, used where the index is -1.
        """
        known = (series >= 0)[:, None]
        return Scaler(
            np.where(known, self.center[series], default.center), np.where(known, self.scale[series], default.scale)
        )

    def check_range(self, panel, layout):
        """Check that all scaled values of a Panel are finite in float32.

        Args:
            panel: The `Panel`.
            layout: `Layout` of the panel, for error messages.

        Raises:
            ValueError: If a scaled value is not finite.
        """
        _check_range(self, panel, layout)

    def transform(self, values, series):
        """Scale values.

        Args:
            values: `(n, steps, channels)`; NaN is kept.
            series: Index of the series of each window, `(n,)`.

        Returns:
            float32, of the same shape.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            return ((values - self.center[series][:, None]) / self.scale[series][:, None]).astype("float32")

    def inverse(self, scaled, series):
        """Convert scaled values back to the units of the data.

        Args:
            scaled: `(n, steps, channels)` or `(n, steps, channels, any)`.
            series: Index of the series of each window, `(n,)`.

        Returns:
            float64, of the same shape.

        Raises:
            ValueError: If a value overflows float64.
        """
        scaled = np.asarray(scaled, dtype="float64")
        center, scale, is_constant = (
            _like(part, scaled) for part in (self.center[series], self.scale[series], self.is_constant(series))
        )
        # Otherwise, the scaled forecast of a series of zeros, which is not exactly 0, would become 1e-20.
        scaled = np.where(is_constant & (np.abs(scaled) < LARGEST_ROUNDING), 0.0, scaled)
        with np.errstate(over="ignore"):
            values = scaled * scale + center
        if np.any(np.isinf(values)):
            raise ValueError("The values are too large for float64 in the units of the data. Rescale the data first.")
        return values

    def is_constant(self, series):
        """Return whether the channels of some series `(n,)` are constant: `(n, channels)`."""
        center, scale = self.center[series], self.scale[series]
        return np.where(center == 0, scale == EPSILON, scale <= EPSILON * np.abs(center))


@dataclass(frozen=True, eq=False)
class TransformedScaler:
    """Scale an increasing function of the values, and invert both.

    Args:
        function: The `Transform`.
        scaler: `Scaler` of the values of the function, or its replacement `Unscaled`.
        original: `Scaler` of the values themselves, whose moments are in the units of the data.
    """

    function: Transform
    scaler: "Scaler | Unscaled"
    original: Scaler

    @classmethod
    def from_panel(cls, panel, layout, function, kind):
        """Compute the moments of the values and of their function, as in `Scaler.from_panel`.

        Args:
            panel: The `Panel`.
            layout: `Layout` of the panel, for error messages.
            function: The `Transform`.
            kind: `Scaler`, or `Unscaled` to keep the values of the function.

        Raises:
            ValueError: If the function is not defined for a value, or as in `Scaler.from_panel`.
        """
        function.check_domain(panel, layout)
        transformed = _measure(panel, function.apply)
        scaler = cls(function, Unscaled(transformed) if kind is Unscaled else transformed, _measure(panel))
        scaler.check_range(panel, layout)
        return scaler

    def for_panel(self, panel, layout):
        """Return the scaler of another panel with the same function; see `from_panel`."""
        return self.from_panel(panel, layout, self.function, type(self.scaler))

    @property
    def scale(self):
        """Standard deviations of the values, float64 `(series, channels)`."""
        return self.original.scale

    @property
    def moments(self):
        """Center and scale of the values."""
        return self.original.moments

    def scaled_std(self, series):
        """Return the standard deviation of some series in scaled units, as in `Scaler.scaled_std`."""
        return self.scaler.scaled_std(series)

    def take(self, series, default):
        """Return the scaler of other series, as in `Scaler.take`."""
        parts = self.scaler.take(series, default.scaler), self.original.take(series, default.original)
        return TransformedScaler(self.function, *parts)

    def check_range(self, panel, layout):
        """Check that all scaled values of a Panel are finite in float32, as in `Scaler.check_range`."""
        _check_range(self, panel, layout)

    def transform(self, values, series):
        """Scale the function of values, as in `Scaler.transform`."""
        return self.scaler.transform(self.function.apply(values), series)

    def inverse(self, scaled, series):
        """Convert scaled values back to the units of the data, as in `Scaler.inverse`.

        Raises:
            ValueError: If a value overflows float64.
        """
        transformed = self.scaler.inverse(scaled, series)
        values = self.function.invert(transformed)
        if np.any(np.isinf(values)):
            raise ValueError(
                f"The forecast overflows float64 in the inverse of `target_transform` {self.function.name!r}. Lower "
                "`horizon`, or set `target_transform` to None."
            )
        # The inverse of the function of a constant can differ from the constant in the last bit.
        is_constant, center, constant = (
            _like(part, values)
            for part in (self.scaler.is_constant(series), self.scaler.moments[0][series], self.original.center[series])
        )
        return np.where(is_constant & (transformed == center), constant, values)


class Unscaled:
    """Replacement for a `Scaler` that does not change values or their dtype, but provides their scale.

    Args:
        scaler: The `Scaler` of the same series.
    """

    def __init__(self, scaler):
        self.scaler = scaler

    @classmethod
    def from_panel(cls, panel, layout):
        """Compute the scale of each channel of each series, as in `Scaler.from_panel`."""
        return cls(Scaler.from_panel(panel, layout))

    def for_panel(self, panel, layout):
        """Return the replacement for the scaler of another panel; see `from_panel`."""
        return self.from_panel(panel, layout)

    @property
    def scale(self):
        """Standard deviations, float64 `(series, channels)`."""
        return self.scaler.scale

    @property
    def moments(self):
        """Center and scale of the `Scaler`."""
        return self.scaler.moments

    def scaled_std(self, series):
        """Return the standard deviation of some series `(n,)` in the units of `transform`: `(n, 1, channels)`."""
        return self.scale[series][:, None]

    def is_constant(self, series):
        """Return whether the channels of some series are constant, as in `Scaler.is_constant`."""
        return self.scaler.is_constant(series)

    def take(self, series, default):
        """Return the replacement for other series, as in `Scaler.take`."""
        return Unscaled(self.scaler.take(series, default.scaler))

    def check_range(self, panel, layout):
        """Do nothing: values that are not scaled do not overflow."""

    def transform(self, values, series):
        """Return the values unchanged."""
        return values

    def inverse(self, values, series):
        """Return the values unchanged."""
        return values


def _measure(panel, function=None):
    """Return the `Scaler` of the values of a panel, or of their function, without a check of their range."""
    series = map(panel.series, range(len(panel)))
    if panel.counts:  # otherwise, the noise in the targets of series of almost only zeros would have a large scale
        series = map(spread, series)
    moments = np.array([_series_moments(values if function is None else function(values)) for values in series])
    return Scaler(np.ascontiguousarray(moments[..., 0]), np.ascontiguousarray(moments[..., 1]))


def _check_range(scaler, panel, layout):
    """Check the range of a panel by the extremes of each channel, see `Scaler.check_range`; scaling is increasing."""
    center, scale = scaler.moments
    for extreme in (np.fmin, np.fmax):
        values = extreme.reduceat(panel.values, panel.offsets[:-1], axis=0)  # (series, channels)
        infinite = np.isinf(scaler.transform(values[:, None], slice(None)))[:, 0]
        if infinite.any():
            series, channel = np.argwhere(infinite)[0]
            raise ValueError(
                f"{layout.series_name(series)} has the value {values[series, channel]:g} in channel "
                f"{layout.channel_names[channel]}, which is too large to be scaled: this channel has center "
                f"{center[series, channel]:g} and scale {scale[series, channel]:g}. "
                "Replace the outlier or set it to NaN."
            )


def _like(part, values):
    """Return an array `(n, channels)` with the axes of values `(n, steps, channels, ...)`."""
    return part.reshape(-1, 1, part.shape[1], *[1] * (values.ndim - 3))


def _series_moments(values):
    """Return pairs of center and scale for the columns of `(steps, channels)`."""
    columns = values.T.astype("float64")
    return [_moments(column[~np.isnan(column)]) for column in columns]


def _moments(observed):
    """Return center and scale of the observed values `(steps,)` of a channel."""
    if len(observed) == 0:
        return 0.0, 1.0
    # Division by a power of two is exact and avoids overflow in squares. Subtracting the minimum keeps constants exact,
    # and preserves a small signal on a large level.
    power = np.ldexp(1.0, max(np.frexp(np.abs(observed).max())[1] - 1, -1022))
    lowest = (observed / power).min()
    above = observed / power - lowest
    center, deviation = (lowest + above.mean()) * power, above.std() * power
    rounding = EPSILON * abs(center)
    return center, max(deviation if deviation > rounding else rounding or EPSILON, SMALLEST_SCALE)
