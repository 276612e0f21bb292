"""What each ingredient of the defaults is worth: each taken away alone, for each family.

    TSATTN_DATA=../shared/data python benchmarks/ablation.py [--tasks etth1_96,...] [--families attention,...]
        [--again] [--table]

Of tasks of accuracy.py, and of the series of short_series.py as one task, the geometric mean; by one seed. Training
lasts at most as long as there. Every cell goes to results/ablation.csv when it ends, and a run goes on after those that
are there; --table prints the change of the error in percent by each change: what it raises the error by is what the
ingredient is worth.
"""

import argparse
import time

import accuracy
import accuracy_table
import numpy as np
import results
import short_series
import tasks
from tqdm import tqdm

NAME, SEED = "ablation", 0
KEY = ("task", "family", "without", "seed")
TASKS = ("electricity_weekly", "etth1_96")
PANELS = ("electricity_weekly",)
CHANNELS = ("etth1_96",)
SHORT = ("short_series",)
# What is taken away: arguments of the forecaster and its training, and the tasks where that changes anything.
CHANGES = {
    "nothing": ({}, TASKS + SHORT),
    "normalisation of the window": ({"normalization": None}, TASKS),
    "its division by the deviation": ({"normalization": "last"}, PANELS),
    "patches": ({"patch_size": 1}, TASKS),
    "decoding in parallel": ({"decoding": "recursive"}, TASKS),
    "a network shared by channels": ({"mix_channels": True}, CHANNELS),
    "the linear shortcut": ({"shortcut": False}, TASKS),
    "the average of the weights": ({"training__average_weights": False}, TASKS),
    "dropout": ({"dropout": 0.0}, TASKS),
    "the absolute error": ({"training__loss": "mse"}, TASKS),
    "batches by the data": ({"training__batch_size": 64}, TASKS),
    "the decay of the rate": ({"training__decay": 1.0}, TASKS),
    "the choice of the epoch": ({"training__validation_fraction": 0.0}, TASKS),
    "noise in short histories": ({"training__input_noise": 0.0}, SHORT),
}


def measure(name, family, change):
    """The row of a cell."""
    every = dict(short_series.every()).values() if name in SHORT else [tasks.load(name)]
    values, seconds, epochs = [], 0.0, 0
    for task in every:
        model = accuracy.forecaster_of(family, task, SEED).set_params(training__max_seconds=accuracy.MOST_SECONDS)
        model.set_params(**CHANGES[change][0])
        start = time.perf_counter()
        model.fit(task.learn)
        seconds += time.perf_counter() - start
        epochs += len(model.training_history_["loss"])
        scores = task.score(model.predict_windows(task.whole, windows=task.windows)[..., 0])
        score = accuracy_table.judged_by([scores])
        values.append(scores[score])
    row = dict(zip(KEY, (name, family, change, SEED), strict=True))
    row |= {"score": score, "value": f"{np.exp(np.mean(np.log(values))):.4f}", "fit_seconds": f"{seconds:.1f}"}
    return row | {"epochs": epochs}


def print_from(rows):
    """Print the table as Markdown: the error, and by how many percent each change raises it."""
    values = {tuple(row[column] for column in KEY[:3]): float(row["value"]) for row in rows}
    columns = list(dict.fromkeys((task, family) for task, family, _ in values))
    print(
        f"\n| without | {' | '.join(f'{task} {family}' for task, family in columns)} |\n|{'---|' * (len(columns) + 1)}"
    )
    for change in CHANGES:
        texts = []
        for column in columns:
            value, whole = values.get((*column, change)), values.get((*column, "nothing"))
            if value is None or whole is None:
                texts.append("")
            else:
                texts.append(f"{whole:.3f}" if change == "nothing" else f"{100 * (value / whole - 1):+.1f} %")
        print(f"| {change} | {' | '.join(texts)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = {"tasks": TASKS + SHORT, "families": accuracy_table.FAMILIES}
    for name, values in every.items():
        parser.add_argument(f"--{name}", type=lambda text: text.split(","), default=values)
    for name in ("again", "table"):
        parser.add_argument(f"--{name}", action="store_true")
    asked = parser.parse_args()
    for name, values in every.items():
        if unknown := set(getattr(asked, name)) - set(values):
            parser.error(f"--{name} {','.join(sorted(unknown))}: there are {', '.join(values)}.")
    done = set() if asked.again else {tuple(row[column] for column in KEY[:3]) for row in results.read(NAME)}
    cells = [
        (task, family, change)
        for task in asked.tasks
        for family in asked.families
        for change, (_, where) in CHANGES.items()
        if task in where and (task, family, change) not in done
    ]
    for cell in tqdm([] if asked.table else cells, unit="cell"):
        row = measure(*cell)
        tqdm.write(" ".join(f"{key}={value}" for key, value in row.items()))
        results.put(NAME, row, key=KEY)
    print_from(results.read(NAME))


if __name__ == "__main__":
    main()
