"""Nord Pool's hourly price with and without the forecasts of load and wind that are known in advance.

    TSATTN_DATA=../shared/data python benchmarks/covariates.py [MODEL ...]

Lookback 168, horizon 24; the first 70 % to learn from, 10 % to stop by, 20 % to test on, all windows, stride 1. MSE
and MAE of the price in standard deviations of the first 70 %. Results go to results/covariates.csv.
"""

import sys
import time

import numpy as np
import pandas as pd
import real_data
import results

import tsattn

LOOKBACK, HORIZON, SEED = 168, 24, 0
MODELS = {
    "seq2seq": tsattn.Seq2SeqForecaster,
    "attention": tsattn.AttentionForecaster,
    "transformer": tsattn.TransformerForecaster,
}


def read():
    """The price, and the covariates of the same hours."""
    frame = pd.read_csv(real_data.path_of("EPF-NP.csv"), skipinitialspace=True)
    frame = frame.set_index(pd.DatetimeIndex(frame.pop("date"), freq="h"))
    return frame.pop("OT"), frame


def errors(model, y, covariates, first, scale):
    """MSE and MAE over all windows whose target begins at row `first` or later, and how many there are."""
    windows = len(y) - HORIZON + 1 - first
    forecasts = model.predict_windows(y, covariates, windows=windows)[0, :, :, 0, 0]
    actual = np.lib.stride_tricks.sliding_window_view(y.to_numpy()[first:], HORIZON)
    error = (forecasts - actual) / scale
    return np.mean(error**2), np.mean(np.abs(error)), windows


def main(models):
    y, covariates = read()
    learn, test = int(0.7 * len(y)), len(y) - int(0.2 * len(y))
    scale = y[:learn].std(ddof=0)
    rows = []
    for name in models:
        for beside in (None, covariates):
            training = tsattn.Training(validation_fraction=(test - learn) / test, random_state=SEED, verbose=0)
            model = MODELS[name](horizon=HORIZON, lookback=LOOKBACK, training=training)
            start = time.perf_counter()
            model.fit(y[:test], None if beside is None else beside[:test])
            seconds = time.perf_counter() - start
            mse, mae, windows = errors(model, y, beside, test, scale)
            row = {"model": name, "covariates": "none" if beside is None else "load and wind forecasts", "seed": SEED}
            rows.append({**row, "mse": f"{mse:.4f}", "mae": f"{mae:.4f}", "windows": windows})
            rows[-1]["fit_seconds"] = f"{seconds:.0f}"
            print(*rows[-1].values(), f"({time.perf_counter() - start:.0f} s with {windows} forecasts)", flush=True)
    if set(models) == set(MODELS):
        results.write("covariates", rows)


if __name__ == "__main__":
    main(sys.argv[1:] or list(MODELS))
