"""The plain LSTM encoder-decoder: the past is carried in one fixed state."""

import keras

from tsattn.layers.recurrent import RecurrentDecoder, RecurrentEncoder
from tsattn.networks.patched_body import around


class Seq2SeqCore(keras.layers.Layer):
    """Encodes the patches into the last state (h_m, c_m), and decodes from that alone.

    Recursive: s_t = LSTM(query_t, s_{t-1}) with s_0 = (h_m, c_m). Direct: every step on its own,
    s_t = LSTM(query_t, s_0).

    Args:
        units: Width of the LSTMs.
        decoding: `"direct"` or `"recursive"`.
        layers: LSTMs on top of each other, in the encoder and in the decoder.
        bidirectional: Encode in both directions.

    Reference:
        Sutskever et al., 2014, https://arxiv.org/abs/1409.3215; parallel decoding as in SegRNN,
        Lin et al., 2023, https://arxiv.org/abs/2308.11200.
    """

    def __init__(self, units, decoding, layers, bidirectional, **kwargs):
        super().__init__(**kwargs)
        self.decoding = decoding
        self.encoder = RecurrentEncoder(units, layers, bidirectional, name="encoder")
        self.decoder = RecurrentDecoder(units, layers, name="decoder")

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


def seq2seq(lookback, horizon, channels, skeleton, *, layers=1, bidirectional=False):
    """The seq2seq network, a `ForecastNetwork` around a `Seq2SeqCore`.

    Args:
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
        layers: LSTMs on top of each other. Defaults to 1.
        bidirectional: Encode in both directions. Defaults to False.
    """
    core = Seq2SeqCore(skeleton.units, skeleton.decoding, layers, bidirectional, name="seq2seq")
    return around(core, lookback, horizon, channels, skeleton)
