"""A comparison on a Dask cluster, one worker of which dies during the run."""

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
    """A fit that is slow enough to kill its worker."""

    def fit(self, *arguments, **options):
        time.sleep(1.0)
        return super().fit(*arguments, **options)


@pytest.mark.filterwarnings("ignore")  # the cluster warns about the dead worker
def test_dead_worker_does_not_change_the_results():
    import joblib

    options = {"windows": 6, "stride": 2, "refit": True, "verbose": 0}
    serial = compare({"linear": LinearForecaster(horizon=HORIZON)}, monthly(), **options)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        pids = list(client.run(os.getpid).values())
        killed = threading.Timer(2.5, os.kill, (pids[0], signal.SIGKILL))
        killed.start()
        with joblib.parallel_config(backend="dask"):
            found = compare({"linear": Slow(horizon=HORIZON)}, monthly(), **options)
        killed.join()
        assert pids[0] not in client.run(os.getpid).values()
    pd.testing.assert_frame_equal(found.forecasts, serial.forecasts, check_exact=True)
    costs = ["fit_seconds", "predict_ms"]
    pd.testing.assert_frame_equal(
        found.leaderboard.drop(columns=costs), serial.leaderboard.drop(columns=costs), check_exact=True
    )
