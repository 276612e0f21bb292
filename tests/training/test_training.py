"""Training: early stopping, schedules, seeds, masked loss, failures in the middle."""

import logging
import random

import keras
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly
from sklearn.base import clone

import tsattn
from tsattn import Training
from tsattn.accelerators.retracing import without_retracing_warnings
from tsattn.series.panel import Panel
from tsattn.series.scaling import Unscaled
from tsattn.series.windows import Windows
from tsattn.training.seeding import seeded

LONG = monthly(180)  # three horizons of it are held out, and tell when to stop


@pytest.fixture(scope="module")
def model():
    """One network for all tests of this file, fitted on the monthly series at the end of each."""
    return NETWORKS["seq2seq"](horizon=HORIZON).fit(LONG)


def train(model, **options):
    """Fit with other training options; the compiled network is used again."""
    return model.set_params(training=Training(**{**FAST, **options})).fit(LONG)


def test_the_best_epoch_is_kept_and_patience_ends_training(model):
    train(model, epochs=40, patience=2, learning_rate=0.05)
    errors = model.training_history_["val_loss"]
    best = int(np.argmin(errors))
    assert len(errors) == best + 3 < 40
    held_out = model.training.hold_out(windows_of(LONG, model.lookback_, model.origins_.scaler))[1]
    inputs, target = held_out.gather(np.arange(len(held_out)))
    assert np.mean(np.abs(model._model().forecast(inputs)[..., 0] - target)) == pytest.approx(errors[best], rel=1e-4)


def windows_of(y, lookback=8, scaler=None):
    panel = Panel(y.to_numpy()[:, None], np.array([0, len(y)]))
    return Windows(panel, Unscaled.from_panel(panel, None) if scaler is None else scaler, lookback, HORIZON)


def test_nothing_is_held_out_when_asked_or_when_too_little_would_be_left(model):
    assert "val_loss" not in train(model, validation_fraction=0.0).training_history_
    windows = windows_of(monthly(24))
    assert Training().hold_out(windows) == (windows, None)
    earlier, later = Training().hold_out(windows_of(monthly()))
    assert len(later) == 1 and len(earlier) > 30
    assert len(Training(validation_fraction=0.3).hold_out(windows_of(monthly()))[1]) == 13


def test_epochs_batch_size_and_learning_rate_are_used(model):
    assert len(train(model, epochs=3).training_history_["loss"]) == 3
    rates = train(model, epochs=5, patience=9, learning_rate=0.01).training_history_["learning_rate"]
    np.testing.assert_allclose(rates, [0.01, 0.01, 0.01, 0.0098, 0.009604], rtol=1e-5)
    rates = train(model, epochs=5, patience=9, learning_rate=0.01, decay=0.5).training_history_["learning_rate"]
    np.testing.assert_allclose(rates, [0.01, 0.01, 0.01, 0.005, 0.0025], rtol=1e-5)
    first = train(model, batch_size=8).predict()
    assert not np.allclose(first, train(model, batch_size=16).predict())


def test_the_loss_is_used():
    """An outlier pulls the mean of a squared loss more than the median of an absolute one."""
    y = monthly(30) * 0 + 1.0
    y.iloc[::5] = 100.0
    forecasts = [
        NETWORKS["seq2seq"](horizon=2, lookback=4, training=Training(**{**FAST, "epochs": 5, "loss": loss})).fit(y)
        for loss in ("mae", "mse")
    ]
    low, high = (forecast.predict().mean() for forecast in forecasts)
    assert low < high


@pytest.mark.parametrize("forcing, expected", [(1.0, [1, 1, 1]), (0.25, [0.25] * 3), ((1.0, 0.0), [1, 0.5, 0])])
def test_teacher_forcing_is_scheduled_over_the_epochs(forcing, expected):
    training = Training(epochs=3, teacher_forcing=forcing)
    assert [training.teacher_forcing_at(epoch) for epoch in range(3)] == expected


def test_teacher_forcing_changes_what_a_recursive_decoder_learns():
    model = NETWORKS["seq2seq"](horizon=4, lookback=8, patch_size=2, decoding="recursive")
    always, falling, never = (
        train(model, teacher_forcing=forcing, validation_fraction=0.0).predict() for forcing in (1.0, (1.0, 0.0), 0.0)
    )
    assert np.isfinite(always).all()
    assert not np.allclose(always, falling)
    assert not np.allclose(falling, never)


@pytest.mark.parametrize(
    "windows, channels, size",
    [
        (100, 1, 64),
        (4095, 1, 64),
        (4096, 1, 128),
        (8192, 1, 256),
        (10**6, 1, 256),
        (10**6, 2, 128),
        (10**6, 7, 32),
        (100, 7, 32),
        (100, 99, 16),
    ],
)
def test_batches_grow_with_the_windows_and_the_rate_by_the_root(windows, channels, size):
    settled = Training().resolve(windows, channels)
    assert settled.batch_size == size
    assert settled.learning_rate == pytest.approx(1e-3 * max(1, size / 64) ** 0.5)
    given = Training(batch_size=10, learning_rate=0.1).resolve(windows, channels)
    assert (given.batch_size, given.learning_rate) == (10, 0.1)


