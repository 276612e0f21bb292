"""What every system is timed on: the shape of the windows and of the networks; imports NumPy only."""

import numpy as np

LOOKBACK, HORIZON, CHANNELS = 96, 24, 7
UNITS, LAYERS, HEADS, FEED_FORWARD = 64, 2, 4, 128  # the LSTM has one layer
STEPS = 30  # of a measurement


def series(batch):
    """A series with as many windows as so many batches have, float32 `(steps, channels)`."""
    values = np.random.default_rng(0).normal(size=(batch * STEPS + LOOKBACK + HORIZON - 1, CHANNELS))
    return values.astype("float32")


def speed(batch, times):
    """Windows in a second, from the moments at which batches ended."""
    return {"windows_per_second": batch * (len(times) - 1) / (times[-1] - times[0])}
