"""The backend of Keras in this process."""

import keras


def on_tensorflow():
    """Return whether Keras runs on TensorFlow."""
    return keras.backend.backend() == "tensorflow"


def on_tensorflow_cpu():
    """Return whether Keras runs on TensorFlow without a GPU."""
    if not on_tensorflow():
        return False
    import tensorflow as tf

    return not tf.config.list_logical_devices("GPU")
