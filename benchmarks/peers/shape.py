"""What every system is timed on: the shape of the windows and of the networks; imports NumPy only."""

import numpy as np

LOOKBACK, HORIZON, CHANNELS = 96, 24, 7
UNITS, LAYERS, HEADS, FEED_FORWARD = 64, 2, 4, 128  # the LSTM has one layer


def steps_of(batch):
    """How many batches a measurement takes: about 1,000 windows, and at least 8."""
    return max(8, 1000 // batch)


def series(batch):
    """A series with as many windows as so many batches have, float32 `(steps, channels)`."""
    values = np.random.default_rng(0).normal(size=(batch * steps_of(batch) + LOOKBACK + HORIZON - 1, CHANNELS))
    return values.astype("float32")


def speed(batch, times):
    """Windows in a second, from the moments at which batches ended."""
    return {"windows_per_second": batch * (len(times) - 1) / (times[-1] - times[0])}
