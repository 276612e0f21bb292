"""What the forecasters share whose network sees a window in patches."""

import dataclasses

from sklearn.utils.validation import check_is_fitted

from tsattn.checks import check_optional_count
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.network import NetworkForecaster
from tsattn.forecasters.weights import over_time


@dataclasses.dataclass(eq=False, repr=False)
class PatchedForecaster(NetworkForecaster):
    """Abstract: a forecaster whose network carries patches of the past into patches of the future.

    Args:
        patch_size: Steps in a patch. None takes the largest part of a season of at most 24 steps.
            Defaults to None.
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
        lookback, patch_size = default_window(length, self.horizon_, self.season_, **given)
        if lookback % patch_size:
            raise ValueError(
                f"`lookback` {lookback} is not a multiple of `patch_size` {patch_size}. "
                f"Use lookback={max(lookback // patch_size, 1) * patch_size}, or another `patch_size`."
            )
        self.lookback_, self.patch_size_ = lookback, patch_size

    def _cut(self):
        patches = {"patch_size": self.patch_size_, "decoding": self.decoding}
        return {**patches, "mix_channels": bool(self.mix_channels)}

    def attention_weights(self, covariates=None, *, y=None, static=None, layer=-1, head=None):
        """How much each part of the history weighs in each step of the forecast.

        Args:
            covariates, y, static: As in `predict`.
            layer: Decoder layer, counted from 0, or from the last with -1. Defaults to -1.
            head: Attention head, counted from 0. None takes the mean of all. Defaults to None.

        Returns:
            DataFrame with a row for each time of the forecast, after the channel where one network is
            shared by several, and a column for each time of the history, or for the start of each
            patch. For many series the id comes first, and columns count the steps from the end of each,
            the last being -1. Rows sum to 1.

        Raises:
            TypeError: the network has no attention.
            ValueError: there is no such layer or head.
        """
        check_is_fitted(self)
        if not hasattr(self.network_.body.core, "attend"):
            raise TypeError(
                f"The core of this {type(self).__name__} has no attention weights to show. "
                "Use AttentionForecaster, TransformerForecaster, or a core with a method `attend`."
            )
        origins = self._origins(covariates, y, static, self.horizon_)
        weights = self._attended(origins, layer, head)
        weights = weights.repeat(self.patch_size_, axis=2)[:, :, : self.horizon_]  # a row for each step of a patch
        return over_time(weights, origins.layout, self.lookback_, self.patch_size_)
