"""Of a short series the held-out end tells too little to choose an epoch by, and is learnt from at last."""

import keras
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly

import tsattn
from tsattn import Training
from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler
from tsattn.series.windows import Windows
from tsattn.training.trainer import train

SHORT, LONG = monthly(), monthly(180)  # 10 % are one horizon, and three


class Record(keras.callbacks.Callback):
    """For the epochs of each training whether an error on held-out windows was told; breaks off one if told to."""

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
    """One network for the tests of this file."""
    return NETWORKS["seq2seq"](horizon=HORIZON, lookback=12, season=12)


def trainings(model, y, training=FAST, **options):
    record = Record()
    model.set_params(training=Training(**training)).fit(y, callbacks=record, **options)
    return record.trainings


def test_a_long_series_is_learnt_from_once_and_a_short_one_twice(model):
    assert trainings(model, LONG) == [[True, True]]
    assert trainings(model, SHORT) == [[False, False], [False, False]]


def test_epochs_that_were_left_to_the_data_are_fewer_where_nothing_tells_when_to_stop():
    assert [Training().resolve(100, 1, told).epochs for told in (True, False)] == [80, 15]
    assert Training(epochs=7).resolve(100, 1, False).epochs == 7


@pytest.mark.parametrize("steps, told", [(2 * HORIZON, False), (3 * HORIZON, True)])
def test_three_horizons_tell(steps, told):
    panel = Panel(np.zeros((8 + steps, 1)), np.array([0, 8 + steps]))
    windows = Windows(panel, Scaler(np.zeros((1, 1)), np.ones((1, 1))), 8, HORIZON)
    assert windows.horizons == steps / HORIZON
    assert Training.stops_early(windows) is told
    assert not Training.stops_early(None)


def test_at_last_all_windows_are_learnt_from(model, monkeypatch):
    seen = []

    def recorded(network, windows, held_out, *others):
        seen.append((len(windows), held_out))
        return train(network, windows, held_out, *others)

    monkeypatch.setattr(tsattn.forecasters.network, "train", recorded)
    trainings(model, SHORT)
    every = len(SHORT) - 12 - HORIZON + 1
    assert seen == [(every - HORIZON, None), (every, None)]


def test_the_second_training_starts_where_the_first_did(model):
    """At a rate that changes nothing, all end where they began; from random weights, and from those of the last fit."""
    trainings(model, SHORT, {**FAST, "learning_rate": 0.1})
    learnt = model.network_.weights
    still = {**FAST, "learning_rate": 1e-12}
    assert len(trainings(model, SHORT, still, warm_start=True)) == 2
    for weight, before in zip(model.network_.weights, learnt, strict=True):
        np.testing.assert_allclose(weight, before, atol=1e-7)
    trainings(model, SHORT, still)
    assert not np.allclose(model.network_.weights[0], learnt[0])


def test_what_is_held_out_for_another_purpose_is_not_learnt_from(model):
    calibrated = NETWORKS["seq2seq"](horizon=HORIZON, lookback=12, calibrate=True)
    assert trainings(calibrated, SHORT) == [[False, False]]
    assert trainings(model, SHORT, {**FAST, "max_seconds": 1e-9}) == [[False]]
    assert trainings(model, SHORT, {**FAST, "validation_fraction": 0.0}) == [[False, False]]
    assert trainings(model, SHORT, {**FAST, "max_seconds": 1e9}) == [[False, False], [False, False]]


def test_a_second_training_that_is_interrupted_leaves_the_forecaster_as_it_was(model):
    trainings(model, SHORT)
    before = model.predict()
    with pytest.raises(KeyboardInterrupt):
        model.fit(SHORT * 2, callbacks=Record(stop=(2, 0)))
    pd.testing.assert_series_equal(model.predict(), before, check_exact=True)
