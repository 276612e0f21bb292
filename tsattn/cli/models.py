"""Names of the forecasters on the command line."""

import enum
from typing import Annotated

import typer

import tsattn

FORECASTERS = {
    "seq2seq": "Seq2SeqForecaster",
    "attention": "AttentionForecaster",
    "transformer": "TransformerForecaster",
    "inverted": "InvertedTransformerForecaster",
    "linear": "LinearForecaster",
    "seasonal_naive": "SeasonalNaiveForecaster",
    "ensemble": "EnsembleForecaster",
}
COMPARED = ("seq2seq", "attention", "transformer", "linear", "seasonal_naive")  # by default
Model = enum.StrEnum("Model", {name: name for name in FORECASTERS})
ModelName = Annotated[Model, typer.Option(help="Forecaster to use.")]
Seed = Annotated[int, typer.Option(min=0, help="Random seed for the training of a network.")]


def build_forecaster(model, options, seed, verbose):
    """Build an unfitted forecaster. Networks, and ensembles of them, get a `Training` with the seed."""
    forecaster = getattr(tsattn, FORECASTERS[model])
    if model not in (Model.linear, Model.seasonal_naive):
        options = {**options, "training": tsattn.Training(random_state=seed, verbose=int(verbose))}
    return forecaster(**options)
