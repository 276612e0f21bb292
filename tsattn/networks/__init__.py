"""The networks as plain Keras models: one skeleton around the temporal cores of the families."""

from tsattn.networks.attention import attention
from tsattn.networks.forecast_network import ForecastNetwork
from tsattn.networks.inverted import inverted
from tsattn.networks.patched_body import Patched, around
from tsattn.networks.seq2seq import seq2seq
from tsattn.networks.skeleton import Skeleton
from tsattn.networks.transformer import transformer

__all__ = ["ForecastNetwork", "Patched", "Skeleton", "around", "attention", "inverted", "seq2seq", "transformer"]
