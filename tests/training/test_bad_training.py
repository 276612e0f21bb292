"""What goes wrong while a forecaster is trained or used, and what must come of it: rows 52 to 64 of the list."""

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
from tsattn.series import panel as filling
from tsattn.testing.copies import predict_in_threads
from tsattn.training import trainer as learning

TESTS = pathlib.Path(__file__).parent.parent
LAST = FAST["batches_per_epoch"] - 1  # batch of an epoch


@pytest.fixture(scope="module")
def model():
    """A fitted network, which each test leaves as it was."""
    return NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**{**FAST, "validation_fraction": 0.0})).fit(
        monthly()
    )


@pytest.fixture
def unchanged(model):
    """The model, which must forecast the same bits from the same weights after the test."""
    before, weights, arguments = model.predict(), model.network_.weights, model.get_params(deep=False)
    yield model
    model.set_params(**arguments)
    pd.testing.assert_series_equal(model.predict(), before, check_exact=True)
    for now, then in zip(model.network_.weights, weights, strict=True):
        np.testing.assert_array_equal(now, then)
    pd.testing.assert_series_equal(model.fit(monthly()).predict(), before, check_exact=True)


class At(keras.callbacks.Callback):
    """Does something at a batch of an epoch, both counted from 0, and notes the weights at the ends of epochs."""

    def __init__(self, epoch, batch, act):
        super().__init__()
        self.place, self.act, self.epoch, self.ends = (epoch, batch), act, 0, []

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.place:
            self.act(self.model)

    def on_epoch_end(self, epoch, logs=None):
        self.ends.append(self.model.get_weights())


def fly_off(network):
    network.optimizer.learning_rate = np.inf


def interrupt(network):
    raise KeyboardInterrupt


def break_down(network):
    raise OSError("the disk is full")


@pytest.mark.parametrize("batch", [0, LAST])
@pytest.mark.parametrize("warm_start", [False, True])
def test_52_a_loss_that_diverges_midway(unchanged, batch, warm_start):
    """With the last batch of all the loss is finite still, and only the weights are not."""
    callback = At(1, batch, fly_off)
    with pytest.raises(
        TrainingDivergedError, match=r"in epoch 2.*Lower `learning_rate`, or look for outliers"
    ) as caught:
        unchanged.fit(monthly(), callbacks=callback, warm_start=warm_start)
    assert list(caught.value.history) == ["loss", "learning_rate"] and len(caught.value.history["loss"]) == 1
    for found, wanted in zip(caught.value.weights, callback.ends[0], strict=True):
        assert np.isfinite(found).all()
        np.testing.assert_array_equal(found, wanted)
    travelled = pickle.loads(pickle.dumps(caught.value))
    assert str(travelled) == str(caught.value) and len(travelled.weights) == len(caught.value.weights)


def test_52_the_weights_to_start_from_are_the_last_that_were_finite(unchanged):
    with pytest.raises(TrainingDivergedError, match="in epoch 1 ") as caught:
        unchanged.fit(monthly(), callbacks=At(0, 0, fly_off))
    assert caught.value.history == {}
    assert all(np.isfinite(values).all() for values in caught.value.weights)


@pytest.mark.parametrize("y", [monthly(), monthly() ** 2, monthly(40)], ids=["the same", "others", "fewer"])
def test_53_ctrl_c(unchanged, y):
    with pytest.raises(KeyboardInterrupt):
        unchanged.fit(y, callbacks=At(1, LAST, interrupt))


@pytest.mark.parametrize("changed", [{}, {"units": 5}, {"horizon": 4}], ids=str)
def test_53_any_other_error(unchanged, changed):
    with pytest.raises(OSError, match="the disk is full"):
        unchanged.set_params(**changed).fit(monthly(), callbacks=At(0, LAST, break_down))


def test_53_a_first_fit_that_fails_teaches_nothing():
    model = NETWORKS["seq2seq"](horizon=HORIZON)
    with pytest.raises(KeyboardInterrupt):
        model.fit(monthly(), callbacks=At(0, LAST, interrupt))
    assert not [name for name in vars(model) if name.endswith("_")]


def test_54_a_refit_after_a_failure_is_a_fit_of_a_new_one(unchanged):
    """What the fixture checks at the end, after failures of three kinds."""
    for act, error in ((fly_off, TrainingDivergedError), (interrupt, KeyboardInterrupt), (break_down, OSError)):
        with pytest.raises(error):
            unchanged.fit(monthly(50), callbacks=At(1, LAST, act))


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


def test_56_a_forecast_takes_milliseconds(model):
    model.predict()
    seconds = []
    for _ in range(20):
        begun = time.perf_counter()
        model.predict()
        seconds.append(time.perf_counter() - begun)
    assert min(seconds) < 0.05


