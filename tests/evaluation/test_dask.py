"""The same comparison on a cluster of separate processes, one of which dies in the middle."""

import os
import signal
import threading
import time

import pandas as pd
import pytest
from forecaster_table import HORIZON, monthly

from tsattn import LinearForecaster, compare

distributed = pytest.importorskip("distributed")


class Slow(LinearForecaster):
    """Long enough that a worker can be killed while it fits."""

    def fit(self, *arguments, **options):
        time.sleep(1.0)
        return super().fit(*arguments, **options)


@pytest.mark.filterwarnings("ignore")  # the cluster warns of its own dead worker
def test_a_worker_that_dies_changes_nothing():
    import joblib

    models, options = {"linear": Slow(horizon=HORIZON)}, {"windows": 6, "stride": 2, "refit": True, "verbose": 0}
    serial = compare(models, monthly(), **options)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        pids = list(client.run(os.getpid).values())
        killed = threading.Timer(2.5, os.kill, (pids[0], signal.SIGKILL))
        killed.start()
        with joblib.parallel_config(backend="dask"):
            found = compare(models, monthly(), **options)
        killed.join()
        assert pids[0] not in client.run(os.getpid).values()
    pd.testing.assert_frame_equal(found.forecasts, serial.forecasts, check_exact=True)
    costs = ["fit_seconds", "predict_ms"]
    pd.testing.assert_frame_equal(
        found.leaderboard.drop(columns=costs), serial.leaderboard.drop(columns=costs), check_exact=True
    )
