"""The head: maps a decoded step to the values of a patch, or to quantiles that never cross."""

import keras
from keras import ops


class PatchHead(keras.layers.Layer):
    """A linear map to the values of a patch, or to their quantiles.

    With quantiles, the map computes the median. Each level above it adds a softplus to the next lower level. Each level
    below it subtracts a softplus from the next higher level. Quantiles therefore never cross.

    Args:
        width: Number of values in a patch.
        quantiles: Increasing levels that include 0.5; empty for a point forecast. Defaults to `()`.

    Call arguments:
        decoded: Tensor `(..., decoded width)`.

    Returns:
        Tensor `(..., width, outputs)`, with one output for each level, or a single one.
    """

    def __init__(self, width, quantiles=(), **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.outputs = max(1, len(quantiles))
        self.median = tuple(quantiles).index(0.5) if quantiles else 0
        self.dense = keras.layers.Dense(width * self.outputs, name="dense")
        self.supports_masking = True  # each step is mapped separately

    def build(self, decoded_shape):
        self.dense.build(decoded_shape)

    def call(self, decoded):
        values = self.dense(decoded)
        values = ops.reshape(values, (-1, *values.shape[1:-1], self.width, self.outputs))
        if self.outputs == 1:
            return values
        below, median, above = ops.split(values, [self.median, self.median + 1], axis=-1)
        above = median + ops.cumsum(ops.softplus(above), axis=-1)
        below = median - ops.flip(ops.cumsum(ops.softplus(ops.flip(below, axis=-1)), axis=-1), axis=-1)
        return ops.concatenate([below, median, above], axis=-1)

    def point(self, values):
        """Return the point forecast `(..., width)` from the outputs `(..., width, outputs)`."""
        return values[..., self.median]

    def compute_output_shape(self, decoded_shape):
        return (*decoded_shape[:-1], self.width, self.outputs)
