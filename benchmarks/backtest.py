"""Seconds of `backtest` of a fitted forecaster over 200 origins, beside one batched forecast of the same windows.

    python benchmarks/backtest.py

Both in one run, seven times each in turn, after a first time that is not counted. Asked: less than twice as long.
Results go to results/backtest.csv.
"""

import statistics
import time

import results

import tsattn

HORIZON, WINDOWS, TIMES, SEED = 24, 200, 7, 0


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main():
    y = tsattn.load_dataset("weather")[["JFK_temp", "LGA_temp"]][-3000:]
    training = tsattn.Training(epochs=1, random_state=SEED, verbose=0)
    rows = []
    for name, family in (("seq2seq", tsattn.Seq2SeqForecaster), ("transformer", tsattn.TransformerForecaster)):
        model = family(horizon=HORIZON, fallback=False, training=training).fit(y[:-500])
        calls = {
            "backtest": lambda model=model: tsattn.backtest(model, y, windows=WINDOWS, stride=1, refit="never"),
            "batched": lambda model=model: model.predict_windows(y, windows=WINDOWS),
        }
        taken = {what: [] for what in calls}
        for _ in range(TIMES + 1):
            for what, call in calls.items():
                taken[what].append(seconds(call))
        medians = {what: statistics.median(times[1:]) for what, times in taken.items()}
        ratio = medians["backtest"] / medians["batched"]
        row = {"model": name, "origins": WINDOWS, **{f"{what}_seconds": f"{s:.4f}" for what, s in medians.items()}}
        rows.append({**row, "ratio": f"{ratio:.2f}"})
        print(*rows[-1].values(), flush=True)
    results.write("backtest", rows)


if __name__ == "__main__":
    main()
