"""The LSTM encoder-decoder with attention as a forecaster."""

import dataclasses

from tsattn._utils.validation import check_count
from tsattn.forecasters.documented import documented
from tsattn.forecasters.patched import PatchedForecaster
from tsattn.networks.attention import attention


@documented
@dataclasses.dataclass(eq=False, repr=False)
class AttentionForecaster(PatchedForecaster):
    """LSTM encoder-decoder with attention: every step of the forecast looks back at the history.

    Args:
        attention_score: Score of the attention: `"additive"`, `"dot"` or `"general"`. Defaults to
            `"additive"`.
        layers: LSTMs on top of each other, in the encoder and in the decoder. Defaults to 1.
        bidirectional: Encode in both directions. Defaults to False.

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

    def _making(self):
        options = {"layers": check_count("layers", self.layers), "bidirectional": bool(self.bidirectional)}
        return attention, {**options, "attention_score": self.attention_score}
