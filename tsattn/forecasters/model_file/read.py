"""Loading of a forecaster from a model file, and checks that the parts of its state are consistent."""

import dataclasses
import os
from collections.abc import Callable
from contextlib import suppress
from os import PathLike

import numpy as np
import pandas as pd

from tsattn._utils.fork_guard import ForkedError
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.model_file.arguments import ARGUMENTS, build_estimator, complete_arguments
from tsattn.forecasters.model_file.state import ADDED, NAMES_IN_FILE, state_spec
from tsattn.forecasters.model_file.write import check_path
from tsattn.forecasters.origins import Origins
from tsattn.forecasters.pretrained import family_of
from tsattn.forecasters.registry import FORECASTERS, load_class
from tsattn.networks.options import BLOCK_COUNTS
from tsattn.persistence.container import ARRAYS, LARGEST, PARAMS, STATE, unpack
from tsattn.persistence.error import ModelFileError
from tsattn.persistence.specs import Location, fields
from tsattn.persistence.strict_json import decode_json
from tsattn.persistence.tensors import decode_arrays
from tsattn.series.covariates.buffers import ROLES, Covariates
from tsattn.series.covariates.calendar import count_columns, resolve_calendar
from tsattn.series.scaling import TransformedScaler
from tsattn.training.config import Training

ATTRIBUTES = {name: attribute for attribute, name in NAMES_IN_FILE.items()}
FITTED = "fitted_params_"  # the attribute that holds the arguments of the last fit
ZIP = b"PK\x03\x04"  # the first bytes of a zip file


def load_forecaster(path: str | PathLike, core: Callable | None = None) -> Forecaster:
    """Load a fitted forecaster from a file written by its `save` method.

    Nothing in the file is executed, and only files written by `save` are read: no pickles, `.keras` or `.h5` files. The
    network is built by the installed version of tsattn and receives the weights of the file.

    Args:
        path: The file, which ends in `.tsattn`.
        core: For a `CoreForecaster`, the core with which it was built, because the file contains no code. Defaults to
            None.

    Returns:
        The forecaster. It makes the same forecasts as the saved forecaster and can be refitted.

    Raises:
        ModelFileError: If the file is not a model, was damaged or changed, or was written by a later version; or if
            `core` is missing, unexpected, or different from the saved core.
        FileNotFoundError: If the file does not exist.
        OSError: If the file cannot be read.
        ValueError: If the path does not end in `.tsattn`.
        RuntimeError: If the file contains a network, and this process was forked from one that had already used
            networks.
        MemoryError: If memory is insufficient; several times the size of the file is required.

    Example:

    >>> from tsattn import LinearForecaster, load_dataset, load_forecaster
    >>> y = load_dataset("air_passengers")
    >>> LinearForecaster(horizon=12).fit(y).save("air.tsattn")
    >>> len(load_forecaster("air.tsattn").predict())
    12
    """
    path = check_path(path, "Pass a file that `save` or `tsattn forecast --save` wrote.")
    try:
        return decode_forecaster(_read_bytes(path), core)
    except ModelFileError as error:
        raise ModelFileError(f"{path} cannot be loaded. {error}") from error


def decode_forecaster(data, core=None):
    """Decode a forecaster from the bytes of a model file; see `load_forecaster`."""
    kind, members = unpack(data)
    if kind not in FORECASTERS:
        raise ModelFileError(
            f"It has the unknown forecaster class {kind!r}. It may have been saved by a later version of tsattn."
        )
    arrays = decode_arrays(members[ARRAYS])
    classes = {"Training": Training, **{name: load_class(name) for name in FORECASTERS}}
    helpers = {"kinds": classes, "core": core, "cores": [], "forecaster": read_forecaster}
    location = Location("model", arrays, helpers=helpers)
    plain = {"kind": kind, "params": decode_json(members[PARAMS], PARAMS), "state": decode_json(members[STATE], STATE)}
    try:
        forecaster = read_forecaster(plain, location)
    except (ModelFileError, ForkedError):
        raise
    except Exception as error:  # a manipulated file can break any part that is built from it
        raise ModelFileError(f"It could not be restored: {type(error).__name__}: {error}") from error
    if core is not None and not location.helpers["cores"]:
        raise ModelFileError(f"`core` was passed, but the file holds a {kind}, which has no `core`. Omit it.")
    if arrays:
        raise ModelFileError(f"It has unused arrays: {', '.join(sorted(arrays)[:8])}.")
    return forecaster


