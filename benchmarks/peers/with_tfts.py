"""tfts: its Seq2seq and its Transformer with default arguments, trained as its README does, a window of a channel each.

Its training takes windows, neither scaled nor shuffled: here they are, series by series, which helps it. It is traced
(`run_eagerly=False`), which is faster than its default.
"""

import time

import keras
import numpy as np
from tfts import AutoConfig, AutoModelForForecasting, KerasTrainer

BATCH, EPOCHS, RATE = 32, 30, 7e-4
MOST = 200_000  # windows to train on: more than it gets through


class Until(keras.callbacks.Callback):
    """Stops after so many seconds."""

    def __init__(self, seconds):
        super().__init__()
        self.end = time.perf_counter() + seconds

    def on_train_batch_end(self, batch, logs=None):
        if time.perf_counter() > self.end:
            self.model.stop_training = True


def forecast(task, model, seed, seconds):
    """Forecasts `(series, windows, horizon, channels)`, and the seconds of the fit and of the forecasts."""
    keras.utils.set_random_seed(seed)
    scaled = task.scaled
    config = AutoConfig.for_model({"lstm": "seq2seq"}.get(model, model))
    network = AutoModelForForecasting.from_config(config, output_chunk_length=task.horizon)
    windows = np.concatenate(
        [_cut(values[:steps], task.lookback + task.horizon) for values, steps in zip(scaled, task.learn, strict=True)]
    )
    windows = np.random.default_rng(seed).permutation(windows)[:MOST, :, None]
    start = time.perf_counter()
    KerasTrainer(network).train(
        (windows[:, : task.lookback], windows[:, task.lookback :]),
        optimizer=keras.optimizers.Adam(RATE),
        epochs=EPOCHS,
        batch_size=BATCH,
        callbacks=[Until(seconds)],
        run_eagerly=False,
        verbose=0,
    )
    fitted = time.perf_counter()
    parts = []
    for values, first in zip(scaled, task.first, strict=True):
        last = values[first - task.lookback : len(values) - task.horizon]
        history = _cut(last, task.lookback, task.stride)[..., None]
        outputs = [network(history[place : place + 1024], training=False) for place in range(0, len(history), 1024)]
        forecasts = np.concatenate([np.asarray(getattr(output, "predictions", output)) for output in outputs])
        forecasts = forecasts[..., 0].reshape(values.shape[1], task.windows, task.horizon)
        parts.append(forecasts.transpose(1, 2, 0))
    figures = {"fit_seconds": fitted - start, "predict_seconds": time.perf_counter() - fitted}
    return task.unscaled(np.stack(parts)), figures


def _cut(values, steps, stride=1):
    """Windows of so many steps, `(channels x windows, steps)`, float32."""
    if len(values) < steps:
        return np.empty((0, steps), "float32")
    windows = np.lib.stride_tricks.sliding_window_view(values.astype("float32"), steps, axis=0)[::stride]
    return windows.transpose(1, 0, 2).reshape(-1, steps)
