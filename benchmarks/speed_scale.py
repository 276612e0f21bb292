"""Folds on one worker and on two, by loky and by Dask, and a panel that is forecast partition by partition."""

import contextlib
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import joblib
import numpy as np
import pandas as pd
from speed_pairs import paired
from speed_table import row

import tsattn

HERE = pathlib.Path(__file__).parent
FOLDS, SERIES, STEPS, PARTITIONS, LIMIT_MB = 8, 40_000, 600, 40, 1536


def rows(turns, quick):
    """Folds in a second on two workers beside one, and the memory of the largest worker beside the whole panel."""
    with _folds(1) as one, _folds(2) as two:
        ours, other, ratio = paired(two, one, turns)
    yield row("scale out", "folds a second, loky, 2 workers", "", ours=ours, against="1", theirs=other, ratio=ratio)
    if quick:
        return
    with _folds(1, dask=True) as one, _folds(2, dask=True) as two:
        ours, other, ratio = paired(two, one, turns)
    yield row("scale out", "folds a second, Dask, 2 workers", "", ours=ours, against="1", theirs=other, ratio=ratio)
    figures = _in_a_process()
    case = f"{SERIES:,} series x {STEPS} in {PARTITIONS} partitions, the most a worker takes beyond its start"
    yield row("scale out", case, "MB", ours=figures["worker_mb"], against="panel", theirs=figures["panel_mb"])
    yield row("scale out", "the same, forecast in", "s", ours=figures["seconds"])


@contextlib.contextmanager
def _folds(workers, dask=False):
    """A function that gives the folds of a backtest in a second, each a refit of a network."""
    y = tsattn.load_dataset("air_passengers")
    training = tsattn.Training(epochs=5, random_state=0, verbose=0)
    model = tsattn.Seq2SeqForecaster(horizon=12, training=training)

    def run():
        start = time.perf_counter()
        tsattn.backtest(model, y, windows=FOLDS, refit=True, n_jobs=workers, verbose=0)
        return FOLDS / (time.perf_counter() - start)

    if not dask:
        run()
        yield run
        return
    import distributed

    local = {"threads_per_worker": 1, "processes": True, "host": "127.0.0.1", "dashboard_address": None}
    with distributed.LocalCluster(n_workers=workers, **local) as cluster, distributed.Client(cluster):
        with joblib.parallel_config(backend="dask"):
            run()

        def on_the_cluster():
            with joblib.parallel_config(backend="dask"):
                return run()

        yield on_the_cluster


def _in_a_process():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (HERE.parent, HERE)))}
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    answer = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True, env=environment)
    return json.loads(answer.stdout.splitlines()[-1])


def measure():
    """In a process of its own: a panel in Parquet files, forecast by two workers that could not hold it."""
    import dask.dataframe as dd
    import distributed

    each = SERIES // PARTITIONS
    training = tsattn.Training(epochs=1, batches_per_epoch=10, random_state=0, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        for part in range(PARTITIONS):
            _frame(range(part * each, (part + 1) * each)).to_parquet(f"{folder}/{part:03d}.parquet")
        model = tsattn.Seq2SeqForecaster(horizon=24, season=7, fallback=False, training=training).fit(_frame(range(20)))
        local = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "host": "127.0.0.1"}
        limits = {"memory_limit": f"{LIMIT_MB}MB", "dashboard_address": None}
        with distributed.LocalCluster(**local, **limits) as cluster, distributed.Client(cluster) as client:
            client.run(_warm)
            before = client.run(_peak)
            start = time.perf_counter()
            forecast = tsattn.predict_partitions(model, dd.read_parquet(folder)).compute()
            seconds = time.perf_counter() - start
            peaks = client.run(_peak)
    assert len(forecast) == SERIES * 24 and np.isfinite(forecast["y"]).all()
    panel = len(_frame(range(1))) * SERIES * (8 + 8 + 4) / 2**20
    most = max(peaks[worker] - before[worker] for worker in peaks)
    print(json.dumps({"worker_mb": most, "panel_mb": panel, "seconds": seconds}))


def _frame(ids):
    values = np.random.default_rng(ids[0]).normal(size=len(ids) * STEPS).astype("float32")
    stamps = np.tile(pd.date_range("2020", periods=STEPS, freq="D"), len(ids))
    return pd.DataFrame({"unique_id": np.repeat(list(ids), STEPS), "ds": stamps, "y": values})


def _warm():
    import tensorflow  # noqa: F401

    import tsattn

    tsattn.Seq2SeqForecaster  # noqa: B018


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    measure()
