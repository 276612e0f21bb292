"""Whether the parts of a state that was read fit each other: each may be well formed, and break a later call."""

import dataclasses
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from os import PathLike

import numpy as np
import pandas as pd

from tsattn._utils.fork_guard import ForkedError
from tsattn.forecasters.attention import AttentionForecaster
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.core import CoreForecaster
from tsattn.forecasters.ensemble import EnsembleForecaster
from tsattn.forecasters.inverted import InvertedTransformerForecaster
from tsattn.forecasters.linear import LinearForecaster
from tsattn.forecasters.model_file.arguments import ARGUMENTS, made
from tsattn.forecasters.model_file.state import NAMES_IN_FILE, STATES
from tsattn.forecasters.model_file.write import checked_path
from tsattn.forecasters.origins import Origins
from tsattn.forecasters.seasonal_naive import SeasonalNaiveForecaster
from tsattn.forecasters.seq2seq import Seq2SeqForecaster
from tsattn.forecasters.transformer import TransformerForecaster
from tsattn.persistence import tensors
from tsattn.persistence.container import ARRAYS, LARGEST, PARAMS, STATE, unpack
from tsattn.persistence.error import ModelFileError
from tsattn.persistence.plain import plain_of
from tsattn.persistence.specs import Place, fields
from tsattn.series.covariates.calendar import resolve, width
from tsattn.series.covariates.data import Covariates
from tsattn.training.config import Training


def completed(state, place):
    """The state of a forecaster that was read, with what is not in a file twice.

    Raises:
        ModelFileError: a part does not fit the others. Others: the same, as it is tried out here.
    """
    layout, schema, levels = state["layout_"], state["schema_"], state["levels_"]
    panel, scaler, beside = state["origins_"]
    _check_layout(layout, place)
    _check_schema(schema, layout.timeline, place)
    rows = np.minimum(layout.lengths, state["lookback_"])
    place.require(np.array_equal(panel.lengths, rows), "ends of other series", "the last lookback of each")
    origins = Origins(
        panel, layout, scaler, _covariates(beside, schema, layout, place), state["lookback_"], state["horizon_"]
    )
    next(iter(origins.batches()))
    place.require(not (state["naive_error_"] < 0).any(), "a naive error below 0", "one of 0 or more")
    return {**state, "origins_": origins, "spread_": _spread(state["spread_"], levels, place)}


def check_members(state, place):
    """A ModelFileError unless the members of an ensemble forecast the same from the same."""
    place.require(state["members_"], "an ensemble of nobody", "one of members")
    for member in state["members_"]:
        fits = (member.horizon_, member.levels_) == (state["horizon_"], state["levels_"])
        fits = fits and member.lookback_ <= state["lookback_"] and _shape(vars(member)) == _shape(state)
        place.require(fits, "an ensemble of other members", "one of members with its own horizon, levels and columns")
    weights = state["weights_"]
    fits = weights is None or ((weights >= 0).all() and weights.any())
    place.require(fits, f"of the weights {weights}", "of weights of 0 or more")


def _shape(state):
    return len(state["layout_"]), len(state["layout_"].dtypes), state["schema_"].levels


def _check_layout(layout, place):
    within = (layout.firsts >= 0) & (layout.lengths > 0) & (layout.ends <= layout.timeline.length)
    place.require(within.all(), "series outside of their time line", "series within it")
    for labels, count, of in ((layout.ids, len(layout), "ids"), (layout.columns, len(layout.dtypes), "columns")):
        named = count == 1 if labels is None else labels.is_unique
        came = f"with the {of} {None if labels is None else labels.tolist()} for {count}"
        place.require(named, came, f"with {of} of which none comes twice")
    # It tells which stamps there are, whether the grid can count them, and what a forecast looks like.
    nothing = np.zeros((len(layout), 1, len(layout.dtypes)))
    layout.dress(nothing)
    layout.dress(nothing[..., None], pd.Index([0.5]))


