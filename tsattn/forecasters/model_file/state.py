"""What a fitted forecaster keeps of the data, part by part, and how a model file holds it."""

import dataclasses
import itertools

import numpy as np

from tsattn.forecasters.conformal import MEDIAN, ErrorDistribution
from tsattn.forecasters.model_file.arguments import ARGUMENTS, kind_of, write_arguments
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
    several,
)
from tsattn.series.covariates.alignment import Aligned
from tsattn.series.covariates.encoding import Column
from tsattn.series.covariates.schema import Schema
from tsattn.series.layout import Layout
from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler, Unscaled
from tsattn.series.time_index import Timeline

NAMES_IN_FILE = {"error_distribution_": "spread_"}  # attributes that an earlier version called otherwise
OUTPUTS = ("float32", "float64", "Float32", "Float64", "double[pyarrow]")
SPANS = array(("int64",), "series")
TIMELINE = record(
    Timeline,
    kind=choice("datetime", "period", "integer"),
    first=LABEL,
    step=STEP,
    length=number(most=2**62),
    dtype=DTYPE,
    name=LABEL,
    text=optional(TEXT),
    ranged=FLAG,
)
LAYOUT = record(
    Layout,
    timeline=TIMELINE,
    firsts=SPANS,
    lengths=SPANS,
    ids=optional(index("series")),
    columns=optional(index("channels")),
    name=LABEL,
    dtypes=several(choice(*OUTPUTS), "channels"),
    long=optional(index("long")),
)
COLUMN = record(Column, label=LABEL, dtype=DTYPE, categories=optional(index(None)), center=REAL, scale=REAL)
SCHEMA = record(Schema, past=several(COLUMN), known=several(COLUMN), static=several(COLUMN), calendar=several(TEXT))
PANEL = record(Panel, values=array(FLOATS, None, "channels"), offsets=array(("int64",), "series+1"))
SCALER = record(
    Scaler, center=array(("float64",), "series", "channels"), scale=array(("float64",), "series", "channels")
)
ROLES = ("past", "known", "calendar")


def _aligned(role):
    """Rows of covariates, all of which must be there."""
    plain = record(Aligned, values=array(("float32",), None, role), ends=SPANS, before=SPANS, after=SPANS)

    def read(values, place):
        rows = plain.read(values, place)
        inside = (rows.before >= 0) & (rows.after >= 0) & (rows.ends >= rows.before)
        inside &= rows.ends + rows.after <= len(rows.values)
        place.require(inside.all(), "rows outside of its array", "rows within it")
        return rows

    return Spec(plain.write, read)


COVARIATES = fields(
    {role: optional(_aligned(role)) for role in ROLES} | {"static": optional(array(("float32",), "series", "static"))}
)


def _write_origins(origins, place):
    # The layout, the lookback and the horizon are the forecaster's own, and what the covariates are is in its schema.
    unscaled = isinstance(origins.scaler, Unscaled)
    beside = origins.covariates
    return {
        "panel": PANEL.write(origins.panel, place.at("panel")),
        "scaler": SCALER.write(origins.scaler.scaler if unscaled else origins.scaler, place.at("scaler")),
        "unscaled": unscaled,
        "covariates": COVARIATES.write(
            {role: getattr(beside, role) for role in (*ROLES, "static")}, place.at("covariates")
        ),
    }


def _read_origins(plain, place):
    """Panel, scaler and covariates; `consistency.completed` makes them `Origins`."""
    place.require(set(plain) == {"panel", "scaler", "unscaled", "covariates"}, plain, "the ends of the series")
    scaler = SCALER.read(plain["scaler"], place.at("scaler"))
    place.require((scaler.scale > 0).all() and not np.isnan(scaler.center).any(), "a scaler", "one above 0")
    panel = PANEL.read(plain["panel"], place.at("panel"))
    beside = COVARIATES.read(plain["covariates"], place.at("covariates"))
    return panel, Unscaled(scaler) if FLAG.read(plain["unscaled"], place) else scaler, beside


ORIGINS = Spec(_write_origins, _read_origins)
_REALS = several(REAL, "levels")


def _read_levels(plain, place):
    levels = _REALS.read(plain, place)
    rising = all(low < high for low, high in itertools.pairwise((0.0, *levels, 1.0)))
    place.require(rising and MEDIAN in levels, levels, f"levels that rise from above 0 to below 1, with {MEDIAN}")
    return levels


LEVELS = Spec(_REALS.write, _read_levels)
SPREAD = record(
    lambda **parts: ErrorDistribution((), **parts),
    errors=array(("float32",), None, "horizon", "channels", "levels"),
    calibrate=FLAG,
)


LOSSES = several(REAL, "epochs", kind=list)
COMMON = {
    "horizon_": number("horizon"),
    "lookback_": number("lookback"),
    "season_": number(),
    "levels_": LEVELS,
    "layout_": LAYOUT,
    "schema_": SCHEMA,
    "origins_": ORIGINS,
    "naive_error_": array(("float64",), "series", "channels"),
    "spread_": optional(SPREAD),
}
NETWORK = COMMON | {
    "normalization_": optional(TEXT),
    "fallback_": optional(array(("float64",), None, "horizon", finite=True)),
    "fitted_params_": ARGUMENTS,
    "training_history_": Spec(
        lambda value, place: {name: LOSSES.write(part, place.at(name)) for name, part in value.items()},
        lambda plain, place: {name: LOSSES.read(part, place.at(name)) for name, part in plain.items()},
    ),
    "network_": several(array(("float16", *FLOATS), ..., finite=True), kind=list),
}
PATCHED = NETWORK | {"patch_size_": number()}
LINEAR = COMMON | {
    "coefficients_": array(("float64",), None, "horizon", finite=True),
    "penalty_": REAL,
    "held_out_": FLAG,
}
ENSEMBLE = COMMON | {
    "members_": several(
        Spec(
            lambda member, place: write_forecaster(member, place),
            lambda plain, place: place.helpers["forecaster"](plain, place),
        ),
        "members",
        kind=list,
    ),
    "weights_": optional(array(("float64",), "members", finite=True)),
}
STATES = {
    "Seq2SeqForecaster": PATCHED,
    "AttentionForecaster": PATCHED,
    "TransformerForecaster": PATCHED,
    "CoreForecaster": PATCHED,
    "InvertedTransformerForecaster": NETWORK,
    "LinearForecaster": LINEAR,
    "SeasonalNaiveForecaster": COMMON,
    "EnsembleForecaster": ENSEMBLE,
}


def write_forecaster(forecaster, place):
    """A fitted forecaster as plain values: its kind, its arguments and its state.

    Raises:
        ModelFileError: a file cannot hold it.
    """
    place = dataclasses.replace(place, sizes={})
    kind = kind_of(forecaster, "The forecaster")
    state = forecaster.__getstate__()
    state = {NAMES_IN_FILE.get(name, name): value for name, value in state.items() if name.endswith("_")}
    return {
        "kind": kind,
        "params": write_arguments(forecaster, place.at("params")),
        "state": fields(STATES[kind]).write(state, place.at("state")),
    }
