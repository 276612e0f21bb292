"""Names of the forecasters on the command line."""

import enum
from typing import Annotated

import typer

import tsattn
from tsattn.forecasters.registry import FORECASTERS, load_class

# By name on the command line: the name of the class, and what it attends to. Then the default of `tsattn compare`.
CLASSES = {entry.command: name for name, entry in FORECASTERS.items() if entry.command}
ATTENDS = {entry.command: entry.attends for entry in FORECASTERS.values() if entry.command}
COMPARED = tuple(entry.command for entry in FORECASTERS.values() if entry.compared)
Model = enum.StrEnum("Model", {command: command for command in CLASSES})
ModelName = Annotated[Model, typer.Option(help="Forecaster to use.")]
Seed = Annotated[int, typer.Option(min=0, help="Random seed for the training of a network.")]


def build_forecaster(model, options, seed, verbose):
    """Build an unfitted forecaster. Networks, and ensembles of them, get a `Training` with the seed."""
    name = CLASSES[model]
    if FORECASTERS[name].trains:
        options = {**options, "training": tsattn.Training(random_state=seed, verbose=int(verbose))}
    return load_class(name)(**options)


def check_attends_to_time(model):
    """Check that a forecaster has attention weights that can be plotted over time.

    Raises:
        typer.BadParameter: If it has none, or has weights on variables.
    """
    if ATTENDS[model] != "time":
        weights = "attention weights on variables only, which cannot be plotted over time"
        received = f"has {weights if ATTENDS[model] else 'no attention weights to plot'}"
        advice = " or ".join(name for name, attends in ATTENDS.items() if attends == "time")
        raise typer.BadParameter(f"{model} {received}. Use {advice}.", param_hint="--model")
