"""Failures during training and use: rows 52 to 64 of `bad_input_rows.py`."""

import dataclasses
import os
import pathlib
import pickle
import re
import subprocess
import sys
import time
import tracemalloc

import keras
import numpy as np
import pandas as pd
import process_cases
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly, panel

from tsattn import (
    EnsembleForecaster,
    LinearForecaster,
    SeasonalNaiveForecaster,
    Training,
    TrainingDivergedError,
    backtest,
    compare,
)
from tsattn.accelerators.steps import train_step
from tsattn.series import panel as panel_module
from tsattn.testing.copies import predict_in_threads
from tsattn.training import trainer

TESTS = pathlib.Path(__file__).parent.parent
LAST = FAST["batches_per_epoch"] - 1  # the last batch of an epoch


@pytest.fixture(scope="module")
def model():
    """A fitted network. Tests must not change it."""
    return NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**{**FAST, "validation_fraction": 0.0})).fit(
        monthly()
    )


@pytest.fixture
def unchanged(model):
    """The model. After the test, its weights and its forecast must be bitwise equal."""
    before, weights, arguments = model.predict(), model.network_.weights, model.get_params(deep=False)
    yield model
    model.set_params(**arguments)
    pd.testing.assert_series_equal(model.predict(), before, check_exact=True)
    for after, expected in zip(model.network_.weights, weights, strict=True):
        np.testing.assert_array_equal(after, expected)
    pd.testing.assert_series_equal(model.fit(monthly()).predict(), before, check_exact=True)


class CallAt(keras.callbacks.Callback):
    """Calls a function at a batch of an epoch, both counted from 0. Records the weights at the end of each epoch."""

    def __init__(self, epoch, batch, function):
        super().__init__()
        self.time, self.function, self.epoch, self.weights = (epoch, batch), function, 0, []

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.time:
            self.function(self.model)

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append(self.model.get_weights())


def diverge(network):
    network.optimizer.learning_rate = np.inf


def interrupt(network):
    raise KeyboardInterrupt


def fail(network):
    raise OSError("the disk is full")


@pytest.mark.parametrize("batch", [0, LAST])
@pytest.mark.parametrize("warm_start", [False, True])
def test_52_diverging_loss_raises_with_last_finite_weights(unchanged, batch, warm_start):
    """If the last batch diverges, the loss is still finite, but the weights are not."""
    callback = CallAt(1, batch, diverge)
    with pytest.raises(
        TrainingDivergedError, match=r"in epoch 2.*Lower `learning_rate`, or look for outliers"
    ) as caught:
        unchanged.fit(monthly(), callbacks=callback, warm_start=warm_start)
    assert list(caught.value.history) == ["loss", "learning_rate"] and len(caught.value.history["loss"]) == 1
    for weight, expected in zip(caught.value.weights, callback.weights[0], strict=True):
        assert np.isfinite(weight).all()
        np.testing.assert_array_equal(weight, expected)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value) and len(copy.weights) == len(caught.value.weights)


def test_52_divergence_in_the_first_epoch_returns_the_initial_weights(unchanged):
    with pytest.raises(TrainingDivergedError, match="in epoch 1 ") as caught:
        unchanged.fit(monthly(), callbacks=CallAt(0, 0, diverge))
    assert caught.value.history == {}
    assert all(np.isfinite(values).all() for values in caught.value.weights)


@pytest.mark.parametrize("y", [monthly(), monthly() ** 2, monthly(40)], ids=["same", "other values", "shorter"])
def test_53_ctrl_c_leaves_the_forecaster_unchanged(unchanged, y):
    with pytest.raises(KeyboardInterrupt):
        unchanged.fit(y, callbacks=CallAt(1, LAST, interrupt))


@pytest.mark.parametrize("changed", [{}, {"units": 5}, {"horizon": 4}], ids=str)
def test_53_any_other_error_leaves_the_forecaster_unchanged(unchanged, changed):
    with pytest.raises(OSError, match="the disk is full"):
        unchanged.set_params(**changed).fit(monthly(), callbacks=CallAt(0, LAST, fail))


def test_53_failed_first_fit_sets_no_attributes():
    model = NETWORKS["seq2seq"](horizon=HORIZON)
    with pytest.raises(KeyboardInterrupt):
        model.fit(monthly(), callbacks=CallAt(0, LAST, interrupt))
    assert not [name for name in vars(model) if name.endswith("_")]


def test_54_refit_after_failures_equals_a_first_fit(unchanged):
    """The fixture compares the forecasts after failures of three kinds."""
    for function, error in ((diverge, TrainingDivergedError), (interrupt, KeyboardInterrupt), (fail, OSError)):
        with pytest.raises(error):
            unchanged.fit(monthly(50), callbacks=CallAt(1, LAST, function))


@pytest.mark.skipif(not pathlib.Path("/proc/self/statm").exists(), reason="memory is read from Linux's /proc")
def test_55_memory_does_not_grow_with_refits(model):
    def megabytes():
        pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    for _ in range(3):
        model.fit(monthly())
    before = megabytes()
    for _ in range(30):
        model.fit(monthly())
    assert megabytes() - before < 30


def test_56_forecast_takes_milliseconds(model):
    model.predict()
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        model.predict()
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.05


def run(case, **environment):
    """Run a case of `process_cases.py` in a new process, and return the lines that it prints."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    script = [sys.executable, str(TESTS / "forecasters" / "process_cases.py"), case]
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    result = subprocess.run(script, capture_output=True, text=True, env=environment, timeout=300)
    assert result.returncode == 0, result.stderr
    return result.stdout.split("\n")[:-1]


def test_57_equal_seeds_give_equal_bits_in_two_processes():
    assert run("bits", PYTHONHASHSEED="7") == [process_cases.bits()]


def test_58_first_calls_may_be_concurrent(model):
    """The contract in `tsattn.testing` covers later calls. Here, the first calls, which compile, are concurrent."""
    forecast = model.predict().to_numpy()
    for _ in range(3):
        forecasts, errors = predict_in_threads(pickle.loads(pickle.dumps(model)), 8, 1)
        assert not errors and len(forecasts) == 8
        assert all(np.array_equal(other, forecast) for other in forecasts)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_59_calls_in_a_forked_process_raise():
    early, loaded, linear, *messages = run("forks")
    assert early == linear == str(HORIZON)
    assert "forked" in loaded
    assert len(messages) == 8
    assert all("forked" in message and 'get_context("spawn")' in message for message in messages)


def test_60_docstring_of_n_jobs_states_the_cost_of_a_process():
    """Other tests of the row compare the results of several processes."""
    assert re.search(r"n_jobs: [^:]*each process first imports TensorFlow[^:]*seconds", backtest.__doc__)
    assert re.search(r"n_jobs: As in `backtest`", compare.__doc__)


def test_61_forecast_with_few_or_no_held_out_windows():
    network = NETWORKS["seq2seq"](horizon=4)
    for fraction in (0.0, 0.01, 0.5, 0.99):
        network.set_params(training__validation_fraction=fraction, training__epochs=1)
        forecasts = [network.fit(monthly(14)).predict()]
        for kind in (LinearForecaster, SeasonalNaiveForecaster):
            forecasts += [kind(4, validation_fraction=fraction).fit(monthly(length)).predict() for length in (14, 60)]
        assert np.isfinite(forecasts).all()


def peak_megabytes(call):
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def test_62_windows_of_a_huge_panel_are_not_materialized():
    """A million windows of 108 steps would take 400 MB."""
    times = pd.RangeIndex(500)
    index = pd.MultiIndex.from_product([range(2000), times])
    y = pd.Series(np.random.default_rng(0).normal(size=len(index)), index)
    training = Training(**{**FAST, "epochs": 1, "batches_per_epoch": 2})
    model = NETWORKS["seq2seq"](horizon=12, lookback=96, patch_size=12, training=training)
    assert peak_megabytes(lambda: model.fit(y)) < 150
    assert len(model.predict()) == 2000 * 12


def test_62_panel_beyond_the_memory_raises_before_allocation(unchanged, monkeypatch):
    y = panel().drop(("b", panel()["b"].index[3]))  # a missing row is inserted, which needs a copy
    monkeypatch.setattr(panel_module, "available_memory", lambda: 1000)
    small = (1, 4)  # numbers of columns and of series
    monkeypatch.setattr(
        np, "full", lambda shape, *value, full=np.full: full(shape, *value) if shape in small else 1 / 0
    )
    message = r"4 series with 160 steps .* 1 channel.* 1.6e-06 GB of memory, but 1e-06 GB are available. Pass fewer"
    with pytest.raises(MemoryError, match=message):
        unchanged.fit(y)
    monkeypatch.undo()


def test_63_long_backtest_does_not_keep_folds():
    """It has 100 folds of 1.6 MB each."""
    y = pd.Series(np.random.default_rng(0).normal(size=200_000))
    options = {"windows": 100, "refit": True, "verbose": 0}
    assert peak_megabytes(lambda: backtest(SeasonalNaiveForecaster(12, season=7), y, **options)) < 40


def test_64_cpu_is_used_without_a_gpu():
    """The process requests a GPU, but none is visible."""
    requested, default, *others = run("on_a_gpu", CUDA_VISIBLE_DEVICES="-1")
    assert requested == default and not others


class ResourceExhaustedError(Exception):
    """An error with the name of the one that TensorFlow raises if memory is full."""


def memory_errors():
    """Return the errors that TensorFlow and JAX raise if memory is full."""
    errors = [ResourceExhaustedError("OOM"), RuntimeError("RESOURCE_EXHAUSTED: Out of memory")]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        errors.append(tf.errors.ResourceExhaustedError(None, None, "failed to allocate memory"))
    return errors


@pytest.mark.parametrize("error", memory_errors(), ids=lambda error: type(error).__module__)
def test_64_full_memory_raises_a_memory_error_with_a_remedy(unchanged, monkeypatch, error):
    calls = []

    def failing_step(*arguments):
        calls.append(arguments)
        if len(calls) > 3:  # during the training
            raise error
        return train_step(*arguments)

    monkeypatch.setattr(trainer, "train_step", failing_step)
    message = r"A batch of 64 windows does not fit into memory. Lower `batch_size`"
    with pytest.raises(MemoryError, match=message) as caught:
        unchanged.fit(monthly())
    assert caught.value.__cause__ is error
    monkeypatch.undo()


def test_forecast_that_is_nan_raises(unchanged):
    """A network may compute NaN from finite weights that are too large."""
    fitted = unchanged.network_
    unchanged.network_ = dataclasses.replace(fitted, weights=[np.full_like(part, np.nan) for part in fitted.weights])
    with pytest.raises(ValueError, match=r"The forecast of `y` is NaN or infinite.*learning_rate"):
        unchanged.predict()
    unchanged.network_ = fitted


def test_ensemble_with_a_diverging_member_is_unchanged():
    members = [NETWORKS[name](horizon=HORIZON, training=Training()) for name in ("seq2seq", "core")]
    model = EnsembleForecaster(HORIZON, members=members, training=Training(**FAST)).fit(monthly())
    before = model.predict()
    with pytest.raises(TrainingDivergedError):
        model.set_params(training__learning_rate=1e38).fit(monthly())
    pd.testing.assert_series_equal(model.predict(), before, check_exact=True)
