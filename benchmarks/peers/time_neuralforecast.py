"""neuralforecast: its LSTM and its VanillaTransformer. A window of theirs has one channel: ours is several of them."""

import logging
import time

import numpy as np
import pandas as pd
import pytorch_lightning as pl
from neuralforecast import NeuralForecast
from neuralforecast.models import LSTM, VanillaTransformer
from shape import CHANNELS, FEED_FORWARD, HEADS, HORIZON, LAYERS, LOOKBACK, UNITS, series, speed, steps_of

TIMES = []  # of the present training: the network is copied for it, and its callbacks too


class Clock(pl.Callback):
    """The moments at which batches end."""

    def on_train_start(self, trainer, module):
        TIMES.clear()

    def on_train_batch_end(self, trainer, module, outputs, batch, number):
        TIMES.append(time.perf_counter())


def train(model, batch):
    """So many steps on so many windows a batch."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    options = {"h": HORIZON, "input_size": LOOKBACK, "max_steps": steps_of(batch), "windows_batch_size": batch}
    options |= {"accelerator": "cpu", "enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    options |= {"callbacks": [Clock()], "random_seed": 0, "val_check_steps": 10 * steps_of(batch)}
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
        return speed(batch / CHANNELS, TIMES)

    return measure
