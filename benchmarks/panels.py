"""Two panels of the Monash archive, one network for all their series, default arguments: mean MASE.

    TSATTN_DATA=../shared/data python benchmarks/panels.py [MODEL ...]

The last horizon of each series is held out. Each series' error is divided by that of the seasonal naive forecast
within its history, and the mean is over the series. Results go to results/panels.csv.
"""

import sys
import time

import real_data
import results

import tsattn

# Panel: (horizon, season given to the forecaster, MASE asked for).
TASKS = {"tourism_monthly": (24, None, 1.50), "electricity_weekly": (8, 52, 0.86)}
MODELS = {
    "seasonal_naive": tsattn.SeasonalNaiveForecaster,
    "linear": tsattn.LinearForecaster,
    "seq2seq": tsattn.Seq2SeqForecaster,
    "attention": tsattn.AttentionForecaster,
    "transformer": tsattn.TransformerForecaster,
    "inverted": tsattn.InvertedTransformerForecaster,
}
SEED = 0


def main(models):
    rows = []
    for task, (horizon, season, asked) in TASKS.items():
        y = real_data.read_tsf(f"{task}.tsf")
        held_out = y.groupby(level=0, sort=False).tail(horizon)
        history = y.drop(held_out.index)
        for name in models:
            options = {"horizon": horizon, "season": season}
            if name not in ("seasonal_naive", "linear"):
                options["training"] = tsattn.Training(random_state=SEED, verbose=0)
            start = time.perf_counter()
            mase = -MODELS[name](**options).fit(history).score(held_out)
            seconds = time.perf_counter() - start
            rows.append({"task": task, "model": name, "seed": SEED, "mase": f"{mase:.4f}", "asked": asked})
            rows[-1]["seconds"] = f"{seconds:.1f}"
            print(f"{task:20} {name:16} MASE {mase:.3f} (asked {asked})  {seconds:5.1f} s", flush=True)
    if set(models) == set(MODELS):
        results.write("panels", rows)


if __name__ == "__main__":
    main(sys.argv[1:] or list(MODELS))
