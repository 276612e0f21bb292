"""The backend of Keras in this process."""

import keras


def backend_name():
    """Return the name of the backend: `"tensorflow"`, `"jax"` or `"torch"`."""
    return keras.backend.backend()


def on_tensorflow():
    """Return whether Keras runs on TensorFlow."""
    return backend_name() == "tensorflow"


def on_tensorflow_cpu():
    """Return whether Keras runs on TensorFlow without a GPU."""
    if not on_tensorflow():
        return False
    import tensorflow as tf

    return not tf.config.list_logical_devices("GPU")


def jit_mode():
    """Return the argument `jit_compile` of `keras.Model.compile`.

    On TensorFlow, XLA takes longer to compile than most of our networks take to train. JAX always uses XLA.
    """
    return "auto" if backend_name() == "jax" else False
