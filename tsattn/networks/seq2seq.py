"""The plain LSTM encoder-decoder, which encodes the past in a state of fixed size."""

import keras

from tsattn.layers.recurrent_decoder import RecurrentDecoder
from tsattn.layers.recurrent_encoder import RecurrentEncoder
from tsattn.networks.patched_body import around


class Seq2SeqCore(keras.layers.Layer):
    """Encodes the patches into the last state (h_m, c_m), and decodes from this state alone.

    Recursive decoding: s_t = LSTM(query_t, s_{t-1}) with s_0 = (h_m, c_m). Direct decoding: each step separately,
    s_t = LSTM(query_t, s_0).

    Args:
        skeleton: A `Skeleton`.
        layers, bidirectional: See `tsattn.Seq2SeqForecaster`.

    Reference:
        Sutskever et al., 2014, https://arxiv.org/abs/1409.3215; parallel decoding as in SegRNN, Lin et al., 2023,
        https://arxiv.org/abs/2308.11200.
    """

    def __init__(self, skeleton, *, layers, bidirectional):
        super().__init__(name="seq2seq")
        self.decoding = skeleton.decoding
        self.encoder = RecurrentEncoder(skeleton.units, layers, bidirectional, name="encoder")
        self.decoder = RecurrentDecoder(skeleton.units, layers, name="decoder")

    def build(self, patches_shape, queries_shape):
        self.encoder.build(patches_shape)
        self.decoder.build(queries_shape)

    def call(self, patches, queries, patches_mask=None):
        _, states = self.encoder(patches, mask=patches_mask)
        if self.decoding == "direct":
            return self.decoder.cell.in_parallel(queries, states)
        return self.decoder(queries, states)

    def start(self, patches, steps, patches_mask=None, training=None):
        return self.encoder(patches, mask=patches_mask)[1]

    def step(self, query, states):
        decoded, states = self.decoder.cell(query, states)
        return decoded, None, states

    def compute_output_shape(self, patches_shape, queries_shape):  # without it, Keras traces the call
        return (*queries_shape[:2], self.encoder.units)


def seq2seq(lookback, horizon, channels, skeleton, *, layers=1, bidirectional=False):
    """Build a `ForecastNetwork` around a `Seq2SeqCore`.

    Args:
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
        layers, bidirectional: See `tsattn.Seq2SeqForecaster`.
    """
    core = Seq2SeqCore(skeleton, layers=layers, bidirectional=bidirectional)
    return around(core, lookback, horizon, channels, skeleton)
