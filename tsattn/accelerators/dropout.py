"""A Keras dropout that takes less time on a CPU."""

import keras

from tsattn.accelerators.backend import on_tensorflow_cpu

DRAWS = 2**8  # a number of 8 bits is drawn for each value, where Keras draws 32 and makes a float of them


@keras.saving.register_keras_serializable(package="tsattn")
class FastDropout(keras.layers.Dropout):
    """A `keras.layers.Dropout` that draws from fewer bits with TensorFlow on a CPU, where drawing costs the most.

    The rate is rounded to 1/256, and what is kept is scaled by just that; a rate that would be rounded to 0 or 1 is
    taken as it is. In all else it is the layer that it is made from, but for what is drawn for a seed.

    Args:
        rate, noise_shape, seed: As of `keras.layers.Dropout`.

    Reference:
        Srivastava et al., 2014, https://jmlr.org/papers/v15/srivastava14a.html.

    Example:

    >>> import numpy as np
    >>> dropped = np.asarray(FastDropout(0.5, seed=0)(np.ones(1000), training=True))
    >>> sorted(set(dropped.tolist()))
    [0.0, 2.0]
    """

    def call(self, inputs, training=False):
        fewest = round(self.rate * DRAWS)
        if not training or not 0 < fewest < DRAWS or self.noise_shape is not None or not on_tensorflow_cpu():
            return super().call(inputs, training=training)
        import tensorflow as tf

        shape, seed = tf.shape(inputs), tf.cast(self.seed_generator.next(), "int32")
        size = tf.reduce_prod(shape)
        fours = tf.random.stateless_uniform([(size + 3) // 4], seed, None, None, "uint32")
        drawn = tf.reshape(tf.reshape(tf.bitcast(fours, "uint8"), [-1])[:size], shape)
        raised = inputs * (DRAWS / (DRAWS - fewest))
        return tf.where(drawn >= tf.constant(fewest, "uint8"), raised, tf.zeros([], inputs.dtype))
