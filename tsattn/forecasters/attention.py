"""The LSTM encoder-decoder with attention as a forecaster."""

import dataclasses
from typing import ClassVar

from tsattn.forecasters.patched import PatchedForecaster
from tsattn.networks.attention import attention


@dataclasses.dataclass(eq=False, repr=False)
class AttentionForecaster(PatchedForecaster):
    """LSTM encoder-decoder with attention: every step of the forecast looks back at the whole history.

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
        attention_score: Score function of the attention: `"additive"`, `"dot"` or `"general"`. Defaults to
            `"additive"`.
        layers: Number of stacked LSTMs in the encoder and in the decoder. Defaults to 1.
        bidirectional: If True, encode in both directions. Defaults to False.

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

    Reference:
        Bahdanau et al., 2015, https://arxiv.org/abs/1409.0473; Luong et al., 2015,
        https://arxiv.org/abs/1508.04025.

    Example:

    >>> from tsattn import AttentionForecaster, Training, load_dataset
    >>> y = load_dataset("air_passengers")
    >>> model = AttentionForecaster(horizon=12, units=8, training=Training(epochs=8, random_state=0))
    >>> model.fit(y).attention_weights().shape
    (12, 2)
    """

    _: dataclasses.KW_ONLY
    attention_score: str = "additive"
    layers: int = 1
    bidirectional: bool = False
    _build: ClassVar = staticmethod(attention)
