"""The textbook's settings compared with the defaults of each family, on embedded data: mean absolute scaled error.

The last steps are the test data. The origin moves through them step by step, and the history before it is passed as
`y`. The error is divided by that of the seasonal naive forecast on the training data. Lookback, season and training are
the same on both sides, except that the textbook always uses teacher forcing and never input noise.
"""

import time

import numpy as np

import tsattn
from benchmarks.claims import plots
from benchmarks.common.families import FAMILIES
from benchmarks.common.runner import Benchmark

# Data set: (column, number of its last steps that are used, horizon, lookback, season, steps of the test data).
TASKS = {
    "air_passengers": (None, None, 12, 24, 12, 24),
    "sunspots": (None, None, 11, 33, 11, 44),
    "weather": ("JFK_temp", 2160, 24, 48, 24, 240),
}
TEXTBOOK = {
    "patch_size": 1,
    "normalization": None,
    "embedding": None,
    "decoding": "recursive",
    "dropout": 0.0,
    "fallback": False,
}
# By the column `settings`: arguments of the forecaster, and of its training.
SETTINGS = {"textbook": (TEXTBOOK, {"teacher_forcing": 1.0, "input_noise": 0.0}), "defaults": ({}, {})}
NAIVE, EPOCHS = "seasonal_naive", 20


def read(task):
    """Return the series of a task."""
    column, steps, *_ = TASKS[task]
    y = tsattn.load_dataset(task)
    return (y if column is None else y[column])[-(steps or len(y)) :]


def mase(model, y, first, horizon, season):
    """Return the MASE over all origins from `first` on, and their number."""
    scale = np.nanmean(np.abs(y[:first].to_numpy()[season:] - y[:first].to_numpy()[:-season]))
    origins = range(first, len(y) - horizon + 1)
    differences = [model.predict(y=y[:at]).to_numpy() - y[at : at + horizon].to_numpy() for at in origins]
    return np.nanmean(np.abs(differences)) / scale, len(origins)


def build(model, settings, seed, horizon, lookback, season):
    """Return a forecaster with the settings of a cell."""
    common = {"horizon": horizon, "season": season}
    if model == NAIVE:
        return tsattn.SeasonalNaiveForecaster(**common)
    arguments, training = SETTINGS[settings]
    if settings == "textbook" and model == "transformer":
        arguments = {**arguments, "embedding": "linear"}
    training = tsattn.Training(epochs=EPOCHS, random_state=seed, verbose=0, **training)
    return FAMILIES[model](**common, lookback=lookback, training=training, **arguments)


def measure(task, model, settings, seed):
    """Return the error of one cell."""
    _, _, horizon, lookback, season, test = TASKS[task]
    y = read(task)
    first = len(y) - test
    start = time.perf_counter()
    forecaster = build(model, settings, seed, horizon, lookback, season).fit(y[:first])
    seconds = time.perf_counter() - start
    error, origins = mase(forecaster, y, first, horizon, season)
    return {"mase": f"{error:.4f}", "origins": origins, "fit_seconds": f"{seconds:.1f}"}


def exists(cell):
    """Return whether a cell is measured. The naive forecast has no settings and no seed."""
    if cell["model"] == NAIVE:
        return cell["settings"] == "" and cell["seed"] == 0
    return cell["settings"] != ""


def draw(rows):
    """Draw the errors of both settings for each data set."""
    figure, panels = plots.panels(len(TASKS), width=10, height=3.6)
    for axes, task in zip(panels, TASKS, strict=True):
        of_task = [row for row in rows if row["task"] == task]
        naive = next(float(row["mase"]) for row in of_task if row["model"] == NAIVE)
        axes.axhline(naive, color=plots.GRAY, linestyle="--", linewidth=1)
        for place, (model, color) in enumerate(plots.COLORS.items()):
            for shift, settings, face in ((-0.15, "textbook", "white"), (0.15, "defaults", color)):
                errors = [float(row["mase"]) for row in of_task if (row["model"], row["settings"]) == (model, settings)]
                axes.plot([place + shift] * len(errors), errors, "o", color=color, markerfacecolor=face, markersize=7)
        axes.set_xticks(range(len(FAMILIES)), list(FAMILIES))
        axes.set_xlim(-0.6, len(FAMILIES) - 0.4)
        axes.set_ylim(0)
        axes.set_title(task.replace("_", " "))
    panels[0].set_ylabel("MASE (a dot for each seed)")
    for face, name in (("white", "textbook"), ("0.3", "defaults")):
        panels[0].plot([], [], "o", color="0.3", markerfacecolor=face, markersize=7, label=name)
    panels[0].plot([], [], color=plots.GRAY, linestyle="--", label="seasonal naive")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure


BENCHMARK = Benchmark(
    "claims_textbook",
    axes={
        "tasks": ("task", TASKS.keys),
        "candidates": ("model", (NAIVE, *FAMILIES)),
        "settings": ("settings", ("", *SETTINGS)),
        "seeds": ("seed", (0, 1)),
    },
    figures=("mase", "origins", "fit_seconds"),
    measure=measure,
    quick={"task": "air_passengers", "model": "attention", "settings": "defaults", "seed": 0},
    exists=exists,
)
