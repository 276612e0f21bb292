"""The forecasters that train a network: the skeleton, the training, the quantiles and the fallback."""

import abc
import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Self

import keras
import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import is_same
from tsattn.accelerators.retracing import without_retracing_warnings
from tsattn.forecasters.attention_tables import select_weights
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.conformal import trained_levels
from tsattn.forecasters.defaults import default_shortcut
from tsattn.forecasters.fallback import FallbackModel, select_fallback
from tsattn.networks.skeleton import Skeleton
from tsattn.series.history import History, check_length
from tsattn.training.compiled import NETWORK_CACHE, NetworkSpec, TrainedNetwork
from tsattn.training.config import Training
from tsattn.training.seeding import generator_of
from tsattn.training.trainer import train


@dataclasses.dataclass(eq=False, repr=False)
class NetworkForecaster(Forecaster):
    """Abstract base class of the forecasters that train a network.

    A subclass names the function that builds its network, `_build`, and implements `_resolve_window` and
    `_patch_config`. The fields that a final class adds are the options of this function.

    Args:
        units: Width of the network. Defaults to 128.
        normalization: Normalisation of each window, reverted in the forecast: `"last"` (subtract the last observed
            value), `"last_scaled"` (and divide by the standard deviation), `"standard"` (mean and standard
            deviation), None, or `"auto"`: `"last"` for one series and `"last_scaled"` for many, which differ in
            scale. Defaults to `"auto"`.
        embedding: Map from a patch to `units`: `"linear"`, `"relu"`, or None for the patch itself. Defaults to
            `"relu"`.
        dropout: Dropout rate. Defaults to 0.1.
        shortcut: If True, add a linear map from the normalised window to the forecast, which learns the linear part
            from little data. A map of more than 10,000 weights is reduced to one from season to season. If None,
            enabled for direct decoding unless the map would exceed 10,000 weights and the series has no season.
            Defaults to None.
        quantiles: Levels between 0 and 1 to forecast jointly, trained by the pinball loss and never crossing; 0.5 is
            added and is the point forecast. None trains one output by the loss of the training: the median by
            `"mae"`, the mean by `"mse"`. Defaults to None.
        fallback: If True, replace the network by the last-value or a ridge forecast when validation shows no
            significant improvement over it. Emits a `UserWarning`. Defaults to True.
        training: A `Training`. Defaults to `Training()`.

    Attributes:
        network_: The trained network; `network_.weights` is a list of arrays.
        training_history_: Dict of lists with the loss, the held-out loss and the learning rate of each epoch.
        normalization_: The chosen normalisation.
        fallback_: Coefficients of the fallback; None if the network is used.
        falls_back_: Whether a fallback replaces the network.
        fitted_params_: Arguments at the time of `fit`.
    """

    _: dataclasses.KW_ONLY
    units: int = 128
    normalization: str | None = "auto"
    embedding: str | None = "relu"
    dropout: float = 0.1
    shortcut: bool | None = None
    quantiles: Sequence | None = None
    fallback: bool = True
    training: Training = dataclasses.field(default_factory=Training)
    _build: ClassVar[Callable]

    def fit(
        self,
        y: Data,
        covariates: CovariateData = None,
        *,
        static: CovariateData = None,
        callbacks: Sequence | None = None,
        warm_start: bool = False,
    ) -> Self:
        """Fit to one or many series.

        Args:
            y: A Series, or a wide DataFrame with one column for each channel, with a `DatetimeIndex`, a `PeriodIndex`
                or an integer index. Many series: a Series or DataFrame with a MultiIndex (series, time), or a long
                DataFrame with the columns `unique_id`, `ds` and `y`. Missing values and missing time stamps are
                masked.
            covariates: DataFrame on the same index, or for many series on the time alone; numbers, booleans,
                categories and text. Its columns are known in advance, except those in `past_covariates`. Rows after
                the end of `y` are kept for `predict`. Defaults to None.
            static: DataFrame with one row for each of many series, the ids in its index or in a column `unique_id`.
                Defaults to None.
            callbacks: A Keras callback or a list of them. Their `model` remains in use after the training: do not
                change it afterwards. Defaults to None.
            warm_start: If True, continue from the weights of the last fit, on the same or other series with the same
                columns. Lookback, season and categories are kept. Defaults to False.

        Returns:
            The forecaster itself. If the call fails, it stays as it was.

        Raises:
            ValueError: If the data or an argument cannot be used.
            TypeError: If the data or an argument has the wrong type.
            TrainingDivergedError: If the loss becomes NaN or infinite.
            MemoryError: If the series or a batch do not fit into memory.
            RuntimeError: If the process was forked from one that had used a network.
        """
        if isinstance(callbacks, keras.callbacks.Callback):
            callbacks = [callbacks]
        new = self._shallow_copy()
        if warm_start:
            check_is_fitted(self)
            _check_unchanged(self.get_params(deep=False), self.fitted_params_)
            earlier = {"layout": self.layout_, "schema": self.schema_, "fitted": self.origins_.covariates}
            history = History.read_again(y, covariates, static, **earlier, steps=self.horizon_)
            new.layout_ = history.layout
        else:
            history = new._read(y, covariates, static)
            new._resolve(history)
        windows = new._start_fit(history)
        new._train(windows, callbacks or (), bool(warm_start))
        new._set_error_distribution(new._model(), windows, new._held_out(windows))
        return self._take_state(new)

    def count_params(self, y: Data, covariates: CovariateData = None, *, static: CovariateData = None) -> int:
        """Return the number of parameters that `fit` would train on these series.

        Args:
            y, covariates, static: As in `fit`.

        Returns:
            An int. The forecaster stays as it is.
        """
        new = clone(self)
        new._resolve(new._read(y, covariates, static))
        return int(new._network_spec().network().count_params())

    @property
    def falls_back_(self) -> bool:
        """Whether a fallback replaces the network."""
        return self.fallback_ is not None

    def _resolve(self, history):
        self.levels_ = trained_levels(self.quantiles)
        self.normalization_ = self.normalization
        if self.normalization == "auto":
            self.normalization_ = "last" if history.layout.ids is None else "last_scaled"
        self._resolve_window(history.median_length, len(history.layout))
        # A default lookback may reach back beyond a short series, a given one may not.
        check_length(history.layout, 1 if self.lookback is None else self.lookback_, self.horizon_)

    @abc.abstractmethod
    def _resolve_window(self, length: int, series: int) -> None:
        """Set `lookback_` and the patches, for a number of series with this median length."""

    @abc.abstractmethod
    def _patch_config(self) -> dict:
        """Return the arguments `patch_size`, `decoding` and `mix_channels` of the `Skeleton`."""

    def _train(self, windows, callbacks=(), warm_start=False):
        training = Training.checked(self.training)
        if len(self.levels_) > 1 and training.loss != "mae":
            raise ValueError(
                f"`quantiles` are trained by the pinball loss, but the Training has the loss {training.loss!r}. Remove "
                "`loss` from the Training, or `quantiles` from the forecaster."
            )
        if not len(windows):
            raise ValueError("`y` has no window with an observed value in both its lookback and its horizon.")
        earlier, held_out = training.hold_out(windows)
        early_stopping = training.stops_early(held_out)
        training = training.resolve(len(windows), len(self.layout_.dtypes), early_stopping, windows.horizons)
        seed, how = training.random_state, (training, generator_of(training.random_state), callbacks)
        spec, weights = self._network_spec(), self.network_.weights if warm_start else None
        if callbacks or not isinstance(training.loss, str):
            spec = self._owned(spec)
        step = self.training.loss, training.batch_size  # the loss itself: the resolved training has a copy
        with without_retracing_warnings(), NETWORK_CACHE.training(spec, seed, step) as compiled:
            variables, begun = compiled.initial_values(seed), time.perf_counter()
            compiled.start(variables, weights)
            self.training_history_ = train(compiled.network, earlier, held_out if early_stopping else None, *how)
            self.network_ = TrainedNetwork(spec, compiled.trained_weights())
            time_left = training.allows_repeat(time.perf_counter() - begun)
            self.fallback_ = None
            if self.fallback and held_out:
                refit_on = earlier if self.calibrate else windows
                rest = (held_out, earlier, self.season_, refit_on, self._median)
                self.fallback_ = select_fallback(self.network_, *rest)
            if held_out and time_left and not (early_stopping or self.falls_back_ or self.calibrate):
                compiled.start(variables, weights)
                self.training_history_ = train(compiled.network, windows, None, *how)
                self.network_ = TrainedNetwork(spec, compiled.trained_weights())
        self.fitted_params_ = self.get_params(deep=False)

    def _held_out(self, windows):
        return self.training.hold_out(windows)[1]

    def _model(self):
        if self.falls_back_:
            return FallbackModel(self.network_, self.fallback_, self._median)
        return self.network_

    @property
    def _uses_last_value(self):
        """Whether the last value replaces the network."""
        return self.falls_back_ and len(self.fallback_) == 1

    def _network_spec(self):
        build, options = type(self)._build, self._network_options()
        spec = NetworkSpec(build, options, self.lookback_, self.horizon_, len(self.layout_.dtypes), self._skeleton())
        # The result of a user's function may depend on more than its arguments.
        return self._owned(spec) if any(map(callable, options.values())) else spec

    def _network_options(self):
        """The arguments that the final class declares itself: the options of its network."""
        final = next(cls for cls in type(self).__mro__ if "_build" in vars(cls))
        shared = {field.name for field in dataclasses.fields(final.__mro__[1])}
        names = [field.name for field in dataclasses.fields(final) if field.name not in shared]
        return {name: getattr(self, name) for name in names}

    def _owned(self, spec):
        """The same spec with a compiled network that no other forecaster uses."""
        known = getattr(self, "network_", None)
        return dataclasses.replace(spec, owner=(known and known.spec.owner) or object())

    def _skeleton(self):
        patches = self._patch_config()
        window = (self.lookback_, self.horizon_, self.season_)
        return Skeleton(
            **patches,
            units=self.units,
            normalization=self.normalization_,
            embedding=self.embedding,
            dropout=self.dropout,
            shortcut=default_shortcut(*window, patches["decoding"], self.shortcut),
            quantiles=self.levels_ if len(self.levels_) > 1 else (),
            **self.schema_.cardinalities,
        )

    def _attention(self, origins, layer, head):
        """Attention weights `(series, channels, rows, columns)` of a layer and a head, or the mean of all heads."""
        with self.network_.in_use() as network:
            weights = [keras.ops.convert_to_numpy(network.attend(inputs)[1]) for _, inputs in origins.batches()]
        return select_weights(np.concatenate(weights), layer, head)

    def _rollout(self, origins):
        """Attention rollout through the encoder, `(series, channels, rows, columns)`."""
        with self.network_.in_use() as network:
            shares = [network.rollout(inputs) for _, inputs in origins.batches()]
        return np.concatenate([keras.ops.convert_to_numpy(part) for part in shares])

    def __getstate__(self):
        # The spec follows from the rest of the state, so that only the weights are kept.
        state = dict(super().__getstate__())
        if "network_" in state:
            state["network_"] = state["network_"].weights
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if "network_" in state:
            weights = vars(self).pop("network_")
            fitted = type(self)(**self.fitted_params_)  # the arguments may have changed since
            vars(fitted).update({name: value for name, value in vars(self).items() if name.endswith("_")})
            self.network_ = TrainedNetwork(fitted._network_spec(), weights)


def _check_unchanged(arguments, fitted):
    """Check that only the training has changed since the last fit.

    Args:
        arguments, fitted: Dicts of the arguments, now and at the last fit.

    Raises:
        ValueError: Naming what has changed.
    """
    changed = [name for name, value in arguments.items() if name != "training" and not is_same(value, fitted[name])]
    if changed:
        raise ValueError(
            f"`warm_start` continues with the network of the last fit, but {changed} changed since. Restore them, or "
            "fit without `warm_start`."
        )
