"""The forecasters, one line for each: read by the package, the command line, model files and the type stub."""

import importlib
from typing import NamedTuple

HERE = "tsattn.forecasters"


class Registered(NamedTuple):
    """Where a forecaster is defined, and its name on the command line.

    Args:
        module: Module that defines it.
        command: Name on the command line; None if it cannot be used there.
        compared: Whether `tsattn compare` uses it by default.
        trains: Whether it takes a `Training`.
    """

    module: str
    command: str | None = None
    compared: bool = False
    trains: bool = True


FORECASTERS: dict[str, Registered] = {
    "Seq2SeqForecaster": Registered(f"{HERE}.seq2seq", "seq2seq", compared=True),
    "AttentionForecaster": Registered(f"{HERE}.attention", "attention", compared=True),
    "TransformerForecaster": Registered(f"{HERE}.transformer", "transformer", compared=True),
    "InvertedTransformerForecaster": Registered(f"{HERE}.inverted", "inverted"),
    "CoreForecaster": Registered(f"{HERE}.core"),
    "LinearForecaster": Registered(f"{HERE}.linear", "linear", compared=True, trains=False),
    "SeasonalNaiveForecaster": Registered(f"{HERE}.seasonal_naive", "seasonal_naive", compared=True, trains=False),
    "EnsembleForecaster": Registered(f"{HERE}.ensemble", "ensemble"),
}


def load_class(name):
    """Import and return a registered class."""
    return getattr(importlib.import_module(FORECASTERS[name].module), name)


def registered_name(cls):
    """Return the name under which a class is registered, or None."""
    entry = FORECASTERS.get(cls.__name__)
    return cls.__name__ if entry is not None and entry.module == cls.__module__ else None
