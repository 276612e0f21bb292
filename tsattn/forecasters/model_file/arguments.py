"""The arguments of a forecaster, as a model file holds them."""

import dataclasses
import numbers
from collections.abc import Sequence
from typing import get_args, get_type_hints

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from tsattn.persistence.error import ModelFileError
from tsattn.persistence.indexes import read_index, write_index
from tsattn.persistence.labels import read_label, write_label
from tsattn.persistence.specs import exactly
from tsattn.persistence.steps import read_step, write_step

OURS = ("tsattn.forecasters.", "tsattn.training.")
CORE = "core"
# What goes for a type that an argument is said to have.
ALSO = {int: numbers.Integral, float: numbers.Real, bool: (bool, np.bool_), Sequence: (Sequence, pd.Index)}


def kind_of(estimator, name):
    """The name that a file has for the class of a forecaster or a `Training`.

    Raises:
        ModelFileError: the class is not ours.
    """
    kind = type(estimator)
    if not kind.__module__.startswith(OURS):
        raise ModelFileError(
            f"{name} is a {kind.__module__}.{kind.__qualname__}, which a file cannot name: only the classes of tsattn "
            "itself are read again. Use one of them, or pickle the forecaster."
        )
    return kind.__name__


def _write(value, place):
    if isinstance(value, BaseEstimator):
        return {"estimator": kind_of(value, place.name), "arguments": write_arguments(value, place)}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_write(part, place.at(number)) for number, part in enumerate(value)]}
    if isinstance(value, pd.Index):
        return {"index": write_index(value, place.name)}
    if isinstance(value, pd.offsets.BaseOffset):
        return write_step(value, place.name)
    if callable(value):
        raise ModelFileError(
            f"{place.name} is {value!r}, which a file cannot name. Use the name of a Keras loss, such as 'mae', or "
            "pickle the forecaster."
        )
    return write_label(value, place.name)


def _read(plain, place):
    names = set(plain) if isinstance(plain, dict) else set()
    if names == {"estimator", "arguments"}:
        kind = place.helpers["kinds"].get(plain["estimator"])
        place.require(kind is not None, plain["estimator"], "the name of a forecaster or of Training")
        return made(kind, _read_all(plain["arguments"], place), place)
    if names in ({"list"}, {"tuple"}):
        ((word, parts),) = plain.items()
        values = [_read(part, place.at(number)) for number, part in enumerate(parts)]
        return values if word == "list" else tuple(values)
    if names == {"index"}:
        return read_index(plain["index"], place.name)
    if "offset" in names:
        return read_step(plain, place.name)
    return read_label(plain, place.name)


def write_arguments(estimator, place):
    """The arguments of an estimator of ours as plain values.

    Raises:
        ModelFileError: one is of a type that its class does not take, or that a file cannot hold.
    """
    arguments = estimator.get_params(deep=False)
    _require_types(type(estimator), arguments, place)
    return ARGUMENTS.write(arguments, place)


def _require_types(kind, arguments, place):
    for name, hint in get_type_hints(kind).items():
        if name in arguments:
            options = get_args(hint) or (hint,)
            fits = any(isinstance(arguments[name], ALSO.get(option, option)) for option in options)
            place.at(name).require(fits, repr(arguments[name]), f"of the type {getattr(hint, '__name__', hint)}")


def _write_all(arguments, place):
    plain = {}
    for name, value in arguments.items():
        if name == CORE and value is not None:
            place.helpers["cores"].append(value)
            value = None
        plain[name] = _write(value, place.at(name))
    return plain


def _read_all(plain, place):
    place.require(isinstance(plain, dict), plain, "arguments by name")
    arguments = {name: _read(value, place.at(name)) for name, value in plain.items()}
    if CORE in arguments:
        core = arguments[CORE] = place.helpers["core"]
        place.helpers["cores"].append(core)
        if core is None:
            raise ModelFileError(
                "It has a CoreForecaster, but holds no code: pass what the forecaster was made with, `core=...`."
            )
    return arguments


def made(kind, arguments, place):
    """An estimator of a class of ours, unfitted, with exactly its arguments."""
    known = {field.name for field in dataclasses.fields(kind)}
    other = sorted(set(arguments) ^ known)
    place.require(not other, f"with other arguments, {other}", f"those of {kind.__name__}")
    _require_types(kind, arguments, place)
    return kind(**arguments)


ARGUMENTS = exactly(_write_all, _read_all)
