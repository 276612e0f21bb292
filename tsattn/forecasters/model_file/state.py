"""State of a fitted forecaster in a model file: the spec of each attribute."""

import dataclasses
import itertools

import numpy as np

from tsattn.forecasters.conformal import MEDIAN, ErrorDistribution
from tsattn.forecasters.model_file.arguments import ARGUMENTS, class_name, write_arguments
from tsattn.persistence.specs import (
    DTYPE,
    FLAG,
    FLOATS,
    LABEL,
    REAL,
    STEP,
    TEXT,
    Spec,
    array,
    choice,
    fields,
    index,
    number,
    optional,
    record,
    sequence,
)
from tsattn.pretrained.catalog import FAMILIES, WINDOWS
from tsattn.series.covariates.buffers import TIME_VARYING, RowBuffer
from tsattn.series.covariates.encoding import Column
from tsattn.series.covariates.schema import Schema
from tsattn.series.layout import Layout
from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler, TransformedScaler, Unscaled
from tsattn.series.time_axis import AXES
from tsattn.series.transforms import TRANSFORMS
from tsattn.training.config import DTYPE_POLICIES

OUTPUT_DTYPES = ("float32", "float64", "Float32", "Float64", "double[pyarrow]")
PER_SERIES = array(("int64",), "series")
AXIS_CLASSES = {axis_class.kind: axis_class for axis_class in AXES}
# The attributes of all kinds of time axes, with default values for attributes that only some kinds have.
AXIS_FIELDS = fields(
    {
        "kind": choice(*AXIS_CLASSES),
        "first": LABEL,
        "step": STEP,
        "length": number(most=2**62),
        "dtype": DTYPE,
        "name": LABEL,
        "text": optional(TEXT),
        "ranged": FLAG,
    }
)
AXIS_DEFAULTS = {
    field.name: field.default
    for axis_class in AXES
    for field in dataclasses.fields(axis_class)
    if field.default is not dataclasses.MISSING
}


def _write_time_axis(axis, location):
    return AXIS_FIELDS.write({**AXIS_DEFAULTS, "kind": axis.kind, **vars(axis)}, location)


def _read_time_axis(plain, location):
    values = AXIS_FIELDS.read(plain, location)
    kind = values.pop("kind")
    attributes = {field.name for field in dataclasses.fields(AXIS_CLASSES[kind])}
    for name in set(values) - attributes:
        location.at(name).require(values.pop(name) == AXIS_DEFAULTS[name], plain[name], f"unset for {kind} timestamps")
    return AXIS_CLASSES[kind](**values)


LAYOUT = record(
    Layout,
    attributes={"timeline": "time_axis"},
    timeline=Spec(_write_time_axis, _read_time_axis),
    firsts=PER_SERIES,
    lengths=PER_SERIES,
    ids=optional(index("series")),
    columns=optional(index("channels")),
    name=LABEL,
    dtypes=sequence(choice(*OUTPUT_DTYPES), "channels"),
    long=optional(index("long")),
)
COLUMN = record(Column, label=LABEL, dtype=DTYPE, categories=optional(index(None)), center=REAL, scale=REAL)
SCHEMA = record(Schema, past=sequence(COLUMN), known=sequence(COLUMN), static=sequence(COLUMN), calendar=sequence(TEXT))
PANEL = record(Panel, values=array(FLOATS, None, "channels"), offsets=array(("int64",), "series+1"))
_MOMENTS = record(
    Scaler, center=array(("float64",), "series", "channels"), scale=array(("float64",), "series", "channels")
)


def _read_scaler(plain, location):
    scaler = _MOMENTS.read(plain, location)
    is_valid = (scaler.scale > 0).all() and not np.isnan(scaler.center).any()
    location.require(is_valid, "a scaler with invalid moments", "one with a scale above 0 and no missing center")
    return scaler


SCALER = Spec(_MOMENTS.write, _read_scaler)
TRANSFORMED = fields({"function": choice(*TRANSFORMS), "scaler": SCALER})  # of a `TransformedScaler` only


def _row_buffer(role):
    """The spec of a RowBuffer whose rows must all be in its array."""
    plain = record(
        RowBuffer, values=array(("float32",), None, role), ends=PER_SERIES, before=PER_SERIES, after=PER_SERIES
    )

    def read(values, location):
        rows = plain.read(values, location)
        is_inside = (rows.before >= 0) & (rows.after >= 0) & (rows.ends >= rows.before)
        is_inside &= rows.ends + rows.after <= len(rows.values)
        location.require(is_inside.all(), "rows outside of its array", "rows in its array")
        return rows

    return Spec(plain.write, read)


COVARIATES = fields(
    {role: optional(_row_buffer(role)) for role in TIME_VARYING}
    | {"static": optional(array(("float32",), "series", "static"))}
)


