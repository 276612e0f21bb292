"""Candidates: the forecasters that `backtest` and `compare` evaluate, of tsattn or of another library.

A candidate must have `fit` and `predict`. The protocols below declare its optional features. Only this module queries
the forecaster for them; the other modules query a `Candidate`.
"""

import copy
import dataclasses
import inspect
import numbers
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from sklearn.base import BaseEstimator, clone

from tsattn.forecasters.conformal import DEFAULT_LEVELS, default_levels, trained_levels
from tsattn.forecasters.member import StartsPretrained
from tsattn.forecasters.registry import build, commands
from tsattn.series.panel import read_panel


@runtime_checkable
class HasHorizon(Protocol):
    """A forecaster with a fixed horizon."""

    @property
    def horizon(self) -> int | None:
        """Number of steps that `predict` returns."""


@runtime_checkable
class HasFreq(Protocol):
    """A forecaster that fixes the step of the time index."""

    @property
    def freq(self) -> Any:
        """pandas alias or offset; None to infer it."""


@runtime_checkable
class HasParams(Protocol):
    """An estimator in the sense of scikit-learn."""

    def get_params(self, deep: bool = True) -> dict:
        """Return the arguments by name. With `training__random_state`, the candidate is fitted with each seed."""

    def set_params(self, **params: Any) -> Any:
        """Set arguments. With `training__max_seconds`, the duration of the fit can be limited."""


@runtime_checkable
class CountsParameters(Protocol):
    """A network whose size is known before the fit and is determined by its argument `units`."""

    def count_params(self, y: Any, covariates: Any = None, *, static: Any = None) -> int:
        """Return the number of parameters that a fit would train."""


@runtime_checkable
class PredictsWindows(Protocol):
    """A forecaster that forecasts from many origins in one call."""

    def predict_windows(
        self, y: Any, covariates: Any = None, *, static: Any = None, windows: int, stride: int = 1, quantiles: Any = ()
    ) -> np.ndarray:
        """Return `(series, windows, horizon, channels, 1 + quantiles)`, the point forecast first.

        `y` ends one horizon after the last origin. Series are sorted by id, origins are in the order of time.
        """


@runtime_checkable
class PredictsWithTeacherForcing(Protocol):
    """A recursive forecaster that can receive the actual values in place of its own forecasts."""

    def predict_windows_taught(
        self, y: Any, covariates: Any = None, *, static: Any = None, windows: int, stride: int = 1
    ) -> np.ndarray:
        """Return `(series, windows, horizon, channels)`."""


@runtime_checkable
class HasLookback(Protocol):
    """A fitted forecaster that forecasts from a fixed number of steps."""

    @property
    def lookback_(self) -> int:
        """Number of steps of history that a forecast uses."""


@runtime_checkable
class HasPatches(Protocol):
    """A fitted forecaster that reads its history in patches."""

    @property
    def patch_size_(self) -> int:
        """Steps in a patch."""


@runtime_checkable
class Decodes(Protocol):
    """A forecaster with a decoder."""

    @property
    def decoding(self) -> str:
        """`"direct"` or `"recursive"`."""


@runtime_checkable
class FallsBack(Protocol):
    """A fitted forecaster that may have replaced its network by a simpler forecast."""

    @property
    def falls_back_(self) -> bool:
        """Whether the simpler forecast is used."""


@runtime_checkable
class HasCoefficients(Protocol):
    """A fitted linear forecaster."""

    @property
    def coefficients_(self) -> np.ndarray:
        """All trained parameters."""


@runtime_checkable
class Network(Protocol):
    """A trained network of tsattn, as `TrainedNetwork`."""

    def count_params(self) -> int:
        """Return the number of trained parameters."""

    def in_use(self) -> Any:
        """Return a context manager that lends the `ForecastNetwork`."""


@runtime_checkable
class HasNetwork(Protocol):
    """A fitted forecaster with a network. Another library may store any object there."""

    @property
    def network_(self) -> Any:
        """A `TrainedNetwork` in a forecaster of tsattn."""


