"""A Keras LSTM that trains faster over many steps, with equal results."""

import keras

from tsattn.accelerators.backend import on_tensorflow_cpu

LEAST_STEPS = 32  # below, the kernel gains nothing, and both ways would have to be compiled
SIDE_BY_SIDE = 2  # the kernel uses one core for a batch


@keras.saving.register_keras_serializable(package="tsattn")
class FusedLSTM(keras.layers.LSTM):
    """A `keras.layers.LSTM` that trains by TensorFlow's fused kernel where there is one for it.

    That is with TensorFlow on a CPU, forwards, with default activations, without dropout, over at least 32 steps and
    in batches without a masked step. In all else, and whenever it does not train, it is the layer that it is made from.

    Example:

    >>> import numpy as np
    >>> tuple(FusedLSTM(8, return_sequences=True)(np.ones((2, 40, 3)), training=True).shape)
    (2, 40, 8)
    """

    def inner_loop(self, sequences, initial_state, mask, training=False):
        def plain():
            last, outputs, states = super(FusedLSTM, self).inner_loop(sequences, initial_state, mask, training=training)
            return last, outputs, tuple(states)

        def fused():
            outputs, (h, c) = fused_lstm([self.cell], sequences, initial_state)
            return h, outputs if self.return_sequences else h[:, None], (h, c)

        if not training or self.go_backwards or self.unroll or not can_fuse([self.cell], sequences):
            return plain()
        import tensorflow as tf

        mask = mask[0] if isinstance(mask, list | tuple) else mask
        return fused() if mask is None else tf.cond(tf.reduce_all(mask), fused, plain)


def can_fuse(cells, sequences):
    """Whether there is a fused kernel for `keras.layers.LSTMCell`s over sequences `(batch, steps, width)`."""
    default, steps = (keras.activations.tanh, keras.activations.sigmoid), sequences.shape[1]
    for cell in cells:
        other = cell.dropout or cell.recurrent_dropout or not cell.use_bias or cell.compute_dtype != "float32"
        if other or (cell.activation, cell.recurrent_activation) != default:
            return False
    return steps is not None and steps >= LEAST_STEPS and on_tensorflow_cpu()


def fused_lstm(cells, sequences, states):
    """LSTM cells on top of each other over sequences, where `can_fuse`.

    Args:
        cells: List of built `keras.layers.LSTMCell`.
        sequences: Tensor `(batch, steps, width)`.
        states: List `[h, c]` of each cell in turn, tensors `(batch, units)`, to start from.

    Returns:
        A pair: every h of the top cell, `(batch, steps, units)`; and its last h and c.
    """
    for place, cell in enumerate(cells):
        sequences, last = _run(cell, sequences, *states[2 * place : 2 * place + 2])
    return sequences, last


def _run(cell, sequences, h, c):
    import tensorflow as tf

    kernel = _gates_of_the_kernel(tf.concat([cell.kernel, cell.recurrent_kernel], axis=0))
    bias, peephole = _gates_of_the_kernel(tf.convert_to_tensor(cell.bias)), tf.zeros(cell.units)
    half = tf.shape(sequences)[0] // SIDE_BY_SIDE
    parts = []
    for place in (slice(None, half), slice(half, None)):
        told = tf.raw_ops.BlockLSTM(  # the gradient of BlockLSTMV2 has the gates in another order than itself
            seq_len_max=tf.constant(sequences.shape[1], tf.int64),
            x=tf.transpose(sequences[place], (1, 0, 2)),
            h_prev=h[place],
            cs_prev=c[place],
            w=kernel,
            wci=peephole,
            wcf=peephole,
            wco=peephole,
            b=bias,
            forget_bias=0.0,
            cell_clip=-1.0,
        )
        parts.append((told.h, told.h[-1], told.cs[-1]))
    outputs, h, c = (tf.concat(each, axis=axis) for each, axis in zip(zip(*parts, strict=True), (1, 0, 0), strict=True))
    return tf.transpose(outputs, (1, 0, 2)), (h, c)


def _gates_of_the_kernel(weights):
    """In the order of the kernel: enter, new, forget, leave."""
    import tensorflow as tf

    enter, forget, new, leave = tf.split(weights, 4, axis=-1)
    return tf.concat([enter, new, forget, leave], axis=-1)
