"""The training loop: early stopping, learning rates, callbacks, progress and time limit."""

import keras
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly
from sklearn.base import clone
from window_table import panel_of

import tsattn
from tsattn import Training
from tsattn.series.windows import Windows

LONG = monthly(180)  # three horizons are held out, enough for early stopping


@pytest.fixture(scope="module")
def model():
    """A network that tests refit, so that it is compiled only once."""
    return NETWORKS["seq2seq"](horizon=HORIZON).fit(LONG)


def train(model, **options):
    """Fit with other arguments of the training."""
    return model.set_params(training=Training(**{**FAST, **options})).fit(LONG)


def test_best_epoch_is_kept_and_patience_ends_training(model):
    train(model, epochs=40, patience=2, learning_rate=0.05)
    errors = model.training_history_["val_loss"]
    best = int(np.argmin(errors))
    assert len(errors) == best + 3 < 40
    windows = Windows(panel_of(LONG.to_numpy()), model.origins_.scaler, model.lookback_, HORIZON)
    held_out = windows.split_validation(model.training.validation_fraction)[1]
    inputs, target = held_out.gather(np.arange(len(held_out)))
    assert np.mean(np.abs(model._model().forecast(inputs)[..., 0] - target)) == pytest.approx(errors[best], rel=1e-4)


def test_validation_fraction_of_0_has_no_held_out_loss(model):
    assert "val_loss" not in train(model, validation_fraction=0.0).training_history_


def test_epochs_batch_size_and_learning_rate_are_used(model):
    assert len(train(model, epochs=3).training_history_["loss"]) == 3
    rates = train(model, epochs=5, patience=9, learning_rate=0.01).training_history_["learning_rate"]
    np.testing.assert_allclose(rates, [0.01, 0.01, 0.01, 0.0098, 0.009604], rtol=1e-5)
    rates = train(model, epochs=5, patience=9, learning_rate=0.01, decay=0.5).training_history_["learning_rate"]
    np.testing.assert_allclose(rates, [0.01, 0.01, 0.01, 0.005, 0.0025], rtol=1e-5)
    first = train(model, batch_size=8).predict()
    assert not np.allclose(first, train(model, batch_size=16).predict())


def test_loss_is_used():
    """Outliers affect a mean, the result of the squared loss, more than a median."""
    y = monthly(30) * 0 + 1.0
    y.iloc[::5] = 100.0
    forecasts = [
        NETWORKS["seq2seq"](horizon=2, lookback=4, training=Training(**{**FAST, "epochs": 5, "loss": loss})).fit(y)
        for loss in ("mae", "mse")
    ]
    low, high = (forecast.predict().mean() for forecast in forecasts)
    assert low < high


def test_teacher_forcing_changes_the_training_of_a_recursive_decoder():
    model = NETWORKS["seq2seq"](horizon=4, lookback=8, patch_size=2, decoding="recursive")
    always, falling, never = (
        train(model, teacher_forcing=forcing, validation_fraction=0.0).predict() for forcing in (1.0, (1.0, 0.0), 0.0)
    )
    assert np.isfinite(always).all()
    assert not np.allclose(always, falling)
    assert not np.allclose(falling, never)


class SetLearningRate(keras.callbacks.Callback):
    """Sets the learning rate after the first epoch, like the schedules of Keras."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:
            self.model.optimizer.learning_rate = 1e-5


def test_learning_rate_set_by_a_callback_is_kept(model):
    model.set_params(training=Training(**{**FAST, "epochs": 4})).fit(LONG, callbacks=SetLearningRate())
    np.testing.assert_allclose(model.training_history_["learning_rate"], [1e-3, 1e-5, 1e-5, 9.8e-6], rtol=1e-5)


def test_refit_equals_fit_of_a_new_forecaster_to_the_bit():
    model = NETWORKS["transformer"](horizon=HORIZON).fit(monthly()[:40])
    for options in ({"batch_size": 16}, {"learning_rate": 1e-2}, {"validation_fraction": 0.3}):
        train(model, **options)
    pd.testing.assert_series_equal(model.predict(), clone(model).fit(LONG).predict(), check_exact=True)


class Record(keras.callbacks.Callback):
    """Records the logs of each epoch, and stops training after the second."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append((epoch, sorted(logs)))
        self.model.stop_training = epoch == 1


def test_callbacks_are_called_and_can_stop_training(model):
    record = Record()
    model.set_params(training=Training(**{**FAST, "epochs": 9})).fit(LONG, callbacks=[record])
    assert record.epochs == [(epoch, ["learning_rate", "loss", "val_loss"]) for epoch in range(2)]


def test_progress_is_shown_unless_silent(model, capfd, monkeypatch):
    monkeypatch.setattr(tsattn.training.trainer, "PROGRESS_DELAY", 0)
    train(model, verbose=1)
    shown = capfd.readouterr().err
    assert "100%" in shown and "val_loss" in shown
    train(model, verbose=0)
    assert capfd.readouterr().err == ""


def test_training_stops_before_the_time_limit():
    """The first epoch always runs."""
    for limit, epochs in ((1e-9, 1), (1e9, 3)):
        training = Training(**{**FAST, "epochs": 3, "patience": 3, "max_seconds": limit})
        model = NETWORKS["seq2seq"](horizon=HORIZON, training=training).fit(LONG)
        assert len(model.training_history_["loss"]) == epochs


def test_count_params_does_not_fit():
    model = NETWORKS["seq2seq"](horizon=HORIZON)
    count = model.count_params(monthly())
    assert not hasattr(model, "network_")
    assert count == model.fit(monthly()).network_.count_params()
    assert model.set_params(units=8).count_params(monthly()) > count
