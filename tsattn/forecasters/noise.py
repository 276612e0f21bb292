"""Noise in what a network learns from, so that it trusts no single value: how much a series has."""

import numpy as np

from tsattn.forecasters.ridge import LONGEST, Ridge, forecast_by
from tsattn.forecasters.uncertainty import evenly

FRACTION = 0.1  # at the end, on which the penalty is chosen
DEVIATIONS = 1.4826  # of a normal distribution in its median absolute error


def deviation_of(windows):
    """The standard deviation of the error of a linear forecast one step ahead, robustly; 0 where there is none.

    Args:
        windows: The `Windows` to learn from; in the units in which they are gathered.
    """
    single = windows.of_horizon(1)
    parts = single.hold_out(FRACTION, single.ends)
    ridge = Ridge.learnt(single, parts, {}, steps=min(windows.lookback, LONGEST))
    if ridge is None:
        return 0.0
    errors = []
    for part in single.batches(evenly(len(single), windows.panel.channels)):
        inputs, target = single.gather(part)
        errors.append(np.abs(target - forecast_by(ridge.coefficients, inputs, {}, len(ridge.coefficients) - 1)))
    errors = np.concatenate(errors)
    return DEVIATIONS * float(np.nanmedian(errors)) if np.isfinite(errors).any() else 0.0


def noisy(history, deviation, generator):
    """Histories with normal noise of a standard deviation; missing values stay missing."""
    return history + np.float32(deviation) * generator.standard_normal(history.shape, dtype="float32")
