"""Domains of series: values that are not negative, and counts."""

import dataclasses

import numpy as np

from tsattn.series.panel import locate

NOISE_DEVIATION = 12**-0.5  # standard deviation of uniform noise of width 1


@dataclasses.dataclass(frozen=True)
class Domain:
    """The values that series and their forecasts can have: numbers that are not negative, or counts.

    Counts are forecast through their `jitter`ed values, whose distribution is continuous: `restrict` converts the
    quantiles of these values to those of the counts.

    Args:
        counts: If True, values are whole numbers. Defaults to False.

    Reference:
        Machado and Santos Silva, 2005, "Quantiles for Counts", https://doi.org/10.1198/016214505000000330.

    Example:

    >>> Domain(counts=True).restrict(np.array([-0.4, 0.5, 0.6, 3.2])).tolist()
    [0.0, 0.0, 1.0, 3.0]
    """

    counts: bool = False

    @property
    def argument(self):
        """The argument of a forecaster that requires this domain."""
        return "counts" if self.counts else "positive"

    def checked(self, panel, layout):
        """Check the values of a panel, and return it, with `counts` set for counts.

        Args:
            panel: The `Panel`.
            layout: Its `Layout`, for error messages.

        Raises:
            ValueError: If a value is not in the domain. The message names the lowest value, or the first fraction.
        """
        lowest = int(np.nanargmin(panel.values))
        if panel.values.flat[lowest] < 0:
            raise ValueError(self._message(panel, layout, lowest, "values of at least 0"))
        if not self.counts:
            return panel
        is_fraction = np.mod(panel.values, 1) > 0  # False for NaN
        if is_fraction.any():
            raise ValueError(self._message(panel, layout, int(is_fraction.argmax()), "whole numbers"))
        return dataclasses.replace(panel, counts=True)

    def _message(self, panel, layout, position, requirement):
        row, channel = divmod(position, panel.channels)
        series, stamp = locate(row, panel.offsets, layout)
        received = f"{layout.value_name(series, channel)} is {panel.values[row, channel]} at {stamp}"
        advice = f"Remove `{self.argument}`, or correct the value."
        return f"{received}, but `{self.argument}` is True, which requires {requirement}. {advice}"

    def restrict(self, values):
        """Return forecasts in the domain.

        Negative values become 0. The quantile of jittered counts at a level becomes that of the counts: the smallest
        `k` for which P(count <= k), which is P(jittered count <= k + 1/2), is at least this level.

        Args:
            values: float64 array in the units of the data.
        """
        return np.maximum(np.ceil(values - 0.5) if self.counts else values, 0.0) + 0.0  # never -0.0


def jitter(counts, generator):
    """Return counts plus uniform noise between -1/2 and 1/2; NaN is kept.

    Args:
        counts: Float array.
        generator: NumPy generator.
    """
    # Clipped at 0, below which the square root is not defined. The quantiles of counts remain the same, because they
    # depend only on the probabilities below 1/2, 3/2, ...
    return np.maximum(counts + generator.uniform(-0.5, 0.5, counts.shape), 0.0)


def spread(counts):
    """Return counts `(rows, channels)` minus and plus one standard deviation of the noise, `(2 * rows, channels)`.

    They have about the moments of `jitter`ed counts, without random numbers.
    """
    return np.concatenate([np.maximum(counts - NOISE_DEVIATION, 0.0), counts + NOISE_DEVIATION])
