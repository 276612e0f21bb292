"""Instance normalization with an inverse: each window is forecast relative to its own level and scale."""

import keras
from keras import ops

from tsattn._utils.validation import check_choice, check_rate

NORMALIZATIONS = ("standard", "last", "last_scaled")


def window_statistics(inputs, observed, kind, epsilon=0.0):
    """Compute the center and the scale of each window and channel.

    Args:
        inputs, observed: See `ReversibleInstanceNormalization`.
        kind: See `ReversibleInstanceNormalization`.
        epsilon: Added to the variance. Defaults to 0.

    Returns:
        A pair of tensors `(batch, 1, channels)`. The center is 0 if no value is observed.
    """
    inputs = ops.where(observed, inputs, 0.0)
    weights = ops.cast(observed, inputs.dtype)
    count = ops.maximum(ops.sum(weights, axis=1, keepdims=True), 1.0)
    center = ops.sum(inputs, axis=1, keepdims=True) / count
    scale = ops.ones_like(center)
    if kind != "last":
        deviations = ops.where(observed, inputs - center, 0.0)
        scale = ops.sqrt(ops.sum(ops.square(deviations), axis=1, keepdims=True) / count + epsilon)
    if kind == "standard":
        return center, scale
    # Count steps in float32 for any dtype of the inputs: bfloat16 is exact up to 256 only.
    steps = ops.expand_dims(ops.arange(1, ops.shape(inputs)[1] + 1, dtype="float32"), (0, 2))
    newest = ops.max(steps * ops.cast(observed, "float32"), axis=1, keepdims=True)
    is_last = ops.cast(ops.equal(steps, newest), inputs.dtype) * weights
    return ops.sum(inputs * is_last, axis=1, keepdims=True), scale


@keras.saving.register_keras_serializable(package="tsattn")
class ReversibleInstanceNormalization(keras.layers.Layer):
    """Normalizes each window by its statistics and returns them, so that the forecast can be denormalized.

    Args:
        kind: `"standard"` subtracts the mean and divides by the standard deviation (RevIN). `"last"` subtracts the
            last observed value. `"last_scaled"` also divides by the standard deviation. Defaults to `"standard"`.
        epsilon: Added to the variance. Defaults to 1e-5.

    Call arguments:
        inputs: Tensor `(batch, steps, channels)` of finite values.
        observed: Boolean tensor of the same shape, False for missing values. None means that all are observed. Defaults
            to None.

    Returns:
        A triple: the normalized tensor `(batch, steps, channels)`, 0 for missing values; and the center and the scale
        for `inverse`, each `(batch, 1, channels)`.

    Reference:
        Kim et al., 2022, https://openreview.net/forum?id=cGDAkQo1C0p (without its affine weights). The last value is
        subtracted as in NLinear, Zeng et al., 2023, https://arxiv.org/abs/2205.13504.

    Example:

    >>> import numpy as np
    >>> layer = ReversibleInstanceNormalization("last")
    >>> normalized, center, scale = layer(np.array([[[1.0], [2.0], [4.0]]]))
    >>> np.asarray(layer.inverse(normalized, center, scale)).ravel().tolist()
    [1.0, 2.0, 4.0]
    """

    def __init__(self, kind="standard", epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.kind = check_choice("kind", kind, NORMALIZATIONS)
        self.epsilon = check_rate("epsilon", epsilon)

    def call(self, inputs, observed=None):
        if observed is None:
            observed = ops.ones_like(inputs, dtype="bool")
        center, scale = window_statistics(inputs, observed, self.kind, self.epsilon)
        return ops.where(observed, (inputs - center) / scale, 0.0), center, scale

    def inverse(self, inputs, center, scale):
        """Denormalize a tensor `(batch, any steps, channels)`."""
        return inputs * scale + center

    def compute_output_shape(self, inputs_shape, observed_shape=None):
        statistics = (inputs_shape[0], 1, inputs_shape[2])
        return inputs_shape, statistics, statistics

    def get_config(self):
        return {**super().get_config(), "kind": self.kind, "epsilon": self.epsilon}
