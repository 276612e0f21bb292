"""`predict_partitions`: the same forecasts as in pandas, with one copy of the forecaster on each worker."""

import os
import pathlib

import numpy as np
import pandas as pd
import pytest
from forecaster_table import HORIZON, monthly, panel
from sklearn.exceptions import NotFittedError

from tsattn import LinearForecaster, predict_partitions
from tsattn.testing.data import long_frame

dd = pytest.importorskip("dask.dataframe")


@pytest.fixture(scope="module")
def frame():
    """A long frame of eight series, sorted by id."""
    return pd.concat([long_frame(panel()[["a"]]).assign(unique_id=name) for name in "abcdefgh"], ignore_index=True)


@pytest.fixture(scope="module")
def model(frame):
    return LinearForecaster(horizon=HORIZON).fit(frame[frame["unique_id"] < "c"])


def partition(frame, count):
    return dd.from_pandas(frame.set_index("unique_id"), npartitions=count).reset_index()


def assert_equal_rows(forecast, expected):
    tables = [table.sort_values(["unique_id", "ds"]).reset_index(drop=True) for table in (forecast, expected)]
    pd.testing.assert_frame_equal(*tables, check_dtype=False)


def test_forecast_equals_that_of_pandas(model, frame):
    y = partition(frame, 3)
    assert y.npartitions == 3
    forecast = predict_partitions(model, y)
    assert isinstance(forecast, dd.DataFrame) and list(forecast.columns) == ["unique_id", "ds", "y"]
    assert_equal_rows(forecast.compute(), model.predict(y=frame))


def test_empty_partition_adds_no_rows(model, frame):
    y = partition(frame, 3)
    assert_equal_rows(
        predict_partitions(model, y[y["unique_id"] != "a"]).compute(), model.predict(y=frame[frame["unique_id"] != "a"])
    )
    assert len(predict_partitions(model, y[y["unique_id"] == "none"]).compute()) == 0


def test_split_series_is_rejected_and_shuffle_fixes_it(model, frame):
    split = dd.from_pandas(frame, npartitions=3)
    with pytest.raises(ValueError, match=r"2 series of `y` are split across partitions, for example .*shuffle"):
        predict_partitions(model, split)
    assert_equal_rows(predict_partitions(model, split.shuffle("unique_id")).compute(), model.predict(y=frame))


def test_invalid_arguments_are_rejected(model, frame):
    with pytest.raises(TypeError, match=r"`y` is a DataFrame, expected a dask\.dataframe\.DataFrame"):
        predict_partitions(model, frame)
    with pytest.raises(ValueError, match=r"but \['ds'\] are missing. Add them"):
        predict_partitions(model, partition(frame, 2).drop(columns="ds"))
    with pytest.raises(ValueError, match="Fit it on a long frame"):
        predict_partitions(LinearForecaster(horizon=HORIZON).fit(monthly()), partition(frame, 2))
    with pytest.raises(NotFittedError):
        predict_partitions(LinearForecaster(horizon=HORIZON), partition(frame, 2))


class CountingForecaster(LinearForecaster):
    """A forecaster that writes a file with the process id each time it is unpickled."""

    def __setstate__(self, state):
        super().__setstate__(state)
        (pathlib.Path(os.environ["ARRIVALS"]) / f"{os.getpid()}-{os.urandom(4).hex()}").touch()


@pytest.mark.filterwarnings("ignore")  # the cluster warns when it closes
def test_each_worker_receives_the_forecaster_once(frame, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("ARRIVALS", str(tmp_path))
    model = CountingForecaster(horizon=HORIZON).fit(frame)
    local = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "host": "127.0.0.1"}
    with distributed.LocalCluster(**local, dashboard_address=None) as cluster, distributed.Client(cluster) as client:
        pids = set(client.run(os.getpid).values())
        forecast = predict_partitions(model, partition(frame, 8))
        client.amm.run_once()  # as Dask does every two seconds: drop copies that no task waits for
        forecast = forecast.compute()
    arrivals = [int(path.name.split("-")[0]) for path in tmp_path.iterdir()]
    assert sorted(pid for pid in arrivals if pid in pids) == sorted(pids)
    assert len(forecast) == 8 * HORIZON and np.isfinite(forecast["y"]).all()
