"""What grows with the data: seconds of an epoch and peak memory as lookback, series and channels double; refits."""

import json
import os
import pathlib
import resource
import subprocess
import sys
import time

import numpy as np
from speed_table import row

HERE = pathlib.Path(__file__).parent
STEPS, HORIZON, BATCHES, BATCH, REFITS = 2000, 24, 40, 32, 30
MODELS = ("seq2seq", "transformer")
GROWTH = {
    "lookback": [(lookback, 1, 1) for lookback in (96, 192, 384, 768)],
    "series": [(96, series, 1) for series in (1000, 2000, 4000, 8000)],
    "channels": [(96, 1, channels) for channels in (4, 8, 16, 32)],
}


def rows(quick):
    """The exponents over the doublings, and the growth of memory in units of the float32 data."""
    for what, sizes in GROWTH.items():
        sizes = sizes[::3] if quick else sizes
        for model in MODELS:
            measured = [_in_a_process(model, *size) for size in sizes]
            place = [len(set(column)) > 1 for column in zip(*sizes, strict=True)].index(True)
            values = [size[place] for size in sizes]
            seconds, peaks = ([one[name] for one in measured] for name in ("batch_seconds", "peak_mb"))
            exponent = np.polyfit(np.log(values), np.log(seconds), 1)[0]
            goal = ("<=", 1.1) if what == "lookback" else None
            case = f"{what} {values[0]} to {values[-1]}, {model}"
            yield row("growth", f"seconds of a batch, {case}, exponent", "", ours=exponent, goal=goal)
            data = [one["data_mb"] for one in measured]
            factor = (peaks[-1] - peaks[0]) / (data[-1] - data[0]) if data[-1] > data[0] else None
            if what == "series":
                case = f"peak memory per data, {case}"
                yield row("growth", case, "x the float32 data", ours=factor, goal=("<=", 3))
            else:
                yield row("growth", f"peak memory more, {case}", "MB", ours=peaks[-1] - peaks[0])


def refit_rows():
    """What fits of one build take after the first: of one forecaster, then of new ones with other seeds."""
    for model in MODELS:
        figures = _in_a_process(model, 96, 1, 1, refits=REFITS)
        more, others = f"{REFITS} after the first, {model}", f"{REFITS} forecasters of other seeds, {model}"
        yield row("refits", f"memory of {more}", "MB", ours=figures["more_mb"], goal=("<=", 20))
        yield row("refits", f"the last beside the second, {model}", "x", ours=figures["last_by_second"])
        yield row("refits", f"memory of {others}", "MB", ours=figures["others_mb"])
        yield row("refits", f"seconds beside the first fit, {others}", "x", ours=figures["others_by_first"])


def _in_a_process(model, lookback, series, channels, refits=0):
    command = [sys.executable, __file__, model, *map(str, (lookback, series, channels, refits))]
    path = os.pathsep.join(map(str, (HERE.parent, HERE)))
    environment = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(answer.stdout.splitlines()[-1])


def measure(model, lookback, series, channels, refits):
    """In a process of its own: the median seconds of a batch, the peak memory, and what refits take."""
    import keras
    import pandas as pd

    import tsattn

    values = np.random.default_rng(0).normal(size=(series * STEPS, channels)).astype("float32")
    index = pd.date_range("2020", periods=STEPS, freq="h")
    if series > 1:
        index = pd.MultiIndex.from_product([range(series), index])
    y = pd.DataFrame(values, index, [f"c{number}" for number in range(channels)], copy=False)
    y = y if channels > 1 else y["c0"]
    training = tsattn.Training(epochs=1, batches_per_epoch=BATCHES, batch_size=BATCH, random_state=0, verbose=0)
    kind = {"seq2seq": tsattn.Seq2SeqForecaster, "transformer": tsattn.TransformerForecaster}[model]
    forecaster = kind(HORIZON, lookback=lookback, season=24, training=training)
    if refits:
        print(json.dumps(_refits(forecaster, y, refits)))
        return
    times = []
    clock = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: times.append(time.perf_counter()))
    forecaster.fit(y, callbacks=clock)
    figures = {"batch_seconds": float(np.median(np.diff(times))), "data_mb": values.nbytes / 2**20}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(figures))


def _refits(forecaster, y, count):
    from sklearn.base import clone

    def seconds(model):
        start = time.perf_counter()
        model.fit(y)
        return time.perf_counter() - start

    first, before = seconds(forecaster), _memory()
    again = [seconds(forecaster) for _ in range(count)]
    between = _memory()
    others = [seconds(clone(forecaster).set_params(training__random_state=seed)) for seed in range(1, count + 1)]
    return {
        "more_mb": between - before,
        "last_by_second": again[-1] / again[0],
        "others_mb": _memory() - between,
        "others_by_first": float(np.median(others)) / first,
    }


def _memory():
    """Resident memory of this process now, in MB."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    measure(sys.argv[1], *map(int, sys.argv[2:]))