@pytest.mark.parametrize(
    "option, value",
    [
        ("epochs", 0),
        ("decay", 0),
        ("decay", 1.5),
        ("batch_size", 2.5),
        ("patience", "3"),
        ("input_noise", -0.1),
        ("input_noise", True),
        ("input_noise", float("nan")),
        ("max_seconds", 0),
        ("max_seconds", True),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("validation_fraction", 1.0),
        ("teacher_forcing", 1.5),
        ("teacher_forcing", (1.0, 0.5, 0.0)),
        ("random_state", -1),
        ("verbose", "loud"),
    ],
)
def test_options_that_cannot_be_used_are_refused_by_fit(model, option, value):
    before = model.predict()
    with pytest.raises(ValueError, match=option):
        train(model, **{option: value})
    pd.testing.assert_series_equal(model.predict(), before)


def test_a_loss_that_is_not_known_is_refused(model):
    with pytest.raises(ValueError, match="no_such_loss"):
        train(model, loss="no_such_loss")


def test_seeds_repeat_and_differ(model):
    first, other = train(model, random_state=1).predict(), train(model, random_state=2).predict()
    assert not np.allclose(first, other)
    pd.testing.assert_series_equal(train(model, random_state=1).predict(), first, check_exact=True)


def test_without_a_seed_the_callers_random_state_decides(model):
    random.seed(3)
    first = train(model, random_state=None).predict()
    random.seed(3)
    pd.testing.assert_series_equal(train(model, random_state=None).predict(), first, check_exact=True)
    assert not np.allclose(train(model, random_state=None).predict(), first)


class Draws(keras.callbacks.Callback):
    """Notes the state of Python's `random` while a network trains, and draws from it."""

    def on_epoch_end(self, epoch, logs=None):
        self.state = random.getstate()
        random.random()


def test_while_a_network_trains_the_callers_random_state_is_the_callers(model):
    expected = train(model, random_state=1).predict()
    state, draws = random.getstate(), Draws()
    model.set_params(training=Training(**{**FAST, "epochs": 1, "random_state": 1})).fit(LONG, callbacks=draws)
    assert draws.state == state and random.getstate() != state
    random.seed(7)
    pd.testing.assert_series_equal(train(model, random_state=1).predict(), expected, check_exact=True)


def test_a_seed_leaves_the_callers_random_state_alone_even_on_failure():
    state = random.getstate()
    with pytest.raises(RuntimeError), seeded(5):
        random.random()
        raise RuntimeError
    assert random.getstate() == state


class Slower(keras.callbacks.Callback):
    """Sets the learning rate after the first epoch, as Keras's own schedules do."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:
            self.model.optimizer.learning_rate = 1e-5


def test_a_learning_rate_that_a_callback_sets_stays(model):
    model.set_params(training=Training(**{**FAST, "epochs": 4})).fit(LONG, callbacks=Slower())
    np.testing.assert_allclose(model.training_history_["learning_rate"], [1e-3, 1e-5, 1e-5, 9.8e-6], rtol=1e-5)


def test_a_refit_is_a_fit_of_a_new_forecaster_to_the_bit():
    model = NETWORKS["transformer"](horizon=HORIZON).fit(monthly()[:40])
    for options in ({"batch_size": 16}, {"learning_rate": 1e-2}, {"validation_fraction": 0.3}):
        train(model, **options)
    pd.testing.assert_series_equal(model.predict(), clone(model).fit(LONG).predict(), check_exact=True)


def test_only_the_warning_of_retracing_is_muted(caplog):
    logger = logging.getLogger("tensorflow")
    with without_retracing_warnings():
        logger.warning("5 out of the last 5 calls triggered tf.function retracing.")
        logger.warning("another warning")
    logger.warning("retracing again")
    assert [record.getMessage() for record in caplog.records] == ["another warning", "retracing again"]


class Record(keras.callbacks.Callback):
    """What a Keras callback sees."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append((epoch, sorted(logs)))
        self.model.stop_training = epoch == 1


def test_keras_callbacks_are_called_and_may_stop_training(model):
    record = Record()
    model.set_params(training=Training(**{**FAST, "epochs": 9})).fit(LONG, callbacks=[record])
    assert record.epochs == [(epoch, ["learning_rate", "loss", "val_loss"]) for epoch in range(2)]


def test_a_long_training_shows_its_progress_unless_silent(model, capfd, monkeypatch):
    monkeypatch.setattr(tsattn.training.trainer, "PROGRESS_DELAY", 0)
    train(model, verbose=1)
    shown = capfd.readouterr().err
    assert "100%" in shown and "val_loss" in shown
    train(model, verbose=0)
    assert capfd.readouterr().err == ""


def test_training_ends_before_an_epoch_that_would_take_too_long():
    """The first epoch is run in any case; with a limit that is no limit, all are."""
    for limit, epochs in ((1e-9, 1), (1e9, 3)):
        training = Training(**{**FAST, "epochs": 3, "patience": 3, "max_seconds": limit})
        model = NETWORKS["seq2seq"](horizon=HORIZON, training=training).fit(LONG)
        assert len(model.training_history_["loss"]) == epochs


def test_parameters_are_counted_without_a_fit():
    model = NETWORKS["seq2seq"](horizon=HORIZON)
    count = model.count_params(monthly())
    assert not hasattr(model, "network_")
    assert count == model.fit(monthly()).network_.count_params()
    assert model.set_params(units=8).count_params(monthly()) > count
