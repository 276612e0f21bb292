"""The linear shortcut around the body of a network."""

import math

import keras
from keras import ops


class LinearShortcut(keras.layers.Layer):
    """A linear map from the window to the horizon, shared by all channels and 0 before training.

    With a period of 1, each step of the horizon depends on all steps of the window. With a longer period, it depends
    only on steps a multiple of the period earlier, and all positions in a period share the weights.

    Args:
        horizon: Steps to forecast.
        period: Number of steps after which the weights repeat.

    Call arguments:
        values: Tensor `(batch, lookback, channels)`, 0 for missing values.

    Returns:
        Tensor `(batch, horizon, channels)`.

    Reference:
        The autoregressive part of LSTNet, Lai et al., 2018, https://arxiv.org/abs/1703.07015; shared weights as in
        SparseTSF, Lin et al., 2024, https://arxiv.org/abs/2405.00946.
    """

    def __init__(self, horizon, period, **kwargs):
        super().__init__(**kwargs)
        self.horizon = horizon
        self.period = period
        self.map = keras.layers.Dense(math.ceil(horizon / period), kernel_initializer="zeros", name="map")

    def build(self, values_shape):
        self.map.build((None, self.period, values_shape[2], math.ceil(values_shape[1] / self.period)))

    def call(self, values):
        padding = -values.shape[1] % self.period  # at the start, so that the window ends with a complete period
        values = ops.pad(values, ((0, 0), (padding, 0), (0, 0)))
        _, steps, channels = values.shape
        periods = ops.reshape(values, (-1, steps // self.period, self.period, channels))
        periods = ops.transpose(self.map(ops.transpose(periods, (0, 2, 3, 1))), (0, 3, 1, 2))
        return ops.reshape(periods, (-1, periods.shape[1] * self.period, channels))[:, : self.horizon]