def _write_origins(origins, location):
    # The layout, the lookback and the horizon are attributes of the forecaster, and the columns are in its schema.
    covariates = {role: getattr(origins.covariates, role) for role in (*TIME_VARYING, "static")}
    is_transformed = isinstance(origins.scaler, TransformedScaler)
    used = origins.scaler.scaler if is_transformed else origins.scaler
    is_unscaled = isinstance(used, Unscaled)
    used = used.scaler if is_unscaled else used
    plain = {
        "panel": PANEL.write(origins.panel, location.at("panel")),
        "scaler": SCALER.write(origins.scaler.original if is_transformed else used, location.at("scaler")),
        "unscaled": is_unscaled,
        "covariates": COVARIATES.write(covariates, location.at("covariates")),
    }
    if is_transformed:
        values = {"function": origins.scaler.function.name, "scaler": used}
        plain["transformed"] = TRANSFORMED.write(values, location.at("transformed"))
    return plain


def _read_origins(plain, location):
    """Panel, scaler and a dict of covariates, from which `read.restore_state` builds the `Origins`."""
    names, is_transformed = {"panel", "scaler", "unscaled", "covariates"}, "transformed" in plain
    location.require(set(plain) - {"transformed"} == names, plain, "the ends of the series")
    kind = Unscaled if FLAG.read(plain["unscaled"], location) else lambda scaler: scaler
    scaler = SCALER.read(plain["scaler"], location.at("scaler"))
    if is_transformed:
        values = TRANSFORMED.read(plain["transformed"], location.at("transformed"))
        scaler = TransformedScaler(TRANSFORMS[values["function"]], kind(values["scaler"]), scaler)
    else:
        scaler = kind(scaler)
    panel = PANEL.read(plain["panel"], location.at("panel"))
    covariates = COVARIATES.read(plain["covariates"], location.at("covariates"))
    return panel, scaler, covariates


ORIGINS = Spec(_write_origins, _read_origins)
_REALS = sequence(REAL, "levels")


def _read_levels(plain, location):
    levels = _REALS.read(plain, location)
    is_increasing = all(low < high for low, high in itertools.pairwise((0.0, *levels, 1.0)))
    expected = f"increasing levels between 0 and 1, including {MEDIAN}"
    location.require(is_increasing and MEDIAN in levels, levels, expected)
    return levels


LEVELS = Spec(_REALS.write, _read_levels)
ERRORS = record(
    lambda **parts: ErrorDistribution((), **parts),
    errors=array(("float32",), None, "horizon", "channels", "levels"),
    calibrate=FLAG,
)


LOSSES = sequence(REAL, "epochs", kind=list)
COMMON = {
    "horizon_": number("horizon"),
    "lookback_": number("lookback"),
    "season_": number(),
    "levels_": LEVELS,
    "layout_": LAYOUT,
    "schema_": SCHEMA,
    "origins_": ORIGINS,
    "naive_error_": array(("float64",), "series", "channels"),
    "spread_": optional(ERRORS),
}
NETWORK = {
    "normalization_": optional(TEXT),
    "dtype_policy_": choice(*DTYPE_POLICIES),
    "fallback_": optional(array(("float64",), None, "horizon", finite=True)),
    "fitted_params_": ARGUMENTS,
    "training_history_": Spec(
        lambda value, location: {name: LOSSES.write(part, location.at(name)) for name, part in value.items()},
        lambda plain, location: {name: LOSSES.read(part, location.at(name)) for name, part in plain.items()},
    ),
    "network_": sequence(array(("float16", *FLOATS), ..., finite=True), kind=list),
}
PRETRAINED = choice(*(f"{family}-{name}" for family in FAMILIES for name in WINDOWS))
LINEAR = {
    "coefficients_": array(("float64",), None, "horizon", finite=True),
    "penalty_": REAL,
    "held_out_": FLAG,
}
ENSEMBLE = {
    "members_": sequence(
        Spec(
            lambda member, location: write_forecaster(member, location),
            lambda plain, location: location.helpers["forecaster"](plain, location),
        ),
        "members",
        kind=list,
    ),
    "weights_": optional(array(("float64",), "members", finite=True)),
}
# Attributes that each class adds to the state of its base classes. Keys are names, because these classes import this
# module.
STATES = {
    "Forecaster": COMMON,
    "NetworkForecaster": NETWORK,
    "PatchedForecaster": {"patch_size_": number(), "pretrained_": optional(PRETRAINED)},
    "LinearForecaster": LINEAR,
    "EnsembleForecaster": ENSEMBLE,
}
# Attributes that files of earlier versions lack, and their values.
ADDED = {"pretrained_": None, "dtype_policy_": "float32"}
NAMES_IN_FILE = {"error_distribution_": "spread_"}  # attributes that have another name in files


def state_spec(kind):
    """Return the specification of each attribute in the state of a class of forecasters."""
    return {name: spec for base in reversed(kind.__mro__) for name, spec in STATES.get(base.__name__, {}).items()}


def write_forecaster(forecaster, location):
    """Convert a fitted forecaster to plain values: the name of its class, its arguments and its state.

    Raises:
        ModelFileError: If a model file cannot store it.
    """
    location = dataclasses.replace(location, sizes={})
    kind = class_name(forecaster, "The forecaster")
    state = forecaster.__getstate__()
    state = {NAMES_IN_FILE.get(name, name): value for name, value in state.items() if name.endswith("_")}
    return {
        "kind": kind,
        "params": write_arguments(forecaster, location.at("params")),
        "state": fields(state_spec(type(forecaster))).write(state, location.at("state")),
    }
