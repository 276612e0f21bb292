"""The Keras layers of the families, each usable alone in any Keras model."""

from tsattn.layers.attention import TemporalAttention
from tsattn.layers.normalization import ReversibleInstanceNormalization
from tsattn.layers.patching import Patching
from tsattn.layers.positional import PositionalEncoding
from tsattn.layers.recurrent import DecoderCell, RecurrentDecoder, RecurrentEncoder
from tsattn.layers.transformer import TransformerDecoder, TransformerEncoder

__all__ = [
    "DecoderCell",
    "Patching",
    "PositionalEncoding",
    "RecurrentDecoder",
    "RecurrentEncoder",
    "ReversibleInstanceNormalization",
    "TemporalAttention",
    "TransformerDecoder",
    "TransformerEncoder",
]
