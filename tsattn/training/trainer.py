"""The training loop: early stopping, weight averaging and input noise."""

import contextlib
import math
import time

import keras
import numpy as np
from tqdm.auto import tqdm

from tsattn.accelerators.flat_variables import flat_variables
from tsattn.accelerators.steps import measure_step, train_step
from tsattn.baselines.ridge import Ridge
from tsattn.series.windows import sample_evenly
from tsattn.training.config import MIN_BATCHES

PROGRESS_DELAY = 1  # seconds before a progress bar is shown
AVERAGED_SAMPLES = 32  # of the weights per epoch
DEVIATION_OF_MEDIAN = 1.4826  # standard deviation of a normal distribution, relative to its median absolute deviation


class TrainingDivergedError(ArithmeticError):
    """Raised by `fit` if the loss or a weight becomes NaN or infinite. The forecaster is unchanged.

    Attributes:
        weights: Last finite weights, at the end of an epoch or before the first one; a list of arrays like
            `network_.weights`.
        history: Losses of the previous epochs, like `training_history_`.
    """

    def __init__(self, message, weights=(), history=None):
        super().__init__(message)
        self.weights = list(weights)
        self.history = history or {}


def train(network, windows, held_out, training, generator, callbacks=(), *, may_keep_start=False):
    """Train a network, and leave it with the weights of its best epoch.

    Args:
        network: A `ForecastNetwork`, compiled by `CompiledNetwork`.
        windows: The training `Windows`.
        held_out: `Windows` for early stopping, or None.
        training: A `Training`, checked and resolved.
        generator: NumPy generator of the window order and the noise.
        callbacks: List of Keras callbacks. `network.stop_training = True` ends the training. Defaults to `()`.
        may_keep_start: If True, the network keeps its initial weights if no epoch has a significantly lower held-out
            loss, see `Windows.significant_ratio`. Defaults to False.

    Returns:
        Dict of lists with one entry per epoch: `"loss"`, `"learning_rate"` and, with held-out windows, `"val_loss"`.

    Raises:
        TrainingDivergedError: If the loss or a weight is NaN or infinite.
        MemoryError: If a batch does not fit into memory.
    """
    batches = min(training.batches_per_epoch, max(MIN_BATCHES, math.ceil(len(windows) / training.batch_size)))
    callbacks = keras.callbacks.CallbackList(list(callbacks), model=network)
    network.stop_training = False
    epochs = EpochHistory(network.get_weights())
    averages = training.average_weights and network.trainable_variables
    average = WeightAverage(network, batches) if averages else None
    if may_keep_start and held_out is not None:
        epochs.start(_held_out_loss(network, held_out, training) * held_out.significant_ratio)
    start = time.perf_counter()
    noise = training.input_noise * input_noise_scale(windows) if training.input_noise else None
    callbacks.on_train_begin()
    with tqdm(total=training.epochs * batches, delay=PROGRESS_DELAY, disable=not training.verbose, unit="batch") as bar:
        for epoch in range(training.epochs):
            # A callback may have changed the learning rate.
            rate = _learning_rate(network) if epoch else training.learning_rate
            network.optimizer.learning_rate = rate * training.decay_at(epoch)
            callbacks.on_epoch_begin(epoch)
            epoch_batches = _batches(network, windows, training, epoch, batches, noise, generator)
            losses = {"loss": _run_epoch(network, epoch_batches, callbacks, bar, average)}
            with average.in_place() if average else contextlib.nullcontext():
                if held_out is not None:
                    losses["val_loss"] = _held_out_loss(network, held_out, training)
                rate = _learning_rate(network)
                epochs.add(losses, network.get_weights(), rate)
                bar.set_postfix({name: f"{value:.4f}" for name, value in losses.items()}, refresh=False)
                callbacks.on_epoch_end(epoch, {**losses, "learning_rate": rate})
            if network.stop_training or epochs.since_best() >= training.patience:
                break
            seconds = time.perf_counter() - start
            if training.max_seconds is not None and seconds * (epoch + 2) / (epoch + 1) > training.max_seconds:
                break
        bar.total = bar.n  # show 100 % after early stopping
        bar.refresh()
    network.set_weights(epochs.weights)
    callbacks.on_train_end()
    return epochs.history


