"""What the forecasters share whose network sees a window in patches."""

import dataclasses

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_optional_count
from tsattn.forecasters.attention_tables import over_time
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.network import NetworkForecaster


@dataclasses.dataclass(eq=False, repr=False)
class PatchedForecaster(NetworkForecaster):
    """Abstract: a forecaster whose network carries patches of the past into patches of the future.

    Args:
        patch_size: Steps in a patch. None takes the largest part of a season of at most 24 steps, or of a long
            lookback a multiple of it. Defaults to None.
        decoding: `"direct"`, all steps in parallel, or `"recursive"`, each from the one before.
            Defaults to {decoding!r}.
        mix_channels: If True the network sees all channels together; else one network is shared by
            them. Defaults to {mix_channels}.
    """

    _: dataclasses.KW_ONLY
    patch_size: int | None = None
    decoding: str = "direct"
    mix_channels: bool = False

    def _choose_window(self, length):
        given = {name: check_optional_count(name, getattr(self, name)) for name in ("lookback", "patch_size")}
        lookback, patch_size = default_window(length, self.horizon_, self.season_, **given, series=len(self.layout_))
        if lookback % patch_size:
            raise ValueError(
                f"`lookback` {lookback} is not a multiple of `patch_size` {patch_size}. "
                f"Use lookback={max(lookback // patch_size, 1) * patch_size}, or another `patch_size`."
            )
        self.lookback_, self.patch_size_ = lookback, patch_size

    def _cut(self):
        patches = {"patch_size": self.patch_size_, "decoding": self.decoding}
        return {**patches, "mix_channels": bool(self.mix_channels)}

    def predict_windows_taught(
        self, y: Data, covariates: CovariateData = None, *, static: CovariateData = None, windows: int, stride: int = 1
    ) -> np.ndarray:
        """As `predict_windows`, but each patch is made from the true values before it, as teacher forcing does.

        Where a true value was not observed the network's own is fed.

        Args:
            y, covariates, static, windows, stride: As in `predict_windows`.

        Returns:
            float64 array `(series, windows, horizon, channels)`, in the order of `predict_windows`.

        Raises:
            ValueError: all steps are decoded in parallel; and as `predict_windows`.
        """
        check_is_fitted(self)
        if self.network_.build.skeleton.decoding != "recursive":
            raise ValueError(
                f"This {type(self).__name__} decodes all steps in parallel: none is made from the one before. "
                "Make it with `decoding='recursive'`, and fit it again."
            )
        origins, before = self._origins_within(y, covariates, static, windows, stride)
        parts = []
        for series, inputs, target in origins.lessons(before):
            taught = {**inputs, "target": target, "teaching": np.ones(len(target), "float32")}
            parts.append(self._in_units(origins, series, self._point(self._forecast(taught))))
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
        """How much each part of the history weighs in each step of the forecast.

        The weights are those of the core; what goes by the shortcut around it has none.

        Args:
            covariates, y, static: As in `predict`.
            layer: Decoder layer, counted from 0, or from the last with -1. Defaults to -1.
            head: Attention head, counted from 0. None takes the mean of all. Defaults to None.
            rollout: The decoder looks at patches that the encoder has mixed. If True the weights are traced back
                through the encoder's own attention to the patches as they came in. Defaults to False.

        Returns:
            DataFrame with a row for each time of the forecast, after the channel where one network is
            shared by several, and a column for each time of the history, or for the start of each
            patch. For many series the id comes first, and columns count the steps from the end of each,
            the last being -1. Rows sum to 1.

        Raises:
            TypeError: the network has no attention, or for `rollout` an encoder without attention.
            ValueError: there is no such layer or head.

        Reference:
            Abnar and Zuidema, 2020, "Quantifying attention flow", https://arxiv.org/abs/2005.00928.
        """
        check_is_fitted(self)
        with self.network_.in_use() as network:
            core = network.body.core
        if not hasattr(core, "attend"):
            raise TypeError(
                f"The core of this {type(self).__name__} has no attention weights to show. "
                "Use AttentionForecaster, TransformerForecaster, or a core with a method `attend`."
            )
        if rollout and not hasattr(core, "rollout"):
            raise TypeError(
                f"`rollout` traces attention among the patches of the history, which the core of this "
                f"{type(self).__name__} has none of. Leave `rollout` out, or use TransformerForecaster or a core with "
                "a method `rollout`."
            )
        origins = self._origins(covariates, y, static, self.horizon_)
        weights = self._attended(origins, layer, head)
        if rollout:
            weights = weights @ self._rolled_out(origins)
        weights = weights.repeat(self.patch_size_, axis=2)[:, :, : self.horizon_]  # a row for each step of a patch
        return over_time(weights, origins.layout, self.lookback_, self.patch_size_)