@runtime_checkable
class HasLayout(Protocol):
    """A fitted forecaster of tsattn."""

    @property
    def layout_(self) -> Any:
        """The `Layout` of the fitted series."""


@dataclasses.dataclass(frozen=True, eq=False)
class Candidate:
    """Uniform interface to a forecaster under evaluation, with one property or method for each optional feature.

    Args:
        forecaster: Any object with the methods `fit` and `predict`. `fit` takes the history, and may take covariates as
            a second positional argument and `static` by name. `predict` returns the next steps, and may take `y`, a
            later history to forecast from.
    """

    forecaster: Any

    @property
    def class_name(self):
        """Name of the class of the forecaster."""
        return type(self.forecaster).__name__

    @property
    def is_forecaster(self):
        """Whether the object has the methods `fit` and `predict`."""
        # Not a protocol, because `isinstance` does not detect methods that a wrapper forwards by `__getattr__`.
        return all(callable(getattr(self.forecaster, method, None)) for method in ("fit", "predict"))

    @property
    def identity(self):
        """Module and name of the class, and the arguments: equal for candidates that forecast the same."""
        kind = type(self.forecaster)
        return kind.__module__, kind.__qualname__, self.arguments

    def is_instance(self, kind):
        """Return whether the forecaster is an instance of a class."""
        return isinstance(self.forecaster, kind)

    # Arguments.

    @property
    def horizon(self):
        """Number of steps that the forecaster forecasts, None if it is not fixed."""
        return self.forecaster.horizon if isinstance(self.forecaster, HasHorizon) else None

    @property
    def freq(self):
        """Step of the time index that the forecaster fixes, None if it is inferred."""
        return self.forecaster.freq if isinstance(self.forecaster, HasFreq) else None

    @property
    def levels(self):
        """Levels of the quantiles that the forecaster forecasts by default, empty if none are known."""
        if not self.predicts_windows:
            return ()
        arguments = self.arguments
        try:
            trained = trained_levels(arguments.get("quantiles"))
        except ValueError:  # the fit reports it
            return ()
        return default_levels(trained) if len(trained) > 1 or arguments.get("calibrate", False) else ()

    @property
    def arguments(self):
        """Parameters of the forecaster and its nested objects by name, or its attributes if it is not an estimator."""
        return self.forecaster.get_params() if isinstance(self.forecaster, HasParams) else vars(self.forecaster)

    def __repr__(self):
        """Return the code that constructs the forecaster; unlike scikit-learn's `repr`, it is not abbreviated."""
        if isinstance(self.forecaster, BaseEstimator):
            return self.forecaster.__repr__(N_CHAR_MAX=10**6)
        return repr(self.forecaster)

    # Copies.

    def copy(self):
        """Return an unfitted copy."""
        if isinstance(self.forecaster, BaseEstimator):
            return Candidate(clone(self.forecaster))
        return Candidate(copy.deepcopy(self.forecaster))

    def _with_arguments(self, **arguments):
        """Return an unfitted copy with other arguments."""
        copied = self.copy()
        copied.forecaster.set_params(**arguments)
        return copied

    # Fit.

    @property
    def has_seed(self):
        """Whether the fit depends on a seed, `training__random_state`."""
        return isinstance(self.forecaster, HasParams) and "training__random_state" in self.arguments

    def with_seed(self, seed):
        """Return an unfitted copy with a seed, for a candidate that `has_seed`."""
        return self._with_arguments(training__random_state=seed)

    @property
    def has_time_limit(self):
        """Whether the seconds of the fit can be limited by `training__max_seconds`."""
        return isinstance(self.forecaster, HasParams) and "training__max_seconds" in self.arguments

    def with_time_limit(self, seconds):
        """Return an unfitted copy with a limit, for a candidate that `has_time_limit`."""
        return self._with_arguments(training__max_seconds=seconds)

    @property
    def counts_parameters(self):
        """Whether the number of parameters is known before the fit."""
        return isinstance(self.forecaster, CountsParameters)

    @property
    def units_multiple(self):
        """Number that `units` must be a multiple of, for a candidate that `counts_parameters`."""
        return self.arguments.get("heads", 1)

    def with_units(self, units):
        """Return an unfitted copy with other `units`, for a candidate that `counts_parameters`."""
        return self._with_arguments(units=units)

    def count_params(self, *data, **options):
        """Return the number of parameters that a fit on this data would train."""
        return self.forecaster.count_params(*data, **options)

    def fit(self, history, covariates=None, static=None):
        """Fit the forecaster to the history, and to the covariates if its `fit` accepts them."""
        options = {} if static is None or not _takes(self.forecaster.fit, "static") else {"static": static}
        if covariates is None or not _takes_two(self.forecaster.fit):
            self.forecaster.fit(history, **options)
        else:
            self.forecaster.fit(history, covariates, **options)

    # Forecasts.

    @property
    def predicts_windows(self):
        """Whether the forecaster forecasts from many origins in one call."""
        return isinstance(self.forecaster, PredictsWindows)

    def predict_windows(self, history, covariates, static, **options):
        """Forecast from many origins in one call, like `Forecaster.predict_windows`."""
        options |= {} if static is None else {"static": static}
        return self.forecaster.predict_windows(history, covariates, **options)

    @property
    def takes_history(self):
        """Whether `predict` accepts a later history as `y`."""
        return _takes(self.forecaster.predict, "y")

    def predict(self, **options):
        """Forecast the steps after the history."""
        return self.forecaster.predict(**options)

    # State after a fit.

    @property
    def _network(self):
        """The trained network of tsattn, None if the forecaster has none."""
        network = self.forecaster.network_ if isinstance(self.forecaster, HasNetwork) else None
        return network if isinstance(network, Network) else None

    @property
    def parameters(self):
        """Number of trained parameters, None if unknown."""
        if self._network is not None:
            return int(self._network.count_params())
        return int(np.size(self.forecaster.coefficients_)) if isinstance(self.forecaster, HasCoefficients) else None

    @property
    def fell_back(self):
        """Whether a simpler forecast replaces that of the network."""
        return isinstance(self.forecaster, FallsBack) and bool(self.forecaster.falls_back_)

    @property
    def pretrained(self):
        """Name of the pretrained networks from which the fit started, or None."""
        return self.forecaster.pretrained_ if isinstance(self.forecaster, StartsPretrained) else None

    def steps_seen(self, layout):
        """Return for each series of a `Layout` how many of its steps precede the end of the fit, None if unknown."""
        return self.forecaster.layout_.rows_in_history(layout) if isinstance(self.forecaster, HasLayout) else None

    @property
    def lookback(self):
        """Steps of history that a forecast uses, None if unknown."""
        return self.forecaster.lookback_ if isinstance(self.forecaster, HasLookback) else None

    @property
    def patch_size(self):
        """Steps in a patch, None if the forecaster has no patches."""
        return self.forecaster.patch_size_ if isinstance(self.forecaster, HasPatches) else None

    @property
    def attends_to_history(self):
        """Whether `attention_weights` returns weights on the patches of the history."""
        if self.patch_size is None or self._network is None:
            return False
        with self._network.in_use() as network:
            return network.has_attention

    def attention_weights(self, history, covariates, static):
        """Return the weights on the patches of a history, like `PatchedForecaster.attention_weights`."""
        return self.forecaster.attention_weights(covariates, y=history, static=static)

    @property
    def decodes_recursively(self):
        """Whether each forecast step is computed from the previous one."""
        return isinstance(self.forecaster, Decodes) and self.forecaster.decoding == "recursive"

    @property
    def predicts_with_teacher_forcing(self):
        """Whether the forecaster can receive the actual values in place of its own forecasts."""
        return isinstance(self.forecaster, PredictsWithTeacherForcing)

    def predict_windows_with_teacher_forcing(self, history, covariates, **options):
        """Forecast from many origins with teacher forcing, like `PatchedForecaster.predict_windows_taught`."""
        return self.forecaster.predict_windows_taught(history, covariates, **options)

    def read_panel(self, history):
        """Return the `Panel` of a history, with the channels in the order of the fit."""
        return read_panel(history, like=self.forecaster.layout_)[0]


