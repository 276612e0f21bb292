"""Memory and time of a panel of 10,000 series x 1,000 steps: peak memory, seconds of an epoch and of all forecasts.

    python benchmarks/speed/large_panel.py

There are three processes: one only starts TensorFlow, one fits 10 series, and one fits all series. Each fit is one
epoch of 1,000 batches of 64 windows; then all series are forecast. The goals are a peak memory below that of
TensorFlow's start plus three times the float32 data, and a forecast of all series in less than 20 s. The second process
shows the minimum memory that TensorFlow requires for training and forecasts.
"""

import json
import pathlib
import resource
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.common.processes import measure_in_process
from benchmarks.common.runner import Benchmark

STEPS, HORIZON, BATCHES, SEED = 1000, 24, 1000, 0
PROCESSES = {"TensorFlow's start": 0, "10 series": 10, "10,000 series": 10_000}


def measure(processes=PROCESSES):
    """Return a row for each process. `processes` maps its name to the number of its series."""
    rows, baselines = [], []
    for name, series in processes.items():
        figures = measure_in_process(__file__, series)
        baselines.append(figures["peak_mb"])
        data = series * STEPS * 4 / 2**20
        row = {"process": name, "seed": SEED, "peak_mb": figures["peak_mb"], "float32_data_mb": f"{data:.1f}"}
        for place, baseline in enumerate(("start", "10_series")):
            allowed = f"{baselines[place] + 3 * data:.1f}" if place < len(baselines) else ""
            row[f"allowed_from_{baseline}_mb"] = allowed
        rows.append({**row, **{key: figures.get(f"{key}_seconds", "") for key in ("fit", "epoch", "predict")}})
    return rows


def main(series):
    """Print the measurements of this process as JSON. Without series, it only starts TensorFlow."""
    import keras

    keras.ops.zeros(1) + 1
    figures = _fit_and_predict(series) if series else {}
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    print(json.dumps(figures))


def _fit_and_predict(series):
    import numpy as np
    import pandas as pd

    import tsattn
    from benchmarks.peers.keras_clock import Clock

    index = pd.MultiIndex.from_product([range(series), pd.date_range("2020", periods=STEPS, freq="D")])
    values = np.random.default_rng(SEED).normal(size=len(index) // 10).astype("float32").repeat(10)
    y = pd.Series(values, index=index, copy=False)
    training = tsattn.Training(epochs=1, batches_per_epoch=BATCHES, random_state=SEED, verbose=0)
    model, clock = tsattn.AttentionForecaster(horizon=HORIZON, training=training), Clock()
    start = time.perf_counter()
    model.fit(y, callbacks=clock)
    fitted = time.perf_counter()
    forecast = model.predict()
    predicted = time.perf_counter()
    assert len(forecast) == series * HORIZON and np.isfinite(forecast).all()
    return {
        "fit_seconds": round(fitted - start, 1),
        "epoch_seconds": round(clock.ends[-1] - clock.begins[0], 1),
        "predict_seconds": round(predicted - fitted, 2),
    }


ALLOWED = ("allowed_from_start_mb", "allowed_from_10_series_mb")
BENCHMARK = Benchmark(
    "large_panel",
    axes={},
    figures=("process", "seed", "peak_mb", "float32_data_mb", *ALLOWED, "fit", "epoch", "predict"),
    measure=measure,
    quick={"processes": {"TensorFlow's start": 0, "10 series": 10}},
)

if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        main(int(sys.argv[1]))
    else:
        BENCHMARK.main(__doc__)
