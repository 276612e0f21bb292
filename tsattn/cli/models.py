"""The forecasters by their names on the command line."""

import enum
from typing import Annotated

import typer

import tsattn
from tsattn.cli.telling import without_greeting

FORECASTERS = {
    "seq2seq": "Seq2SeqForecaster",
    "attention": "AttentionForecaster",
    "transformer": "TransformerForecaster",
    "inverted": "InvertedTransformerForecaster",
    "linear": "LinearForecaster",
    "seasonal_naive": "SeasonalNaiveForecaster",
    "ensemble": "EnsembleForecaster",
}
USUAL = ("seq2seq", "attention", "transformer", "linear", "seasonal_naive")  # compared if nothing is said
Model = enum.StrEnum("Model", {name: name for name in FORECASTERS})
Kind = Annotated[Model, typer.Option(help="Kind of forecaster.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the training of a network.")]


def made(model, options, seed, verbose):
    """A forecaster of a kind, with a seed if it is a network."""
    with without_greeting():
        kind = getattr(tsattn, FORECASTERS[model])
        if model not in (Model.linear, Model.seasonal_naive):
            options = {**options, "training": tsattn.Training(random_state=seed, verbose=int(verbose))}
        return kind(**options)
