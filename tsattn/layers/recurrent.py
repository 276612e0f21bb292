"""The recurrent encoder and the decoder cell, with attention or without."""

import keras
from keras import ops

from tsattn._utils.validation import check_count
from tsattn.accelerators.lstm import FusedLSTM, can_fuse, fused_lstm
from tsattn.layers.attention import TemporalAttention


@keras.saving.register_keras_serializable(package="tsattn")
class RecurrentEncoder(keras.layers.Layer):
    """A stack of LSTMs that gives every state of the top layer and the last states of all.

    Args:
        units: Width of each LSTM.
        layers: LSTMs on top of each other. Defaults to 1.
        bidirectional: Read each sequence in both directions and add the two. Defaults to False.

    Call arguments:
        inputs: Tensor `(batch, steps, width)`.
        mask: Boolean tensor `(batch, steps)`, False where a step is to be skipped.

    Returns:
        A pair: the memory, the top layer's states h_1..h_m, `(batch, steps, units)`; and the last
        states `[h, c]` of each layer in turn, a list of `2 * layers` tensors `(batch, units)`.

    Reference:
        Sutskever et al., 2014, https://arxiv.org/abs/1409.3215.

    Example:

    >>> import numpy as np
    >>> memory, states = RecurrentEncoder(8, layers=2)(np.ones((2, 5, 3)))
    >>> tuple(memory.shape), len(states)
    ((2, 5, 8), 4)
    """

    def __init__(self, units, layers=1, bidirectional=False, **kwargs):
        super().__init__(**kwargs)
        self.units = check_count("units", units)
        self.layers = check_count("layers", layers)
        self.bidirectional = bidirectional
        self.supports_masking = True
        self.stack = [self._recurrent(f"lstm_{i}") for i in range(layers)]

    def _recurrent(self, name):
        # cuDNN takes no mask with holes or with the gap in front.
        lstm = FusedLSTM(self.units, return_sequences=True, return_state=True, use_cudnn=False, name=name)
        return keras.layers.Bidirectional(lstm, merge_mode="sum", name=name) if self.bidirectional else lstm

    def build(self, inputs_shape):
        for layer in self.stack:
            layer.build(inputs_shape)
            inputs_shape = (*inputs_shape[:2], self.units)

    def call(self, inputs, mask=None):
        memory, states = inputs, []
        for layer in self.stack:
            memory, *last = layer(memory, mask=mask)
            if self.bidirectional:
                forward_h, forward_c, backward_h, backward_c = last
                last = [forward_h + backward_h, forward_c + backward_c]
            states.extend(last)
        return memory, states

    def compute_output_shape(self, inputs_shape):
        batch, steps, _ = inputs_shape
        return (batch, steps, self.units), [(batch, self.units)] * (2 * self.layers)

    def get_config(self):
        own = {"units": self.units, "layers": self.layers, "bidirectional": self.bidirectional}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="tsattn")
