"""The inverted Transformer as a forecaster: attention among the variables."""

import dataclasses

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_count, check_optional_count
from tsattn.forecasters.attention_tables import over_variables
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.documented import documented
from tsattn.forecasters.network import NetworkForecaster
from tsattn.networks.inverted import inverted


@documented
@dataclasses.dataclass(eq=False, repr=False)
class InvertedTransformerForecaster(NetworkForecaster):
    """Inverted Transformer: every variable is one token, and the variables attend to each other.

    For a wide frame whose channels move together, and for covariates: each channel and each covariate
    is embedded whole, and what a channel takes from the others can be read in `attention_weights`.

    Args:
        layers: Encoder blocks. Defaults to 2.
        heads: Attention heads; they must divide `units`. Defaults to 4.
        feed_forward: Width of the feed-forward layers. None takes four times `units`. Defaults to
            None.
        norm: Layer normalisation after the residual connection, `"post"`, or before the sublayer,
            `"pre"`. Defaults to `"post"`.

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

    def _choose_window(self, length):
        lookback = check_optional_count("lookback", self.lookback)
        self.lookback_, _ = default_window(length, self.horizon_, self.season_, lookback, series=len(self.layout_))

    def _cut(self):
        return {"patch_size": self.lookback_, "decoding": "direct", "mix_channels": True}

    def _making(self):
        return inverted, {
            "layers": check_count("layers", self.layers),
            "heads": self.heads,
            "feed_forward": self.feed_forward,
            "norm": self.norm,
        }

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
        """How much each variable weighs in the forecast of each channel.

        Args:
            covariates, y, static: As in `predict`.
            layer: Encoder block, counted from 0, or from the last with -1. Defaults to -1.
            head: Attention head, counted from 0. None takes the mean of all. Defaults to None.
            rollout: If True the weights of all blocks are multiplied, each with as much of what it only passes on:
                how much of each variable as it came in arrives. Defaults to False.

        Returns:
            DataFrame with a row for each channel, after the id where there are many series, and a column
            for each channel and each covariate, the static ones together. Rows sum to 1.

        Raises:
            ValueError: there is no such layer or head, or one was chosen for `rollout`.

        Reference:
            Abnar and Zuidema, 2020, "Quantifying attention flow", https://arxiv.org/abs/2005.00928.
        """
        check_is_fitted(self)
        if rollout and (layer, head) != (-1, None):
            raise ValueError(
                f"`rollout` takes all layers and the mean of all heads, but `layer` is {layer!r} and `head` {head!r}. "
                "Leave them out, or `rollout`."
            )
        origins = self._origins(covariates, y, static, self.horizon_)
        weights = (self._rolled_out(origins) if rollout else self._attended(origins, layer, head))[:, 0]
        with self.network_.in_use() as network:
            widths = {role: encoding.widths for role, encoding in network.encodings.items()}
        beside = []
        for role, counts in widths.items():
            labels = zip(self.schema_.labels[role], counts, strict=True)
            beside += ["static"] if role == "static" else [label for label, count in labels for _ in range(count)]
        return over_variables(weights, origins.layout, beside)
