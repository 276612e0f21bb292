"""From a decoded step to the values of a patch, or to their quantiles, which never cross."""

import keras
from keras import ops


class PatchHead(keras.layers.Layer):
    """A linear map to the values of a patch; with quantiles to each of them, non-crossing by construction.

    The median comes from the map as it is; each level above it is the one below plus a softplus,
    each level below it is the one above minus a softplus.

    Args:
        width: Values in a patch.
        quantiles: Rising levels with 0.5 among them; none for one value.

    Call arguments:
        decoded: Tensor `(..., decoded width)`.

    Returns:
        Tensor `(..., width, outputs)`, an output for each level, or one.
    """

    def __init__(self, width, quantiles=(), **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.outputs = max(1, len(quantiles))
        self.median = tuple(quantiles).index(0.5) if quantiles else 0
        self.dense = keras.layers.Dense(width * self.outputs, name="dense")
        self.supports_masking = True  # each step or token is mapped by itself

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
        """The point forecast `(..., width)` among outputs `(..., width, outputs)`."""
        return values[..., self.median]

    def compute_output_shape(self, decoded_shape):
        return (*decoded_shape[:-1], self.width, self.outputs)