class DecoderCell(keras.layers.Layer):
    """One step of an LSTM decoder as a Keras cell: with attention or without.

    `RecurrentDecoder` runs it over a sequence of inputs.

    With a `score`, and with encoder states h_1..h_m, step t computes

        alpha_{t,i} = softmax_i(score(h_i, s_{t-1}))
        context_t   = sum_i alpha_{t,i} h_i
        s_t         = LSTM([x'_t ; context_t], s_{t-1})

    and its output is `[s_t ; context_t ; alpha_t]`, which `split` takes apart. Without one
    (`score=None`) it is the plain decoder of seq2seq, `s_t = LSTM(x'_t, s_{t-1})`, and its output
    is `s_t`: it sees the past only through the states that it starts from.

    Args:
        units: Width of the state, and of the memory that is attended to.
        layers: LSTM cells on top of each other; s is the state of the top one. Defaults to 1.
        score: None, or a score of `TemporalAttention`. Defaults to None.

    Call arguments:
        inputs: x'_t, tensor `(batch, width)`.
        states: List `[h, c]` of each layer in turn; with attention followed by what
            `memory_states` gives.

    Returns:
        A pair: the output `(batch, output width)` and the list of new states.

    Reference:
        Bahdanau et al., 2015, https://arxiv.org/abs/1409.0473; Sutskever et al., 2014,
        https://arxiv.org/abs/1409.3215.

    Example:

    >>> import numpy as np
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
        self.cells = [keras.layers.LSTMCell(units, name=f"lstm_{i}") for i in range(layers)]
        self.attention = None if score is None else TemporalAttention(units, score, name="attention")
        # The widths of the memory's states are not known to a cell; RNN reads only their number.
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

    def memory_states(self, memory, mask=None):
        """The states that carry a memory `(batch, steps, units)` along: itself, its keys, its mask.

        Args:
            memory: Tensor `(batch, memory steps, units)`.
            mask: Boolean tensor `(batch, memory steps)`, True where a step may be seen.
        """
        visible = ops.ones_like(memory[:, :, 0]) if mask is None else ops.cast(mask, memory.dtype)
        return [memory, self.attention.keys(memory), visible]

    def call(self, inputs, states):
        recurrent, memory_states = list(states[: 2 * self.layers]), list(states[2 * self.layers :])
        extra = []
        if self.attention is not None:
            memory, keys, visible = memory_states
            context, weights = self.attention.attend(
                ops.expand_dims(recurrent[-2], 1), memory, keys, ops.greater(visible, 0)
            )
            extra = [context[:, 0], weights[:, 0]]
            inputs = ops.concatenate([inputs, extra[0]], axis=-1)
        new_states = []
        for layer, cell in enumerate(self.cells):
            inputs, cell_states = cell(inputs, recurrent[2 * layer : 2 * layer + 2])
            new_states.extend(cell_states)
        return ops.concatenate([inputs, *extra], axis=-1), [*new_states, *memory_states]

    def in_parallel(self, inputs, states):
        """One step for each of many inputs on its own, all from the same states; only without attention.

        Args:
            inputs: Tensor `(batch, steps, width)`.
            states: List `[h, c]` of each layer in turn.

        Returns:
            The states of the top layer, `(batch, steps, units)`.
        """
        for layer, cell in enumerate(self.cells):
            h, c = states[2 * layer : 2 * layer + 2]
            # What the states add to the gates is computed once for all inputs.
            from_state = ops.matmul(h, cell.recurrent_kernel) + cell.bias
            gates = ops.matmul(inputs, cell.kernel) + from_state[:, None]
            enter, forget, new, leave = ops.split(gates, 4, axis=-1)
            c = ops.sigmoid(forget) * c[:, None] + ops.sigmoid(enter) * ops.tanh(new)
            inputs = ops.sigmoid(leave) * ops.tanh(c)
        return inputs

    def compute_output_shape(self, inputs_shape, states_shape):
        width = self.units if self.attention is None else 2 * self.units + states_shape[-1][1]
        return (inputs_shape[0], width), [tuple(shape) for shape in states_shape]

    def split(self, outputs):
        """State, context and weights from the outputs `(..., output width)` of a cell with attention."""
        units = self.units
        return outputs[..., :units], outputs[..., units : 2 * units], outputs[..., 2 * units :]

    def get_config(self):
        return {**super().get_config(), "units": self.units, "layers": self.layers, "score": self.score}


@keras.saving.register_keras_serializable(package="tsattn")
class RecurrentDecoder(keras.layers.Layer):
    """An LSTM decoder over a sequence of known inputs: with attention or without.

    Args:
        units: Width of the state, and of the memory that is attended to.
        layers: LSTM cells on top of each other. Defaults to 1.
        score: None, or a score of `TemporalAttention`. Defaults to None.

    Call arguments:
        inputs: x'_1..x'_T, tensor `(batch, steps, width)`.
        states: List `[h, c]` of each layer in turn, as `RecurrentEncoder` gives them.
        memory: With attention, the encoder's states `(batch, memory steps, units)`.
        memory_mask: Boolean `(batch, memory steps)`, True where a step may be seen; to be passed by its name.

    Returns:
        The states s_1..s_T of the top layer, `(batch, steps, units)`; with attention a triple of these, the contexts
        `(batch, steps, units)` and the weights `(batch, steps, memory steps)`. The equations: see `DecoderCell`.

    Example:

    >>> import numpy as np
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
