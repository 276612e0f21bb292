"""LSTM training with TensorFlow's fused kernel, equal to `keras.layers.LSTM` up to rounding."""

import keras

from tsattn.accelerators.backend import on_tensorflow_cpu

MIN_STEPS = 32  # with fewer steps the kernel is not faster, and both implementations would be compiled
# The kernel multiplies the inputs by their weights step by step, Keras for all steps at once. With 64 units the kernel
# is hardly faster, with 128 units it takes up to twice as long.
MAX_UNITS = 64
PARALLEL_PARTS = 2  # of a batch: the kernel runs on one core


@keras.saving.register_keras_serializable(package="tsattn")
class FusedLSTM(keras.layers.LSTM):
    """A `keras.layers.LSTM` that uses TensorFlow's fused kernel for training where possible.

    The kernel is used only for training with TensorFlow on a CPU. It requires a forward layer with default activations
    and no dropout, at most 64 units, at least 32 steps, and a batch without masked steps. In all other cases the Keras
    implementation is used.

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
    """Return whether to use the fused kernel for `keras.layers.LSTMCell`s over sequences `(batch, steps, width)`."""
    default_activations, steps = (keras.activations.tanh, keras.activations.sigmoid), sequences.shape[1]
    for cell in cells:
        if cell.units > MAX_UNITS:
            return False
        if cell.dropout or cell.recurrent_dropout or not cell.use_bias or cell.compute_dtype != "float32":
            return False
        if (cell.activation, cell.recurrent_activation) != default_activations:
            return False
    return steps is not None and steps >= MIN_STEPS and on_tensorflow_cpu()


def fused_lstm(cells, sequences, states):
    """Run stacked LSTM cells over sequences with the fused kernel. Call it only if `can_fuse` is True.

    Args:
        cells: List of built `keras.layers.LSTMCell`.
        sequences: Tensor `(batch, steps, width)`.
        states: Initial states, a list `[h, c]` of each cell in turn, tensors `(batch, units)`.

    Returns:
        A pair: every h of the top cell, `(batch, steps, units)`; and the pair of its last h and c.
    """
    for place, cell in enumerate(cells):
        sequences, last = _run_kernel(cell, sequences, *states[2 * place : 2 * place + 2])
    return sequences, last


def _run_kernel(cell, sequences, h, c):
    import tensorflow as tf

    kernel = _kernel_gate_order(tf.concat([cell.kernel, cell.recurrent_kernel], axis=0))
    bias, peephole = _kernel_gate_order(tf.convert_to_tensor(cell.bias)), tf.zeros(cell.units)
    half = tf.shape(sequences)[0] // PARALLEL_PARTS
    parts = []
    for rows in (slice(None, half), slice(half, None)):
        outputs = tf.raw_ops.BlockLSTM(  # BlockLSTMV2 orders the gates differently in the gradient than in the outputs
            seq_len_max=tf.constant(sequences.shape[1], tf.int64),
            x=tf.transpose(sequences[rows], (1, 0, 2)),
            h_prev=h[rows],
            cs_prev=c[rows],
            w=kernel,
            wci=peephole,
            wcf=peephole,
            wco=peephole,
            b=bias,
            forget_bias=0.0,
            cell_clip=-1.0,
        )
        parts.append((outputs.h, outputs.h[-1], outputs.cs[-1]))
    outputs, h, c = (tf.concat(each, axis=axis) for each, axis in zip(zip(*parts, strict=True), (1, 0, 0), strict=True))
    return tf.transpose(outputs, (1, 0, 2)), (h, c)


def _kernel_gate_order(weights):
    """Reorder gates from Keras (input, forget, candidate, output) to the kernel (input, candidate, forget, output)."""
    import tensorflow as tf

    input_gate, forget_gate, candidate, output_gate = tf.split(weights, 4, axis=-1)
    return tf.concat([input_gate, candidate, forget_gate, output_gate], axis=-1)
