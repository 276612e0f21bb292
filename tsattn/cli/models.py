"""Names of the forecasters on the command line."""

import enum
from typing import Annotated

import typer

from tsattn.forecasters.registry import FORECASTERS, commands

# By name on the command line, what a forecaster attends to. Then the default of `tsattn compare`.
ATTENDS = {command: FORECASTERS[name].attends for command, name in commands().items()}
COMPARED = tuple(entry.command for entry in FORECASTERS.values() if entry.compared)
Model = enum.StrEnum("Model", {command: command for command in commands()})
ModelName = Annotated[Model, typer.Option(help="Forecaster to use.")]
Seed = Annotated[int, typer.Option(min=0, help="Random seed for the training of a network.")]


def check_attends_to_time(model):
    """Check that a forecaster has attention weights that can be plotted over time.

    Raises:
        typer.BadParameter: If it has none, or has weights on variables.
    """
    if ATTENDS[model] != "time":
        weights = "attention weights on variables only, which cannot be plotted over time"
        received = f"has {weights if ATTENDS[model] else 'no attention weights to plot'}"
        *others, last = (name for name, attends in ATTENDS.items() if attends == "time")
        raise typer.BadParameter(f"{model} {received}. Use {', '.join(others)} or {last}.", param_hint="--model")
