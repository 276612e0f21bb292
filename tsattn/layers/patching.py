"""Patches: each group of neighboring steps is one token."""

import keras
from keras import ops

from tsattn._utils.validation import check_count


@keras.saving.register_keras_serializable(package="tsattn")
class Patching(keras.layers.Layer):
    """Splits a sequence into patches of neighboring steps.

    Args:
        patch_size: Steps in a patch. It must divide the number of steps.

    Call arguments:
        inputs: Tensor `(batch, steps, channels)`.

    Returns:
        Tensor `(batch, steps / patch_size, patch_size * channels)`. A patch contains its steps in order, and each step
        contains its channels.

    Reference:
        Nie et al., 2023, https://arxiv.org/abs/2211.14730.

    Example:

    >>> import numpy as np
    >>> np.asarray(Patching(3)(np.arange(6.0).reshape(1, 6, 1))).tolist()
    [[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]]
    """

    def __init__(self, patch_size, **kwargs):
        super().__init__(**kwargs)
        self.patch_size = check_count("patch_size", patch_size)

    def call(self, inputs):
        steps, channels = ops.shape(inputs)[1:]
        return ops.reshape(inputs, (-1, self._patch_count(steps), self.patch_size * channels))

    def inverse(self, patches, channels):
        """Join patches to steps `(batch, patches * patch_size, channels)`."""
        return ops.reshape(patches, (-1, patches.shape[1] * self.patch_size, channels))

    def compute_output_shape(self, inputs_shape):
        batch, steps, channels = inputs_shape
        return batch, None if steps is None else self._patch_count(steps), self.patch_size * channels

    def get_config(self):
        return {**super().get_config(), "patch_size": self.patch_size}

    def _patch_count(self, steps):
        if isinstance(steps, int) and steps % self.patch_size:  # a symbolic length is not checked
            raise ValueError(
                f"{steps} steps cannot be split into patches of {self.patch_size}. "
                f"Use a `patch_size` that divides {steps}, or {steps // self.patch_size * self.patch_size} steps."
            )
        return steps // self.patch_size
