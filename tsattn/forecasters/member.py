"""The protocols by which an ensemble fits its members, step by step."""

from typing import Any, Protocol, runtime_checkable

import numpy as np

from tsattn.forecasters.window_model import WindowModel
from tsattn.series.history import History
from tsattn.series.windows import Windows
from tsattn.training.config import Training


class Member(Protocol):
    """A forecaster in an ensemble. The data are read once, and checked by all members before the first of them trains.

    `Forecaster` implements the steps of a fit in this order.

    Attributes:
        lookback_: Number of past steps that a forecast is based on, set by `_resolve`.
        levels_: Tuple of the trained quantile levels, set by `_resolve`.
    """

    lookback_: int
    levels_: tuple

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments by name."""

    def _set_history(self, history: History) -> None:
        """Set the attributes that follow from the data alone."""

    def _resolve(self, history: History) -> None:
        """Set the attributes that depend on the data and the arguments."""

    def _start_fit(self, history: History) -> Windows:
        """Check the series, and return their windows."""

    def _train(self, windows: Windows, *, keep_held_out: bool) -> None:
        """Fit the model, with `keep_held_out` without the held-out windows."""

    def _held_out(self, windows: Windows) -> Windows | None:
        """Return the held-out windows, or None."""

    def _model(self) -> WindowModel:
        """Return the fitted model."""

    def _set_error_distribution(self, model: WindowModel, windows: Windows, held_out: Windows | None) -> None:
        """Compute the errors on the held-out windows, if quantiles require them."""


@runtime_checkable
class Trains(Protocol):
    """A member that trains a network: the ensemble determines its seed and its share of the time."""

    @property
    def training(self) -> Training:
        """The training settings."""


@runtime_checkable
class HasFallback(Protocol):
    """A fitted member whose network may be replaced by a simple forecast."""

    @property
    def fallback_(self) -> np.ndarray | None:
        """Coefficients of the fallback, see `select_fallback`; None if the network is used."""


@runtime_checkable
class StartsPretrained(Protocol):
    """A fitted member that may have started from a pretrained network."""

    @property
    def pretrained_(self) -> str | None:
        """Name of the pretrained network, or None."""
