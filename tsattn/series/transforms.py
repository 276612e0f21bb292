"""Increasing functions that are applied to the values of series before scaling, and their inverses."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tsattn.series.panel import locate


@dataclass(frozen=True)
class Transform:
    """An increasing function of the values, and its inverse.

    Args:
        name: Its name, which is the value of the argument `target_transform`.
        function: NumPy function of a float64 array.
        inverse_function: NumPy function of a float64 array.
        lowest: Lowest float64 value of its domain; -inf if it has no lower bound.
        domain: Description of the domain, for error messages.

    Example:

    >>> TRANSFORMS["log1p"].apply(np.array([0.0, np.e - 1])).tolist()
    [0.0, 1.0]
    """

    name: str
    function: Callable
    inverse_function: Callable
    lowest: float
    domain: str

    def apply(self, values):
        """Return the function of an array, in float64; NaN is kept."""
        return self.function(values.astype("float64"))

    def invert(self, values):
        """Return the inverse function of a float64 array; NaN is kept, and inf is returned if it overflows.

        A value below the range of the function, which a forecast can have, becomes the lowest value of the domain.
        """
        with np.errstate(over="ignore"):
            inverse = self.inverse_function(np.maximum(values, self.function(self.lowest)))
        return np.maximum(inverse, self.lowest)  # rounding must not leave the domain

    def check_domain(self, panel, layout):
        """Check that the function is defined for all values of a panel.

        Args:
            panel: The `Panel`.
            layout: Its `Layout`, for error messages.

        Raises:
            ValueError: If a value is below the domain; the message names the lowest value.
        """
        value = float(np.nanmin(panel.values))
        if value < self.lowest:
            row, channel = divmod(int(np.nanargmin(panel.values)), panel.channels)
            series, stamp = locate(row, panel.offsets, layout)
            others = " or ".join(repr(other.name) for other in TRANSFORMS.values() if value >= other.lowest)
            raise ValueError(
                f"{layout.value_name(series, channel)} is {value:g} at {stamp}, but `target_transform` is "
                f"{self.name!r}, which requires values {self.domain}. Use {others}, or correct the value."
            )


TRANSFORMS = {
    transform.name: transform
    for transform in (
        Transform("log", np.log, np.exp, float(np.nextafter(0.0, 1.0)), "above 0"),
        Transform("log1p", np.log1p, np.expm1, float(np.nextafter(-1.0, 0.0)), "above -1"),
        Transform("sqrt", np.sqrt, np.square, 0.0, "of at least 0"),
        Transform("asinh", np.arcsinh, np.sinh, -np.inf, "of any size"),
    )
}