def named_candidates(candidates, horizon):
    """Return candidates by name.

    Args:
        candidates: Dict of forecasters by name, or a list of them, named by their classes. Names of the command line,
            such as "zero_shot", stand for forecasters with default arguments.
        horizon: Horizon of forecasters that are given by name, or None.

    Returns:
        Dict of name to `Candidate`.

    Raises:
        ValueError: If there are none, or two of one class without names.
        TypeError: If `candidates` is not a dict or a list, or one of them lacks `fit` or `predict`.
    """
    if not isinstance(candidates, dict | list | tuple):
        raise TypeError(
            f"`candidates` is a {type(candidates).__name__}, but must be a list of forecasters, or a dict of them by "
            "name: `{'small': ..., 'large': ...}`."
        )
    if not isinstance(candidates, dict):
        names = [part if isinstance(part, str) else type(part).__name__ for part in candidates]
        if len(set(names)) < len(names):
            raise ValueError(
                f"`candidates` holds several forecasters of one class, {names}. Name them: "
                "`{'small': ..., 'large': ...}`."
            )
        candidates = dict(zip(names, candidates, strict=True))
    if not candidates:
        raise ValueError("`candidates` is empty. Pass at least one forecaster.")
    found = {
        name: Candidate(_build(part, horizon) if isinstance(part, str) else part) for name, part in candidates.items()
    }
    if invalid := [name for name, candidate in found.items() if not candidate.is_forecaster]:
        raise TypeError(f"The candidate(s) {invalid} lack `fit` or `predict`. Pass objects that have both.")
    return found


