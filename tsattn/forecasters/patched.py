"""The base class of forecasters whose network reads a window in patches."""

import dataclasses

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_optional_count
from tsattn.forecasters.attention_tables import weights_over_time
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.network import NetworkForecaster
from tsattn.forecasters.pretrained import family_of, fitted_window, select_pretrained
from tsattn.pretrained.catalog import NORMALIZATION
from tsattn.pretrained.transfer import transfer_weights
from tsattn.pretrained.weights import load_weights
from tsattn.training.compiled import NETWORK_CACHE


@dataclasses.dataclass(eq=False, repr=False)
class PatchedForecaster(NetworkForecaster):
    """Abstract base class of all forecasters whose network maps patches of the past to patches of the future.

    Args:
        patch_size: Number of steps in a patch. If None, the largest divisor of the season up to 24 steps is used, or a
            multiple of it for a long lookback. Defaults to None.
        decoding: `"direct"` forecasts all steps in parallel, `"recursive"` forecasts each patch from the previous one.
            Defaults to `"direct"`.
        mix_channels: If True, the network reads all channels together. If False, it is applied to each channel
            separately, with the same weights. Defaults to False.
        pretrained: If `"auto"`, start from the weights of a network that was pretrained on synthetic series, if there
            is one for the season and for the other arguments. If True, raise an error otherwise. If False, start from
            random weights. Defaults to `"auto"`.

    Attributes:
        patch_size_: Number of steps in a patch.
        pretrained_: Name of the pretrained network, such as `"attention-12"`; None if there is none.
    """

    _: dataclasses.KW_ONLY
    patch_size: int | None = None
    decoding: str = "direct"
    mix_channels: bool = False
    pretrained: bool | str = "auto"

    def _resolve_window(self, length, series):
        window = select_pretrained(self, self.season_, length, series)
        if window is not None:
            self._use_window(window)
            return
        self.pretrained_ = None
        chosen = {name: check_optional_count(name, getattr(self, name)) for name in ("lookback", "patch_size")}
        lookback, patch_size = default_window(length, self.horizon_, self.season_, **chosen, series=series)
        if lookback % patch_size:
            raise ValueError(
                f"`lookback` {lookback} is not a multiple of `patch_size` {patch_size}. "
                f"Use lookback={max(lookback // patch_size, 1) * patch_size}, or another `patch_size`."
            )
        self.lookback_, self.patch_size_ = lookback, patch_size

    def _use_window(self, window):
        """Set the attributes that a `PretrainedWindow` determines."""
        self.pretrained_ = f"{family_of(self)}-{window.name}"
        self.lookback_, self.patch_size_ = window.lookback, window.patch_size
        self.normalization_ = NORMALIZATION

    def _pretrained_window(self):
        return fitted_window(self)

    def _pretrained_weights(self, spec, seed):
        window = self._pretrained_window()
        if window is None:
            return None
        weights = load_weights(family_of(self), window)
        with NETWORK_CACHE.building(spec) as network:
            return transfer_weights(weights, network, seed or 0)

    def _patch_config(self):
        patches = {"patch_size": self.patch_size_, "decoding": self.decoding}
        return {**patches, "mix_channels": bool(self.mix_channels)}

    def predict_windows_taught(
        self,
        y: Data,
        covariates: CovariateData = None,
        *,
        static: CovariateData = None,
        windows: int,
        stride: int = 1,
    ) -> np.ndarray:
        """Forecast as in `predict_windows`, but decode each patch from the true previous patch (teacher forcing).

        Missing true values are replaced by the forecast.

        Args:
            y, covariates, static, windows, stride: As in `predict_windows`.

        Returns:
            float64 array `(series, windows, horizon, channels)`, in the order of `predict_windows`.

        Raises:
            ValueError: If decoding is not recursive, or as in `predict_windows`.
        """
        check_is_fitted(self)
        if self.network_.spec.skeleton.decoding != "recursive":
            raise ValueError(
                f"This {type(self).__name__} decodes all steps in parallel, so no step depends on the previous one. "
                "Set `decoding='recursive'`, and fit it again."
            )
        origins, before = self._origins_in(y, covariates, static, windows, stride)
        parts, model = [], self._model()
        for series, inputs, target in origins.batches_with_targets(before):
            taught = {**inputs, "target": target, "teaching": np.ones(len(target), "float32")}
            parts.append(origins.in_units(series, model.forecast(taught)[..., self._median], self._domain))
        values = np.concatenate(parts)
        return values.reshape(-1, windows, *values.shape[1:])

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
        """Return the attention weights from each step of the forecast to the patches of the history.

        These are the weights in the core; the linear shortcut has none.

        Args:
            covariates, y, static: As in `predict`.
            layer: Index of the decoder layer, from 0, or from -1 for the last. Defaults to -1.
            head: Index of the attention head. If None, the mean over all heads is used. Defaults to None.
            rollout: If True, trace the weights back through the self-attention of the encoder, which mixes patches, to
                the patches of the input. Defaults to False.

        Returns:
            DataFrame with one row per forecast time and one column per patch, labeled by its first time. If several
            channels share the network, the channel is an outer index level. For many series, the id is the first index
            level, and columns count the steps from the end of each series; -1 is the last. Rows sum to 1.

        Raises:
            TypeError: If the network has no attention, or for `rollout` no attention in its encoder.
            ValueError: If `layer` or `head` is out of range.

        Reference:
            Abnar and Zuidema, 2020, "Quantifying attention flow", https://arxiv.org/abs/2005.00928.
        """
        check_is_fitted(self)
        with self.network_.in_use() as network:
            has_attention, has_rollout = network.has_attention, network.has_rollout
        if not has_attention:
            raise TypeError(
                f"The core of this {type(self).__name__} has no attention weights. Use AttentionForecaster, "
                "TransformerForecaster, or a core with a method `attend`."
            )
        if rollout and not has_rollout:
            raise TypeError(
                f"`rollout` needs self-attention among the patches of the history, which the core of this "
                f"{type(self).__name__} does not have. Remove `rollout`, or use TransformerForecaster or a core with a "
                "method `rollout`."
            )
        origins = self._origins(covariates, y, static, self.horizon_)
        weights = self._attention(origins, layer, head)
        if rollout:
            weights = weights @ self._rollout(origins)
        weights = weights.repeat(self.patch_size_, axis=2)[:, :, : self.horizon_]  # one row for each step of a patch
        return weights_over_time(weights, origins.layout, self.lookback_, self.patch_size_)
