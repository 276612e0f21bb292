"""Time and memory of many fits in one process: of one forecaster, then of new forecasters with other seeds."""

import json
import pathlib
import resource
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np

from benchmarks.common.processes import measure_in_process
from benchmarks.speed import growth
from benchmarks.speed.rows import row

LOOKBACK, REFITS = 96, 30


def rows():
    """Yield the additional memory after the first fit, and the duration of later fits relative to it."""
    for model in growth.MODELS:
        figures = measure_in_process(__file__, model)
        case = f"additional memory of {REFITS} refits, {model}"
        yield row("refits", case, "MB", ours=figures["refits_mb"], goal=("<=", 20))
        case = f"duration of the last relative to the first refit, {model}"
        yield row("refits", case, "x", ours=figures["last_by_second"])
        case = f"additional memory of {REFITS} forecasters with other seeds, {model}"
        yield row("refits", case, "MB", ours=figures["others_mb"])
        case = f"duration relative to the first fit, other seeds, {model}"
        yield row("refits", case, "x", ours=figures["others_by_first"])


def main(model):
    """Print the measurements of this process as JSON."""
    from sklearn.base import clone

    y, forecaster = growth.make_data(series=1, channels=1), growth.build(model, LOOKBACK)

    def seconds(fitted):
        start = time.perf_counter()
        fitted.fit(y)
        return time.perf_counter() - start

    first, before = seconds(forecaster), _memory()
    refits = [seconds(forecaster) for _ in range(REFITS)]
    between = _memory()
    others = [seconds(clone(forecaster).set_params(training__random_state=seed)) for seed in range(1, REFITS + 1)]
    figures = {
        "refits_mb": between - before,
        "last_by_second": refits[-1] / refits[0],
        "others_mb": _memory() - between,
        "others_by_first": float(np.median(others)) / first,
    }
    print(json.dumps(figures))


def _memory():
    """Return the resident memory of this process in MB."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main(sys.argv[1])
