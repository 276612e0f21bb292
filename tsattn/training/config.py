"""How a network is trained: the same for every family, so that families can be compared."""

import dataclasses
import math
import numbers
from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator, clone

from tsattn._utils.validation import check_choice, check_count, check_optional_count, check_rate
from tsattn.series.windows import BATCH_ROWS

EPOCHS_BEFORE_DECAY = 3
LEAST_BATCHES = 32  # in an epoch: what an epoch means should not depend on how short the series is
BATCH, LEAST_BATCH, RATE = 64, 16, 1e-3
MOST_EPOCHS, UNTOLD_EPOCHS = 80, 15
LEAST_HORIZONS = 3  # that are held out, for the best epoch to be more than luck
FEW_HORIZONS = 30  # could be learnt by heart
NOISE = 1.0


@dataclasses.dataclass(eq=False, repr=False)
class Training(BaseEstimator):
    """The training of a network: Adam, a decaying learning rate, early stopping.

    The last part of the series is held out; training ends when the error there has not fallen for
    `patience` epochs, and the weights of the best epoch are kept. Over fewer than three horizons the best epoch is a
    matter of luck: then all epochs are run, and run once more from the start on all windows, the held-out ones too, of
    which a short series has none to spare (unless they calibrate it, it falls back, or `max_seconds` would not do).
    Where holding out would leave less than half of the windows to learn from, nothing is held out.

    Args:
        epochs: At most so many. An epoch is one pass through the windows, but at least 32 batches and
            at most `batches_per_epoch`. None takes 80, and 15 where no held-out windows tell when to stop. Defaults to
            None.
        batch_size: Windows in a batch. None takes a power of two that makes about 256 rows, a row being a channel of a
            window, and at least 16 windows; but no more than 64 windows unless there are 32 such batches. Defaults to
            None.
        batches_per_epoch: At most so many batches in an epoch; of more windows each epoch takes
            others, at random. Defaults to 64.
        learning_rate: Of the first three epochs. None takes 1e-3 for batches of up to 64, and for larger ones more, by
            the root of the size. Defaults to None.
        decay: What the learning rate is multiplied by before each later epoch. Defaults to 0.98.
        loss: Name of a Keras loss, a `keras.losses.Loss` or a function of the true and the forecast
            values that averages over their last axis. Missing values are left out. Defaults to
            `"mae"`, so the forecast is the median. A forecaster with `quantiles` has the pinball loss.
        validation_fraction: Part of each series at its end that is held out, and at least one
            horizon; 0 for none. Defaults to 0.1.
        patience: Epochs without a lower error on the held-out part before training ends. Defaults
            to 5.
        average_weights: If True what counts at the end of an epoch, for the held-out error, for callbacks and for what
            is kept, is the average of the weights over about that epoch; they themselves go on. Else the weights
            after its last batch. Defaults to True.
        input_noise: Normal noise that is added to each history that is learnt from, in standard deviations of the
            error, on what it learnt from, of a linear forecast one step ahead from the history alone, by the channel:
            about what no single value tells. It keeps a network from learning few windows by heart (Bishop, 1995,
            "Training with noise is equivalent to Tikhonov regularization"). Targets, covariates and what is held out
            have none. None takes 1 where no held-out windows tell when to stop and the windows cover fewer than 30
            horizons in all, else 0. Defaults to None.
        max_seconds: Training ends before an epoch that would last beyond so many seconds, the first one
            apart; what `fallback` compares afterwards is not counted. With it two runs may differ. None for no limit.
            Defaults to None.
        teacher_forcing: Recursive decoding only: the probability with which a step is fed the true
            value before it in place of the forecast. A pair is the probability in the first and in
            the last epoch, linear between (scheduled sampling, Bengio et al., 2015). Defaults to
            `(1.0, 0.0)`.
        random_state: Seed of weights, order, noise and dropout. None draws one from Python's `random`.
            Defaults to None.
        verbose: 0 is silent; 1 shows a progress bar with the time left once training has taken a
            second. Defaults to 1.

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
        """Refuse values that cannot be used.

        Raises:
            ValueError: naming the first such argument.
        """
        for name in ("batches_per_epoch", "patience"):
            check_count(name, getattr(self, name))
        for name in ("epochs", "batch_size"):
            check_optional_count(name, getattr(self, name))
        rate = RATE if self.learning_rate is None else self.learning_rate
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
            raise ValueError(f"`teacher_forcing` is {pair!r}, but must be a number, or a first and a last one.")
        for probability in pair:
            check_rate("teacher_forcing", probability, below_one=False)
        if self.random_state is not None:
            check_count("random_state", self.random_state, least=0)
        check_choice("average_weights", self.average_weights, (True, False))
        check_choice("verbose", self.verbose, (0, 1))

    @staticmethod
    def checked(training):
        """The same, if it is a `Training` that can be used.

        Raises:
            TypeError: it is none. ValueError: naming the first argument that cannot be used.
        """
        if not isinstance(training, Training):
            raise TypeError(f"`training` is {training!r}, but must be a Training, such as Training(epochs=10).")
        training.check()
        return training

    def settled(self, windows, channels, told=True, horizons=np.inf):
        """A copy with what was left to the data: the epochs, the batch size, the learning rate and the noise.

        Args:
            windows: How many there are to learn from.
            channels: In each of them.
            told: Whether held-out windows tell when to stop. Defaults to True.
            horizons: That their targets cover side by side. Defaults to many.
        """
        epochs = self.epochs or (MOST_EPOCHS if told else UNTOLD_EPOCHS)
        size = self.batch_size
        if size is None:  # few sizes, so that refits seldom compile anew
            size = BATCH_ROWS
            while size > LEAST_BATCH and (size * channels > BATCH_ROWS or BATCH < size > windows / LEAST_BATCHES):
                size //= 2
        rate = self.learning_rate or RATE * math.sqrt(max(size, BATCH) / BATCH)
        noise = self.input_noise
        if noise is None:
            noise = NOISE if not told and horizons < FEW_HORIZONS else 0.0
        return clone(self).set_params(epochs=epochs, batch_size=size, learning_rate=rate, input_noise=noise)

    def hold_out(self, windows):
        """The windows to learn from and the windows that are held out, which may be none.

        Args:
            windows: All `Windows`.

        Returns:
            A pair of `Windows`.
        """
        earlier, later = windows.hold_out(self.validation_fraction)
        if self.validation_fraction == 0 or not len(later) or 2 * len(earlier) < len(windows):
            return windows, None
        return earlier, later

    @staticmethod
    def is_told_by(held_out):
        """Whether held-out windows, or None, tell which epoch is the best."""
        return held_out is not None and held_out.horizons >= LEAST_HORIZONS

    def leaves_time(self, seconds):
        """Whether what took so many seconds can be done again."""
        return self.max_seconds is None or 2 * seconds <= self.max_seconds

    def decay_before(self, epoch):
        """What the learning rate is multiplied by before an epoch, counted from 0."""
        return 1.0 if epoch < EPOCHS_BEFORE_DECAY else self.decay

    def teacher_forcing_of(self, epoch):
        """The probability of an epoch, counted from 0, that a step is fed the true value."""
        if not isinstance(self.teacher_forcing, tuple | list):
            return float(self.teacher_forcing)
        first, last = self.teacher_forcing
        return first + (last - first) * epoch / max(1, self.epochs - 1)
