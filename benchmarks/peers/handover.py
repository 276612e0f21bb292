"""A task as plain numbers, handed to a peer in another environment; imports NumPy only, on both sides.

A peer takes no missing values: each is replaced by the last observed one, so nothing later is told. Nor does it take
a series that is shorter than its lookback: its first value is repeated before it.
"""

import dataclasses

import numpy as np

NUMBERS = ("lookback", "horizon", "windows", "stride", "season")


@dataclasses.dataclass(frozen=True)
class Handover:
    """What a peer needs to know of a task.

    Args:
        series: List of float64 arrays `(steps, channels)`.
        learn: For each how many of its steps may be learnt from.
        lookback, horizon: Steps of a window.
        windows: Origins of each series, `stride` steps apart; the last lies a horizon before the end.
        season: Steps in a cycle.
    """

    series: list
    learn: list
    lookback: int
    horizon: int
    windows: int
    stride: int
    season: int

    @property
    def first(self):
        """For each series the step that the first forecast starts at."""
        return [len(values) - (self.windows - 1) * self.stride - self.horizon for values in self.series]

    @property
    def scaling(self):
        """Mean and deviation of what may be learnt from, `(series, channels)` each."""
        learn = [values[:steps] for values, steps in zip(self.series, self.learn, strict=True)]
        return np.stack([part.mean(axis=0) for part in learn]), np.stack([part.std(axis=0) + 1e-9 for part in learn])

    @property
    def scaled(self):
        """The series in terms of their `scaling`."""
        return [(values - mean) / scale for values, mean, scale in zip(self.series, *self.scaling, strict=True)]

    def unscaled(self, forecasts):
        """Forecasts of what is `scaled`, `(series, windows, horizon, channels)`, in the units of the series."""
        mean, scale = (part[:, None, None] for part in self.scaling)
        return forecasts * scale + mean

    def write(self, path):
        """Write all to an npz file."""
        before = [max(0, self.lookback - first) for first in self.first]
        filled = [
            np.pad(_filled(values), ((steps, 0), (0, 0)), "edge")
            for values, steps in zip(self.series, before, strict=True)
        ]
        learn = np.add(self.learn, before)
        rest = {name: getattr(self, name) for name in NUMBERS}
        np.savez(path, values=np.concatenate(filled), lengths=[len(v) for v in filled], learn=learn, **rest)

    @classmethod
    def read(cls, path):
        """What `write` wrote."""
        with np.load(path) as file:
            ends = np.cumsum(file["lengths"])[:-1]
            rest = {name: int(file[name]) for name in NUMBERS}
            return cls(np.split(file["values"], ends), file["learn"].tolist(), **rest)


def _filled(values):
    seen = ~np.isnan(values)
    rows = np.maximum.accumulate(np.where(seen, np.arange(len(values))[:, None], 0), axis=0)
    filled = np.take_along_axis(values, rows, axis=0)
    first = np.take_along_axis(values, np.argmax(seen, axis=0)[None], axis=0)
    return np.where(np.isnan(filled), first, filled)
