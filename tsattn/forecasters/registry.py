"""The registry of forecasters, used by the package, the command line, comparisons, model files and the type stub."""

import importlib
import importlib.util
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
        requires: Optional package that it needs, and the extra of tsattn that installs it. Defaults to None.
    """

    module: str
    command: str | None = None
    compared: bool = False
    trains: bool = True
    attends: str | None = None
    requires: tuple[str, str] | None = None


FORECASTERS: dict[str, Registered] = {
    "Seq2SeqForecaster": Registered(f"{PACKAGE}.seq2seq", "seq2seq", compared=True),
    "AttentionForecaster": Registered(f"{PACKAGE}.attention", "attention", compared=True, attends="time"),
    "TransformerForecaster": Registered(f"{PACKAGE}.transformer", "transformer", compared=True, attends="time"),
    "InvertedTransformerForecaster": Registered(f"{PACKAGE}.inverted", "inverted", attends="variables"),
    "CoreForecaster": Registered(f"{PACKAGE}.core"),
    "LinearForecaster": Registered(f"{PACKAGE}.linear", "linear", compared=True, trains=False),
    "SeasonalNaiveForecaster": Registered(f"{PACKAGE}.seasonal_naive", "seasonal_naive", compared=True, trains=False),
    "StatisticalForecaster": Registered(
        f"{PACKAGE}.statistical", trains=False, requires=("statsforecast", "statistical")
    ),
    "EnsembleForecaster": Registered(f"{PACKAGE}.ensemble", "ensemble"),
}


# Names on the command line that stand for a forecaster with certain arguments, written as in `set_params`.
ALIASES = {
    "zero_shot": ("AttentionForecaster", {"training__epochs": 0}),  # pretrained and not trained further
    **{
        name: ("StatisticalForecaster", {"model": name})
        for name in ("auto_ets", "auto_theta", "auto_arima", "auto_ces")
    },
}


def commands():
    """Return the name of the class by name on the command line."""
    names = {entry.command: name for name, entry in FORECASTERS.items() if entry.command}
    return {**names, **{command: name for command, (name, _) in ALIASES.items()}}


def build(command, *, random_state=None, verbose=0, **arguments):
    """Build an unfitted forecaster.

    Args:
        command: Its name on the command line, a key of `commands()`.
        random_state, verbose: Arguments of its `Training`, if it trains a network.
        **arguments: Arguments of the forecaster.

    Raises:
        ImportError: If it requires a package that is not installed.
    """
    name, preset = ALIASES.get(command, (commands()[command], {}))
    check_installed(name)
    if FORECASTERS[name].trains:
        from tsattn.training.config import Training

        arguments["training"] = Training(random_state=random_state, verbose=verbose)
    return load_class(name)(**arguments).set_params(**preset)


def check_installed(name):
    """Check that the optional package of a registered forecaster is installed.

    Raises:
        ImportError: If it is not.
    """
    requires = FORECASTERS[name].requires
    if requires and importlib.util.find_spec(requires[0]) is None:
        package, extra = requires
        raise ImportError(f'{name} requires {package}. Install it with: pip install "tsattn[{extra}]"', name=package)


def load_class(name):
    """Import and return a registered class."""
    return getattr(importlib.import_module(FORECASTERS[name].module), name)


def registered_name(cls):
    """Return the name under which a class is registered, or None."""
    entry = FORECASTERS.get(cls.__name__)
    return cls.__name__ if entry is not None and entry.module == cls.__module__ else None