def _check_schema(schema, timeline, place):
    for columns in (schema.past + schema.known, schema.static):
        labels = [column.label for column in columns]
        place.require(len(set(labels)) == len(labels), f"with the columns {labels}", "with columns of different names")
        for column in columns:
            moments = np.isfinite([column.center, column.scale]).all() and column.scale > 0
            place.require(moments, f"with {column.label!r} of {column.scale}", "with columns of a scale above 0")
            codes = np.append(np.arange(max(column.levels, 2)), np.nan).astype("float32")
            came = column.encode(column.decode(codes), "covariates")
            place.require(np.isfinite(came[1:-1]).all(), f"with {column.label!r} of {came}", "with columns of numbers")
    with suppress(ImportError):  # holidays are needed only for stamps that are not in the file
        known = resolve(schema.calendar, timeline) == schema.calendar
        place.require(known, f"with the calendar {schema.calendar}", "with one that is known")


def _covariates(beside, schema, layout, place):
    columns = {"past": len(schema.past), "known": len(schema.known), "static": len(schema.static)}
    columns["calendar"] = width(schema.calendar)
    for role, part in beside.items():
        place.require((part is not None) == (columns[role] > 0), f"with other {role} columns", "as in its schema")
        if part is not None:
            place.size(role, columns[role])
    covariates = Covariates(schema.levels, **beside, ids=None if beside["static"] is None else layout.ids)
    place.require(covariates.codes_are_known(), "covariates of other categories", "of those in its schema")
    return covariates


def _spread(spread, levels, place):
    if spread is None:
        return None
    place.require(len(spread.errors) > 0, "a spread of no errors", "one of the errors on some windows")
    return replace(spread, levels=levels)


def read_forecaster(plain, place):
    """The forecaster of what `write_forecaster` gave.

    Raises:
        ModelFileError: it is anything else. Others: it looks the same, but makes no forecaster.
    """
    place = dataclasses.replace(place, sizes={})
    place.require(set(plain) == {"kind", "params", "state"}, plain, "a forecaster")
    place.require(plain["kind"] in STATES, plain["kind"], f"one of {', '.join(STATES)}")
    kind, spec = place.helpers["kinds"][plain["kind"]], fields(STATES[plain["kind"]])
    params = ARGUMENTS.read(plain["params"], place.at("params"))
    made(kind, params, place.at("params"))
    state = completed(spec.read(plain["state"], place.at("state")), place.at("state"))
    scaled = type(state["origins_"].scaler) is kind._scaler
    place.require(scaled, "a forecaster of other units", f"a {kind.__name__}")
    if "network_" in state:
        _refuse_other_weights(kind, state, place)
        if (fallback := state["fallback_"]) is not None:
            steps, most = len(fallback) - 1, state["lookback_"]
            place.require(0 <= steps <= most, f"a fallback on {steps} steps", f"one on 0 to {most} steps")
    if "members_" in state:
        check_members(state, place)
    forecaster = object.__new__(kind)
    state = {ATTRIBUTES.get(name, name): value for name, value in state.items()}
    forecaster.__setstate__({**params, **state})
    if not {"network_", "members_"} & set(state):  # those are checked by their shapes and by themselves
        _, inputs = next(iter(state["origins_"].batches()))
        wanted = (len(inputs["history"]), state["horizon_"], inputs["history"].shape[2], len(state["levels_"]))
        came = forecaster._model().forecast(inputs).shape
        place.require(came == wanted, f"a model of forecasts {came}", f"one of {wanted}")
    return forecaster


def _refuse_other_weights(kind, state, place):
    """A ModelFileError unless the network that is to be built has weights of just these shapes.

    It is first built without memory for its weights: a small file is not to take all there is.
    """
    weights, arguments = state["network_"], state["fitted_params_"]
    fitted = made(kind, arguments, place.at("fitted_params_"))
    blocks = max(arguments.get(name, 0) for name in ("layers", "decoder_layers"))
    place.require(blocks <= len(weights), f"a network of {blocks} layers", f"one of {len(weights)} weights")
    vars(fitted).update({name: value for name, value in state.items() if name != "network_"})
    wanted = fitted._network_spec().shapes()
    came = [weight.shape for weight in weights]
    place.require(came == wanted, f"weights of the shapes {came}", f"those of the network, {wanted}")


