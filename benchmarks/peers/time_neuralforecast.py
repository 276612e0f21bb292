"""neuralforecast: its LSTM and its VanillaTransformer. Its windows have one channel, so several of them correspond to
one window of tsattn."""

import logging

import numpy as np
import pandas as pd
from lightning_trainer import QUIET, Clock
from neuralforecast import NeuralForecast
from neuralforecast.models import LSTM, VanillaTransformer
from shape import CHANNELS, FEED_FORWARD, HEADS, HORIZON, LAYERS, LOOKBACK, UNITS, series, speed, steps_of


def train(model, batch):
    """Train with the given batch size."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    options = {"h": HORIZON, "input_size": LOOKBACK, "max_steps": steps_of(batch), "windows_batch_size": batch}
    options |= {**QUIET, "callbacks": [Clock()], "random_seed": 0, "val_check_steps": 10 * steps_of(batch)}
    if model == "lstm":
        network = LSTM(encoder_hidden_size=UNITS, encoder_n_layers=1, **options)
    else:
        shape = {"hidden_size": UNITS, "n_head": HEADS, "conv_hidden_size": FEED_FORWARD, "encoder_layers": LAYERS}
        network = VanillaTransformer(**shape, decoder_layers=1, **options)
    values = series(batch).T
    ids = np.repeat(np.arange(len(values)), values.shape[1])
    ds = np.tile(np.arange(values.shape[1]), len(values))
    frame = pd.DataFrame({"unique_id": ids, "ds": ds, "y": values.ravel()})

    def measure():
        NeuralForecast(models=[network], freq=1).fit(frame)
        return speed(batch / CHANNELS, Clock.times)

    return measure
