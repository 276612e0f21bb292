"""Windows of arrays, for tests of models that forecast windows."""

import numpy as np

from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler
from tsattn.series.windows import Windows


def panel_of(*series):
    """Return the `Panel` of series `(steps,)` or `(steps, channels)`."""
    offsets = np.cumsum([0, *map(len, series)])
    return Panel(np.concatenate(series).reshape(offsets[-1], -1), offsets)


def windows_of(*series, lookback, horizon, scale=1.0):
    """Return the `Windows` of series `(steps,)` or `(steps, channels)`, divided by `scale`."""
    panel = panel_of(*series)
    shape = (len(panel), panel.channels)
    return Windows(panel, Scaler(np.zeros(shape), np.full(shape, scale)), lookback, horizon)
