"""The networks: one skeleton around three temporal cores, as plain Keras models."""

from tsattn.networks.attention import attention
from tsattn.networks.seq2seq import seq2seq
from tsattn.networks.skeleton import ForecastNetwork, Skeleton
from tsattn.networks.transformer import transformer

__all__ = ["ForecastNetwork", "Skeleton", "attention", "seq2seq", "transformer"]
