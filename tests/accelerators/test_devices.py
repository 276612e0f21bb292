"""Networks are built on the device of their forecaster, and two devices train to the same weights as one."""

import json
import subprocess
import sys
import threading

import keras
import pytest

from tsattn.accelerators import backend
from tsattn.accelerators.devices import build_at, current_place, device_count

on_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a strategy of TensorFlow")
CODE = """
import json, pickle, sys
import numpy as np
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import tsattn
from tsattn.training.compiled import NETWORK_CACHE
from tsattn.testing.data import monthly

training = tsattn.Training(epochs=2, batch_size=16, random_state=0, verbose=0)
options = {"horizon": 6, "units": 8, "dropout": 0.0, "fallback": False, "training": training}
one = getattr(tsattn, sys.argv[1])(**options).fit(monthly(180))
strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
with strategy.scope():
    two = getattr(tsattn, sys.argv[1])(**options).fit(monthly(180))
weights = zip(one.network_.weights, two.network_.weights)
losses = {name: [one.training_history_[name], two.training_history_[name]] for name in ("loss", "val_loss")}
found = {"devices": two.network_.copy().distribute_strategy.num_replicas_in_sync, "losses": losses}
found["weights"] = max(float(np.abs(a - b).max()) for a, b in weights)
found["forecasts"] = float(np.abs(one.predict() - two.predict()).max())
loaded, forecast = pickle.loads(pickle.dumps(one)), one.predict()
NETWORK_CACHE._networks.clear()  # the network is built again, in the scope in which it was fitted
with strategy.scope():
    found["loaded"] = float(np.abs(loaded.predict() - forecast).max())
again = getattr(tsattn, sys.argv[1])(**options).fit(monthly(180))
devices = again.network_.copy().distribute_strategy.num_replicas_in_sync
with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
    alone = getattr(tsattn, sys.argv[1])(**options).fit(monthly(180))
found["alone"] = float(np.abs(alone.predict() - forecast).max())
found["again"] = [devices, float(np.abs(again.predict() - forecast).max())]
with tf.device("CPU:1"):
    other = getattr(tsattn, sys.argv[1])(**options).fit(monthly(180))
found["devices of weights"] = [model.network_.copy().weights[0].value.device[-1] for model in (one, other)]
options["training"] = tsattn.Training(epochs=1, batch_size=1, random_state=0, verbose=0)
try:
    with strategy.scope():
        getattr(tsattn, sys.argv[1])(**options).fit(monthly(60))
except ValueError as error:
    found["error"] = str(error)
print(json.dumps(found))
"""


@on_tensorflow
@pytest.mark.parametrize("family", ["AttentionForecaster"])
def test_two_devices_train_to_the_same_weights_as_one(family):
    output = subprocess.run([sys.executable, "-c", CODE, family], capture_output=True, text=True, check=True).stdout
    found = json.loads(output.splitlines()[-1])
    assert found["devices"] == 2
    assert found["weights"] < 1e-4  # sums have a different order, whose rounding Adam amplifies
    assert found["forecasts"] < 1e-3  # of values around 100
    for one, two in found["losses"].values():
        assert one == pytest.approx(two, rel=1e-4)
    assert found["loaded"] < 1e-3
    assert found["again"] == [1, 0.0]
    assert found["alone"] < 1e-3
    assert found["devices of weights"] == ["0", "1"]
    assert "1 window(s), but the strategy needs at least one for each of its 2 devices" in found["error"]
    assert "Increase `batch_size`" in found["error"]


def test_layers_that_are_built_have_the_same_names_each_time():
    before = keras.layers.Dense(1).name
    first, second = (build_at(current_place(), lambda: keras.layers.Dense(1).name) for _ in range(2))
    assert first == second
    assert keras.layers.Dense(1).name != before


def test_a_build_within_a_build_stays_in_its_thread():
    place = current_place()
    outer, inner = build_at(place, lambda: (threading.get_ident(), build_at(place, threading.get_ident)))
    assert outer == inner != threading.get_ident()


def test_a_network_outside_of_a_strategy_has_one_device():
    assert device_count(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])) == 1


@pytest.fixture
def other_backend(monkeypatch):
    """Simulate a backend other than TensorFlow, with TensorFlow not installed."""
    monkeypatch.setattr(backend, "on_tensorflow", lambda: False)
    monkeypatch.setattr("tsattn.accelerators.devices.on_tensorflow", lambda: False)
    monkeypatch.setitem(sys.modules, "tensorflow", None)


@pytest.mark.usefixtures("other_backend")
def test_places_of_other_backends_are_distributions_and_need_no_tensorflow():
    distribution = object()
    place, elsewhere = current_place(), (distribution, None)
    assert place == (None, None)
    found = []

    def outer():
        found.append(current_place())
        found.append(build_at(place, current_place))
        found.append(current_place())

    build_at(elsewhere, outer)
    assert found == [elsewhere, place, elsewhere]
    assert current_place() == place
    assert device_count(object()) == 1
