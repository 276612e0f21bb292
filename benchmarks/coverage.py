"""Conformal intervals on the embedded weather: coverage and interval score, beside those of the seasonal naive.

    python benchmarks/coverage.py

The first 80 % are learnt from, their last part to stop by and to calibrate on. Then the origin moves through the last
20 % by a horizon at a time; what lies before it is passed as `y`, and calibrates too. Asked: a 90 % interval that
holds 88 to 92 % of the values, with a lower interval (Winkler) score than that of the seasonal naive forecast with
the same calibration. The score is in standard deviations of each channel's first 80 %, so that channels can be
averaged. Results go to results/coverage.csv.
"""

import time

import numpy as np
import results

import tsattn

HORIZON, COVERAGE, SEED, FRACTION = 24, 0.9, 0, 0.2
LEVELS = (0.05, 0.95)


def models():
    training = tsattn.Training(validation_fraction=FRACTION, random_state=SEED, verbose=0)
    common = {"horizon": HORIZON, "calibrate": True}
    yield "seasonal_naive", tsattn.SeasonalNaiveForecaster(**common, validation_fraction=FRACTION)
    yield "linear", tsattn.LinearForecaster(**common, validation_fraction=FRACTION)
    for name, family in (
        ("seq2seq", tsattn.Seq2SeqForecaster),
        ("attention", tsattn.AttentionForecaster),
        ("transformer", tsattn.TransformerForecaster),
    ):
        yield name, family(**common, quantiles=LEVELS, training=training)


def main():
    y = tsattn.load_dataset("weather")
    learn = int(0.8 * len(y))
    scale = y[:learn].std().to_numpy()
    rows = []
    for name, model in models():
        start = time.perf_counter()
        model.fit(y[:learn])
        seconds = time.perf_counter() - start
        held, scores = [], []
        for origin in range(learn, len(y) - HORIZON + 1, HORIZON):
            interval = model.predict_interval(COVERAGE, y=y[:origin])
            actual = y[origin : origin + HORIZON].to_numpy()
            lower, upper = (interval.xs(bound, axis=1, level="bound").to_numpy() for bound in ("lower", "upper"))
            seen = ~np.isnan(actual)
            held.append(((actual >= lower) & (actual <= upper))[seen])
            outside = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
            scores.append(((upper - lower + 2 / (1 - COVERAGE) * outside) / scale)[seen])
        row = {"model": name, "seed": SEED, "coverage": f"{np.concatenate(held).mean():.4f}"}
        rows.append({**row, "interval_score": f"{np.concatenate(scores).mean():.4f}", "origins": len(held)})
        rows[-1]["fit_seconds"] = f"{seconds:.0f}"
        print(*rows[-1].values(), flush=True)
    results.write("coverage", rows)


if __name__ == "__main__":
    main()
