"""Networks pretrained on synthetic series, and the generator of these series."""

from tsattn.pretrained.generator import synthetic_series

__all__ = ["synthetic_series"]