ATTRIBUTES = {name: attribute for attribute, name in NAMES_IN_FILE.items()}
CLASSES = (
    Seq2SeqForecaster,
    AttentionForecaster,
    TransformerForecaster,
    InvertedTransformerForecaster,
    CoreForecaster,
    LinearForecaster,
    SeasonalNaiveForecaster,
    EnsembleForecaster,
    Training,
)
KINDS = {kind.__name__: kind for kind in CLASSES}
ZIP = b"PK\x03\x04"


def load_forecaster(path: str | PathLike, core: Callable | None = None) -> Forecaster:
    """The fitted forecaster that `save` wrote.

    Nothing in the file is run, and nothing is read but what `save` writes: no pickle, no `.keras`, no `.h5`. The
    network is built by this version of tsattn, and gets the weights of the file.

    Args:
        path: The file, `.tsattn`.
        core: Of a `CoreForecaster`, what it was made with: the file does not hold code. Defaults to None.

    Returns:
        The forecaster, which forecasts as it did when it was saved, and can be fitted again.

    Raises:
        ModelFileError: the file is anything else, was damaged or changed, or is of a later version; or `core` is
            missing, not needed, or another one.
        FileNotFoundError, OSError: there is no such file, or it cannot be read.
        ValueError: the path does not end in `.tsattn`.
        RuntimeError: it holds a network, and this process was forked from one that had used networks.
        MemoryError: there is no memory for it; that takes several times the size of the file.

    Example:

    >>> from tsattn import LinearForecaster, load_dataset, load_forecaster
    >>> y = load_dataset("air_passengers")
    >>> LinearForecaster(horizon=12).fit(y).save("air.tsattn")
    >>> len(load_forecaster("air.tsattn").predict())
    12
    """
    path = checked_path(path)
    try:
        return forecaster_of(_read(path), core)
    except ModelFileError as problem:
        raise ModelFileError(f"{path} cannot be loaded. {problem}") from problem


def forecaster_of(data, core=None):
    """The forecaster of the bytes of a file; see `load_forecaster`."""
    kind, members = unpack(data)
    if kind not in KINDS or KINDS[kind] is Training:
        raise ModelFileError(f"It holds a {kind!r}, which this version of tsattn has not.")
    arrays = tensors.arrays_of(members[ARRAYS])
    helpers = {"kinds": KINDS, "core": core, "cores": [], "forecaster": read_forecaster}
    place = Place("model", arrays, helpers=helpers)
    plain = {"kind": kind, "params": plain_of(members[PARAMS], PARAMS), "state": plain_of(members[STATE], STATE)}
    try:
        forecaster = read_forecaster(plain, place)
    except (ModelFileError, ForkedError):
        raise
    except Exception as problem:  # a file that was made to look like ours may break any part that is built from it
        raise ModelFileError(f"No forecaster comes of it: {type(problem).__name__}: {problem}") from problem
    if core is not None and not place.helpers["cores"]:
        raise ModelFileError(f"`core` was passed, but it holds no forecaster that takes a `core`, but a {kind}.")
    if arrays:
        raise ModelFileError(f"It holds arrays that belong to nothing: {', '.join(sorted(arrays)[:8])}.")
    return forecaster


def _read(path):
    """The bytes of a file that begins as a zip does, and is no larger than ours can be."""
    if not path.exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    if not path.is_file():
        raise ModelFileError("It is no file.")
    with open(path, "rb") as file:
        start = file.read(len(ZIP))
        if start != ZIP:
            raise ModelFileError(
                f"It begins with {start!r}, but a model is a zip that `save` wrote. Pickles, .keras and .h5 files are "
                "not read: they can run code."
            )
        size, most = os.fstat(file.fileno()).st_size, sum(LARGEST.values())
        if size > most:
            raise ModelFileError(f"It has {size} bytes, but no model has more than {most}.")
        return start + file.read(size)
