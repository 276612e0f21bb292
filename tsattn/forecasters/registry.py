"""The registry of forecasters, used by the package, the command line, comparisons, model files and the type stub."""

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


ZERO_SHOT = "zero_shot"  # on the command line, a forecaster that is pretrained and not trained further


def commands():
    """Return the name of the class by name on the command line."""
    names = {entry.command: name for name, entry in FORECASTERS.items() if entry.command}
    return {**names, ZERO_SHOT: "AttentionForecaster"}


def build(command, *, random_state=None, verbose=0, **arguments):
    """Build an unfitted forecaster.

    Args:
        command: Its name on the command line, a key of `commands()`.
        random_state, verbose: Arguments of its `Training`, if it trains a network.
        **arguments: Arguments of the forecaster.
    """
    name = commands()[command]
    if FORECASTERS[name].trains:
        from tsattn.training.config import Training

        epochs = 0 if command == ZERO_SHOT else None
        arguments["training"] = Training(epochs=epochs, random_state=random_state, verbose=verbose)
    return load_class(name)(**arguments)


def load_class(name):
    """Import and return a registered class."""
    return getattr(importlib.import_module(FORECASTERS[name].module), name)


def registered_name(cls):
    """Return the name under which a class is registered, or None."""
    entry = FORECASTERS.get(cls.__name__)
    return cls.__name__ if entry is not None and entry.module == cls.__module__ else None
