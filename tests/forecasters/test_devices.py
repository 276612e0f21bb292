"""Training on two logical devices gives the weights of training on one."""

import json
import subprocess
import sys

import keras
import pytest

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a strategy of TensorFlow's")
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
told = {"devices": two.network_.copy().distribute_strategy.num_replicas_in_sync, "losses": losses}
told["weights"] = max(float(np.abs(a - b).max()) for a, b in weights)
told["forecasts"] = float(np.abs(one.predict() - two.predict()).max())
loaded, forecast = pickle.loads(pickle.dumps(one)), one.predict()
NETWORK_CACHE._networks.clear()  # whatever scope a network is made again in, it is the one that was fitted
with strategy.scope():
    told["loaded"] = float(np.abs(loaded.predict() - forecast).max())
again = getattr(tsattn, sys.argv[1])(**options).fit(monthly(180))
devices = again.network_.copy().distribute_strategy.num_replicas_in_sync
with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
    alone = getattr(tsattn, sys.argv[1])(**options).fit(monthly(180))
told["alone"] = float(np.abs(alone.predict() - forecast).max())
told["again"] = [devices, float(np.abs(again.predict() - forecast).max())]
with tf.device("CPU:1"):
    there = getattr(tsattn, sys.argv[1])(**options).fit(monthly(180))
told["devices of weights"] = [model.network_.copy().weights[0].value.device[-1] for model in (one, there)]
options["training"] = tsattn.Training(epochs=1, batch_size=1, random_state=0, verbose=0)
try:
    with strategy.scope():
        getattr(tsattn, sys.argv[1])(**options).fit(monthly(60))
except ValueError as problem:
    told["refused"] = str(problem)
print(json.dumps(told))
"""


@pytest.mark.parametrize("family", ["AttentionForecaster"])
def test_two_devices_learn_what_one_does(family):
    told = subprocess.run([sys.executable, "-c", CODE, family], capture_output=True, text=True, check=True).stdout
    told = json.loads(told.splitlines()[-1])
    assert told["devices"] == 2
    assert told["weights"] < 1e-4  # sums come in another order, and Adam enlarges that
    assert told["forecasts"] < 1e-3  # of values around 100
    for one, two in told["losses"].values():
        assert one == pytest.approx(two, rel=1e-4)
    assert told["loaded"] < 1e-3
    assert told["again"] == [1, 0.0]
    assert told["alone"] < 1e-3
    assert told["devices of weights"] == ["0", "1"]
    assert "1 window(s), but the strategy shares it out among 2 devices. Raise `batch_size`" in told["refused"]
