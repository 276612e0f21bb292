"""Dropout with 8 random bits per value, faster than `keras.layers.Dropout` on a CPU."""

import keras

from tsattn.accelerators.backend import on_tensorflow_cpu

LEVELS = 2**8  # of a random byte. Keras draws 32 bits for each value and converts them to a float.


@keras.saving.register_keras_serializable(package="tsattn")
class FastDropout(keras.layers.Dropout):
    """A `keras.layers.Dropout` that draws 8 bits per value with TensorFlow on a CPU.

    There the rate is rounded to a multiple of 1/256, and the kept values are scaled by the rounded rate. In every
    other case, and if the rate rounds to 0 or 1, it is the Keras layer. With the same seed, it drops different values
    than Keras.

    Args:
        rate, noise_shape, seed: See `keras.layers.Dropout`.

    Reference:
        Srivastava et al., 2014, https://jmlr.org/papers/v15/srivastava14a.html.

    Example:

    >>> import numpy as np
    >>> dropped = np.asarray(FastDropout(0.5, seed=0)(np.ones(1000), training=True))
    >>> sorted(set(dropped.tolist()))
    [0.0, 2.0]
    """

    def call(self, inputs, training=False):
        threshold = round(self.rate * LEVELS)
        if not training or not 0 < threshold < LEVELS or self.noise_shape is not None or not on_tensorflow_cpu():
            return super().call(inputs, training=training)
        import tensorflow as tf

        shape, seed = tf.shape(inputs), tf.cast(self.seed_generator.next(), "int32")
        size = tf.reduce_prod(shape)
        words = tf.random.stateless_uniform([(size + 3) // 4], seed, None, None, "uint32")
        random_bytes = tf.reshape(tf.reshape(tf.bitcast(words, "uint8"), [-1])[:size], shape)
        scaled = inputs * (LEVELS / (LEVELS - threshold))
        return tf.where(random_bytes >= tf.constant(threshold, "uint8"), scaled, tf.zeros([], inputs.dtype))
