"""A panel in Dask: the same forecasts as in pandas, with one copy of the forecaster on each worker."""

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
    """Eight series as a long frame, sorted by their ids."""
    return pd.concat([long_frame(panel()[["a"]]).assign(unique_id=name) for name in "abcdefgh"], ignore_index=True)


@pytest.fixture(scope="module")
def model(frame):
    return LinearForecaster(horizon=HORIZON).fit(frame[frame["unique_id"] < "c"])


def parts(frame, count):
    return dd.from_pandas(frame.set_index("unique_id"), npartitions=count).reset_index()


def equal(forecast, wanted):
    both = [one.sort_values(["unique_id", "ds"]).reset_index(drop=True) for one in (forecast, wanted)]
    pd.testing.assert_frame_equal(*both, check_dtype=False)


def test_partitions_are_forecast_as_pandas_is(model, frame):
    y = parts(frame, 3)
    assert y.npartitions == 3
    forecast = predict_partitions(model, y)
    assert isinstance(forecast, dd.DataFrame) and list(forecast.columns) == ["unique_id", "ds", "y"]
    equal(forecast.compute(), model.predict(y=frame))


def test_an_empty_partition_adds_nothing(model, frame):
    y = parts(frame, 3)
    equal(
        predict_partitions(model, y[y["unique_id"] != "a"]).compute(), model.predict(y=frame[frame["unique_id"] != "a"])
    )
    assert len(predict_partitions(model, y[y["unique_id"] == "none"]).compute()) == 0


def test_a_series_in_two_partitions_is_refused_and_a_shuffle_is_the_cure(model, frame):
    split = dd.from_pandas(frame, npartitions=3)
    with pytest.raises(ValueError, match=r"2 series of `y` lie in more than one partition.*shuffle"):
        predict_partitions(model, split)
    equal(predict_partitions(model, split.shuffle("unique_id")).compute(), model.predict(y=frame))


def test_what_is_no_panel_of_dask_is_refused(model, frame):
    with pytest.raises(TypeError, match=r"`y` is a DataFrame, but must be a dask\.dataframe\.DataFrame"):
        predict_partitions(model, frame)
    with pytest.raises(ValueError, match=r"lacks \['ds'\]"):
        predict_partitions(model, parts(frame, 2).drop(columns="ds"))
    with pytest.raises(ValueError, match="Fit it to a long frame"):
        predict_partitions(LinearForecaster(horizon=HORIZON).fit(monthly()), parts(frame, 2))
    with pytest.raises(NotFittedError):
        predict_partitions(LinearForecaster(horizon=HORIZON), parts(frame, 2))


class Counted(LinearForecaster):
    """Writes down each process that it comes to."""

    def __setstate__(self, state):
        super().__setstate__(state)
        (pathlib.Path(os.environ["ARRIVALS"]) / f"{os.getpid()}-{os.urandom(4).hex()}").touch()


@pytest.mark.filterwarnings("ignore")  # of the cluster, as it closes
def test_a_worker_gets_the_forecaster_once(frame, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("ARRIVALS", str(tmp_path))
    model = Counted(horizon=HORIZON).fit(frame)
    local = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "host": "127.0.0.1"}
    with distributed.LocalCluster(**local, dashboard_address=None) as cluster, distributed.Client(cluster) as client:
        pids = set(client.run(os.getpid).values())
        forecast = predict_partitions(model, parts(frame, 8))
        client.amm.run_once()  # what Dask does every two seconds: it drops copies that no task waits for
        forecast = forecast.compute()
    arrivals = [int(path.name.split("-")[0]) for path in tmp_path.iterdir()]
    assert sorted(pid for pid in arrivals if pid in pids) == sorted(pids)
    assert len(forecast) == 8 * HORIZON and np.isfinite(forecast["y"]).all()
