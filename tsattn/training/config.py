"""The training settings. The defaults are the same for all networks, for fair comparisons."""

import dataclasses
import math
import numbers
from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator, clone

from tsattn._utils.validation import check_choice, check_count, check_optional_count, check_rate
from tsattn.series.windows import BATCH_ROWS

CONSTANT_RATE_EPOCHS = 3
DTYPE_POLICIES = ("float32", "mixed_bfloat16", "float64")  # of Keras, with which networks can be trained
MIN_BATCHES = 32  # per epoch; prevents very short epochs for a short series
BATCH_SIZE, MIN_BATCH_SIZE, LEARNING_RATE = 64, 16, 1e-3
EPOCHS, EPOCHS_WITHOUT_STOPPING = 80, 15
PRETRAINED_RATE = 0.2  # of the learning rate: a higher one destroys what a pretrained network has learned
STOPPING_HORIZONS = 3  # minimum of held-out data for early stopping; fewer horizons are too noisy
FEW_HORIZONS = 30  # with fewer, a network overfits without input noise
INPUT_NOISE = 1.0


@dataclasses.dataclass(eq=False, repr=False)
class Training(BaseEstimator):
    """Training settings of a network: Adam with a decaying learning rate and early stopping.

    The last part of each series is held out. Training stops when the held-out error has not decreased for `patience`
    epochs, and the weights of the best epoch are kept.

    A validation set shorter than three horizons is too noisy for early stopping, so a fixed number of epochs is used.
    The network is then trained again from scratch on all windows, unless it is calibrated or replaced by a fallback, or
    `max_seconds` leaves no time. If less than half of the windows would remain for training, none are held out.

    Args:
        epochs: Maximum number of epochs. An epoch is one pass through the windows, but at least 32 and at most
            `batches_per_epoch` batches. If 0, a pretrained network is not trained. If None, 80 is used, or 15 without
            early stopping. Defaults to None.
        batch_size: Number of windows in a batch. If None, a power of two is chosen: about 256 rows, where a row is one
            channel of a window, but at least 16 windows, and more than 64 windows only if there are at least 32
            batches. Defaults to None.
        batches_per_epoch: Maximum number of batches in an epoch. If there are more windows, each epoch uses a random
            subset. Defaults to 64.
        learning_rate: Learning rate of the first three epochs. If None, 1e-3 is used for batches of up to 64 windows;
            for larger batches, it grows with the square root of the batch size. Defaults to None.
        decay: Factor by which the learning rate is multiplied before each subsequent epoch. Defaults to 0.98.
        loss: Name of a Keras loss, a `keras.losses.Loss`, or a function of true and predicted values that averages
            over their last axis. Missing values are masked. With `"mae"`, the forecast is the median. A forecaster with
            `quantiles` always uses the pinball loss. Defaults to `"mae"`.
        validation_fraction: Fraction at the end of each series to hold out, at least one horizon. If 0, nothing is held
            out. Defaults to 0.1.
        patience: Number of epochs without a lower held-out error before training stops. Defaults to 5.
        average_weights: If True, use the moving average of the weights over about one epoch for validation, for
            callbacks and as the trained weights. Defaults to True.
        input_noise: Standard deviation of the Gaussian noise added to training inputs, in units of the one-step
            residual of a ridge forecast, per channel. It regularizes like weight decay (Bishop, 1995, "Training with
            noise is equivalent to Tikhonov regularization"). No noise is added to targets, covariates and held-out
            windows. If None, 1 is used without early stopping if the windows cover fewer than 30 horizons, else 0.
            Defaults to None.
        max_seconds: Time limit in seconds: training stops before an epoch that would exceed it. The first epoch always
            runs, and the comparison for `fallback` does not count. With a limit, results are not reproducible. If None,
            there is no limit. Defaults to None.
        teacher_forcing: Probability of feeding the true previous patch in recursive decoding. A pair specifies the
            probabilities in the first and the last epoch, with linear interpolation in between (scheduled sampling).
            Defaults to `(1.0, 0.0)`.
        random_state: Seed of weights, batch order, noise and dropout. If None, the seed is drawn from Python's
            `random`. Defaults to None.
        verbose: 0 is silent. 1 shows a progress bar if training takes longer than a second. Defaults to 1.

    Reference:
        Scheduled sampling: Bengio et al., 2015, https://arxiv.org/abs/1506.03099.

    Example:

    >>> Training(epochs=5, random_state=0).get_params()["epochs"]
    5
    """

    epochs: int | None = None
    batch_size: int | None = None
    batches_per_epoch: int = 64
    learning_rate: float | None = None
    decay: float = 0.98
    loss: object = "mae"
    validation_fraction: float = 0.1
    patience: int = 5
    average_weights: bool = True
    input_noise: float | None = None
    max_seconds: float | None = None
    teacher_forcing: float | Sequence = (1.0, 0.0)
    random_state: int | None = None
    verbose: int = 1

    def check(self):
        """Check all arguments.

        Raises:
            ValueError: If an argument has an invalid value; the message names the first such argument.
        """
        for name in ("batches_per_epoch", "patience"):
            check_count(name, getattr(self, name))
        check_optional_count("batch_size", self.batch_size)
        if self.epochs is not None:
            check_count("epochs", self.epochs, least=0)
        rate = LEARNING_RATE if self.learning_rate is None else self.learning_rate
        if not isinstance(rate, numbers.Real) or not 0 < rate < np.inf:
            raise ValueError(f"`learning_rate` is {rate!r}, but must be a number above 0.")
        noise = self.input_noise
        if noise is not None and (
            isinstance(noise, bool) or not isinstance(noise, numbers.Real) or not 0 <= noise < np.inf
        ):
            raise ValueError(f"`input_noise` is {noise!r}, but must be None or a number of at least 0.")
        limit = self.max_seconds
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, numbers.Real) or not limit > 0):
            raise ValueError(f"`max_seconds` is {limit!r}, but must be None or a number above 0.")
        if isinstance(self.decay, bool) or not isinstance(self.decay, numbers.Real) or not 0 < self.decay <= 1:
            raise ValueError(f"`decay` is {self.decay!r}, but must be a number above 0 and at most 1.")
        check_rate("validation_fraction", self.validation_fraction)
        pair = self.teacher_forcing if isinstance(self.teacher_forcing, tuple | list) else (self.teacher_forcing,)
        if len(pair) not in (1, 2):
            raise ValueError(f"`teacher_forcing` is {pair!r}, but must be a number or a pair (first, last).")
        for probability in pair:
            check_rate("teacher_forcing", probability, below_one=False)
        if self.random_state is not None:
            check_count("random_state", self.random_state, least=0)
        check_choice("average_weights", self.average_weights, (True, False))
        check_choice("verbose", self.verbose, (0, 1))

    @staticmethod
    def checked(training):
        """Return `training` if it is a valid `Training`.

        Raises:
            TypeError: If it is not a `Training`.
            ValueError: If an argument has an invalid value.
        """
        if not isinstance(training, Training):
            raise TypeError(f"`training` is {training!r}, but must be a Training, such as Training(epochs=10).")
        training.check()
        return training

    def resolve(self, windows, channels, early_stopping=True, horizons=np.inf, is_pretrained=False):
        """Return a copy with the defaults that depend on the data resolved.

        These are `epochs`, `batch_size`, `learning_rate` and `input_noise`.

        Args:
            windows: Number of training windows.
            channels: Number of channels.
            early_stopping: Whether the held-out windows determine when to stop. Defaults to True.
            horizons: Number of horizons that the targets cover without overlap. Defaults to infinity.
            is_pretrained: Whether the training starts from a pretrained network. Defaults to False.
        """
        epochs = self.epochs
        if epochs is None:
            epochs = EPOCHS if early_stopping else EPOCHS_WITHOUT_STOPPING
        size = self.batch_size
        if size is None:  # few distinct sizes, so that refits rarely require compilation
            size = BATCH_ROWS
            while size > MIN_BATCH_SIZE and (size * channels > BATCH_ROWS or BATCH_SIZE < size > windows / MIN_BATCHES):
                size //= 2
        rate = self.learning_rate or LEARNING_RATE * math.sqrt(max(size, BATCH_SIZE) / BATCH_SIZE)
        if is_pretrained and self.learning_rate is None:
            rate *= PRETRAINED_RATE
        noise = self.input_noise
        if noise is None:
            noise = INPUT_NOISE if not early_stopping and horizons < FEW_HORIZONS else 0.0
        return clone(self).set_params(epochs=epochs, batch_size=size, learning_rate=rate, input_noise=noise)

    @staticmethod
    def stops_early(horizons):
        """Return whether held-out windows that cover so many horizons without overlap can choose the best epoch."""
        return horizons >= STOPPING_HORIZONS

    def allows_repeat(self, seconds):
        """Return whether the time limit allows a second training, if the first took `seconds`."""
        return self.max_seconds is None or 2 * seconds <= self.max_seconds

    def decay_at(self, epoch):
        """Return the factor of the learning rate before an epoch, counted from 0."""
        return 1.0 if epoch < CONSTANT_RATE_EPOCHS else self.decay

    def teacher_forcing_at(self, epoch):
        """Return the probability of feeding the true previous patch in an epoch, counted from 0."""
        if not isinstance(self.teacher_forcing, tuple | list):
            return float(self.teacher_forcing)
        first, last = self.teacher_forcing
        return first + (last - first) * epoch / max(1, self.epochs - 1)
