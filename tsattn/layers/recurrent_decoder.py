"""The recurrent decoder: an LSTM over known inputs, with or without attention, and its cell for single steps."""

import keras
from keras import ops

from tsattn._utils.validation import check_count
from tsattn.accelerators.lstm import can_fuse, fused_lstm
from tsattn.layers.temporal_attention import TemporalAttention


@keras.saving.register_keras_serializable(package="tsattn")
class DecoderCell(keras.layers.Layer):
    """One step of an LSTM decoder as a Keras cell, with or without attention.

    `RecurrentDecoder` runs it over a sequence of inputs.

    With a `score` and encoder states h_1..h_m, step t computes

        alpha_{t,i} = softmax_i(score(h_i, s_{t-1}))
        context_t   = sum_i alpha_{t,i} h_i
        s_t         = LSTM([x'_t ; context_t], s_{t-1})

    Its output is `[s_t ; context_t ; alpha_t]`; use `split` to separate the parts. With `score=None` it is the plain
    decoder of seq2seq, `s_t = LSTM(x'_t, s_{t-1})`, and its output is `s_t`: it receives the past only through the
    initial states.

    Args:
        units: Width of the state and of the memory.
        layers: Number of stacked LSTM cells; s is the state of the top one. Defaults to 1.
        score: A score of `TemporalAttention`, or None for no attention. Defaults to None.

    Call arguments:
        inputs: x'_t, tensor `(batch, width)`.
        states: List `[h, c]` of each layer in turn; with attention followed by the list from `memory_states`.

    Returns:
        A pair: the output `(batch, output width)` and the list of new states.

    Reference:
        Bahdanau et al., 2015, https://arxiv.org/abs/1409.0473;
        Sutskever et al., 2014, https://arxiv.org/abs/1409.3215.

    Example:

    >>> import numpy as np
    >>> from tsattn.layers import RecurrentEncoder
    >>> memory, states = RecurrentEncoder(8)(np.ones((2, 5, 3)))
    >>> cell = DecoderCell(8, score="additive")
    >>> cell.build((2, 3))
    >>> output, states = cell(np.ones((2, 3)), [*states, *cell.memory_states(memory)])
    >>> state, context, weights = cell.split(output)
    >>> tuple(state.shape), tuple(context.shape), tuple(weights.shape)
    ((2, 8), (2, 8), (2, 5))
    """

    def __init__(self, units, layers=1, score=None, **kwargs):
        super().__init__(**kwargs)
        self.units = check_count("units", units)
        self.layers = check_count("layers", layers)
        self.score = score
        self.cells = [keras.layers.LSTMCell(units, name=f"lstm_{place}") for place in range(layers)]
        self.attention = None if score is None else TemporalAttention(units, score, name="attention")
        # `keras.layers.RNN` only uses the number of sizes. The sizes of the memory states are unknown here.
        self.state_size = [units] * (2 * layers) + ([] if score is None else [units, units, 1])

    def build(self, inputs_shape, states_shape=None):
        width = inputs_shape[-1]
        if self.attention is not None:
            memory_shape = (inputs_shape[0], None, self.units)
            self.attention.build((inputs_shape[0], 1, self.units), memory_shape)
            width += self.units
        for cell in self.cells:
            cell.build((inputs_shape[0], width))
            width = self.units

    def call(self, inputs, states):
        recurrent, memory_states = list(states[: 2 * self.layers]), list(states[2 * self.layers :])
        attended = []
        if self.attention is not None:
            memory, keys, visible = memory_states
            context, weights = self.attention.attend(
                ops.expand_dims(recurrent[-2], 1), memory, keys, ops.greater(visible, 0)
            )
            attended = [context[:, 0], weights[:, 0]]
            inputs = ops.concatenate([inputs, attended[0]], axis=-1)
        new_states = []
        for layer, cell in enumerate(self.cells):
            inputs, cell_states = cell(inputs, recurrent[2 * layer : 2 * layer + 2])
            new_states.extend(cell_states)
        return ops.concatenate([inputs, *attended], axis=-1), [*new_states, *memory_states]

    def memory_states(self, memory, mask=None):
        """Return the memory, its keys and its mask as a list of states for the cell.

        Args:
            memory: Tensor `(batch, memory steps, units)`.
            mask: Boolean tensor `(batch, memory steps)`, True for visible steps. Defaults to None.
        """
        visible = ops.ones_like(memory[:, :, 0]) if mask is None else ops.cast(mask, memory.dtype)
        return [memory, self.attention.keys(memory), visible]

    def split(self, outputs):
        """Split the outputs `(..., output width)` of a cell with attention into state, context and weights."""
        units = self.units
        return outputs[..., :units], outputs[..., units : 2 * units], outputs[..., 2 * units :]

    def in_parallel(self, inputs, states):
        """Compute one step for each of several inputs, all from the same states. Without attention only.

        Args:
            inputs: Tensor `(batch, steps, width)`.
            states: List `[h, c]` of each layer in turn.

        Returns:
            The states of the top layer, `(batch, steps, units)`.
        """
        for layer, cell in enumerate(self.cells):
            inputs = _parallel_lstm_steps(cell, inputs, *states[2 * layer : 2 * layer + 2])
        return inputs

    def compute_output_shape(self, inputs_shape, states_shape):
        width = self.units if self.attention is None else 2 * self.units + states_shape[-1][1]
        return (inputs_shape[0], width), [tuple(shape) for shape in states_shape]

    def get_config(self):
        return {**super().get_config(), "units": self.units, "layers": self.layers, "score": self.score}


