"""tfts: its Seq2seq with an LSTM and its Transformer, trained eagerly, which is the default of its trainer."""

import keras
import numpy as np
from keras_clock import Clock
from shape import FEED_FORWARD, HEADS, HORIZON, LAYERS, LOOKBACK, UNITS, series, speed
from tfts import AutoConfig, AutoModelForForecasting, KerasTrainer


def train(model, batch):
    """Train for one epoch with the given batch size. All channels are inputs; the first one is forecast."""
    config = AutoConfig.for_model({"lstm": "seq2seq"}.get(model, model))
    shape = {"rnn_type": "lstm", "rnn_hidden_size": UNITS, "dense_hidden_size": UNITS}
    if model != "lstm":
        shape = {"hidden_size": UNITS, "num_layers": LAYERS, "num_decoder_layers": 1, "num_attention_heads": HEADS}
        shape |= {"num_kv_heads": HEADS, "ffn_intermediate_size": FEED_FORWARD}
    for name, value in shape.items():
        if not hasattr(config, name):
            raise AttributeError(f"The configuration of {model} does not have the attribute {name}.")
        setattr(config, name, value)
    network = AutoModelForForecasting.from_config(config, output_chunk_length=HORIZON)
    windows = np.lib.stride_tricks.sliding_window_view(series(batch), LOOKBACK + HORIZON, axis=0).transpose(0, 2, 1)
    data = (np.ascontiguousarray(windows[:, :LOOKBACK]), np.ascontiguousarray(windows[:, LOOKBACK:, :1]))
    clock, options = Clock(), {"epochs": 1, "batch_size": batch, "verbose": 0}

    def measure():
        KerasTrainer(network).train(data, optimizer=keras.optimizers.Adam(), callbacks=[clock], **options)
        return speed(batch, clock.ends)

    return measure
