"""Accuracy of the default arguments: tasks x candidates x seeds, compared with published results and other libraries.

    TSATTN_DATA=FOLDER python benchmarks/accuracy/accuracy.py [--tasks etth1_96,...] [--candidates attention,...]
        [--seeds 0,1,2] [--quick] [--again] [--table]

Forecasters of tsattn receive only the horizon; the season if it does not follow from the index; and the validation
fraction if the protocol defines one. The test set is used once, after the fit. Peers run in separate environments
(`python benchmarks/peers/environments.py`), with the lookback that tsattn chooses. Training is limited to 300 seconds.
Candidates that do not depend on the seed, and peers, are measured with the seed 0 only.
"""

import pathlib
import sys

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.accuracy import candidates, goals, tasks
from benchmarks.common.runner import Benchmark

FIGURES = ("fit_seconds", "predict_seconds", "epochs", "parameters", "lookback")


def measure(task, candidate, seed):
    """Return scores and figures of one cell."""
    loaded = tasks.load(task)
    forecasts, figures = candidates.measure(candidate, loaded, seed)
    scores = {metric: f"{value:.4f}" for metric, value in loaded.score(forecasts).items()}
    return scores | {name: f"{value:.2f}" if isinstance(value, float) else value for name, value in figures.items()}


BENCHMARK = Benchmark(
    "accuracy",
    axes={
        "tasks": ("task", tasks.TASKS.keys),
        "candidates": ("candidate", candidates.CANDIDATES),
        "seeds": ("seed", (0, 1, 2)),
    },
    figures=(*goals.SCORES, *FIGURES),
    measure=measure,
    quick={"task": "electricity_weekly", "candidate": "attention", "seed": 0},
    exists=lambda cell: cell["seed"] == 0 or cell["candidate"] in candidates.NETWORKS,
    skipped_errors=(MemoryError, candidates.PeerFailedError),
    report=goals.print_tables,
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