def _learning_rate(network):
    return float(keras.ops.convert_to_numpy(network.optimizer.learning_rate))  # float() fails on mirrored variables


def _run_epoch(network, batches, callbacks, bar, average):
    """Train on the batches of an epoch, update the weight average, and return the mean loss."""
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
    """Convert out-of-memory errors of the backends, whose classes are not public, to a MemoryError."""
    try:
        yield
    except Exception as error:
        if "RESOURCE_EXHAUSTED" not in str(error) and type(error).__name__ != "ResourceExhaustedError":
            raise
        raise MemoryError(
            f"A batch of {windows} windows does not fit into memory. Lower `batch_size` of the Training, `lookback` or "
            "`units`, or increase `patch_size`."
        ) from error


def _batches(network, windows, training, epoch, batches, noise, generator):
    """Yield the inputs and targets of an epoch: random windows in batches of one size, to compile only once.

    Gaussian noise with the standard deviations `noise` is added to the histories, unless `noise` is None.
    """
    size = training.batch_size
    recursive = network.skeleton.decoding == "recursive"
    probability = training.teacher_forcing_at(epoch)
    always = training.teacher_forcing == 1.0
    order = _random_order(len(windows), batches * size, generator)
    for first in range(0, len(order), size):
        inputs, target = windows.gather(order[first : first + size], generator)
        if noise is not None:
            inputs["history"] = add_noise(inputs["history"], noise, generator)
        if recursive and training.teacher_forcing != 0.0:
            inputs["target"] = target
            if not always:
                inputs["teaching"] = np.full(len(target), probability, "float32")
        yield inputs, _with_weights(target, windows, order[first : first + size])


def _with_weights(target, windows, index):
    """Return the targets of some windows for the loss: with weights, pairs of a value and its weight."""
    weights = windows.weights(index)
    return target if weights is None else np.stack([target, weights], axis=-1)


def _random_order(count, size, generator):
    """Draw `size` integers below `count` in random order. No integer is repeated before all have been drawn."""
    if size < count:  # avoids a permutation of up to millions of integers
        return generator.choice(count, size, replace=False)
    return np.concatenate([generator.permutation(count) for _ in range(math.ceil(size / count))])[:size]


def _held_out_loss(network, windows, training):
    """Return the mean loss of held-out windows, without teacher forcing.

    To limit the duration, at most half as many windows as in an epoch are used, evenly spaced.
    """
    size, losses, counts = training.batch_size, [], []
    generator = np.random.default_rng(0)  # the same noise in each epoch, so that their losses can be compared
    count = min(len(windows), math.ceil(training.batches_per_epoch / 2) * size)
    chosen = np.linspace(0, len(windows) - 1, count).astype(int)
    for first in range(0, count, size):
        index = np.arange(first, first + size)
        inputs, target = windows.gather(chosen[index % count], generator)
        target[index >= count] = np.nan  # padding of the last batch, which has no weight in the loss
        losses.append(measure_step(network, inputs, _with_weights(target, windows, chosen[index % count])))
        counts.append(np.isfinite(target).sum())
    return float(np.average(losses, weights=counts))


