"""Names of the forecasters on the command line."""

import enum
from typing import Annotated

import typer

import tsattn
from tsattn.forecasters.registry import FORECASTERS, load_class

# Name of the class by name on the command line, and the names that `tsattn compare` uses by default.
CLASSES = {entry.command: name for name, entry in FORECASTERS.items() if entry.command}
COMPARED = tuple(entry.command for entry in FORECASTERS.values() if entry.compared)
Model = enum.StrEnum("Model", {command: command for command in CLASSES})
ModelName = Annotated[Model, typer.Option(help="Forecaster to use.")]
Seed = Annotated[int, typer.Option(min=0, help="Random seed for the training of a network.")]


def build_forecaster(model, options, seed, verbose):
    """Build an unfitted forecaster. Networks and ensembles are trained with a `Training` that has the seed."""
    name = CLASSES[model]
    if FORECASTERS[name].trains:
        options = {**options, "training": tsattn.Training(random_state=seed, verbose=int(verbose))}
    return load_class(name)(**options)
