"""Error and run time of the whole process on AirPassengers, with default arguments and the last 12 months held out.

    python benchmarks/accuracy/air_passengers.py

Each row is one process of `tsattn forecast air_passengers --horizon 12`. It fits twice: without the last 12 months to
measure the error, then on all data.
"""

import pathlib
import re
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.common.families import FAMILIES
from benchmarks.common.processes import run_python
from benchmarks.common.runner import Benchmark

HORIZON = 12


def measure(model, seed):
    """Return the MASE and the seconds of one process."""
    command = ("-m", "tsattn.cli", "forecast", "air_passengers", "--horizon", HORIZON, "--model", model)
    start = time.perf_counter()
    output = run_python(*command, "--seed", seed, "--quiet")
    seconds = time.perf_counter() - start
    mase = float(re.search(r"^MASE\s+(\S+)", output, flags=re.M).group(1))
    return {"mase": f"{mase:.4f}", "process_seconds": f"{seconds:.1f}"}


BENCHMARK = Benchmark(
    "air_passengers",
    axes={"candidates": ("model", (*FAMILIES, "linear", "seasonal_naive")), "seeds": ("seed", (0, 1, 2))},
    figures=("mase", "process_seconds"),
    measure=measure,
    quick={"model": "linear", "seed": 0},
    exists=lambda cell: cell["seed"] == 0 or cell["model"] in FAMILIES,
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