class EpochHistory:
    """The losses of all epochs, and the weights of the best one.

    Args:
        weights: Initial weights.

    Attributes:
        history: Dict of lists with one entry per epoch.
        epochs: Number of epochs.
    """

    def __init__(self, weights):
        self.history = {}
        self.epochs = 0
        self._lowest, self._best_epoch, self._best, self._last = np.inf, -1, None, weights

    @property
    def weights(self):
        """Weights of the best epoch; without held-out windows, of the last epoch."""
        return self._last if self._best is None else self._best

    def since_best(self):
        """Return the number of epochs since the best one; without held-out windows, 0."""
        return 0 if self._best is None else self.epochs - 1 - self._best_epoch

    def start(self, loss):
        """Keep the initial weights unless an epoch has a lower held-out loss than this one."""
        self._lowest, self._best = loss, self._last

    def add(self, losses, weights, rate):
        """Add an epoch.

        Args:
            losses: Dict of `"loss"` and, with held-out windows, `"val_loss"`, by which the best epoch is chosen.
            weights: Weights at the end of the epoch.
            rate: Learning rate.

        Raises:
            TrainingDivergedError: If a loss or a weight is not finite.
        """
        # Check both: the last update may make weights infinite after the last loss was computed.
        if not all(np.isfinite(values).all() for values in (list(losses.values()), *weights)):
            raise TrainingDivergedError(
                f"The losses became {losses} in epoch {self.epochs + 1} at a learning rate of {rate:g}. Lower "
                "`learning_rate`, or look for outliers in the data.",
                self._last,
                self.history,
            )
        if losses.get("val_loss", np.inf) < self._lowest:
            self._lowest, self._best_epoch, self._best = losses["val_loss"], self.epochs, weights
        self._last = weights
        self.epochs += 1
        for name, value in {**losses, "learning_rate": rate}.items():
            self.history.setdefault(name, []).append(value)


class WeightAverage:
    """Moving average of the trainable weights of a network over approximately the last epoch.

    Averaging reduces the noise of the last batches, so that the held-out loss reflects the whole epoch.

    Args:
        network: The network that is trained.
        batches: Number of batches in an epoch.

    Reference:
        Polyak and Juditsky, 1992, https://doi.org/10.1137/0330046.
    """

    def __init__(self, network, batches):
        self._weights = flat_variables(network, network.trainable_variables)
        self._every, self._batches = max(1, batches // AVERAGED_SAMPLES), batches
        self._count, self._mean = 0, 0.0

    def add(self, step):
        """Update the average after a batch of an epoch, counted from 0. Not every batch of a long epoch is sampled."""
        if (step + 1) % self._every and step + 1 < self._batches:
            return
        self._count += 1
        share = 2 / (min(self._count, AVERAGED_SAMPLES) + 1)
        self._mean = self._mean + share * (self._weights.read() - self._mean)

    @contextlib.contextmanager
    def in_place(self):
        """Context manager in which the average replaces the weights of the network."""
        weights = self._weights.read()
        self._weights.write(self._mean)
        try:
            yield
        finally:
            self._weights.write(weights)


def input_noise_scale(windows):
    """Return the standard deviation of the one-step residual of a ridge forecast from the history alone, per channel.

    The estimate is robust: it uses the median absolute residual over all series.

    Args:
        windows: The training `Windows`.

    Returns:
        Array `(channels,)`, in the scale of the gathered windows; 0 where there is no residual.
    """
    ahead = windows.with_horizon(1)
    ridge = Ridge.fit_lags(ahead)
    if ridge is None:
        return np.zeros(windows.panel.channels)
    residuals = []
    for part in ahead.batches(sample_evenly(len(ahead), windows.panel.channels)):
        inputs, target = ahead.gather(part)
        residuals.append(np.abs(target - ridge.forecast(inputs)[..., 0])[:, 0])
    return np.array([DEVIATION_OF_MEDIAN * _median(channel) for channel in np.concatenate(residuals).T])


def _median(residuals):
    observed = residuals[np.isfinite(residuals)]
    return np.median(observed) if len(observed) else 0.0


def add_noise(history, scale, generator):
    """Add Gaussian noise to histories; missing values stay missing.

    Args:
        history: float32 array `(n, lookback, channels)`.
        scale: Standard deviations `(channels,)`.
        generator: NumPy generator.

    Returns:
        float32 array of the same shape.
    """
    return history + scale.astype("float32") * generator.standard_normal(history.shape, dtype="float32")
