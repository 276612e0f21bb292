"""The forecasters, one line for each: read by the package, the command line, model files and the type stub."""

from typing import NamedTuple


class Registered(NamedTuple):
    """Where a forecaster is defined, and its name on the command line.

    Args:
        module: Module in `tsattn.forecasters`.
        command: Name on the command line; None if it cannot be used there.
        compared: Whether `tsattn compare` uses it by default.
        trains: Whether it takes a `Training`.
    """

    module: str
    command: str | None = None
    compared: bool = False
    trains: bool = True


FORECASTERS = {
    "Seq2SeqForecaster": Registered("seq2seq", "seq2seq", compared=True),
    "AttentionForecaster": Registered("attention", "attention", compared=True),
    "TransformerForecaster": Registered("transformer", "transformer", compared=True),
    "InvertedTransformerForecaster": Registered("inverted", "inverted"),
    "CoreForecaster": Registered("core"),
    "LinearForecaster": Registered("linear", "linear", compared=True, trains=False),
    "SeasonalNaiveForecaster": Registered("seasonal_naive", "seasonal_naive", compared=True, trains=False),
    "EnsembleForecaster": Registered("ensemble", "ensemble"),
}
