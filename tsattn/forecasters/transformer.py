"""The Transformer as a forecaster."""

import dataclasses

from tsattn._utils.validation import check_count
from tsattn.forecasters.documented import documented
from tsattn.forecasters.patched import PatchedForecaster
from tsattn.networks.transformer import transformer


@documented
@dataclasses.dataclass(eq=False, repr=False)
class TransformerForecaster(PatchedForecaster):
    """Transformer encoder-decoder: all patches of the history see each other, and the forecast sees them all.

    Args:
        layers: Encoder blocks. Defaults to 2.
        decoder_layers: Decoder blocks. Defaults to 1.
        heads: Attention heads; they must divide `units`. Defaults to 4.
        feed_forward: Width of the feed-forward layers. None takes four times `units`. Defaults to
            None.
        norm: Layer normalisation after the residual connection, `"post"`, or before the sublayer,
            `"pre"`. Defaults to `"post"`.
        positional: Encoding of the position: `"sinusoidal"`, `"learned"` or None. Defaults to
            `"sinusoidal"`.

    Reference:
        Vaswani et al., 2017, https://arxiv.org/abs/1706.03762.

    Example:

    >>> from tsattn import TransformerForecaster, Training, load_dataset
    >>> y = load_dataset("air_passengers")
    >>> training = Training(epochs=8, random_state=0)
    >>> model = TransformerForecaster(horizon=12, units=8, fallback=False, training=training)
    >>> model.fit(y).attention_weights(head=0).shape
    (12, 2)
    """

    _: dataclasses.KW_ONLY
    units: int = 64
    embedding: str | None = "linear"
    layers: int = 2
    decoder_layers: int = 1
    heads: int = 4
    feed_forward: int | None = None
    norm: str = "post"
    positional: str | None = "sinusoidal"

    def _making(self):
        if self.embedding is None:
            raise ValueError("`embedding` is None, but a Transformer needs the patches in its own width. Use 'linear'.")
        return transformer, {
            "layers": check_count("layers", self.layers),
            "decoder_layers": check_count("decoder_layers", self.decoder_layers),
            "heads": self.heads,
            "feed_forward": self.feed_forward,
            "norm": self.norm,
            "positional": self.positional,
        }