def _parallel_lstm_steps(cell, inputs, h, c):
    """Return the new h `(batch, steps, units)` of a `keras.layers.LSTMCell` for each input, all from one state."""
    from_state = ops.matmul(h, cell.recurrent_kernel) + cell.bias  # the same for all inputs
    gates = ops.matmul(inputs, cell.kernel) + from_state[:, None]
    input_gate, forget_gate, candidate, output_gate = ops.split(gates, 4, axis=-1)
    c = ops.sigmoid(forget_gate) * c[:, None] + ops.sigmoid(input_gate) * ops.tanh(candidate)
    return ops.sigmoid(output_gate) * ops.tanh(c)


@keras.saving.register_keras_serializable(package="tsattn")
class RecurrentDecoder(keras.layers.Layer):
    """An LSTM decoder over a sequence of known inputs, with or without attention.

    See `DecoderCell` for the equations.

    Args:
        units: Width of the state and of the memory.
        layers: Number of stacked LSTM cells. Defaults to 1.
        score: A score of `TemporalAttention`, or None for no attention. Defaults to None.

    Call arguments:
        inputs: x'_1..x'_T, tensor `(batch, steps, width)`.
        states: List `[h, c]` of each layer in turn, as returned by `RecurrentEncoder`.
        memory: With attention, the encoder states `(batch, memory steps, units)`. Defaults to None.
        memory_mask: Boolean tensor `(batch, memory steps)`, True for visible steps. Pass it by keyword. Defaults to
            None.

    Returns:
        The states s_1..s_T of the top layer, `(batch, steps, units)`. With attention a triple of the states, the
        contexts `(batch, steps, units)` and the weights `(batch, steps, memory steps)`.

    Example:

    >>> import numpy as np
    >>> from tsattn.layers import RecurrentEncoder
    >>> memory, states = RecurrentEncoder(8)(np.ones((2, 5, 3)))
    >>> state, context, weights = RecurrentDecoder(8, score="dot")(np.ones((2, 4, 3)), states, memory)
    >>> tuple(weights.shape)
    (2, 4, 5)
    """

    def __init__(self, units, layers=1, score=None, **kwargs):
        super().__init__(**kwargs)
        self.cell = DecoderCell(units, layers, score, name="cell")
        self.loop = keras.layers.RNN(self.cell, return_sequences=True, name="loop")

    def build(self, inputs_shape, states_shape=None, memory_shape=None):
        self.loop.build(inputs_shape)

    def call(self, inputs, states, memory=None, memory_mask=None, training=None):
        if self.cell.attention is None:
            if training and can_fuse(self.cell.cells, inputs):
                return fused_lstm(self.cell.cells, inputs, states)[0]
            return self.loop(inputs, initial_state=list(states))
        memory_states = self.cell.memory_states(memory, memory_mask)
        return self.cell.split(self.loop(inputs, initial_state=[*states, *memory_states]))

    def compute_output_shape(self, inputs_shape, states_shape=None, memory_shape=None):
        state = (*inputs_shape[:2], self.cell.units)
        return state if self.cell.attention is None else (state, state, (*inputs_shape[:2], memory_shape[1]))

    def get_config(self):
        cell = self.cell
        return {**super().get_config(), "units": cell.units, "layers": cell.layers, "score": cell.score}
