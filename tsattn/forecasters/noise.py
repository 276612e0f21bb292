"""Noise in what a network learns from, so that it trusts no single value: how much a series has."""

import numpy as np

from tsattn.forecasters.line import by_line, line_of
from tsattn.forecasters.uncertainty import evenly

DEVIATIONS = 1.4826  # of a normal distribution in its median absolute error


def deviation_of(windows):
    """How far a linear forecast one step ahead lies from what it has learnt from, as a standard deviation.

    By the median, for robustness. The series of a panel share it, as they share the network.

    Args:
        windows: The `Windows` to learn from; in the units in which they are gathered.

    Returns:
        Array `(channels,)`, 0 where there is none.
    """
    ahead = windows.of_horizon(1)
    line = line_of(ahead)
    if line is None:
        return np.zeros(windows.panel.channels)
    errors = []
    for part in ahead.batches(evenly(len(ahead), windows.panel.channels)):
        inputs, target = ahead.gather(part)
        errors.append(np.abs(target - by_line(line)(inputs))[:, 0])
    return np.array([DEVIATIONS * _median(channel) for channel in np.concatenate(errors).T])


def noisy(history, deviation, generator):
    """Histories with normal noise, of a standard deviation for each channel; missing values stay missing."""
    return history + deviation.astype("float32") * generator.standard_normal(history.shape, dtype="float32")


def _median(errors):
    seen = errors[np.isfinite(errors)]
    return np.median(seen) if len(seen) else 0.0
