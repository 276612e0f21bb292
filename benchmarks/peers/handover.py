"""A task as plain numbers, for a peer in another environment. This module imports only NumPy.

Peers do not support missing values: each is replaced by the last observed value, so that no later value leaks. They
also do not support series shorter than the lookback: these are padded at the start with the first value.
"""

import dataclasses

import numpy as np

SIZES = ("lookback", "horizon", "windows", "stride", "season")


@dataclasses.dataclass(frozen=True)
class Handover:
    """The part of a task that a peer receives.

    Args:
        series: List of float64 arrays `(steps, channels)`.
        train_steps: For each series the number of steps for training.
        lookback, horizon: Steps of a window.
        windows: Number of origins, `stride` steps apart. The last one is one horizon before the end.
        stride: Steps between two origins.
        season: Steps in a cycle.
    """

    series: list
    train_steps: list
    lookback: int
    horizon: int
    windows: int
    stride: int
    season: int

    @property
    def first(self):
        """The first forecast step of each series."""
        return [len(values) - (self.windows - 1) * self.stride - self.horizon for values in self.series]

    @property
    def scaling(self):
        """Mean and standard deviation of the training data, `(series, channels)` each."""
        parts = [values[:steps] for values, steps in zip(self.series, self.train_steps, strict=True)]
        return np.stack([part.mean(axis=0) for part in parts]), np.stack([part.std(axis=0) + 1e-9 for part in parts])

    @property
    def scaled(self):
        """The series, standardized by `scaling`."""
        return [(values - mean) / scale for values, mean, scale in zip(self.series, *self.scaling, strict=True)]

    def unscaled(self, forecasts):
        """Return forecasts `(series, windows, horizon, channels)` of `scaled` on the scale of the series."""
        mean, scale = (part[:, None, None] for part in self.scaling)
        return forecasts * scale + mean

    def write(self, path):
        """Write the task to an npz file, without missing values and with padding."""
        padding = [max(0, self.lookback - first) for first in self.first]
        filled = [
            np.pad(_filled(values), ((steps, 0), (0, 0)), "edge")
            for values, steps in zip(self.series, padding, strict=True)
        ]
        train_steps = np.add(self.train_steps, padding)
        sizes = {name: getattr(self, name) for name in SIZES}
        np.savez(
            path, values=np.concatenate(filled), lengths=[len(v) for v in filled], train_steps=train_steps, **sizes
        )

    @classmethod
    def read(cls, path):
        """Read a file written by `write`."""
        with np.load(path) as file:
            ends = np.cumsum(file["lengths"])[:-1]
            sizes = {name: int(file[name]) for name in SIZES}
            return cls(np.split(file["values"], ends), file["train_steps"].tolist(), **sizes)


def _filled(values):
    observed = ~np.isnan(values)
    rows = np.maximum.accumulate(np.where(observed, np.arange(len(values))[:, None], 0), axis=0)
    filled = np.take_along_axis(values, rows, axis=0)
    first = np.take_along_axis(values, np.argmax(observed, axis=0)[None], axis=0)
    return np.where(np.isnan(filled), first, filled)
