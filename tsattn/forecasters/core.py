"""Any Keras layer as the temporal core of a forecaster."""

import collections.abc
import dataclasses
from typing import ClassVar

import keras

from tsattn.forecasters.patched import PatchedForecaster
from tsattn.networks.patched_body import around


def custom(lookback, horizon, channels, skeleton, *, core):
    """Build a `ForecastNetwork` around the layer that `core(units)` returns."""
    if not callable(core):
        raise ValueError(f"`core` is {core!r}, but must be a function of `units` that returns a Keras layer.")
    layer = core(skeleton.units)
    if not isinstance(layer, keras.layers.Layer):
        raise ValueError(f"`core({skeleton.units})` returned a {type(layer).__name__}, but must return a Keras layer.")
    return around(layer, lookback, horizon, channels, skeleton)


@dataclasses.dataclass(eq=False, repr=False)
class CoreForecaster(PatchedForecaster):
    """Your own temporal core in the skeleton, the training and the interface of the built-in families.

    The core is a Keras layer. It is called with embedded patches of the history `(batch, patches, units)` and one
    query for each patch of the forecast `(batch, steps, units)`, and returns decoded steps `(batch, steps, any)`. If
    its `call` has an argument `patches_mask`, it receives `(batch, patches)`, False for a patch without an observed
    value. Optional methods for attention weights and recursive decoding are described in `tsattn.networks.Patched`.

    Args:
        horizon: Steps to forecast at once.
        lookback: Steps of history that a forecast is made from. None chooses from the length of the series, the season
            and the horizon. Defaults to None.
        season: Steps in a cycle. None takes the cycle of the time step (24 for hours, 7 for days, 12 for months), or 1
            for a series shorter than two cycles. Defaults to None.
        freq: Step of the time index, a pandas alias or offset. None takes or infers that of the index. Defaults to
            None.
        past_covariates: Columns of `covariates` that are not known in advance. Defaults to none.
        calendar: Calendar features of the time index, such as `("hour", "dayofweek", "holidays:NO")`, or `"auto"` for
            those that suit its step. Defaults to None.
        positive: If True, forecasts are clipped at 0, and the series must not be negative. Defaults to False.
        calibrate: If True, quantiles and intervals are shifted to their nominal coverage on the held-out end of the
            series, and on the steps of a history `y` that follow the fit (conformal calibration, for each step, over
            all series). The point forecast is not changed. Defaults to False.
        units: Width of the network. Defaults to 128.
        normalization: Normalisation of each window, reverted in the forecast: `"last"` (subtract the last observed
            value), `"last_scaled"` (and divide by the standard deviation), `"standard"` (mean and standard deviation),
            None, or `"auto"`: `"last"` for one series and `"last_scaled"` for many, which differ in scale. Defaults to
            `"auto"`.
        embedding: Map from a patch to `units`: `"linear"`, `"relu"`, or None for the patch itself. Defaults to
            `"relu"`.
        dropout: Dropout rate. Defaults to 0.1.
        shortcut: If True, add a linear map from the normalised window to the forecast, which learns the linear part
            from little data. A map of more than 10,000 weights is reduced to one from season to season. If None,
            enabled for direct decoding unless the map would exceed 10,000 weights and the series has no season.
            Defaults to None.
        quantiles: Levels between 0 and 1 to forecast jointly, trained by the pinball loss and never crossing; 0.5 is
            added and is the point forecast. None trains one output by the loss of the training: the median by `"mae"`,
            the mean by `"mse"`. Defaults to None.
        fallback: If True, replace the network by the last-value or a ridge forecast when validation shows no
            significant improvement over it. Emits a `UserWarning`. Defaults to True.
        training: A `Training`. Defaults to `Training()`.
        patch_size: Steps in a patch. None takes the largest divisor of the season up to 24 steps, or a multiple of it
            for a long lookback. Defaults to None.
        decoding: `"direct"`, all steps in parallel, or `"recursive"`, each patch from the previous one. Defaults to
            `"direct"`.
        mix_channels: If True, the network reads all channels together; else the channels share one network. Defaults to
            False.
        core: A function of `units` that returns the layer, such as a layer class.

    Attributes:
        horizon_: Steps to forecast at once.
        lookback_: Steps of history that a forecast is made from.
        season_: Steps in a cycle.
        levels_: Tuple of the trained quantile levels, `(0.5,)` for a point forecast.
        layout_: Index, ids and columns of the fitted series.
        schema_: Columns and categories of the covariates.
        origins_: The ends of the fitted series, from which `predict` forecasts.
        naive_error_: In-sample error of the seasonal naive forecast, array `(series, channels)`.
        error_distribution_: Distribution of the held-out errors; None without `quantiles` and `calibrate`.
        network_: The trained network; `network_.weights` is a list of arrays.
        training_history_: Dict of lists with the loss, the held-out loss and the learning rate of each epoch.
        normalization_: The chosen normalisation.
        fallback_: Coefficients of the fallback; None if the network is used.
        falls_back_: Whether a fallback replaces the network.
        fitted_params_: Arguments at the time of `fit`.
        patch_size_: Steps in a patch.

    Example:

    >>> import keras
    >>> from tsattn import CoreForecaster, Training, load_dataset
    >>> class Mean(keras.layers.Layer):
    ...     def __init__(self, units):
    ...         super().__init__()
    ...         self.dense = keras.layers.Dense(units, activation="relu")
    ...     def call(self, patches, queries):
    ...         return self.dense(keras.ops.mean(patches, axis=1, keepdims=True) + queries)
    >>> model = CoreForecaster(horizon=12, core=Mean, units=8, training=Training(epochs=20, random_state=0))
    >>> len(model.fit(load_dataset("air_passengers")).predict())
    12
    """

    _: dataclasses.KW_ONLY
    core: collections.abc.Callable | None = None
    _build: ClassVar = staticmethod(custom)