def run(case, **environment):
    """What a script of `process_cases.py` prints in a process of its own."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    script = [sys.executable, str(TESTS / "forecasters" / "process_cases.py"), case]
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    done = subprocess.run(script, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


def test_57_a_seed_gives_the_same_bits_in_two_processes():
    assert run("bits", PYTHONHASHSEED="7") == [process_cases.bits()]


def test_58_the_first_calls_of_all_may_come_at_once(model):
    """Contract and figure of calls in `tsattn.testing`; here none has been made, not even one that compiles."""
    forecast = model.predict().to_numpy()
    for _ in range(3):
        answers, problems = predict_in_threads(pickle.loads(pickle.dumps(model)), 8, 1)
        assert not problems and len(answers) == 8
        assert all(np.array_equal(answer, forecast) for answer in answers)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_59_a_forked_child_is_told_so_at_once():
    early, loaded, linear, *said = run("forks")
    assert early == linear == str(HORIZON)
    assert "forked" in loaded
    assert len(said) == 8
    assert all("forked" in one and 'get_context("spawn")' in one for one in said)


def test_60_n_jobs_says_what_a_process_costs():
    """That processes give the same numbers is tested where they are used; see the row."""
    assert re.search(r"n_jobs: [^:]*each process first imports TensorFlow[^:]*seconds", backtest.__doc__)
    assert re.search(r"n_jobs: As for `backtest`", compare.__doc__)


def test_61_no_held_out_windows_or_few():
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


def test_62_a_huge_panel_is_not_cut_into_windows_beforehand():
    """A million windows of 108 steps would be 400 MB."""
    times = pd.RangeIndex(500)
    index = pd.MultiIndex.from_product([range(2000), times])
    y = pd.Series(np.random.default_rng(0).normal(size=len(index)), index)
    training = Training(**{**FAST, "epochs": 1, "batches_per_epoch": 2})
    model = NETWORKS["seq2seq"](horizon=12, lookback=96, patch_size=12, training=training)
    assert peak_megabytes(lambda: model.fit(y)) < 150
    assert len(model.predict()) == 2000 * 12


def test_62_a_panel_beyond_the_memory_is_refused_before_it_is_taken(unchanged, monkeypatch):
    y = panel().drop(("b", panel()["b"].index[3]))  # to be completed, hence copied
    monkeypatch.setattr(filling, "available_memory", lambda: 1000)
    monkeypatch.setattr(np, "full", lambda shape, *value, full=np.full: full(shape, *value) if shape == 4 else 1 / 0)
    told = r"4 series with 160 steps .* 1 channel.* 1.6e-06 GB of memory, but 1e-06 GB are available. Pass fewer"
    with pytest.raises(MemoryError, match=told):
        unchanged.fit(y)
    monkeypatch.undo()


def test_63_a_long_backtest_does_not_keep_its_folds():
    """Of 100 folds of 1.6 MB each."""
    y = pd.Series(np.random.default_rng(0).normal(size=200_000))
    options = {"windows": 100, "refit": True, "verbose": 0}
    assert peak_megabytes(lambda: backtest(SeasonalNaiveForecaster(12, season=7), y, **options)) < 40


def test_64_where_there_is_no_gpu_the_cpu_computes():
    """Hidden from the process, and asked for all the same."""
    early, late, *said = run("on_a_gpu", CUDA_VISIBLE_DEVICES="-1")
    assert early == late and not said


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's own, which only a full memory raises."""


def full_memories():
    """As TensorFlow raises it, and as JAX does."""
    errors = [ResourceExhaustedError("OOM"), RuntimeError("RESOURCE_EXHAUSTED: Out of memory")]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        errors.append(tf.errors.ResourceExhaustedError(None, None, "failed to allocate memory"))
    return errors


@pytest.mark.parametrize("problem", full_memories(), ids=lambda problem: type(problem).__module__)
def test_64_a_full_memory_is_said_with_what_to_lower(unchanged, monkeypatch, problem):
    calls = []

    def fail(*arguments):
        calls.append(arguments)
        if len(calls) > 3:  # in the midst of it
            raise problem
        return train_step(*arguments)

    monkeypatch.setattr(learning, "train_step", fail)
    words = r"A batch of 64 windows does not fit into memory. Lower `batch_size`"
    with pytest.raises(MemoryError, match=words) as caught:
        unchanged.fit(monthly())
    assert caught.value.__cause__ is problem
    monkeypatch.undo()


def test_a_forecast_that_is_no_number_is_refused(unchanged):
    """As a network may compute it from finite weights that are too large."""
    fitted = unchanged.network_
    unchanged.network_ = dataclasses.replace(fitted, weights=[np.full_like(part, np.nan) for part in fitted.weights])
    with pytest.raises(ValueError, match=r"The forecast of `y` is NaN or infinite.*learning_rate"):
        unchanged.predict()
    unchanged.network_ = fitted


def test_an_ensemble_whose_second_member_diverges_is_as_it_was():
    members = [NETWORKS[name](horizon=HORIZON, training=Training()) for name in ("seq2seq", "core")]
    model = EnsembleForecaster(HORIZON, members=members, training=Training(**FAST)).fit(monthly())
    before = model.predict()
    with pytest.raises(TrainingDivergedError):
        model.set_params(training__learning_rate=1e38).fit(monthly())
    pd.testing.assert_series_equal(model.predict(), before, check_exact=True)
