"""The base class of forecasters with a network: skeleton, training, quantiles and fallback."""

import abc
import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Self

import keras
import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from tsattn._utils.argument_names import explain_names
from tsattn._utils.types import CovariateData, Data, SampleWeight
from tsattn._utils.validation import is_same
from tsattn.accelerators.retracing import without_retracing_warnings
from tsattn.forecasters.attention_tables import select_weights
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.conformal import MEDIAN, trained_levels
from tsattn.forecasters.defaults import default_shortcut
from tsattn.forecasters.fallback import FallbackModel, select_fallback
from tsattn.forecasters.rolled_model import RolledModel
from tsattn.networks.skeleton import Skeleton
from tsattn.pretrained.catalog import LEVELS, PretrainedWindow
from tsattn.series.history import History, check_length
from tsattn.series.windows import check_has_window
from tsattn.training.compiled import NETWORK_CACHE, NetworkSpec, TrainedNetwork
from tsattn.training.config import Training
from tsattn.training.precision import current_policy
from tsattn.training.seeding import generator_of
from tsattn.training.trainer import train

SHORTEST_SEASONS = 2  # in the histories on which a pretrained network is trained
MIN_REMAINING = 0.1  # of the windows for the training of a pretrained network, which cannot be worse than before


@dataclasses.dataclass(eq=False, repr=False)
class NetworkForecaster(Forecaster):
    """Abstract base class of all forecasters that train a network.

    A subclass implements `_resolve_window` and `_patch_config`, and sets `_build` to the function that builds its
    network. The fields declared by a final class are the options of that function.

    Args:
        units: Width of the network. Defaults to 128.
        normalization: Normalization of each window, inverted in the forecast. `"last"` subtracts the last observed
            value, `"last_scaled"` also divides by the standard deviation, `"standard"` uses the mean and the standard
            deviation, and None disables it. `"auto"` is `"last"` for one series and `"last_scaled"` for many, because
            their scales differ. Defaults to `"auto"`.
        embedding: Embedding of each patch as `units` values: `"linear"`, `"relu"`, or None to use the patch itself.
            Defaults to `"relu"`.
        dropout: Dropout rate, a float from 0 to below 1. Defaults to 0.1.
        shortcut: If True, add a linear map from the normalized window to the forecast, which learns the linear part of
            the series from little data. A map of more than 10,000 weights is replaced by a map between seasons with
            shared weights. If None, enabled for direct decoding unless the map would exceed 10,000 weights and the
            series has no season. Defaults to None.
        quantiles: List of quantile levels between 0 and 1. They are trained jointly with the pinball loss and never
            cross; 0.5 is added and is the point forecast. If None, a single output is trained with the loss of
            `training`: the median for `"mae"`, the mean for `"mse"`. Defaults to None.
        fallback: If True, replace the network by the last-value or a ridge forecast when validation shows no
            significant improvement over it. Emits a `UserWarning`. Defaults to True.
        training: `Training` object with the training settings. Defaults to `Training()`.

    Attributes:
        network_: `TrainedNetwork`; its `weights` are a list of arrays.
        training_history_: Dict of lists with the loss, the held-out loss and the learning rate of each epoch.
        dtype_policy_: Name of the Keras dtype policy of the fit, which all forecasts use.
        normalization_: Normalization in use, with `"auto"` resolved.
        fallback_: Coefficients of the fallback, array `(lags + 1, horizon)`; None if the network is used.
        falls_back_: Whether a fallback replaces the network.
        fitted_params_: Dict of the arguments with which the forecaster was fitted.
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

    @explain_names
    def fit(
        self,
        y: Data,
        covariates: CovariateData = None,
        *,
        static: CovariateData = None,
        sample_weight: SampleWeight = None,
        callbacks: Sequence | None = None,
        warm_start: bool = False,
    ) -> Self:
        """Fit the forecaster to one or many series.

        Args:
            y: A Series, or a wide DataFrame with one column per channel, with a `DatetimeIndex`, a `PeriodIndex` or an
                integer index. Pass many series as a Series or DataFrame with a MultiIndex (series, time), or as a long
                DataFrame with the columns `unique_id`, `ds` and `y`. Missing values and missing timestamps are masked.
            covariates: DataFrame of numbers, booleans, categories and text, with the index of `y`; for many series, an
                index of times alone is sufficient. Columns are known in advance, except those in `past_covariates`.
                Rows after the end of `y` are kept for `predict`. Defaults to None.
            static: DataFrame with one row per series, for many series; the ids are in its index or in a column
                `unique_id`. Defaults to None.
            sample_weight: Relative weights of the values of `y` in training: one number per row of `y`; a Series or
                DataFrame with the index of `y`; or, for many series, a Series with one number per id or per time. A
                value with the weight 0 is not trained on, but remains part of histories. Defaults to None.
            callbacks: Keras callback or list of callbacks. Do not change their `model` after training: it remains in
                use. Defaults to None.
            warm_start: If True, continue from the weights of the last fit, on the same or on other series with the same
                columns. Lookback, season and categories are kept. Defaults to False.

        Returns:
            The fitted forecaster itself. If fitting fails, the forecaster is unchanged.

        Raises:
            ValueError: If the data or an argument is invalid.
            TypeError: If the data or an argument has the wrong type.
            TrainingDivergedError: If the loss becomes NaN or infinite.
            MemoryError: If the series or a batch do not fit into memory.
            RuntimeError: If the process was forked from one that had used Keras.
        """
        if isinstance(callbacks, keras.callbacks.Callback):
            callbacks = [callbacks]
        new = self._shallow_copy()
        if warm_start:
            check_is_fitted(self)
            _check_unchanged(self.get_params(deep=False), self.fitted_params_)
            earlier = {"layout": self.layout_, "schema": self.schema_, "fitted": self.origins_.covariates}
            history = History.read_again(y, covariates, static, sample_weight, **earlier, steps=self.horizon_)
            new.layout_ = history.layout
        else:
            history = new._read(y, covariates, static, sample_weight)
            new._resolve(history)
        windows, options = new._start_fit(history), {"callbacks": callbacks or (), "warm_start": bool(warm_start)}
        new._train(windows, keep_held_out=bool(self.calibrate), **options)
        new._set_error_distribution(new._model(), windows, new._held_out(windows))
        return self._take_state(new)

    def count_params(self, y: Data, covariates: CovariateData = None, *, static: CovariateData = None) -> int:
        """Return the number of parameters of the network that `fit` would train on these series.

        Args:
            y, covariates, static: As in `fit`.

        Returns:
            An integer. The forecaster does not change.
        """
        new = clone(self)
        new._resolve(new._read(y, covariates, static))
        return int(new._network_spec().network().count_params())

    @property
    def falls_back_(self) -> bool:
        """Whether a fallback replaces the network."""
        return self.fallback_ is not None

    def _resolve(self, history):
        Training.checked(self.training)
        self.dtype_policy_ = current_policy()
        self.levels_ = trained_levels(self.quantiles)
        self.normalization_ = self.normalization
        if self.normalization == "auto":
            self.normalization_ = "last" if history.layout.ids is None else "last_scaled"
        self._resolve_window(history.median_length, len(history.layout))
        if self._pretrained_window() is None:
            # A default lookback may exceed the length of a short series; a lookback set by the user must not.
            check_length(history.layout, 1 if self.lookback is None else self.lookback_, self.horizon_)

    @property
    @abc.abstractmethod
    def _build(self) -> Callable:
        """The function that builds the untrained network; see `NetworkSpec`. A class variable of the final class."""

    @abc.abstractmethod
    def _resolve_window(self, length: int, series: int) -> None:
        """Set `lookback_` and the attributes that depend on it, from the median length and the number of series."""

    @abc.abstractmethod
    def _patch_config(self) -> dict:
        """Return a dict of the arguments `patch_size`, `decoding` and `mix_channels` of the `Skeleton`."""

    @abc.abstractmethod
    def _pretrained_window(self) -> PretrainedWindow | None:
        """Return the window of the pretrained network that `_resolve_window` selected, or None."""

    @abc.abstractmethod
    def _pretrained_weights(self, spec: NetworkSpec, seed: int | None) -> list | None:
        """Return the weights of this network, transferred to a spec, or None."""

    def _train(self, windows, *, keep_held_out, callbacks=(), warm_start=False):
        training = Training.checked(self.training)
        if len(self.levels_) > 1 and training.loss != "mae":
            raise ValueError(
                f"`quantiles` are trained with the pinball loss, but `training` has the loss {training.loss!r}. Remove "
                "`loss` from the Training, or `quantiles` from the forecaster."
            )
        spec, seed, self.fallback_ = self._network_spec(), training.random_state, None
        is_pretrained = self._pretrained_window() is not None
        weights = self.network_.weights if warm_start else self._pretrained_weights(spec, seed)
        if training.epochs == 0 and weights is None:
            raise ValueError(
                f"`training` has 0 epochs, which needs a pretrained network, but {type(self).__name__} has none. Set "
                "`epochs`, or use Seq2Seq-, Attention- or TransformerForecaster."
            )
        # A pretrained network can forecast a series that is too short for a window, but not measure its errors.
        needs_windows = not is_pretrained or len(self.levels_) > 1
        check_has_window(len(windows) > 0 or not needs_windows, self.lookback_, self.horizon_)
        parts = self._split(windows)
        windows, _, held_out = parts
        early_stopping = held_out is not None and training.stops_early(held_out.horizons)
        # On few horizons, a pretrained network gains nothing from training, except from covariates.
        gains = early_stopping or warm_start or any(self.schema_.cardinalities.values())
        if training.epochs == 0 or (is_pretrained and not (gains and len(windows))):
            self.network_ = TrainedNetwork(spec, weights)
            self.training_history_ = self.training_history_ if warm_start else {"loss": [], "learning_rate": []}
            if training.epochs != 0 and held_out:
                self._select_fallback(parts, keep_held_out)
        else:
            sizes, is_fine_tuning = (len(windows), len(self.layout_.dtypes)), is_pretrained and not warm_start
            training = training.resolve(*sizes, early_stopping, windows.horizons, is_fine_tuning)
            if callbacks or not isinstance(training.loss, str):
                spec = self._owned(spec)
            flags = {"early_stopping": early_stopping, "keep_held_out": keep_held_out, "keep_start": is_fine_tuning}
            self._train_network(spec, weights, parts, training, callbacks, **flags)
        self.fitted_params_ = self.get_params(deep=False)

    def _train_network(self, spec, weights, parts, training, callbacks, *, early_stopping, keep_held_out, keep_start):
        """Train a network from `weights`, or from random ones if None, and select its fallback.

        `parts` are all windows, those to train on first, and those that are held out or None.
        """
        seed, settings = training.random_state, (training, generator_of(training.random_state), callbacks)
        windows, earlier, held_out = (part and part.with_horizon(spec.horizon) for part in parts)
        # The original loss: the resolved training has a copy.
        step = self.training.loss, training.batch_size, windows.panel.weights is not None
        validation = held_out if early_stopping else None
        with without_retracing_warnings(), NETWORK_CACHE.training(spec, seed, step) as compiled:
            variables, start = compiled.initial_values(seed), time.perf_counter()
            compiled.start(variables, weights)
            history = train(compiled.network, earlier, validation, *settings, may_keep_start=keep_start)
            self.network_, self.training_history_ = TrainedNetwork(spec, compiled.trained_weights()), history
            time_left = training.allows_repeat(time.perf_counter() - start)
            if held_out:
                self._select_fallback(parts, keep_held_out)
            if held_out and time_left and not (early_stopping or self.falls_back_ or keep_held_out):
                compiled.start(variables, weights)
                self.training_history_ = train(compiled.network, windows, None, *settings)
                self.network_ = TrainedNetwork(spec, compiled.trained_weights())

    def _select_fallback(self, parts, keep_held_out):
        if self.fallback:
            windows, earlier, held_out = parts
            refit_on = earlier if keep_held_out else windows
            comparison = (held_out, earlier, self.season_, refit_on, self._median)
            self.fallback_ = select_fallback(self._network_model(), *comparison)

    def _held_out(self, windows):
        if not self.training_history_["loss"] and not self.falls_back_:
            return windows  # none was used for training
        return self._split(windows)[2]

    def _split(self, windows):
        """Return the windows, those to train on and those to hold out, or None.

        Only a pretrained network can be trained on short histories, because it has learned to be accurate without them.
        """
        fraction, window = self.training.validation_fraction, self._pretrained_window()
        if window is None:
            return windows, *windows.split_validation(fraction)
        windows = windows.with_short_histories(max(SHORTEST_SEASONS * window.season, self.horizon_))
        return windows, *windows.split_validation(fraction, MIN_REMAINING)

    def _model(self):
        model = self._network_model()
        return FallbackModel(model, self.fallback_, self._median) if self.falls_back_ else model

    def _network_model(self):
        """Return the network as a model of the horizon and the levels of the forecaster."""
        levels = self.network_.spec.skeleton.quantiles or (MEDIAN,)
        if (self.network_.spec.horizon, levels) == (self.horizon_, self.levels_):
            return self.network_
        return RolledModel(self.network_, self.horizon_, self.levels_)

    def _network_spec(self):
        return self._spec(len(self.layout_.dtypes), self.schema_.cardinalities)

    def _spec(self, channels, cardinalities):
        """Return the `NetworkSpec` for series of this many channels and for covariates of these cardinalities."""
        build, options, window = type(self)._build, self._network_options(), self._pretrained_window()
        horizon = self.horizon_ if window is None else min(self.horizon_, window.horizon)
        skeleton = self._skeleton(window, cardinalities)
        policy = keras.dtype_policies.get(self.dtype_policy_)
        spec = NetworkSpec(build, options, self.lookback_, horizon, channels, skeleton, policy=policy)
        # The result of a user's function may depend on more than its arguments.
        return self._owned(spec) if any(map(callable, options.values())) else spec

    def _network_options(self):
        """Return the arguments declared by the final class, which are the options of its network."""
        final = next(cls for cls in type(self).__mro__ if "_build" in vars(cls))
        shared = {field.name for field in dataclasses.fields(final.__mro__[1])}
        names = [field.name for field in dataclasses.fields(final) if field.name not in shared]
        return {name: getattr(self, name) for name in names}

    def _owned(self, spec):
        """Return the spec with an owner, so that no other forecaster shares its compiled network."""
        known = getattr(self, "network_", None)
        return dataclasses.replace(spec, owner=(known and known.spec.owner) or object())

    def _skeleton(self, window, cardinalities):
        patches = self._patch_config()
        levels, sizes = self.levels_, (self.lookback_, self.horizon_, self.season_)
        if window is not None:
            levels, sizes = LEVELS, (window.lookback, window.horizon, window.season)
        return Skeleton(
            **patches,
            units=self.units,
            normalization=self.normalization_,
            embedding=self.embedding,
            dropout=self.dropout,
            shortcut=default_shortcut(*sizes, patches["decoding"], self.shortcut),
            patch_copy=window is not None and window.season > 1,
            quantiles=levels if len(self.levels_) > 1 else (),
            **cardinalities,
        )

    def _attention(self, origins, layer, head):
        """Return attention weights `(series, channels, rows, columns)`; see `select_weights`."""
        with self.network_.in_use() as network:
            weights = [keras.ops.convert_to_numpy(network.attend(inputs)[1]) for _, inputs in origins.batches()]
        return select_weights(np.concatenate(weights), layer, head)

    def _rollout(self, origins):
        """Return the attention rollout through the encoder, `(series, channels, rows, columns)`."""
        with self.network_.in_use() as network:
            weights = [keras.ops.convert_to_numpy(network.rollout(inputs)) for _, inputs in origins.batches()]
        return np.concatenate(weights)

    def __getstate__(self):
        # Only the weights are kept: the spec follows from the rest of the state.
        state = dict(super().__getstate__())
        if "network_" in state:
            state["network_"] = state["network_"].weights
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if "network_" in state:
            weights = vars(self).pop("network_")
            fitted = type(self)(**self.fitted_params_)  # the arguments may have been changed since
            vars(fitted).update({name: value for name, value in vars(self).items() if name.endswith("_")})
            self.network_ = TrainedNetwork(fitted._network_spec(), weights)


def _check_unchanged(arguments, fitted):
    """Check that only `training` has changed since the last fit.

    Args:
        arguments, fitted: Dicts of the current arguments and of those at the last fit.

    Raises:
        ValueError: If other arguments have changed; the message names them.
    """
    changed = [name for name, value in arguments.items() if name != "training" and not is_same(value, fitted[name])]
    if changed:
        raise ValueError(
            f"`warm_start` continues with the network of the last fit, but the argument(s) {changed} "
            "changed since then. Restore them, or fit without `warm_start`."
        )
