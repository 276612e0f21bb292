"""Where layers compute, for those that have a faster way there."""

import keras


def on_tensorflow_cpu():
    """Whether the backend is TensorFlow, and has no GPU."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.config.list_logical_devices("GPU")
