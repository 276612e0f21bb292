"""Scaling out: folds on one and two workers with loky and Dask, and a panel that is forecast by partition."""

import contextlib
import json
import pathlib
import resource
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import joblib
import numpy as np
import pandas as pd

import tsattn
from benchmarks.common.processes import measure_in_process
from benchmarks.speed.rows import row
from benchmarks.speed.workers import paired

FOLDS, SERIES, STEPS, PARTITIONS, LIMIT_MB = 8, 40_000, 600, 40, 1536


def rows(turns, quick):
    """Yield folds per second on two workers and on one, and the memory of the largest worker and of the panel."""
    with _folds(1) as one, _folds(2) as two:
        ours, other, ratio = paired(two, one, turns)
    yield row("scale out", "folds per second, loky, 2 workers", "", ours=ours, against="1", theirs=other, ratio=ratio)
    if quick:
        return
    with _folds(1, dask=True) as one, _folds(2, dask=True) as two:
        ours, other, ratio = paired(two, one, turns)
    yield row("scale out", "folds per second, Dask, 2 workers", "", ours=ours, against="1", theirs=other, ratio=ratio)
    figures = measure_in_process(__file__)
    case = f"{SERIES:,} series x {STEPS} in {PARTITIONS} partitions, peak memory of a worker above that at its start"
    yield row("scale out", case, "MB", ours=figures["worker_mb"], against="panel", theirs=figures["panel_mb"])
    yield row("scale out", "duration of the same forecast", "s", ours=figures["seconds"])


@contextlib.contextmanager
def _folds(workers, dask=False):
    """Yield a function that measures the folds per second of a backtest in which each fold refits a network."""
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
    with _cluster(workers):
        with joblib.parallel_config(backend="dask"):
            run()

        def on_the_cluster():
            with joblib.parallel_config(backend="dask"):
                return run()

        yield on_the_cluster


@contextlib.contextmanager
def _cluster(workers, **options):
    """Yield the client of a local Dask cluster with one thread for each worker."""
    import distributed

    local = {"threads_per_worker": 1, "processes": True, "host": "127.0.0.1", "dashboard_address": None}
    with (
        distributed.LocalCluster(n_workers=workers, **local, **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def main():
    """Forecast a panel in Parquet files that does not fit into two workers, and print the measurements as JSON."""
    import dask.dataframe as dd

    count = SERIES // PARTITIONS
    training = tsattn.Training(epochs=1, batches_per_epoch=10, random_state=0, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        for part in range(PARTITIONS):
            _frame(range(part * count, (part + 1) * count)).to_parquet(f"{folder}/{part:03d}.parquet")
        model = tsattn.Seq2SeqForecaster(horizon=24, season=7, fallback=False, training=training).fit(_frame(range(20)))
        with _cluster(2, memory_limit=f"{LIMIT_MB}MB") as client:
            client.run(_import_tensorflow)
            before = client.run(_peak)
            start = time.perf_counter()
            forecast = tsattn.predict_partitions(model, dd.read_parquet(folder)).compute()
            seconds = time.perf_counter() - start
            peaks = client.run(_peak)
    assert len(forecast) == SERIES * 24 and np.isfinite(forecast["y"]).all()
    panel = len(_frame(range(1))) * SERIES * (8 + 8 + 4) / 2**20
    largest = max(peaks[worker] - before[worker] for worker in peaks)
    print(json.dumps({"worker_mb": largest, "panel_mb": panel, "seconds": seconds}))


def _frame(ids):
    values = np.random.default_rng(ids[0]).normal(size=len(ids) * STEPS).astype("float32")
    times = np.tile(pd.date_range("2020", periods=STEPS, freq="D"), len(ids))
    return pd.DataFrame({"unique_id": np.repeat(list(ids), STEPS), "ds": times, "y": values})


def _import_tensorflow():
    import tensorflow  # noqa: F401

    import tsattn

    tsattn.Seq2SeqForecaster  # noqa: B018


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
