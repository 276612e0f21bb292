"""Shortcuts around the body of a network: a linear map of the window, and a copy of its patches."""

import math

import keras
from keras import ops

from tsattn.layers.masked_softmax import masked_softmax


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


class PatchCopy(keras.layers.Layer):
    """A weighted mean of the observed patches of the history and of a patch of zeros, the last value.

    The weights are a softmax of a linear map of the decoded step, and thus depend on the window. A network can repeat a
    pattern exactly by them, such as the last day or the same day of the last week, which the state of a core cannot
    hold. Two more outputs of the map shift the weighted mean, and scale its deviations from its own mean: for a trend,
    and for a season that grows. Before training, the weights are equal, and nothing is shifted or scaled.

    Args:
        width: Number of values in a patch, without its context.

    Call arguments:
        decoded: Decoded steps `(batch, steps, any width)`.
        patches: Patches of the history `(batch, patches, width + context width)`, 0 for missing values.
        observed: Boolean tensor `(batch, patches)`, False for a patch without an observed value.

    Returns:
        Tensor `(batch, steps, width)`.

    Reference:
        Pointer networks: Vinyals et al., 2015, https://arxiv.org/abs/1506.03134.
    """

    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width

    def build(self, decoded_shape, patches_shape):
        self.map = keras.layers.Dense(patches_shape[1] + 3, kernel_initializer="zeros", name="map")
        self.map.build(decoded_shape)

    def call(self, decoded, patches, observed):
        shift, gain, scores = ops.split(self.map(decoded), [1, 2], axis=-1)
        mask = ops.pad(observed, ((0, 0), (0, 1)), constant_values=True)[:, None]
        copied = ops.matmul(masked_softmax(scores, mask)[..., :-1], patches[..., : self.width])
        level = ops.mean(copied, axis=-1, keepdims=True)
        return level + shift + (1 + gain) * (copied - level)
