"""Precision of a network: the Keras dtype policy of its fit, which belongs to its weights."""

import keras

from tsattn.training.config import DTYPE_POLICIES


def current_policy():
    """Return the name of the current Keras dtype policy.

    Raises:
        ValueError: If networks cannot be trained with it.
    """
    name = keras.config.dtype_policy().name
    if name not in DTYPE_POLICIES:
        cause = " Gradients of 16 bits overflow or are too coarse." if "float16" in name else ""
        raise ValueError(
            f"The Keras dtype policy is {name!r}, with which networks cannot be trained.{cause} Choose one of "
            f'{", ".join(DTYPE_POLICIES)}, for example with `keras.config.set_dtype_policy("mixed_bfloat16")`.'
        )
    return name
