"""tsattn: the textbook LSTM encoder-decoder, the Transformer over steps, and forecasts of fitted forecasters.

Only public names are used, so that other commits can also be measured.
"""

import time

import numpy as np
import pandas as pd
from keras_clock import Clock
from shape import CHANNELS, FEED_FORWARD, HEADS, HORIZON, LAYERS, LOOKBACK, UNITS, series, speed, steps_of

import tsattn


def train(model, batch):
    """Train for one epoch with the given batch size, on all channels together, including the creation of windows."""
    options = {"epochs": 1, "batch_size": batch, "batches_per_epoch": steps_of(batch), "validation_fraction": 0.0}
    plain = {"teacher_forcing": 1.0, "average_weights": False}
    training = tsattn.Training(**options, **plain, random_state=0, verbose=0)
    common = {"horizon": HORIZON, "lookback": LOOKBACK, "patch_size": 1, "units": UNITS, "mix_channels": True}
    common |= {"normalization": None, "shortcut": False, "training": training}
    if model == "lstm":
        forecaster = tsattn.Seq2SeqForecaster(**common, embedding=None, decoding="recursive", dropout=0.0)
    else:
        shape = {"heads": HEADS, "layers": LAYERS, "feed_forward": FEED_FORWARD}
        forecaster = tsattn.TransformerForecaster(**common, **shape)
    values = series(batch)
    y = pd.DataFrame(values, pd.date_range("2000", periods=len(values), freq="h"), [f"c{i}" for i in range(CHANNELS)])
    clock = Clock()

    def measure():
        forecaster.fit(y, callbacks=clock)
        return speed(batch, clock.ends)

    return measure


def forecast(values, horizon, lookback, season, repeats, series=1, model="seq2seq"):
    """Forecast one series or many copies of it, pandas in and pandas out."""
    families = {"seq2seq": tsattn.Seq2SeqForecaster, "transformer": tsattn.TransformerForecaster}
    training = tsattn.Training(epochs=1, random_state=0, verbose=0)
    y = pd.Series(values, pd.date_range("1949", periods=len(values), freq="MS")).astype("float32")
    if series > 1:
        y = pd.concat({number: y * (1 + number % 7) for number in range(series)}, names=["id"])
    forecaster = families[model](horizon, lookback=lookback, season=season, fallback=False, training=training).fit(y)

    def measure():
        seconds = []
        for _ in range(repeats):
            start = time.perf_counter()
            forecast = forecaster.predict(y=y)
            seconds.append(time.perf_counter() - start)
        assert len(forecast) == series * horizon and np.isfinite(forecast.to_numpy()).all()
        return {"seconds": seconds}

    return measure
