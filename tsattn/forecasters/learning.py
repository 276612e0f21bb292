"""The training loop: windows in, the weights of the best epoch in the network."""

import contextlib
import logging
import math
import random

import keras
import numpy as np
from keras import ops
from tqdm.auto import tqdm

LEAST_BATCHES = 32  # in an epoch: what an epoch means should not depend on how short the series is
PROGRESS_DELAY = 1  # seconds: what is done by then needs no bar


class TrainingDivergedError(ArithmeticError):
    """The loss is no longer a number."""


@contextlib.contextmanager
def seeded(random_state):
    """Make what Keras draws repeatable, and leave the caller's random state as it was.

    Keras takes every seed that it is not given (weights, dropout) from Python's `random`.

    Args:
        random_state: A seed, or None to go on with the caller's own random state.

    Yields:
        A NumPy generator.
    """
    if random_state is None:
        yield np.random.default_rng(random.getrandbits(64))
        return
    state = random.getstate()
    random.seed(int(random_state))
    try:
        yield np.random.default_rng(int(random_state))
    finally:
        random.setstate(state)


@contextlib.contextmanager
def without_retracing_warnings():
    """Mute TensorFlow's warning that much is compiled: it counts over networks, of which each is compiled once."""

    def is_other(record):
        return "retracing" not in record.getMessage()

    logger = logging.getLogger("tensorflow")
    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)


def observed_loss(loss):
    """A loss over the values that were observed: the mean where the true value is not NaN.

    Args:
        loss: Name of a Keras loss, a `keras.losses.Loss`, or a function of true and forecast values
            that averages over the last axis.
    """
    function = keras.losses.get(loss)
    if isinstance(function, keras.losses.Loss):
        function = function.call

    def masked(y_true, y_pred):
        observed = ops.logical_not(ops.isnan(y_true))
        y_true = ops.where(observed, y_true, ops.stop_gradient(y_pred))
        # With a last axis of one, the loss of every single value comes out.
        losses = function(ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1))
        observed = ops.cast(observed, losses.dtype)
        return ops.sum(losses * observed) / ops.maximum(ops.sum(observed), 1.0)

    return masked


def learn(network, windows, training, generator, callbacks=()):
    """Train a network, and leave it with the weights of its best epoch.

    Args:
        network: A `ForecastNetwork`, compiled as by `Learner`.
        windows: The `Windows` to learn from, validation included.
        training: A checked `Training`.
        generator: NumPy generator for the order of the windows.
        callbacks: Keras callbacks; `network.stop_training = True` ends the training.

    Returns:
        Dict of lists with one entry an epoch: `"loss"`, `"learning_rate"` and, where windows are
        held out, `"val_loss"`.

    Raises:
        TrainingDivergedError: the loss became NaN or infinite.
    """
    learned, held_out = training.hold_out(windows)
    batches = max(LEAST_BATCHES, math.ceil(len(learned) / training.batch_size))
    callbacks = keras.callbacks.CallbackList(list(callbacks), model=network)
    network.stop_training = False
    history, best, best_epoch, best_weights = {}, np.inf, 0, None
    callbacks.on_train_begin()
    with tqdm(total=training.epochs * batches, delay=PROGRESS_DELAY, disable=not training.verbose, unit="batch") as bar:
        for epoch in range(training.epochs):
            # From the present rate on, which a callback may have set.
            rate = float(network.optimizer.learning_rate) if epoch else training.learning_rate
            network.optimizer.learning_rate = rate * training.decay_before(epoch)
            callbacks.on_epoch_begin(epoch)
            logs = {
                "loss": _run_epoch(
                    network, _batches(network, learned, training, epoch, batches, generator), callbacks, bar
                )
            }
            if held_out is not None:
                logs["val_loss"] = _error(network, held_out, training.batch_size)
            if not np.isfinite(list(logs.values())).all():
                raise TrainingDivergedError(
                    f"The losses became {logs} in epoch {epoch + 1} at a learning rate of "
                    f"{training.learning_rate:g}. Lower `learning_rate`, or look for outliers in the data."
                )
            if held_out is not None and logs["val_loss"] < best:
                best, best_epoch, best_weights = logs["val_loss"], epoch, network.get_weights()
            logs["learning_rate"] = float(network.optimizer.learning_rate)
            for name, value in logs.items():
                history.setdefault(name, []).append(value)
            bar.set_postfix({name: f"{value:.4f}" for name, value in logs.items() if "loss" in name}, refresh=False)
            callbacks.on_epoch_end(epoch, logs)
            if network.stop_training or (held_out is not None and epoch - best_epoch >= training.patience):
                break
        bar.total = bar.n  # training that ended early is done
        bar.refresh()
    if best_weights is not None:
        network.set_weights(best_weights)
    callbacks.on_train_end()
    return history


def _run_epoch(network, batches, callbacks, bar):
    """The mean loss of an epoch."""
    losses = []
    for step, (inputs, target) in enumerate(batches):
        callbacks.on_train_batch_begin(step)
        losses.append(float(network.train_on_batch(inputs, target)))
        callbacks.on_train_batch_end(step, {"loss": losses[-1]})
        bar.update()
    return float(np.mean(losses))


def _batches(network, windows, training, epoch, batches, generator):
    """The inputs and targets of an epoch: the windows in a new order, again from the start if they run out.

    All batches have one size, since a training step is compiled for a size.
    """
    size = training.batch_size
    passes = math.ceil(batches * size / len(windows))
    order = np.concatenate([generator.permutation(len(windows)) for _ in range(passes)])[: batches * size]
    recursive = network.skeleton.decoding == "recursive"
    teaching = training.teacher_forcing_of(epoch)
    always = training.teacher_forcing == 1.0
    for first in range(0, len(order), size):
        history, target = windows.gather(order[first : first + size])
        inputs = {"history": history}
        if recursive and training.teacher_forcing != 0.0:
            inputs["target"] = target
            if not always:
                inputs["teaching"] = np.full(len(history), teaching, "float32")
        yield inputs, target


def _error(network, windows, size):
    """Mean loss over windows, in batches of one size, each forecast free running as it will be used."""
    errors, counts = [], []
    for first in range(0, len(windows), size):
        index = np.arange(first, first + size)
        history, target = windows.gather(index % len(windows))
        target[index >= len(windows)] = np.nan  # fills up the last batch to the one size, and counts for nothing
        errors.append(float(network.test_on_batch({"history": history}, target)))
        counts.append(np.isfinite(target).sum())
    return float(np.average(errors, weights=counts))
