"""Scaling with the data: seconds per batch and peak memory as lookback, series or channels double."""

import json
import pathlib
import resource
import sys

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np

from benchmarks.common.processes import measure_in_process
from benchmarks.speed.rows import row

STEPS, HORIZON, BATCHES, BATCH_SIZE = 2000, 24, 40, 32
MODELS = ("seq2seq", "transformer")
# Lookback, number of series, number of channels.
SIZES = {
    "lookback": [(lookback, 1, 1) for lookback in (96, 192, 384, 768)],
    "series": [(96, series, 1) for series in (1000, 2000, 4000, 8000)],
    "channels": [(96, 1, channels) for channels in (4, 8, 16, 32)],
}


def rows(quick):
    """Yield the exponent of the duration over the doublings, and the increase of the memory."""
    for name, sizes in SIZES.items():
        sizes = sizes[::3] if quick else sizes
        for model in MODELS:
            measured = [measure_in_process(__file__, model, *size) for size in sizes]
            axis = [len(set(column)) > 1 for column in zip(*sizes, strict=True)].index(True)
            values = [size[axis] for size in sizes]
            seconds, peaks = ([one[figure] for one in measured] for figure in ("batch_seconds", "peak_mb"))
            exponent = np.polyfit(np.log(values), np.log(seconds), 1)[0]
            goal = ("<=", 1.1) if name == "lookback" else None
            case = f"{name} {values[0]} to {values[-1]}, {model}"
            yield row("growth", f"duration of a batch, {case}, exponent", "", ours=exponent, goal=goal)
            data = [one["data_mb"] for one in measured]
            if name == "series":
                factor = (peaks[-1] - peaks[0]) / (data[-1] - data[0])
                case = f"increase of the peak memory per data, {case}"
                yield row("growth", case, "x the float32 data", ours=factor, goal=("<=", 3))
            else:
                yield row("growth", f"increase of the peak memory, {case}", "MB", ours=peaks[-1] - peaks[0])


def make_data(series, channels):
    """Return random series as a Series, a wide DataFrame or a panel."""
    import pandas as pd

    values = np.random.default_rng(0).normal(size=(series * STEPS, channels)).astype("float32")
    index = pd.date_range("2020", periods=STEPS, freq="h")
    if series > 1:
        index = pd.MultiIndex.from_product([range(series), index])
    y = pd.DataFrame(values, index, [f"c{number}" for number in range(channels)], copy=False)
    return y if channels > 1 else y["c0"]


def build(model, lookback):
    """Return a forecaster that trains for one epoch."""
    import tsattn
    from benchmarks.common.families import FAMILIES

    options = {"batches_per_epoch": BATCHES, "batch_size": BATCH_SIZE, "random_state": 0, "verbose": 0}
    return FAMILIES[model](HORIZON, lookback=lookback, season=24, training=tsattn.Training(epochs=1, **options))


def main(model, lookback, series, channels):
    """Print the median seconds of a batch and the peak memory of this process as JSON."""
    from benchmarks.peers.keras_clock import Clock

    y, clock = make_data(series, channels), Clock()
    build(model, lookback).fit(y, callbacks=clock)
    figures = {"batch_seconds": float(np.median(np.diff(clock.ends))), "data_mb": y.size * 4 / 2**20}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
