"""Ablation: the increase of the error when one ingredient of the defaults is removed, for each family.

    TSATTN_DATA=FOLDER python benchmarks/accuracy/ablation.py [--tasks etth1_96,...] [--candidates attention,...]
        [--again] [--table]

The tasks are two of accuracy.py, and the geometric mean over the series of short_series.py. There is one seed, and
training is limited as in accuracy.py. The table shows the change of the error in percent.
"""

import dataclasses
import pathlib
import sys
import time
from collections.abc import Mapping

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np

from benchmarks.accuracy import candidates, goals, short_series, tasks
from benchmarks.common import tables
from benchmarks.common.families import FAMILIES
from benchmarks.common.runner import Benchmark

TASKS = ("electricity_weekly", "etth1_96")
PANELS = ("electricity_weekly",)
CHANNELS = ("etth1_96",)
SHORT = ("short_series",)


@dataclasses.dataclass(frozen=True)
class Change:
    """An ingredient to remove from the defaults.

    Args:
        label: Name in the printed table.
        arguments: Arguments of the forecaster and its training that remove it.
        tasks: Tasks that the ingredient affects.
    """

    label: str
    arguments: Mapping
    tasks: tuple


# Keys are values of the column `without` of the results.
CHANGES = {
    "nothing": Change("nothing", {}, TASKS + SHORT),
    "normalisation of the window": Change("window normalization", {"normalization": None}, TASKS),
    "its division by the deviation": Change("division by the standard deviation", {"normalization": "last"}, PANELS),
    "patches": Change("patches", {"patch_size": 1}, TASKS),
    "decoding in parallel": Change("direct decoding", {"decoding": "recursive"}, TASKS),
    "a network shared by channels": Change("channel independence", {"mix_channels": True}, CHANNELS),
    "the linear shortcut": Change("linear shortcut", {"shortcut": False}, TASKS),
    "the average of the weights": Change("weight averaging", {"training__average_weights": False}, TASKS),
    "dropout": Change("dropout", {"dropout": 0.0}, TASKS),
    "the absolute error": Change("absolute error as the loss", {"training__loss": "mse"}, TASKS),
    "batches by the data": Change("batch size chosen from the data", {"training__batch_size": 64}, TASKS),
    "the decay of the rate": Change("learning rate decay", {"training__decay": 1.0}, TASKS),
    "the choice of the epoch": Change("early stopping", {"training__validation_fraction": 0.0}, TASKS),
    "noise in short histories": Change("input noise", {"training__input_noise": 0.0}, SHORT),
}


def measure(task, family, without, seed):
    """Return the error of one cell."""
    loaded = short_series.load_tasks().values() if task in SHORT else [tasks.load(task)]
    values, seconds, epochs = [], 0.0, 0
    for each in loaded:
        model = candidates.build(family, each, seed).set_params(training__max_seconds=candidates.MAX_SECONDS)
        model.set_params(
            pretrained=False, **CHANGES[without].arguments
        )  # what training gains, ingredient by ingredient
        start = time.perf_counter()
        model.fit(each.train)
        seconds += time.perf_counter() - start
        epochs += len(model.training_history_["loss"])
        scores = each.score(model.predict_windows(each.full, windows=each.windows)[..., 0])
        score = goals.main_score([scores])
        values.append(scores[score])
    figures = {"score": score, "value": f"{np.exp(np.mean(np.log(values))):.4f}", "fit_seconds": f"{seconds:.1f}"}
    return figures | {"epochs": epochs}


def print_changes(rows):
    """Print the error with the defaults, and the percentage change without each ingredient."""
    values = {(row["task"], row["family"], row["without"]): float(row["value"]) for row in rows}
    columns = list(dict.fromkeys((task, family) for task, family, _ in values))
    lines = []
    for without, change in CHANGES.items():
        cells = []
        for column in columns:
            value, default = values.get((*column, without)), values.get((*column, "nothing"))
            if value is None or default is None:
                cells.append("")
            else:
                cells.append(f"{default:.3f}" if without == "nothing" else f"{100 * (value / default - 1):+.1f} %")
        lines.append([change.label, *cells])
    tables.print_table(["without", *(f"{task} {family}" for task, family in columns)], lines)


BENCHMARK = Benchmark(
    "ablation",
    axes={
        "tasks": ("task", TASKS + SHORT),
        "candidates": ("family", FAMILIES.keys),
        "changes": ("without", CHANGES.keys),
        "seeds": ("seed", (0,)),
    },
    figures=("score", "value", "fit_seconds", "epochs"),
    measure=measure,
    quick={"task": "electricity_weekly", "family": "attention", "without": "dropout", "seed": 0},
    exists=lambda cell: cell["task"] in CHANGES[cell["without"]].tasks,
    report=print_changes,
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
