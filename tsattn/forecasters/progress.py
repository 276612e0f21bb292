"""How far a training has come: the losses of its epochs, and the weights that are worth keeping."""

import numpy as np


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
