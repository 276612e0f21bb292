"""The sizes of windows and networks with which all systems are timed. This module imports only NumPy."""

import numpy as np

LOOKBACK, HORIZON, CHANNELS = 96, 24, 7
UNITS, LAYERS, HEADS, FEED_FORWARD = 64, 2, 4, 128  # the LSTM has one layer


def steps_of(batch):
    """Return the number of batches of a measurement: about 1,000 windows, and at least 8 batches."""
    return max(8, 1000 // batch)


def series(batch):
    """Return a series with as many windows as these batches have, float32 `(steps, channels)`."""
    values = np.random.default_rng(0).normal(size=(batch * steps_of(batch) + LOOKBACK + HORIZON - 1, CHANNELS))
    return values.astype("float32")


def speed(batch, times):
    """Return the windows per second, from the times at which batches ended."""
    return {"windows_per_second": batch * (len(times) - 1) / (times[-1] - times[0])}
