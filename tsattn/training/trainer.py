"""Noise in what a network learns from, so that it trusts no single value: how much a series has."""

import contextlib
import logging
import math
import time

import keras
import numpy as np
from tqdm.auto import tqdm

from tsattn.accelerators.flat_variables import flat_of
from tsattn.accelerators.steps import measure_step, train_step
from tsattn.baselines.ridge import by_line, line_of
from tsattn.series.windows import sample_evenly
from tsattn.training.config import LEAST_BATCHES

DEVIATIONS = 1.4826  # of a normal distribution in its median absolute error


def deviation_of(windows):
    """How far a linear forecast one step ahead lies from what it has learnt from, as a standard deviation.

    By the median, for robustness. The series of a panel share it, as they share the network.

    Args:
        windows: The `Windows` to learn from; in the units in which they are gathered.

    Returns:
        Array `(channels,)`, 0 where there is none.
    """
    ahead = windows.with_horizon(1)
    line = line_of(ahead)
    if line is None:
        return np.zeros(windows.panel.channels)
    errors = []
    for part in ahead.batches(sample_evenly(len(ahead), windows.panel.channels)):
        inputs, target = ahead.gather(part)
        errors.append(np.abs(target - by_line(line)(inputs))[:, 0])
    return np.array([DEVIATIONS * _median(channel) for channel in np.concatenate(errors).T])


def noisy(history, deviation, generator):
    """Histories with normal noise, of a standard deviation for each channel; missing values stay missing."""
    return history + deviation.astype("float32") * generator.standard_normal(history.shape, dtype="float32")


def _median(errors):
    seen = errors[np.isfinite(errors)]
    return np.median(seen) if len(seen) else 0.0


SAMPLES = 32  # of an epoch


class WeightAverage:
    """The moving average of what trains in a network, over about the last epoch.

    What the last batches drew by chance is averaged out of it, so that the held-out error of an epoch tells the epoch
    and not its last batch.

    Args:
        network: The network that trains.
        batches: In an epoch.

    Reference:
        Polyak and Juditsky, 1992, https://doi.org/10.1137/0330046.
    """

    def __init__(self, network, batches):
        self._weights = flat_of(network, network.trainable_variables)
        self._every, self._batches = max(1, batches // SAMPLES), batches
        self._count, self._mean = 0, 0.0

    def add(self, step):
        """Take the weights in after a batch of an epoch, counted from 0, if it is one of those that count."""
        if (step + 1) % self._every and step + 1 < self._batches:
            return
        self._count += 1
        share = 2 / (min(self._count, SAMPLES) + 1)
        self._mean = self._mean + share * (self._weights.read() - self._mean)

    @contextlib.contextmanager
    def in_place(self):
        """For a while the network has the average; then it has its own weights again."""
        own = self._weights.read()
        self._weights.write(self._mean)
        try:
            yield
        finally:
            self._weights.write(own)


class TrainingDivergedError(ArithmeticError):
    """The loss or a weight is no longer a number. The forecaster stays as it was before `fit`.

    Attributes:
        weights: The weights at the end of the last epoch before, or those to start from; as `network_.weights`.
        history: The losses of the epochs before, as `training_history_`.
    """

    def __init__(self, message, weights=(), history=None):
        super().__init__(message)
        self.weights = list(weights)
        self.history = history or {}


class Progress:
    """The epochs of a training so far.

    Args:
        weights: Those to start from.
    """

    def __init__(self, weights):
        self.history = {}
        self.epochs = 0
        self._least, self._best_epoch, self._best, self._last = np.inf, -1, None, weights

    @property
    def weights(self):
        """The weights of the best epoch, or of the last where none is held to be better."""
        return self._last if self._best is None else self._best

    def waited(self):
        """Epochs since the best one; 0 where none is held to be better."""
        return 0 if self._best is None else self.epochs - 1 - self._best_epoch

    def add(self, losses, weights, rate):
        """Add an epoch.

        Args:
            losses: Dict of `"loss"` and, where windows are held out, `"val_loss"`, by which epochs are compared.
            weights: Those at its end.
            rate: The learning rate.

        Raises:
            TrainingDivergedError: a loss or a weight is not finite.
        """
        # Without held-out windows the last update may break the weights after the last loss was computed.
        if not all(np.isfinite(values).all() for values in (list(losses.values()), *weights)):
            raise TrainingDivergedError(
                f"The losses became {losses} in epoch {self.epochs + 1} at a learning rate of {rate:g}. Lower "
                "`learning_rate`, or look for outliers in the data.",
                self._last,
                self.history,
            )
        if losses.get("val_loss", np.inf) < self._least:
            self._least, self._best_epoch, self._best = losses["val_loss"], self.epochs, weights
        self._last = weights
        self.epochs += 1
        for name, value in {**losses, "learning_rate": rate}.items():
            self.history.setdefault(name, []).append(value)


PROGRESS_DELAY = 1  # seconds: what is done by then needs no bar


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


def learn(network, windows, held_out, training, generator, callbacks=()):
    """Train a network, and leave it with the weights of its best epoch.

    Args:
        network: A `ForecastNetwork`, compiled as by `Learner`.
        windows: The `Windows` to learn from.
        held_out: Those to stop by, or None.
        training: A checked and settled `Training`.
        generator: NumPy generator for the order of the windows and their noise.
        callbacks: Keras callbacks; `network.stop_training = True` ends the training.

    Returns:
        Dict of lists with one entry an epoch: `"loss"`, `"learning_rate"` and, where windows are
        held out, `"val_loss"`.

    Raises:
        TrainingDivergedError: the loss or a weight became NaN or infinite.
        MemoryError: a batch does not fit into memory.
    """
    batches = min(training.batches_per_epoch, max(LEAST_BATCHES, math.ceil(len(windows) / training.batch_size)))
    callbacks = keras.callbacks.CallbackList(list(callbacks), model=network)
    network.stop_training = False
    progress = Progress(network.get_weights())
    averages = training.average_weights and network.trainable_variables
    average = WeightAverage(network, batches) if averages else None
    begun = time.perf_counter()
    deviation = training.input_noise * deviation_of(windows) if training.input_noise else None
    callbacks.on_train_begin()
    with tqdm(total=training.epochs * batches, delay=PROGRESS_DELAY, disable=not training.verbose, unit="batch") as bar:
        for epoch in range(training.epochs):
            # From the present rate on, which a callback may have set.
            rate = _rate_of(network) if epoch else training.learning_rate
            network.optimizer.learning_rate = rate * training.decay_before(epoch)
            callbacks.on_epoch_begin(epoch)
            batches_now = _batches(network, windows, training, epoch, batches, deviation, generator)
            losses = {"loss": _run_epoch(network, batches_now, callbacks, bar, average)}
            with average.in_place() if average else contextlib.nullcontext():
                if held_out is not None:
                    losses["val_loss"] = _error(network, held_out, training)
                rate = _rate_of(network)
                progress.add(losses, network.get_weights(), rate)
                bar.set_postfix({name: f"{value:.4f}" for name, value in losses.items()}, refresh=False)
                callbacks.on_epoch_end(epoch, {**losses, "learning_rate": rate})
            if network.stop_training or progress.waited() >= training.patience:
                break
            used = time.perf_counter() - begun
            if training.max_seconds is not None and used * (epoch + 2) / (epoch + 1) > training.max_seconds:
                break
        bar.total = bar.n  # training that ended early is done
        bar.refresh()
    network.set_weights(progress.weights)
    callbacks.on_train_end()
    return progress.history


def _rate_of(network):
    return float(keras.ops.convert_to_numpy(network.optimizer.learning_rate))  # float() knows no mirrored variable


def _run_epoch(network, batches, callbacks, bar, average):
    """The mean loss of an epoch; its weights are taken into an average, if there is one."""
    losses = []
    for step, (inputs, target) in enumerate(batches):
        callbacks.on_train_batch_begin(step)
        with _memory_errors(len(target)):
            losses.append(train_step(network, inputs, target))
        if average:
            average.add(step)
        callbacks.on_train_batch_end(step, {"loss": losses[-1]})
        bar.update()
    return float(np.mean(losses))


@contextlib.contextmanager
def _memory_errors(windows):
    """A MemoryError in place of the backends' own, which are no public classes."""
    try:
        yield
    except Exception as problem:
        if "RESOURCE_EXHAUSTED" not in str(problem) and type(problem).__name__ != "ResourceExhaustedError":
            raise
        raise MemoryError(
            f"A batch of {windows} windows does not fit into memory. Lower `batch_size` of the Training, `lookback` or "
            "`units`, or raise `patch_size`."
        ) from problem


def _batches(network, windows, training, epoch, batches, deviation, generator):
    """The inputs and targets of an epoch: the windows in a new order, some of them, or all again and again.

    All batches have one size, since a training step is compiled for a size. Histories have noise of this deviation,
    None for none.
    """
    size = training.batch_size
    recursive = network.skeleton.decoding == "recursive"
    teaching = training.teacher_forcing_of(epoch)
    always = training.teacher_forcing == 1.0
    order = _order(len(windows), batches * size, generator)
    for first in range(0, len(order), size):
        inputs, target = windows.gather(order[first : first + size])
        if deviation is not None:
            inputs["history"] = noisy(inputs["history"], deviation, generator)
        if recursive and training.teacher_forcing != 0.0:
            inputs["target"] = target
            if not always:
                inputs["teaching"] = np.full(len(target), teaching, "float32")
        yield inputs, target


def _order(count, wanted, generator):
    """So many places among `count`, in random order, none again before all have come."""
    if wanted < count:  # without a list of all: there may be millions
        return generator.choice(count, wanted, replace=False)
    return np.concatenate([generator.permutation(count) for _ in range(math.ceil(wanted / count))])[:wanted]


def _error(network, windows, training):
    """Mean loss over windows, in batches of one size, each forecast free running as it will be used.

    No more windows than half an epoch has at most, evenly spread: to look must not take as long as to learn.
    """
    size, errors, counts = training.batch_size, [], []
    count = min(len(windows), math.ceil(training.batches_per_epoch / 2) * size)
    chosen = np.linspace(0, len(windows) - 1, count).astype(int)
    for first in range(0, count, size):
        index = np.arange(first, first + size)
        inputs, target = windows.gather(chosen[index % count])
        target[index >= count] = np.nan  # fills up the last batch to the one size, and counts for nothing
        errors.append(measure_step(network, inputs, target))
        counts.append(np.isfinite(target).sum())
    return float(np.average(errors, weights=counts))
