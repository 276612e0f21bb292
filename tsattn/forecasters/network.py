"""What the forecasters that train a network share: the skeleton, the training, the attention weights."""

import abc
import dataclasses

import keras
import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tsattn.checks import check_count
from tsattn.forecasters.base import Forecaster, refuse_short
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.learner import Learner
from tsattn.forecasters.learning import learn, seeded, without_retracing_warnings
from tsattn.forecasters.training import Training
from tsattn.networks.skeleton import Skeleton
from tsattn.series.windows import Windows

PREDICT_BATCH = 1024


@dataclasses.dataclass(eq=False, repr=False)
class NetworkForecaster(Forecaster):
    """Abstract: a forecaster that trains a network around the skeleton that all families share.

    Args:
        patch_size: Steps in a patch. None takes the largest part of a season of at most 24 steps.
            Defaults to None.
        units: Width of the network. Defaults to {units}.
        normalization: How each window is normalised, and the forecast de-normalised: `"last"` (the
            last observed value), `"standard"` (mean and standard deviation) or None. Defaults to
            {normalization!r}.
        embedding: Map from a patch to `units`: `"linear"`, `"relu"`, or None for the patch itself.
            Defaults to {embedding!r}.
        decoding: `"direct"`, all steps in parallel, or `"recursive"`, each from the one before.
            Defaults to {decoding!r}.
        mix_channels: If True the network sees all channels together; else one network is shared by
            them. Defaults to {mix_channels}.
        dropout: Dropout rate. Defaults to {dropout}.
        training: A `Training`. Defaults to `Training()`.
    """

    _: dataclasses.KW_ONLY
    patch_size: int | None = None
    units: int = 128
    normalization: str | None = "last"
    embedding: str | None = "relu"
    decoding: str = "direct"
    mix_channels: bool = False
    dropout: float = 0.1
    training: Training = dataclasses.field(default_factory=Training)

    def fit(self, y, *, callbacks=None):
        """Learn from a series.

        Args:
            y: As in every forecaster: a Series or a wide DataFrame with a time index.
            callbacks: Keras callback, or a list of them, for the training. Defaults to none.

        Returns:
            The forecaster itself. If the call fails, the forecaster stays as it was.

        Raises:
            ValueError, TypeError: what came, what was wanted and what to do.
            TrainingDivergedError: the loss became NaN or infinite.
        """
        if isinstance(callbacks, keras.callbacks.Callback):
            callbacks = [callbacks]
        return self._fit(y, callbacks=callbacks or ())

    def _settings(self, length, horizon, season):
        given = {
            name: None if getattr(self, name) is None else check_count(name, getattr(self, name))
            for name in ("lookback", "patch_size")
        }
        lookback, patch_size = default_window(length, horizon, season, **given)
        if lookback % patch_size:
            raise ValueError(
                f"`lookback` {lookback} is not a multiple of `patch_size` {patch_size}. "
                f"Use lookback={max(lookback // patch_size, 1) * patch_size}, or another `patch_size`."
            )
        refuse_short(length, lookback, horizon)
        return {"lookback_": lookback, "patch_size_": patch_size}

    def _learn(self, panel, fitted, callbacks):
        if not isinstance(self.training, Training):
            raise TypeError(f"`training` is {self.training!r}, but must be a Training, such as Training(epochs=10).")
        self.training.check()
        windows = Windows(panel, fitted["lookback_"], fitted["horizon_"])
        if not len(windows):
            raise ValueError("`y` has no window with an observed value in both its lookback and its horizon.")
        sizes = {name: fitted[f"{name}_"] for name in ("lookback", "horizon", "patch_size")}
        sizes["channels"] = panel.channels
        with seeded(self.training.random_state) as generator:
            learner = self._learner(sizes)
            with learner.afresh() as network, without_retracing_warnings():
                history = learn(network, windows, self.training, generator, callbacks)
        params = self.get_params(deep=False)
        return {"learner_": learner, "network_": network, "training_history_": history, "fitted_params_": params}

    def _learner(self, sizes):
        """The network to train: that of the last fit, if it has the same build."""
        seed = self.training.random_state
        # Of the training, what is compiled: the loss, and the size of the batches.
        compiled = (self.training.loss, self.training.batch_size)
        build = {**self.get_params(deep=False), **sizes, "training": compiled}
        known = getattr(self, "learner_", None)
        if known is None or known.build != build:
            return Learner(self._network(**sizes), self.training.loss, build, seed)
        if seed is None or seed != known.seed:
            known.draw_again(self._network(**sizes), seed)
        return known

    def _network(self, lookback, horizon, patch_size, channels):
        skeleton = Skeleton(
            units=self.units,
            patch_size=patch_size,
            normalization=self.normalization,
            embedding=self.embedding,
            decoding=self.decoding,
            mix_channels=bool(self.mix_channels),
            dropout=self.dropout,
        )
        return self._build(lookback, horizon, channels, skeleton)

    @abc.abstractmethod
    def _build(self, lookback, horizon, channels, skeleton):
        """The untrained `ForecastNetwork`."""

    def _forecast(self, history):
        batches = np.array_split(history, -(-len(history) // PREDICT_BATCH))
        with without_retracing_warnings():
            return np.concatenate([self.network_.predict_on_batch({"history": batch}) for batch in batches])

    def attention_weights(self, *, y=None, layer=-1, head=None):
        """How much each part of the history weighs in each step of the forecast.

        Args:
            y: History to forecast from. Defaults to the end of the series that `fit` got.
            layer: Decoder layer, counted from 0, or from the last with -1. Defaults to -1.
            head: Attention head, counted from 0. None takes the mean of all. Defaults to None.

        Returns:
            DataFrame with a row for each time of the forecast, after the channel where one network
            is shared by several, and a column for each time of the history, or for the start of
            each patch. Rows sum to 1.

        Raises:
            TypeError: the network has no attention.
            ValueError: there is no such layer or head.
        """
        check_is_fitted(self)
        if not hasattr(self.network_.decoding.core, "attend"):
            raise TypeError(
                f"The core of this {type(self).__name__} has no attention weights to show. "
                "Use AttentionForecaster, TransformerForecaster, or a core with a method `attend`."
            )
        history, layout = self._history(y)
        _, weights = self.network_.attend({"history": history})
        weights = keras.ops.convert_to_numpy(weights)[0]
        weights = weights[:, _check_place("layer", layer, weights.shape[1])]
        weights = weights.mean(axis=1) if head is None else weights[:, _check_place("head", head, weights.shape[1])]
        weights = weights.repeat(self.patch_size_, axis=1)[:, : self.horizon_]  # one row for each step of a patch
        end, lookback = layout.timeline.length, self.lookback_
        times = layout.timeline.stamps(end, self.horizon_)
        starts = layout.timeline.stamps(end - lookback, lookback)[:: self.patch_size_]
        tables = [pd.DataFrame(table, index=times, columns=starts) for table in weights]
        if len(tables) == 1:
            return tables[0]
        names = ["channel"] if layout.columns.names == [None] else list(layout.columns.names)
        return pd.concat(tables, keys=list(layout.columns), names=[*names, times.name])

    def __getstate__(self):
        # Keras models are pickled as files that name classes to import; weights are all that is needed.
        state = dict(super().__getstate__())
        state.pop("learner_", None)
        if "network_" in state:
            state["network_"] = state["network_"].get_weights()
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if "network_" in state:
            fitted = type(self)(**self.fitted_params_)  # the arguments may have been changed since
            with seeded(0):
                network = fitted._network(self.lookback_, self.horizon_, self.patch_size_, len(self.layout_.dtypes))
            network.set_weights(state["network_"])
            self.network_ = network


def _check_place(name, place, length):
    """A place in a list of this length, counted from its end where below 0."""
    if place not in range(-length, length):
        raise ValueError(f"`{name}` is {place!r}, but must be a whole number from {-length} to {length - 1}.")
    return place
