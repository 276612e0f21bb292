"""AirPassengers, the last 12 months held out, default arguments: error, and seconds of the whole process.

    python benchmarks/air_passengers.py

Each row is one process of `tsattn forecast air_passengers --horizon 12`, which fits twice: once without the last 12
months to measure the error, once on everything. Results go to results/air_passengers.csv.
"""

import re
import subprocess
import sys
import time

import results

HORIZON = 12
MODELS = ("seq2seq", "attention", "transformer", "linear", "seasonal_naive")
SEEDS = (0, 1, 2)


def run(model, seed):
    """MASE and seconds of one process."""
    command = [sys.executable, "-m", "tsattn.cli", "forecast", "air_passengers", "--horizon", str(HORIZON)]
    start = time.perf_counter()
    answer = subprocess.run(
        [*command, "--model", model, "--seed", str(seed), "--quiet"], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - start
    return float(re.search(r"^MASE\s+(\S+)", answer.stdout, flags=re.M).group(1)), seconds


def main():
    rows = []
    for model in MODELS:
        for seed in SEEDS if model in MODELS[:3] else SEEDS[:1]:
            mase, seconds = run(model, seed)
            rows.append({"model": model, "seed": seed, "mase": f"{mase:.4f}", "process_seconds": f"{seconds:.1f}"})
            print(f"{model:16} seed {seed}  MASE {mase:.3f}  {seconds:5.1f} s", flush=True)
    results.write("air_passengers", rows)


if __name__ == "__main__":
    main()
