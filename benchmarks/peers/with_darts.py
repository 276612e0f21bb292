"""darts: its LSTM and its Transformer with default arguments, all channels at once, scaled as in its user guide."""

import time

import numpy as np
from darts import TimeSeries
from darts.dataprocessing.transformers import Scaler
from darts.models import BlockRNNModel, TransformerModel
from lightning_trainer import QUIET


def forecast(task, model, seed, seconds):
    """Return forecasts `(series, windows, horizon, channels)`, and the seconds of the fit and of the forecasts."""
    trainer = {**QUIET, "max_time": {"seconds": seconds}}
    options = {"input_chunk_length": task.lookback, "output_chunk_length": task.horizon}
    options |= {"random_state": seed, "pl_trainer_kwargs": trainer}
    network = BlockRNNModel(model="LSTM", **options) if model == "lstm" else TransformerModel(**options)
    full = [TimeSeries.from_values(values.astype("float32")) for values in task.series]
    train = [series[:steps] for series, steps in zip(full, task.train_steps, strict=True)]
    scaler = Scaler().fit(train)
    start = time.perf_counter()
    network.fit([series for series in scaler.transform(train) if len(series) >= task.lookback + task.horizon])
    fitted = time.perf_counter()
    parts = []
    for place, (series, first) in enumerate(zip(scaler.transform(full), task.first, strict=True)):
        windows = network.historical_forecasts(
            series[first - task.lookback :],
            start=task.lookback,
            start_format="position",
            forecast_horizon=task.horizon,
            stride=task.stride,
            retrain=False,
            last_points_only=False,
        )
        values = scaler.inverse_transform([windows], series_idx=[place])[0]
        parts.append(np.stack([window.values() for window in values]))
    return np.stack(parts), {"fit_seconds": fitted - start, "predict_seconds": time.perf_counter() - fitted}
