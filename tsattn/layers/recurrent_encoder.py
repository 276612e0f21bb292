"""The recurrent encoder: a stack of LSTMs over the history."""

import keras

from tsattn._utils.validation import check_count
from tsattn.accelerators.lstm import FusedLSTM


@keras.saving.register_keras_serializable(package="tsattn")
class RecurrentEncoder(keras.layers.Layer):
    """A stack of LSTMs that returns every state of the top layer and the last states of all layers.

    Args:
        units: Width of each LSTM.
        layers: Number of stacked LSTMs. Defaults to 1.
        bidirectional: If True, read each sequence in both directions and add the two outputs. Defaults to False.

    Call arguments:
        inputs: Tensor `(batch, steps, width)`.
        mask: Boolean tensor `(batch, steps)`, False for steps to skip. Defaults to None.

    Returns:
        A pair: the memory, which is the states h_1..h_m of the top layer, `(batch, steps, units)`; and the last
        states, a list `[h, c]` of each layer in turn, `2 * layers` tensors `(batch, units)`.

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
        self.bidirectional = bool(bidirectional)
        self.supports_masking = True
        self.stack = [self._recurrent_layer(f"lstm_{place}") for place in range(layers)]

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
        arguments = {"units": self.units, "layers": self.layers, "bidirectional": self.bidirectional}
        return {**super().get_config(), **arguments}

    def _recurrent_layer(self, name):
        # cuDNN supports right-padded masks only.
        lstm = FusedLSTM(self.units, return_sequences=True, return_state=True, use_cudnn=False, name=name)
        return keras.layers.Bidirectional(lstm, merge_mode="sum", name=name) if self.bidirectional else lstm