def _build(command, horizon):
    if command not in commands():
        raise ValueError(f"`candidates` contains {command!r}, but the names are {', '.join(commands())}.")
    if horizon is None:
        raise ValueError(f"`candidates` contains {command!r}, a name without a horizon. Pass `horizon`.")
    return build(command, horizon=horizon)


def common_horizon(candidates: Mapping[str, Candidate], horizon):
    """Return the horizon of all candidates.

    Args:
        candidates: Dict of name to `Candidate`.
        horizon: Horizon that all must have, or None for that of the candidates.

    Raises:
        ValueError: If the horizons differ, or none is known.
    """
    known = {name: candidate.horizon for name, candidate in candidates.items() if candidate.horizon is not None}
    common = horizon if horizon is not None else next(iter(known.values()), None)
    if common is None:
        raise ValueError(
            "`horizon` is required, because the forecaster has no attribute `horizon`. Pass `horizon=...`."
        )
    if others := {name: own for name, own in known.items() if own != common}:
        raise ValueError(
            f"All forecasters must have the same horizon of {common} steps, but received {others}. "
            "Construct them with the same horizon."
        )
    return common


def common_freq(candidates):
    """Return the step of the time index that a candidate fixes, None if all infer it."""
    return next((candidate.freq for candidate in candidates if candidate.freq is not None), None)


def check_quantiles(quantiles):
    """Return levels of quantiles as a tuple of distinct floats, or None.

    Raises:
        ValueError: If `quantiles` are not levels between 0 and 1.
    """
    if quantiles is None:
        return None
    levels = list(quantiles) if isinstance(quantiles, Iterable) else []
    if not levels or not all(isinstance(level, numbers.Real) and 0 < level < 1 for level in levels):
        raise ValueError(f"`quantiles` is {quantiles!r}, but must be levels between 0 and 1, such as {DEFAULT_LEVELS}.")
    return tuple(dict.fromkeys(map(float, levels)))


def _takes(method: Callable, name):
    """Return whether a method takes an argument by name."""
    parameters = inspect.signature(method).parameters
    return name in parameters or any(each.kind is each.VAR_KEYWORD for each in parameters.values())


def _takes_two(method: Callable):
    """Return whether a method takes two positional arguments."""
    kinds = [each.kind for each in inspect.signature(method).parameters.values()]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return inspect.Parameter.VAR_POSITIONAL in kinds or sum(kind in positional for kind in kinds) > 1
