"""What the forecasters that train a network share: the skeleton, the training, the quantiles."""

import abc
import dataclasses
import time
from collections.abc import Sequence
from typing import Self

import keras
import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from tsattn._utils.types import CovariateData, Data
from tsattn.accelerators.steps import forecast_step
from tsattn.forecasters.attention_tables import chosen
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.conformal import MEDIAN, checked_levels
from tsattn.forecasters.defaults import default_shortcut
from tsattn.forecasters.export_graph import described, graph_of
from tsattn.forecasters.fallback import moved, stand_in
from tsattn.forecasters.validation import refuse_changed, refuse_short
from tsattn.networks.skeleton import Skeleton
from tsattn.training.compiled import POOL, Build, FittedNetwork
from tsattn.training.config import Training
from tsattn.training.seeding import generator_of
from tsattn.training.trainer import learn, without_retracing_warnings


@dataclasses.dataclass(eq=False, repr=False)
class NetworkForecaster(Forecaster):
    """Abstract: a forecaster that trains a network around the skeleton that all families share.

    Args:
        units: Width of the network. Defaults to {units}.
        normalization: How each window is normalised, and the forecast de-normalised: `"last"` (the
            last observed value is taken away), `"last_scaled"` (and divided by the standard deviation),
            `"standard"` (by mean and standard deviation), None, or `"auto"`: `"last"` for one series and
            `"last_scaled"` for many, which have little in common but their shape. Defaults to
            {normalization!r}.
        embedding: Map from a patch to `units`: `"linear"`, `"relu"`, or None for the patch itself.
            Defaults to {embedding!r}.
        dropout: Dropout rate. Defaults to {dropout}.
        shortcut: If True a linear map from the normalised window to the forecast is added to what the core makes of
            it, and learns what is linear from little data. One of more than 10,000 weights is cut to a map from
            season to season. None is True, but False in recursive decoding, and for so many weights without a season.
            Defaults to None.
        quantiles: Levels between 0 and 1 that the network learns to forecast together, by the pinball
            loss and never crossing; 0.5 is added, and is the point forecast. None learns one value by
            the loss of the training: the median by `"mae"`, the mean by `"mse"`. Defaults to None.
        fallback: If True, a simpler forecast takes the place of the network's, with a warning: the last value, where
            the held-out windows do not show that the network knows more than chance would, nor the season more than
            the last value, for a random walk is not to be forecast worse than it must be; and a linear forecast from
            the history, if it errs no more there than the last value and than the network, where earlier windows tell
            it from the last value, or where the network errs no less than that. Defaults to True.
        training: A `Training`. Defaults to `Training()`.
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

    def fit(
        self,
        y: Data,
        covariates: CovariateData = None,
        *,
        static: CovariateData = None,
        callbacks: Sequence | None = None,
        warm_start: bool = False,
    ) -> Self:
        """Learn from one series or from many.

        Args:
            y, covariates, static: As in every forecaster.
            callbacks: Keras callback, or a list of them, for the training. The `model` that they get is
                lent to them: it goes on being used, and is not to be changed afterwards. Defaults to none.
            warm_start: If True the training goes on from the weights of the last fit, on this series or
                on others with the same columns; lookback, season and categories stay as they were.
                Defaults to False.

        Returns:
            The forecaster itself. If the call fails, the forecaster stays as it was.

        Raises:
            ValueError, TypeError: what came, what was wanted and what to do.
            TrainingDivergedError: the loss became NaN or infinite.
            MemoryError: the series or a batch do not fit into memory.
            RuntimeError: the process was forked from one that had used a network.
        """
        if isinstance(callbacks, keras.callbacks.Callback):
            callbacks = [callbacks]
        if warm_start:
            check_is_fitted(self)
            refuse_changed(self.get_params(deep=False), self.fitted_params_)
        return self._fit(y, covariates, static, callbacks=callbacks or (), warm_start=bool(warm_start))

    def count_params(self, y: Data, covariates: CovariateData = None, *, static: CovariateData = None) -> int:
        """Numbers that `fit` would train, with these arguments and on these series.

        Args:
            y, covariates, static: As in `fit`.

        Returns:
            An int. The forecaster stays as it is.
        """
        aside = clone(self)
        aside._read(y, covariates, static)
        return int(aside._network_build().network().count_params())

    @property
    def falls_back_(self) -> bool:
        """Whether a simpler forecast stands in for that of the network."""
        return self.fallback_ is not None

    def _levels(self):
        return checked_levels(self.quantiles)

    def _choose(self):
        self.normalization_ = self.normalization
        if self.normalization == "auto":
            self.normalization_ = "last" if self.layout_.ids is None else "last_scaled"
        self._choose_window(int(np.median(self.layout_.lengths)))
        # A lookback that was chosen may reach back beyond a short series, one that was given may not.
        refuse_short(self.layout_, 1 if self.lookback is None else self.lookback_, self.horizon_)

    @abc.abstractmethod
    def _choose_window(self, length):
        """Sets `lookback_`, for series of so many steps, and what divides it."""

    def _learn(self, windows, callbacks=(), warm_start=False):
        training = Training.checked(self.training)
        if len(self.levels_) > 1 and training.loss != "mae":
            raise ValueError(
                f"`quantiles` are learnt by the pinball loss, but the training has the loss {training.loss!r}. "
                "Leave `loss` out of the Training, or `quantiles` out of the forecaster."
            )
        if not len(windows):
            raise ValueError("`y` has no window with an observed value in both its lookback and its horizon.")
        earlier, later = training.hold_out(windows)
        told = training.is_told_by(later)
        training = training.settled(len(windows), len(self.layout_.dtypes), told, windows.horizons)
        seed, how = training.random_state, (training, generator_of(training.random_state), callbacks)
        build, weights = self._network_build(), self.network_.weights if warm_start else None
        if callbacks or not isinstance(training.loss, str):
            build = self._owned(build)
        step = self.training.loss, training.batch_size  # the loss itself, for the settled training has a copy
        with without_retracing_warnings(), POOL.training(build, seed, step) as learner:
            variables, begun = learner.drawn(seed), time.perf_counter()
            learner.start(variables, weights)
            self.training_history_ = learn(learner.network, earlier, later if told else None, *how)
            self.network_ = FittedNetwork(build, learner.learnt())
            time_left = training.leaves_time(time.perf_counter() - begun)
            self.fallback_ = None  # until it is known: what is compared is the network itself
            if self.fallback and later:
                whole = earlier if self.calibrate else windows
                self.fallback_ = stand_in(self._medians, later, earlier, self.season_, whole)
            if later and time_left and not (told or self.falls_back_ or self.calibrate):
                learner.start(variables, weights)
                self.training_history_ = learn(learner.network, windows, None, *how)
                self.network_ = FittedNetwork(build, learner.learnt())
        self.fitted_params_ = self.get_params(deep=False)

    def _network_build(self):
        make, options = self._making()
        return Build(make, options, self.lookback_, self.horizon_, len(self.layout_.dtypes), self._skeleton())

    def _owned(self, build):
        """The same for this forecaster alone.

        What a caller's own code makes, computes or does to a network may hang on more than its arguments.
        """
        known = getattr(self, "network_", None)
        return dataclasses.replace(build, owner=(known and known.build.owner) or object())

    def _skeleton(self):
        cut = self._cut()
        window = (self.lookback_, self.horizon_, self.season_)
        return Skeleton(
            **cut,
            units=self.units,
            normalization=self.normalization_,
            embedding=self.embedding,
            dropout=self.dropout,
            shortcut=default_shortcut(*window, cut["decoding"], self.shortcut),
            quantiles=self.levels_ if len(self.levels_) > 1 else (),
            **self.schema_.cardinalities,
        )

    @abc.abstractmethod
    def _cut(self):
        """How the network cuts and decodes a window: those arguments of the `Skeleton`, as a dict."""

    @abc.abstractmethod
    def _making(self):
        """The function that makes the network and its options, as in `Build`."""

    def _held_out(self, windows):
        return self.training.hold_out(windows)[1]

    def _medians(self, inputs):
        return self._point(self._forecast(inputs))

    def _forecast(self, inputs):
        with without_retracing_warnings(), self.network_.in_use() as network:
            forecasts = forecast_step(network, inputs)
        forecasts = forecasts if len(self.levels_) > 1 else forecasts[..., None]
        if self.falls_back_:
            return moved(forecasts, inputs["history"], self.fallback_, self.levels_.index(MEDIAN))
        return forecasts

    def _attended(self, origins, layer, head):
        """Attention weights `(series, channels, rows, columns)` of a layer and a head, or the mean of all heads."""
        with self.network_.in_use() as network:
            weights = [keras.ops.convert_to_numpy(network.attend(inputs)[1]) for _, inputs in origins.batches()]
        return chosen(np.concatenate(weights), layer, head)

    def _rolled_out(self, origins):
        """How much of what the network looks at came in where, `(series, channels, rows, columns)`."""
        with self.network_.in_use() as network:
            shares = [network.rollout(inputs) for _, inputs in origins.batches()]
        return np.concatenate([keras.ops.convert_to_numpy(part) for part in shares])

    def _graph(self):
        return graph_of(self), described(self), keras.backend.backend()

    def __getstate__(self):
        # What the network is made of is known from the rest: weights are all that is needed.
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
            self.network_ = FittedNetwork(fitted._network_build(), weights)
