"""The inverted Transformer as a forecaster: attention across variables."""

import dataclasses
from typing import ClassVar

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_optional_count
from tsattn.forecasters.attention_tables import weights_over_variables
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.network import NetworkForecaster
from tsattn.networks.inverted import inverted
from tsattn.networks.options import default_options

OPTIONS = default_options(inverted)


@dataclasses.dataclass(eq=False, repr=False)
class InvertedTransformerForecaster(NetworkForecaster):
    """Inverted Transformer: every variable is one token, and the variables attend to each other.

    Each channel and each covariate is embedded as a whole. It is suitable for a wide frame of related channels, with or
    without covariates. `attention_weights` shows how much a channel uses the others.

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
        units: Width of the network. Defaults to 64.
        normalization: Normalization of each window, inverted in the forecast. `"last"` subtracts the last observed
            value, `"last_scaled"` also divides by the standard deviation, `"standard"` uses the mean and the standard
            deviation, and None disables it. `"auto"` is `"last"` for one series and `"last_scaled"` for many, because
            their scales differ. Defaults to `"auto"`.
        embedding: Embedding of each patch as `units` values: `"linear"`, `"relu"`, or None to use the patch itself.
            Defaults to `"linear"`.
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
        layers: Number of encoder blocks. Defaults to 2.
        heads: Number of attention heads; a divisor of `units`. Defaults to 4.
        feed_forward: Width of the feed-forward layers. If None, four times `units` is used. Defaults to None.
        norm: Position of the layer normalization: `"post"`, after the residual connection, or `"pre"`, before the
            sublayer. Defaults to `"post"`.

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

    Reference:
        Liu et al., 2024, https://arxiv.org/abs/2310.06625.

    Example:

    >>> from tsattn import InvertedTransformerForecaster, Training, load_dataset
    >>> y = load_dataset("weather")[["JFK_temp", "LGA_temp"]][-500:]
    >>> training = Training(epochs=1, random_state=0, verbose=0)
    >>> model = InvertedTransformerForecaster(24, units=8, fallback=False, training=training).fit(y)
    >>> model.attention_weights().shape
    (2, 2)
    """

    _: dataclasses.KW_ONLY
    units: int = 64
    embedding: str | None = "linear"
    layers: int = OPTIONS["layers"]
    heads: int = OPTIONS["heads"]
    feed_forward: int | None = OPTIONS["feed_forward"]
    norm: str = OPTIONS["norm"]
    _build: ClassVar = staticmethod(inverted)

    def _resolve_window(self, length, series):
        lookback = check_optional_count("lookback", self.lookback)
        self.lookback_, _ = default_window(length, self.horizon_, self.season_, lookback, series=series)

    def _pretrained_window(self):
        return None

    def _pretrained_weights(self, spec, seed):
        return None

    def _patch_config(self):
        return {"patch_size": self.lookback_, "decoding": "direct", "mix_channels": True}

    def attention_weights(
        self,
        covariates: CovariateData = None,
        *,
        y: Data | None = None,
        static: CovariateData = None,
        layer: int = -1,
        head: int | None = None,
        rollout: bool = False,
    ) -> pd.DataFrame:
        """Return the attention weights from the forecast of each channel to the variables.

        Args:
            covariates, y, static: As in `predict`.
            layer: Index of the encoder block, from 0, or from -1 for the last. Defaults to -1.
            head: Index of the attention head. If None, the mean over all heads is used. Defaults to None.
            rollout: If True, trace the weights back to the input variables: multiply the weights of all blocks, each
                averaged with its residual connection. Defaults to False.

        Returns:
            DataFrame with one row per channel (for many series, per id and channel) and one column per channel and
            covariate. Static covariates share one column. Rows sum to 1.

        Raises:
            ValueError: If `layer` or `head` is out of range, or is passed together with `rollout`.

        Reference:
            Abnar and Zuidema, 2020, "Quantifying attention flow", https://arxiv.org/abs/2005.00928.
        """
        check_is_fitted(self)
        if rollout and (layer, head) != (-1, None):
            raise ValueError(
                f"`rollout` uses all layers and the mean of all heads, but `layer` is {layer!r} and `head` is "
                f"{head!r}. Remove them, or remove `rollout`."
            )
        origins = self._origins(covariates, y, static, self.horizon_)
        weights = (self._rollout(origins) if rollout else self._attention(origins, layer, head))[:, 0]
        with self.network_.in_use() as network:
            widths = {role: encoding.widths for role, encoding in network.encodings.items()}
        covariate_labels = []
        for role, counts in widths.items():
            labels = zip(self.schema_.labels[role], counts, strict=True)
            covariate_labels += (
                ["static"] if role == "static" else [label for label, count in labels for _ in range(count)]
            )
        return weights_over_variables(weights, origins.layout, covariate_labels)
