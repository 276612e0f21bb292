"""The inverted Transformer as a forecaster: attention among variables."""

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


@dataclasses.dataclass(eq=False, repr=False)
class InvertedTransformerForecaster(NetworkForecaster):
    """Inverted Transformer: every variable is one token, and the variables attend to each other.

    It suits a wide frame of related channels, and covariates. Each channel and each covariate is embedded as a whole,
    and `attention_weights` shows how much a channel uses the others.

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
        units: Width of the network. Defaults to 64.
        normalization: Normalisation of each window, reverted in the forecast: `"last"` (subtract the last observed
            value), `"last_scaled"` (and divide by the standard deviation), `"standard"` (mean and standard deviation),
            None, or `"auto"`: `"last"` for one series and `"last_scaled"` for many, which differ in scale. Defaults to
            `"auto"`.
        embedding: Map from a patch to `units`: `"linear"`, `"relu"`, or None for the patch itself. Defaults to
            `"linear"`.
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
        layers: Number of encoder blocks. Defaults to 2.
        heads: Number of attention heads; a divisor of `units`. Defaults to 4.
        feed_forward: Width of the feed-forward layers. None is four times `units`. Defaults to None.
        norm: Layer normalisation after the residual connection, `"post"`, or before the sublayer, `"pre"`. Defaults
            to `"post"`.

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
    layers: int = 2
    heads: int = 4
    feed_forward: int | None = None
    norm: str = "post"
    _build: ClassVar = staticmethod(inverted)

    def _resolve_window(self, length, series):
        lookback = check_optional_count("lookback", self.lookback)
        self.lookback_, _ = default_window(length, self.horizon_, self.season_, lookback, series=series)

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
        """Return the attention weight of each variable in the forecast of each channel.

        Args:
            covariates, y, static: As in `predict`.
            layer: Index of the encoder block, from 0, or from -1 for the last. Defaults to -1.
            head: Index of the attention head. None takes the mean of all heads. Defaults to None.
            rollout: If True, multiply the weights of all blocks, each averaged with its residual connection, to trace
                them back to the input variables. Defaults to False.

        Returns:
            DataFrame with a row for each channel, below the id for many series, and a column for each channel and
            each covariate, the static ones together. Rows sum to 1.

        Raises:
            ValueError: If there is no such layer or head, or one is given for `rollout`.

        Reference:
            Abnar and Zuidema, 2020, "Quantifying attention flow", https://arxiv.org/abs/2005.00928.
        """
        check_is_fitted(self)
        if rollout and (layer, head) != (-1, None):
            raise ValueError(
                f"`rollout` uses all layers and the mean of all heads, but `layer` is {layer!r} and `head` {head!r}. "
                "Remove them, or `rollout`."
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
