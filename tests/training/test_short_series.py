"""Short series: no early stopping on few held-out windows, and a second training on all windows."""

import keras
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly
from window_table import windows_of

import tsattn
from tsattn import Training
from tsattn.training.trainer import train

SHORT, LONG = monthly(), monthly(180)  # 10 % are one horizon, and three horizons


class Record(keras.callbacks.Callback):
    """Records for each epoch of each training whether there is a held-out loss.

    Args:
        stop: Training, counted from 1, and epoch in which to interrupt. Defaults to None.
    """

    def __init__(self, stop=None):
        super().__init__()
        self.stop, self.trainings = stop, []

    def on_train_begin(self, logs=None):
        self.trainings.append([])

    def on_epoch_begin(self, epoch, logs=None):
        if (len(self.trainings), epoch) == self.stop:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs=None):
        self.trainings[-1].append("val_loss" in logs)


@pytest.fixture(scope="module")
def model():
    """A network that tests refit, so that it is compiled only once."""
    return NETWORKS["seq2seq"](horizon=HORIZON, lookback=12, season=12)


def trainings(model, y, training=FAST, **options):
    record = Record()
    model.set_params(training=Training(**training)).fit(y, callbacks=record, **options)
    return record.trainings


def test_short_series_is_trained_twice_and_long_series_once(model):
    assert trainings(model, LONG) == [[True, True]]
    assert trainings(model, SHORT) == [[False, False], [False, False]]


@pytest.mark.parametrize("steps, stops_early", [(2 * HORIZON, False), (3 * HORIZON, True)])
def test_early_stopping_needs_three_horizons(steps, stops_early):
    windows = windows_of(np.zeros(8 + steps), lookback=8, horizon=HORIZON)
    assert windows.horizons == steps / HORIZON
    assert Training.stops_early(windows.horizons) is stops_early


def test_second_training_uses_all_windows(model, monkeypatch):
    calls = []

    def recorded(network, windows, held_out, *settings, **options):
        calls.append((len(windows), held_out))
        return train(network, windows, held_out, *settings, **options)

    monkeypatch.setattr(tsattn.forecasters.network, "train", recorded)
    trainings(model, SHORT)
    count = len(SHORT) - 12 - HORIZON + 1
    assert calls == [(count - HORIZON, None), (count, None)]


def test_second_training_starts_from_the_same_weights_as_the_first(model):
    """With a learning rate near 0, the final weights are the initial ones: random, or those of the last fit."""
    trainings(model, SHORT, {**FAST, "learning_rate": 0.1})
    trained = model.network_.weights
    no_learning = {**FAST, "learning_rate": 1e-12}
    assert len(trainings(model, SHORT, no_learning, warm_start=True)) == 2
    for weight, expected in zip(model.network_.weights, trained, strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-7)
    trainings(model, SHORT, no_learning)
    assert not np.allclose(model.network_.weights[0], trained[0])


def test_no_second_training_if_calibrated_or_out_of_time(model):
    calibrated = NETWORKS["seq2seq"](horizon=HORIZON, lookback=12, calibrate=True)
    assert trainings(calibrated, SHORT) == [[False, False]]
    assert trainings(model, SHORT, {**FAST, "max_seconds": 1e-9}) == [[False]]
    assert trainings(model, SHORT, {**FAST, "validation_fraction": 0.0}) == [[False, False]]
    assert trainings(model, SHORT, {**FAST, "max_seconds": 1e9}) == [[False, False], [False, False]]


def test_interrupted_second_training_leaves_the_forecaster_unchanged(model):
    trainings(model, SHORT)
    before = model.predict()
    with pytest.raises(KeyboardInterrupt):
        model.fit(SHORT * 2, callbacks=Record(stop=(2, 0)))
    pd.testing.assert_series_equal(model.predict(), before, check_exact=True)
