"""Arguments of a forecaster in a model file."""

import dataclasses
import numbers
from collections.abc import Sequence
from typing import get_args, get_type_hints

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from tsattn.forecasters.registry import registered_name
from tsattn.persistence.error import ModelFileError
from tsattn.persistence.indexes import read_index, write_index
from tsattn.persistence.labels import read_label, write_label
from tsattn.persistence.specs import Location, exact
from tsattn.persistence.steps import read_step, write_step
from tsattn.training.config import Training

CORE = "core"
DEFAULT = Location("default", {})  # of an argument that a file lacks
# Types that are accepted for the annotated type of an argument.
ACCEPTED = {int: numbers.Integral, float: numbers.Real, bool: (bool, np.bool_), Sequence: (Sequence, pd.Index)}


def class_name(estimator, name):
    """Return the name of the class of a forecaster or a `Training` in a file.

    Args:
        estimator: The forecaster or `Training`.
        name: Location of the value, for error messages.

    Raises:
        ModelFileError: If the class is not defined in tsattn.
    """
    kind = type(estimator)
    if registered_name(kind) is None and kind is not Training:
        raise ModelFileError(
            f"{name} is a {kind.__module__}.{kind.__qualname__}, which a model file cannot store: only classes of "
            "tsattn can be loaded. Use one of them, or pickle the forecaster."
        )
    return kind.__name__


def build_estimator(kind, arguments, location):
    """Build an unfitted estimator of a class of tsattn from its complete arguments.

    Raises:
        ModelFileError: If arguments are missing, unknown, or of the wrong type.
    """
    known = {field.name for field in dataclasses.fields(kind)}
    other = sorted(set(arguments) ^ known)
    location.require(not other, f"with other arguments, {other}", f"those of {kind.__name__}")
    _check_types(kind, arguments, location)
    return kind(**arguments)


def complete_arguments(kind, plain, kinds):
    """Return plain arguments of a file together with the defaults of those that it lacks, also in nested estimators.

    A file that was saved before an argument was added lacks it.

    Args:
        kind: The class of the arguments.
        plain: Arguments by name, as plain values.
        kinds: Dict of the classes of nested estimators, by name.
    """
    if not isinstance(plain, dict):  # `ARGUMENTS` rejects it
        return plain
    complete = {name: _complete(value, kinds) for name, value in plain.items()}
    for field in dataclasses.fields(kind):
        if field.name not in plain and field.default is not dataclasses.MISSING:
            complete[field.name] = _write(field.default, DEFAULT)
        elif field.name not in plain and field.default_factory is not dataclasses.MISSING:
            complete[field.name] = _write(field.default_factory(), DEFAULT)
    return dict(sorted(complete.items()))


def _complete(plain, kinds):
    """Complete the arguments of all estimators in a plain value."""
    if isinstance(plain, list):
        return [_complete(part, kinds) for part in plain]
    if isinstance(plain, dict) and set(plain) == {"estimator", "arguments"} and plain["estimator"] in kinds:
        return {**plain, "arguments": complete_arguments(kinds[plain["estimator"]], plain["arguments"], kinds)}
    if isinstance(plain, dict):
        return {name: _complete(part, kinds) for name, part in plain.items()}
    return plain


def write_arguments(estimator, location):
    """Convert the arguments of an estimator to plain values.

    Raises:
        ModelFileError: If the type of an argument is not accepted by its class or cannot be stored in a model file.
    """
    arguments = estimator.get_params(deep=False)
    _check_types(type(estimator), arguments, location)
    return ARGUMENTS.write(arguments, location)


def _check_types(kind, arguments, location):
    for name, hint in get_type_hints(kind).items():
        if name in arguments:
            options = get_args(hint) or (hint,)
            is_valid = any(isinstance(arguments[name], ACCEPTED.get(option, option)) for option in options)
            expected = f"of the type {getattr(hint, '__name__', hint)}"
            location.at(name).require(is_valid, repr(arguments[name]), expected)


def _write_arguments(arguments, location):
    plain = {}
    for name, value in arguments.items():
        if name == CORE and value is not None:
            location.helpers["cores"].append(value)
            value = None
        plain[name] = _write(value, location.at(name))
    return plain


def _write(value, location):
    if isinstance(value, BaseEstimator):
        return {"estimator": class_name(value, location.name), "arguments": write_arguments(value, location)}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_write(part, location.at(number)) for number, part in enumerate(value)]}
    if isinstance(value, pd.Index):
        return {"index": write_index(value, location.name)}
    if isinstance(value, pd.offsets.BaseOffset):
        return write_step(value, location.name)
    if callable(value):
        raise ModelFileError(
            f"{location.name} is {value!r}, which a model file cannot store. Use the name of a Keras loss, such as "
            "'mae', or pickle the forecaster."
        )
    return write_label(value, location.name)


def _read_arguments(plain, location):
    location.require(isinstance(plain, dict), plain, "arguments by name")
    arguments = {name: _read(value, location.at(name)) for name, value in plain.items()}
    if CORE in arguments:
        core = arguments[CORE] = location.helpers["core"]
        location.helpers["cores"].append(core)
        if core is None:
            raise ModelFileError(
                "It has a CoreForecaster, but contains no code. Pass the core that the forecaster was built with as "
                "`core=...`."
            )
    return arguments


def _read(plain, location):
    names = set(plain) if isinstance(plain, dict) else set()
    if names == {"estimator", "arguments"}:
        kind = location.helpers["kinds"].get(plain["estimator"])
        location.require(kind is not None, plain["estimator"], "the name of a forecaster or of Training")
        return build_estimator(kind, _read_arguments(plain["arguments"], location), location)
    if names in ({"list"}, {"tuple"}):
        ((kind, parts),) = plain.items()
        values = [_read(part, location.at(number)) for number, part in enumerate(parts)]
        return values if kind == "list" else tuple(values)
    if names == {"index"}:
        return read_index(plain["index"], location.name)
    if "offset" in names:
        return read_step(plain, location.name)
    return read_label(plain, location.name)


ARGUMENTS = exact(_write_arguments, _read_arguments)
