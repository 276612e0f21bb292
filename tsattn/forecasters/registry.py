"""The registry of forecasters, used by the package, the command line, model files and the type stub."""

import importlib
from typing import NamedTuple

PACKAGE = "tsattn.forecasters"


class Registered(NamedTuple):
    """An entry of the registry.

    Args:
        module: Module that defines the forecaster.
        command: Name on the command line; None if it is not available there. Defaults to None.
        compared: Whether `tsattn compare` uses it by default. Defaults to False.
        trains: Whether it has an argument `training`. Defaults to True.
        attends: What its `attention_weights` are on, `"time"` or `"variables"`; None if it has none, or if that depends
            on its arguments. Defaults to None.
    """

    module: str
    command: str | None = None
    compared: bool = False
    trains: bool = True
    attends: str | None = None


FORECASTERS: dict[str, Registered] = {
    "Seq2SeqForecaster": Registered(f"{PACKAGE}.seq2seq", "seq2seq", compared=True),
    "AttentionForecaster": Registered(f"{PACKAGE}.attention", "attention", compared=True, attends="time"),
    "TransformerForecaster": Registered(f"{PACKAGE}.transformer", "transformer", compared=True, attends="time"),
    "InvertedTransformerForecaster": Registered(f"{PACKAGE}.inverted", "inverted", attends="variables"),
    "CoreForecaster": Registered(f"{PACKAGE}.core"),
    "LinearForecaster": Registered(f"{PACKAGE}.linear", "linear", compared=True, trains=False),
    "SeasonalNaiveForecaster": Registered(f"{PACKAGE}.seasonal_naive", "seasonal_naive", compared=True, trains=False),
    "EnsembleForecaster": Registered(f"{PACKAGE}.ensemble", "ensemble"),
}


def load_class(name):
    """Import and return a registered class."""
    return getattr(importlib.import_module(FORECASTERS[name].module), name)


def registered_name(cls):
    """Return the name under which a class is registered, or None."""
    entry = FORECASTERS.get(cls.__name__)
    return cls.__name__ if entry is not None and entry.module == cls.__module__ else None