def _read_bytes(path):
    """Return the bytes of a file, after checking that it starts like a zip file and is not too large."""
    if not path.exists():
        raise FileNotFoundError(f"The file {str(path)!r} does not exist.")
    if not path.is_file():
        raise ModelFileError("It is not a regular file.")
    with open(path, "rb") as file:
        start = file.read(len(ZIP))
        if start != ZIP:
            raise ModelFileError(
                f"It starts with {start!r}, but a model is a zip file written by `save`. Pickles, .keras and .h5 files "
                "are not supported, since they can run code."
            )
        size, most = os.fstat(file.fileno()).st_size, sum(LARGEST.values())
        if size > most:
            raise ModelFileError(f"It has {size} bytes, but a model has at most {most}.")
        return start + file.read(size)


def read_forecaster(plain, location):
    """Convert plain values of `write_forecaster` back to a forecaster.

    Raises:
        ModelFileError: If their structure is invalid, or their parts are not consistent. Invalid content can raise
            other errors too, which the caller converts.
    """
    location = dataclasses.replace(location, sizes={})
    location.require(set(plain) == {"kind", "params", "state"}, plain, "a forecaster")
    location.require(plain["kind"] in FORECASTERS, plain["kind"], f"one of {', '.join(FORECASTERS)}")
    kinds = location.helpers["kinds"]
    kind, plain_state = kinds[plain["kind"]], plain["state"]
    spec = fields(state_spec(kind))
    params = ARGUMENTS.read(complete_arguments(kind, plain["params"], kinds), location.at("params"))
    build_estimator(kind, params, location.at("params"))
    if isinstance(plain_state, dict) and FITTED in plain_state:
        added = {name: value for name, value in ADDED.items() if name in state_spec(kind)}
        plain_state = {**added, **plain_state, FITTED: complete_arguments(kind, plain_state[FITTED], kinds)}
    state = restore_state(spec.read(plain_state, location.at("state")), location.at("state"))
    scaler, expected = state["origins_"].scaler, kind._scaler_class()
    used = type(scaler.scaler if isinstance(scaler, TransformedScaler) else scaler)
    location.require(used is expected, f"scaled by {used.__name__}", f"scaled by {expected.__name__}")
    if "network_" in state:
        _check_weights(kind, state, location)
        if (fallback := state["fallback_"]) is not None:
            steps, most = len(fallback) - 1, state["lookback_"]
            location.require(0 <= steps <= most, f"a fallback on {steps} steps", f"one on 0 to {most} steps")
    if "members_" in state:
        check_members(state, location)
    forecaster = object.__new__(kind)
    forecaster.__setstate__({**params, **{ATTRIBUTES.get(name, name): value for name, value in state.items()}})
    if not {"network_", "members_"} & set(state):  # those are checked by their weights and members
        _, inputs = next(iter(state["origins_"].batches()))
        expected = (len(inputs["history"]), state["horizon_"], inputs["history"].shape[2], len(state["levels_"]))
        received = forecaster._model().forecast(inputs).shape
        location.require(received == expected, f"a model of forecasts {received}", f"one of {expected}")
    return forecaster


def restore_state(state, location):
    """Return the state of a forecaster, including the parts that are derived from others.

    The parts are tested here, so that invalid content raises an error now instead of in a later call.

    Raises:
        ModelFileError: If the parts are not consistent.
    """
    layout, schema, levels = state["layout_"], state["schema_"], state["levels_"]
    panel, scaler, covariates = state["origins_"]
    _check_layout(layout, location)
    _check_schema(schema, layout.time_axis, location)
    rows = np.minimum(layout.lengths, state["lookback_"])
    location.require(np.array_equal(panel.lengths, rows), "ends of other series", "the last lookback of each series")
    covariates = _restore_covariates(covariates, schema, layout, location)
    if isinstance(scaler, TransformedScaler):
        scaler.function.check_domain(panel, layout)
    origins = Origins(panel, layout, scaler, covariates, state["lookback_"], state["horizon_"])
    next(iter(origins.batches()))
    location.require(not (state["naive_error_"] < 0).any(), "a naive error below 0", "one of 0 or more")
    return {**state, "origins_": origins, "spread_": _restore_errors(state["spread_"], levels, location)}


