"""A fitted forecaster as plain values and arrays: what each kind keeps, attribute by attribute."""

import dataclasses

from tsattn.forecasters.arguments import ARGUMENTS, kind_of, write_arguments
from tsattn.forecasters.state import LAYOUT, LEVELS, ORIGINS, SCHEMA, SPREAD
from tsattn.persistence.specs import FLAG, FLOATS, REAL, TEXT, Spec, array, fields, number, optional, several

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
    state = {name: value for name, value in forecaster.__getstate__().items() if name.endswith("_")}
    return {
        "kind": kind,
        "params": write_arguments(forecaster, place.at("params")),
        "state": fields(STATES[kind]).write(state, place.at("state")),
    }
