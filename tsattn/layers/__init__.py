"""Keras layers of the forecasting networks. Each layer can also be used in any other Keras model."""

from tsattn.layers.instance_normalization import ReversibleInstanceNormalization
from tsattn.layers.patching import Patching
from tsattn.layers.positional_encoding import PositionalEncoding
from tsattn.layers.recurrent_decoder import DecoderCell, RecurrentDecoder
from tsattn.layers.recurrent_encoder import RecurrentEncoder
from tsattn.layers.temporal_attention import TemporalAttention
from tsattn.layers.transformer_blocks import TransformerDecoder, TransformerEncoder

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
