"""The LSTM encoder-decoder with attention: each decoded step attends to the encoder states."""

import keras
from keras import ops

from tsattn._utils.validation import check_choice
from tsattn.layers.recurrent_decoder import RecurrentDecoder
from tsattn.layers.recurrent_encoder import RecurrentEncoder
from tsattn.layers.temporal_attention import SCORES, TemporalAttention
from tsattn.networks.patched_body import around


class AttentionCore(keras.layers.Layer):
    """Encodes the patches into states h_1..h_m, and attends to them in each decoded step.

    Recursive decoding, as in Bahdanau et al.: the context of step t is computed from s_{t-1}, and s_t = LSTM([query_t ;
    context_t], s_{t-1}) with s_0 = h_m. Direct decoding, where every step starts from s_0, as in Luong et al.: s_t =
    LSTM(query_t, s_0), and the context is computed from s_t. The decoded step is [s_t ; context_t] in both.

    Args:
        skeleton: A `Skeleton`.
        attention_score, layers, bidirectional: See `tsattn.AttentionForecaster`.

    Reference:
        Bahdanau et al., 2015, https://arxiv.org/abs/1409.0473;
        Luong et al., 2015, https://arxiv.org/abs/1508.04025.
    """

    attention_shape = (1, 1)

    def __init__(self, skeleton, *, attention_score, layers, bidirectional):
        super().__init__(name="attention")
        units, score = skeleton.units, check_choice("attention_score", attention_score, SCORES)
        self.decoding = skeleton.decoding
        self.encoder = RecurrentEncoder(units, layers, bidirectional, name="encoder")
        self.decoder = RecurrentDecoder(units, layers, score if self.decoding == "recursive" else None, name="decoder")
        if self.decoding == "direct":
            self.attention = TemporalAttention(units, score, name="attention")

    def build(self, patches_shape, queries_shape):
        self.encoder.build(patches_shape)
        self.decoder.build(queries_shape)
        if self.decoding == "direct":
            units = self.encoder.units
            self.attention.build((*queries_shape[:2], units), (*patches_shape[:2], units))

    def call(self, patches, queries, patches_mask=None):
        return self.attend(patches, queries, patches_mask)[0]

    def attend(self, patches, queries, patches_mask=None, training=None):
        memory, states = self.encoder(patches, mask=patches_mask)
        if self.decoding == "direct":
            state = self.decoder.cell.in_parallel(queries, states)
            context, weights = self.attention(state, memory, memory_mask=patches_mask)
        else:
            state, context, weights = self.decoder(queries, states, memory, memory_mask=patches_mask)
        return ops.concatenate([state, context], axis=-1), weights[:, None, None]

    def start(self, patches, steps, patches_mask=None, training=None):
        memory, states = self.encoder(patches, mask=patches_mask)
        return [*states, *self.decoder.cell.memory_states(memory, patches_mask)]

    def step(self, query, states):
        outputs, states = self.decoder.cell(query, states)
        state, context, weights = self.decoder.cell.split(outputs)
        return ops.concatenate([state, context], axis=-1), weights[:, None, None], states

    def compute_output_shape(self, patches_shape, queries_shape):  # without it, Keras traces the call
        return (*queries_shape[:2], 2 * self.encoder.units)


def attention(lookback, horizon, channels, skeleton, *, attention_score="additive", layers=1, bidirectional=False):
    """Build a `ForecastNetwork` around an `AttentionCore`.

    Args:
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
        attention_score, layers, bidirectional: See `tsattn.AttentionForecaster`.
    """
    core = AttentionCore(skeleton, attention_score=attention_score, layers=layers, bidirectional=bidirectional)
    return around(core, lookback, horizon, channels, skeleton)