def _check_layout(layout, location):
    is_inside = (layout.firsts >= 0) & (layout.lengths > 0) & (layout.ends <= layout.time_axis.length)
    location.require(is_inside.all(), "series outside of their time axis", "series on their time axis")
    for labels, count, what in ((layout.ids, len(layout), "ids"), (layout.columns, len(layout.dtypes), "columns")):
        is_unique = count == 1 if labels is None else labels.is_unique
        received = f"with the {what} {None if labels is None else labels.tolist()} for {count}"
        location.require(is_unique, received, f"with unique {what}")
    # Test the timestamps, the grid of the time axis and the format of a forecast.
    zeros = np.zeros((len(layout), 1, len(layout.dtypes)))
    layout.to_pandas(zeros)
    layout.to_pandas(zeros[..., None], pd.Index([0.5]))


def _check_schema(schema, time_axis, location):
    for columns in (schema.past + schema.known, schema.static):
        labels = [column.label for column in columns]
        location.require(len(set(labels)) == len(labels), f"with the columns {labels}", "with unique columns")
        for column in columns:
            is_valid = np.isfinite([column.center, column.scale]).all() and column.scale > 0
            received = f"with the scale {column.scale} of column {column.label!r}"
            location.require(is_valid, received, "with columns of a scale above 0")
            codes = np.append(np.arange(max(column.cardinality, 2)), np.nan).astype("float32")
            encoded = column.encode(column.decode(codes), "covariates")
            received = f"with values {encoded} of column {column.label!r}"
            location.require(np.isfinite(encoded[1:-1]).all(), received, "with columns of numbers")
    with suppress(ImportError):  # the library holidays is needed only for timestamps that are not in the file
        is_known = resolve_calendar(schema.calendar, time_axis) == schema.calendar
        location.require(is_known, f"with the calendar {schema.calendar}", "with a known calendar")


def _restore_covariates(parts, schema, layout, location):
    counts = {role: len(getattr(schema, role)) for role in ROLES} | {"calendar": count_columns(schema.calendar)}
    for role, part in parts.items():
        location.require((part is not None) == (counts[role] > 0), f"with other {role} columns", "as in its schema")
        if part is not None:
            location.check_size(role, counts[role])
    covariates = Covariates(schema.cardinalities, **parts, ids=None if parts["static"] is None else layout.ids)
    location.require(covariates.has_valid_codes(), "covariates of other categories", "of the categories in its schema")
    return covariates


def _restore_errors(errors, levels, location):
    if errors is None:
        return None
    location.require(len(errors.errors) > 0, "an empty error distribution", "one of errors on at least one window")
    return dataclasses.replace(errors, levels=levels)


def check_members(state, location):
    """Check that the members of an ensemble make forecasts of the same format from the same inputs.

    Raises:
        ModelFileError: If the members differ in these.
    """
    location.require(state["members_"], "an ensemble with empty `members_`", "one with at least one member")
    for member in state["members_"]:
        is_same = (member.horizon_, member.levels_) == (state["horizon_"], state["levels_"])
        is_same = is_same and member.lookback_ <= state["lookback_"] and _format(vars(member)) == _format(state)
        expected = "one with members of the same horizon, levels and columns"
        location.require(is_same, "an ensemble with other members", expected)
    weights = state["weights_"]
    is_valid = weights is None or ((weights >= 0).all() and weights.any())
    location.require(is_valid, f"an ensemble with the weights {weights}", "one with weights of 0 or more, not all 0")


def _format(state):
    return len(state["layout_"]), len(state["layout_"].dtypes), state["schema_"].cardinalities


def _check_weights(kind, state, location):
    """Check that the network built from the arguments has weights of exactly these shapes.

    The network is first built without memory for its weights, so that a small file cannot exhaust the memory.
    """
    weights, arguments = state["network_"], state[FITTED]
    fitted = build_estimator(kind, arguments, location.at(FITTED))
    blocks = max(arguments.get(name, 0) for name in BLOCK_COUNTS)
    location.require(blocks <= len(weights), f"a network of {blocks} layers", f"one of {len(weights)} weights")
    vars(fitted).update({name: value for name, value in state.items() if name != "network_"})
    if (window := fitted._pretrained_window()) is not None:
        name = f"{family_of(fitted)}-{window.name}"
        location.require(state["pretrained_"] == name, f"pretrained as {state['pretrained_']}", f"pretrained as {name}")
        sizes, expected = (state["lookback_"], state["patch_size_"]), (window.lookback, window.patch_size)
        location.require(sizes == expected, f"with lookback and patch size {sizes}", f"with {expected}")
    expected = fitted._network_spec().shapes()
    received = [weight.shape for weight in weights]
    location.require(received == expected, f"weights of the shapes {received}", f"those of the network, {expected}")
