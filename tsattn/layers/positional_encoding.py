"""Positional encoding: a vector for the position of each step in the sequence."""

import math

import keras
from keras import ops

from tsattn._utils.validation import check_choice, check_count

POSITIONAL_ENCODINGS = ("sinusoidal", "learned")


def sinusoids(steps, units, start=0):
    """Compute the sinusoidal positional encoding of the Transformer (Vaswani et al., 2017).

    `PE(pos, 2i) = sin(pos / 10000^(2i/units))` and `PE(pos, 2i+1) = cos(pos / 10000^(2i/units))` for the positions
    `start, ..., start + steps - 1`.

    Args:
        steps: Number of positions.
        units: Width of the code, even or odd.
        start: First position. Defaults to 0.

    Returns:
        Tensor `(steps, units)`.
    """
    pairs = (units + 1) // 2
    positions = ops.arange(start, start + steps, dtype="float32")
    rates = ops.exp(ops.arange(pairs, dtype="float32") * (-2.0 * math.log(10000.0) / units))
    angles = ops.expand_dims(positions, 1) * ops.expand_dims(rates, 0)
    interleaved = ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (steps, 2 * pairs))
    return interleaved[:, :units]


@keras.saving.register_keras_serializable(package="tsattn")
class PositionalEncoding(keras.layers.Layer):
    """Adds a positional encoding to each step.

    Args:
        kind: `"sinusoidal"`, without weights and for any length; or `"learned"`, with one weight vector per position,
            up to the length for which the layer is built. Defaults to `"sinusoidal"`.
        start: Position of the first step. Defaults to 0.

    Call arguments:
        inputs: Tensor `(batch, steps, units)`.

    Returns:
        Tensor of the same shape.

    Reference:
        Vaswani et al., 2017, https://arxiv.org/abs/1706.03762, section 3.5.

    Example:

    >>> import numpy as np
    >>> tuple(PositionalEncoding()(np.zeros((1, 50, 7))).shape)
    (1, 50, 7)
    """

    def __init__(self, kind="sinusoidal", start=0, **kwargs):
        super().__init__(**kwargs)
        self.kind = check_choice("kind", kind, POSITIONAL_ENCODINGS)
        self.start = check_count("start", start, least=0)
        self.supports_masking = True

    def build(self, inputs_shape):
        if self.kind == "learned":
            self.positions = self.add_weight(
                name="positions", shape=(self.start + inputs_shape[1], inputs_shape[2]), initializer="random_normal"
            )

    def call(self, inputs):
        steps, units = ops.shape(inputs)[1:]  # `steps` is a tensor where the length is unknown
        if self.kind == "learned":
            known = self.positions.shape[0] - self.start
            if isinstance(steps, int) and steps > known:
                raise ValueError(
                    f"The inputs have {steps} steps, but the layer was built for at most {known} positions. Shorten "
                    "the inputs, or use kind='sinusoidal'."
                )
            code = self.positions[self.start : self.start + steps]
        else:
            code = sinusoids(steps, units, self.start)
        return inputs + ops.cast(code, inputs.dtype)

    def compute_output_shape(self, inputs_shape):
        return inputs_shape

    def get_config(self):
        return {**super().get_config(), "kind": self.kind, "start": self.start}
