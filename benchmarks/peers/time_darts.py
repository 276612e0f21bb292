"""darts: its recurrent block (one LSTM without a decoder), its Transformer, and one forecast of a fitted network."""

import time

import numpy as np
from darts import TimeSeries
from darts.models import BlockRNNModel, TransformerModel
from lightning_trainer import QUIET, Clock
from shape import FEED_FORWARD, HEADS, HORIZON, LAYERS, LOOKBACK, UNITS, series, speed

WINDOW = {"input_chunk_length": LOOKBACK, "output_chunk_length": HORIZON, "n_epochs": 1, "random_state": 0}


def _network(model, clock, **options):
    options |= {**WINDOW, "pl_trainer_kwargs": {**QUIET, "callbacks": [clock]}}
    if model == "lstm":
        return BlockRNNModel("LSTM", hidden_dim=UNITS, n_rnn_layers=1, **options)
    shape = {"d_model": UNITS, "nhead": HEADS, "dim_feedforward": FEED_FORWARD}
    return TransformerModel(**shape, num_encoder_layers=LAYERS, num_decoder_layers=1, **options)


def train(model, batch):
    """Train for one epoch with the given batch size."""
    clock, values = Clock(), TimeSeries.from_values(series(batch))
    network = _network(model, clock, batch_size=batch)

    def measure():
        network.fit(values)
        return speed(batch, clock.times)

    return measure


def forecast(values, horizon, lookback, season, repeats):
    """Forecast one series with a fitted LSTM, pandas in and pandas out."""
    import pandas as pd

    y = pd.Series(values, pd.date_range("1949", periods=len(values), freq="MS")).astype("float32")
    options = {**WINDOW, "input_chunk_length": lookback, "output_chunk_length": horizon}
    network = BlockRNNModel("LSTM", **options, pl_trainer_kwargs=QUIET)
    network.fit(TimeSeries.from_series(y))

    def measure():
        seconds = []
        for _ in range(repeats):
            start = time.perf_counter()
            forecast = network.predict(horizon, series=TimeSeries.from_series(y), verbose=False).to_series()
            seconds.append(time.perf_counter() - start)
        assert np.isfinite(forecast.to_numpy()).all()
        return {"seconds": seconds}

    return measure
