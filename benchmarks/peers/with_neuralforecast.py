"""neuralforecast: its LSTM and its VanillaTransformer with default arguments, one network for all channels.

Its LSTM scales each window. Its Transformer does not, so each series is standardized before training.
"""

import itertools
import logging
import time

import numpy as np
import pandas as pd
from lightning_trainer import QUIET
from neuralforecast import NeuralForecast
from neuralforecast.models import LSTM, VanillaTransformer

MODELS = {"lstm": LSTM, "transformer": VanillaTransformer}


def forecast(task, model, seed, seconds):
    """Return forecasts `(series, windows, horizon, channels)`, and the seconds of the fit and of the forecasts."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    trainer = {**QUIET, "max_time": {"seconds": seconds}}
    series = task.series if model == "lstm" else task.scaled
    channels = series[0].shape[1]
    network = MODELS[model](h=task.horizon, input_size=task.lookback, random_seed=seed, **trainer)
    forecaster = NeuralForecast(models=[network], freq=1)
    start = time.perf_counter()
    forecaster.fit(_long(values[:steps] for values, steps in zip(series, task.train_steps, strict=True)))
    fitted = time.perf_counter()
    long = _long(values[first - task.lookback :] for values, first in zip(series, task.first, strict=True))
    frame = forecaster.cross_validation(long, n_windows=task.windows, step_size=task.stride, use_fitted=True)
    frame = frame.sort_values(["unique_id", "cutoff", "ds"])
    values = frame[type(network).__name__].to_numpy().reshape(-1, channels, task.windows, task.horizon)
    figures = {"fit_seconds": fitted - start, "predict_seconds": time.perf_counter() - fitted}
    forecasts = np.transpose(values, (0, 2, 3, 1))
    return (forecasts if model == "lstm" else task.unscaled(forecasts)), figures


def _long(series):
    parts = []
    for number, values in enumerate(series):
        for channel, steps in zip(itertools.count(), values.T, strict=False):
            name = f"{number:05d}-{channel:03d}"
            parts.append(pd.DataFrame({"unique_id": name, "ds": np.arange(len(steps)), "y": steps}))
    return pd.concat(parts, ignore_index=True)
