"""The textbook's settings beside the defaults of each family, on embedded data: mean absolute scaled error.

The last steps are held out, and the origin moves through them step by step; what lies before it is passed as `y`. The
error is divided by that of the seasonal naive forecast within the steps learnt from. Lookback, season and training are
the same on both sides, but that the textbook always forces the teacher, and knows no noise in the histories.
"""

import time

import claims_figure
import numpy as np

import tsattn

# Data set: (column, steps at its end that are used, horizon, lookback, season, steps held out).
TASKS = {
    "air_passengers": (None, None, 12, 24, 12, 24),
    "sunspots": (None, None, 11, 33, 11, 44),
    "weather": ("JFK_temp", 2160, 24, 48, 24, 240),
}
MODELS = {
    "seq2seq": tsattn.Seq2SeqForecaster,
    "attention": tsattn.AttentionForecaster,
    "transformer": tsattn.TransformerForecaster,
}
TEXTBOOK = {
    "patch_size": 1,
    "normalization": None,
    "embedding": None,
    "decoding": "recursive",
    "dropout": 0.0,
    "fallback": False,
}
PLAIN = {"teacher_forcing": 1.0, "input_noise": 0.0}
SEEDS, EPOCHS = (0, 1), 20


def read(task):
    column, steps, *_ = TASKS[task]
    y = tsattn.load_dataset(task)
    return (y if column is None else y[column])[-(steps or len(y)) :]


def mase(model, y, first, horizon, season):
    """The MASE over all origins from `first` on, and their number."""
    scale = np.nanmean(np.abs(y[:first].to_numpy()[season:] - y[:first].to_numpy()[:-season]))
    origins = range(first, len(y) - horizon + 1)
    differences = [model.predict(y=y[:at]).to_numpy() - y[at : at + horizon].to_numpy() for at in origins]
    return np.nanmean(np.abs(differences)) / scale, len(origins)


def candidates(horizon, lookback, season):
    """Name of the model, settings, seed and the forecaster."""
    common = {"horizon": horizon, "season": season}
    yield "seasonal_naive", "", 0, tsattn.SeasonalNaiveForecaster(**common)
    for name, family in MODELS.items():
        for seed in SEEDS:
            training = {"epochs": EPOCHS, "random_state": seed, "verbose": 0}
            textbook = {**TEXTBOOK, "embedding": "linear"} if name == "transformer" else TEXTBOOK
            for settings, options, plain in (("textbook", textbook, PLAIN), ("defaults", {}, {})):
                forecaster = family(
                    **common, lookback=lookback, training=tsattn.Training(**training, **plain), **options
                )
                yield name, settings, seed, forecaster


def measure():
    rows = []
    for task, (_, _, horizon, lookback, season, held_out) in TASKS.items():
        y = read(task)
        first = len(y) - held_out
        for name, settings, seed, model in candidates(horizon, lookback, season):
            start = time.perf_counter()
            model.fit(y[:first])
            seconds = time.perf_counter() - start
            error, origins = mase(model, y, first, horizon, season)
            row = {"task": task, "model": name, "settings": settings, "seed": seed, "mase": f"{error:.4f}"}
            rows.append({**row, "origins": origins, "fit_seconds": f"{seconds:.1f}"})
            print(*rows[-1].values(), flush=True)
    return rows


def draw(rows):
    figure, panels = claims_figure.panels(len(TASKS), width=10, height=3.6)
    for axes, task in zip(panels, TASKS, strict=True):
        own = [row for row in rows if row["task"] == task]
        naive = next(float(row["mase"]) for row in own if row["model"] == "seasonal_naive")
        axes.axhline(naive, color=claims_figure.PLAIN, linestyle="--", linewidth=1)
        for place, (model, color) in enumerate(claims_figure.COLORS.items()):
            for shift, settings, face in ((-0.15, "textbook", "white"), (0.15, "defaults", color)):
                errors = [float(row["mase"]) for row in own if (row["model"], row["settings"]) == (model, settings)]
                axes.plot([place + shift] * len(errors), errors, "o", color=color, markerfacecolor=face, markersize=7)
        axes.set_xticks(range(len(MODELS)), list(MODELS))
        axes.set_xlim(-0.6, len(MODELS) - 0.4)
        axes.set_ylim(0)
        axes.set_title(task.replace("_", " "))
    panels[0].set_ylabel("MASE (a dot for each seed)")
    for face, name in (("white", "textbook"), ("0.3", "defaults")):
        panels[0].plot([], [], "o", color="0.3", markerfacecolor=face, markersize=7, label=name)
    panels[0].plot([], [], color=claims_figure.PLAIN, linestyle="--", label="seasonal naive")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure
