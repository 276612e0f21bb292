"""A panel of 10,000 series x 1,000 steps: peak memory of the process, seconds of an epoch and of a forecast for all.

    python benchmarks/large_panel.py

Three processes: one that only starts TensorFlow, one that fits 10 series, and one that fits all; each fit is one epoch
of 1,000 batches of 64 windows, and then all its series are forecast. Asked: peak memory below that of TensorFlow's own
start plus three times the float32 data, and a forecast of all series under 20 s. What TensorFlow takes to train and
forecast at all shows in the second process. Results go to results/large_panel.csv.
"""

import json
import os
import resource
import subprocess
import sys
import time

import results

STEPS, HORIZON, BATCHES = 1000, 24, 1000
PROCESSES = {"TensorFlow's start": 0, "10 series": 10, "10,000 series": 10_000}


def measure(series):
    """In a process of its own: what the process takes for so many series; with 0, for starting TensorFlow alone."""
    import keras

    keras.ops.zeros(1) + 1
    figures = {}
    if series:
        import numpy as np
        import pandas as pd

        import tsattn

        index = pd.MultiIndex.from_product([range(series), pd.date_range("2020", periods=STEPS, freq="D")])
        values = np.random.default_rng(0).normal(size=len(index) // 10).astype("float32").repeat(10)
        y = pd.Series(values, index=index, copy=False)
        training = tsattn.Training(epochs=1, batches_per_epoch=BATCHES, random_state=0, verbose=0)
        model = tsattn.AttentionForecaster(horizon=HORIZON, training=training)
        times = []
        clock = keras.callbacks.LambdaCallback(
            on_train_batch_begin=lambda batch, logs: times.append(time.perf_counter()),
            on_train_batch_end=lambda batch, logs: times.append(time.perf_counter()),
        )
        start = time.perf_counter()
        model.fit(y, callbacks=clock)
        figures["fit_seconds"] = round(time.perf_counter() - start, 1)
        figures["epoch_seconds"] = round(times[-1] - times[0], 1)
        start = time.perf_counter()
        forecast = model.predict()
        figures["predict_seconds"] = round(time.perf_counter() - start, 2)
        assert len(forecast) == series * HORIZON and np.isfinite(forecast).all()
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    print(json.dumps(figures))


def main():
    rows, baselines = [], []
    for name, series in PROCESSES.items():
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, __file__, str(series)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        figures = json.loads(answer.stdout.splitlines()[-1])
        baselines.append(figures["peak_mb"])
        data = series * STEPS * 4 / 2**20
        row = {"process": name, "peak_mb": figures["peak_mb"], "float32_data_mb": f"{data:.1f}"}
        for place, baseline in enumerate(("start", "10_series")):
            allowed = f"{baselines[place] + 3 * data:.1f}" if place < len(baselines) else ""
            row[f"allowed_from_{baseline}_mb"] = allowed
        rows.append({**row, **{key: figures.get(f"{key}_seconds", "") for key in ("fit", "epoch", "predict")}})
        print(*rows[-1].items(), flush=True)
    results.write("large_panel", rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        main()
