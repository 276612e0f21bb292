"""The dtype policy belongs to the weights: a forecaster forecasts under every other policy as under that of its fit."""

import copy
import pickle
import re

import keras
import pytest
from forecaster_table import FAST, monthly

from tsattn import AttentionForecaster, EnsembleForecaster, LinearForecaster, Training, load_forecaster


@pytest.fixture(autouse=True)
def policy():
    before = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(before)


def forecaster(**options):
    return AttentionForecaster(6, units=4, fallback=False, training=Training(**FAST), **options)


@pytest.mark.parametrize(("fitted", "later"), [("mixed_bfloat16", "float32"), ("float32", "mixed_bfloat16")])
def test_a_forecast_does_not_depend_on_the_policy_after_the_fit(fitted, later, tmp_path):
    keras.config.set_dtype_policy(fitted)
    model = forecaster().fit(monthly())
    forecast = model.predict()
    model.save(tmp_path / "model.tsattn")
    stored = pickle.dumps(model)
    keras.config.set_dtype_policy(later)
    copies = [model, pickle.loads(stored), copy.deepcopy(model), load_forecaster(tmp_path / "model.tsattn")]
    for other in copies:
        assert other.dtype_policy_ == fitted
        assert other.predict().equals(forecast)
    copies[1].fit(monthly(), warm_start=True)
    assert copies[1].dtype_policy_ == fitted
    assert copies[2].fit(monthly()).dtype_policy_ == later
    assert not copies[2].predict().equals(forecast)


def test_a_policy_of_16_bits_is_refused_with_a_remedy():
    for name in ("float16", "mixed_float16", "bfloat16"):
        keras.config.set_dtype_policy(name)
        members = [AttentionForecaster(6, units=4), LinearForecaster(6)]
        for model in (forecaster(), EnsembleForecaster(6, members=members)):
            with pytest.raises(ValueError, match=f"policy is '{name}', .* Gradients of 16 bits") as raised:
                model.fit(monthly())
            assert not hasattr(model, "network_")
        exec(re.search(r"`(.*)`", str(raised.value))[1], {"keras": keras})
        assert forecaster().fit(monthly()).dtype_policy_ == "mixed_bfloat16"


def test_a_checkpoint_of_keras_holds_the_weights(tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint
    with pytest.raises(NotImplementedError, match=r"`save_weights_only=True` and a path that ends in .weights.h5"):
        forecaster().fit(monthly(), callbacks=checkpoint(tmp_path / "model.keras"))
    path = tmp_path / "model.weights.h5"
    model = forecaster().fit(monthly(), callbacks=checkpoint(path, save_weights_only=True))
    network = model.network_.copy()
    network.load_weights(path)
    assert len(network.get_weights()) == len(model.network_.weights)
