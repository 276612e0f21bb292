"""tfts: its Seq2seq and its Transformer with default arguments, trained as in its README, with one channel per window.

Its training neither scales nor shuffles the windows. Here, each series is standardized and the windows are shuffled,
which lowers its error. Training is traced (`run_eagerly=False`), which is faster than the default.
"""

import time

import keras
import numpy as np
from tfts import AutoConfig, AutoModelForForecasting, KerasTrainer

BATCH, EPOCHS, RATE = 32, 30, 7e-4
MAX_WINDOWS = 200_000  # for training: more than can be used in the time limit


class TimeLimit(keras.callbacks.Callback):
    """Stops the training after some seconds."""

    def __init__(self, seconds):
        super().__init__()
        self.end = time.perf_counter() + seconds

    def on_train_batch_end(self, batch, logs=None):
        if time.perf_counter() > self.end:
            self.model.stop_training = True


def forecast(task, model, seed, seconds):
    """Return forecasts `(series, windows, horizon, channels)`, and the seconds of the fit and of the forecasts."""
    keras.utils.set_random_seed(seed)
    scaled = task.scaled
    config = AutoConfig.for_model({"lstm": "seq2seq"}.get(model, model))
    network = AutoModelForForecasting.from_config(config, output_chunk_length=task.horizon)
    windows = np.concatenate(
        [
            _windows(values[:steps], task.lookback + task.horizon)
            for values, steps in zip(scaled, task.train_steps, strict=True)
        ]
    )
    windows = np.random.default_rng(seed).permutation(windows)[:MAX_WINDOWS, :, None]
    start = time.perf_counter()
    KerasTrainer(network).train(
        (windows[:, : task.lookback], windows[:, task.lookback :]),
        optimizer=keras.optimizers.Adam(RATE),
        epochs=EPOCHS,
        batch_size=BATCH,
        callbacks=[TimeLimit(seconds)],
        run_eagerly=False,
        verbose=0,
    )
    fitted = time.perf_counter()
    parts = []
    for values, first in zip(scaled, task.first, strict=True):
        last = values[first - task.lookback : len(values) - task.horizon]
        history = _windows(last, task.lookback, task.stride)[..., None]
        outputs = [network(history[place : place + 1024], training=False) for place in range(0, len(history), 1024)]
        forecasts = np.concatenate([np.asarray(getattr(output, "predictions", output)) for output in outputs])
        forecasts = forecasts[..., 0].reshape(values.shape[1], task.windows, task.horizon)
        parts.append(forecasts.transpose(1, 2, 0))
    figures = {"fit_seconds": fitted - start, "predict_seconds": time.perf_counter() - fitted}
    return task.unscaled(np.stack(parts)), figures


def _windows(values, steps, stride=1):
    """Return windows `(channels x windows, steps)`, float32."""
    if len(values) < steps:
        return np.empty((0, steps), "float32")
    windows = np.lib.stride_tricks.sliding_window_view(values.astype("float32"), steps, axis=0)[::stride]
    return windows.transpose(1, 0, 2).reshape(-1, steps)
