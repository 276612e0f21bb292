"""A forecaster whose temporal core is any Keras layer."""

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
    """Forecaster with a custom temporal core, and the skeleton, training and interface of the built-in families.

    The core is a Keras layer. Its inputs are the embedded patches of the history `(batch, patches, units)` and one
    query for each patch of the forecast `(batch, steps, units)`. It returns decoded steps `(batch, steps, any)`. If its
    `call` has an argument `patches_mask`, it also receives a mask `(batch, patches)`, False for a patch without an
    observed value. See `tsattn.networks.core` for optional methods for attention weights and recursive decoding.

    Args:
        horizon: Number of steps to forecast at once.
        lookback: Number of past steps that a forecast is based on. If None, it is chosen from the length of the series,
            the season and the horizon. Defaults to None.
        season: Number of steps in a cycle. If None, the cycle of the time step is used (24 for hourly, 7 for daily and
            12 for monthly data), or 1 for a series shorter than two cycles. Defaults to None.
        freq: Step of the time index: a pandas alias or offset, or an integer for an integer index. If None, the
            frequency of the index is used, or inferred if it is not set. Defaults to None.
        past_covariates: List of the columns of `covariates` that are not known in advance. Defaults to `()`.
        calendar: List of calendar features of the time index, such as `("hour", "dayofweek", "holidays:NO")`, or
            `"auto"` for the features that match its step. If None, no calendar features are used. Defaults to None.
        positive: If True, forecasts are clipped at 0, and negative values in the series raise an error. Defaults to
            False.
        counts: If True, forecasts, quantiles and sample paths are whole numbers of at least 0, and other values in the
            series raise an error. For this, noise that is uniform between -1/2 and 1/2 is added to the targets of
            networks, so that they learn quantiles between whole numbers. Defaults to False.
        target_transform: Function that is applied to the series before they are scaled, and inverted in forecasts:
            `"log"` for values above 0, `"log1p"` for values above -1, `"sqrt"` for values of at least 0, or `"asinh"`
            for all values. `SeasonalNaiveForecaster` ignores it, because it repeats values. If None, the series are
            only scaled. Defaults to None.
        calibrate: If True, shift quantiles and intervals to their nominal coverage by conformal calibration, separately
            for each step and jointly over all series. Calibration uses the held-out end of the series and the steps of
            a history `y` that follow the fit. It shifts the quantiles only; the held-out end is not used for the fit.
            Defaults to False.
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
        patch_size: Number of steps in a patch. If None, the largest divisor of the season up to 24 steps is used, or a
            multiple of it for a long lookback. Defaults to None.
        decoding: `"direct"` forecasts all steps in parallel, `"recursive"` forecasts each patch from the previous one.
            Defaults to `"direct"`.
        mix_channels: If True, the network reads all channels together. If False, it is applied to each channel
            separately, with the same weights. Defaults to False.
        pretrained: If `"auto"`, start from the weights of a network that was pretrained on synthetic series, if there
            is one for the season and for the other arguments. If True, raise an error otherwise. If False, start from
            random weights. Defaults to `"auto"`.
        core: Function of `units` that returns the layer, such as a layer class. Defaults to None, which `fit` rejects.

    Attributes:
        horizon_: Number of steps to forecast at once.
        lookback_: Number of past steps that a forecast is based on.
        season_: Number of steps in a cycle.
        levels_: Tuple of the trained quantile levels, `(0.5,)` for a point forecast.
        layout_: `Layout` of the fitted series: their index, ids and columns.
        schema_: `Schema` of the covariates: their columns and categories.
        origins_: `Origins`: the ends of the fitted series, from which `predict` forecasts.
        naive_error_: In-sample mean absolute error of the seasonal naive forecast, array `(series, channels)`.
        error_distribution_: `ErrorDistribution` of the held-out errors; None without `quantiles` and `calibrate`.
        network_: `TrainedNetwork`; its `weights` are a list of arrays.
        training_history_: Dict of lists with the loss, the held-out loss and the learning rate of each epoch.
        dtype_policy_: Name of the Keras dtype policy of the fit, which all forecasts use.
        normalization_: Normalization in use, with `"auto"` resolved.
        fallback_: Coefficients of the fallback, array `(lags + 1, horizon)`; None if the network is used.
        falls_back_: Whether a fallback replaces the network.
        fitted_params_: Dict of the arguments with which the forecaster was fitted.
        patch_size_: Number of steps in a patch.
        pretrained_: Name of the pretrained network, such as `"attention-12"`; None if there is none.

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
