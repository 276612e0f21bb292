"""A fitted forecaster as plain values and arrays, and back: what each kind keeps, attribute by attribute."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import keras

from tsattn.forecasters.arguments import ARGUMENTS, kind_of, made
from tsattn.forecasters.learning import seeded
from tsattn.forecasters.state import LAYOUT, ORIGINS, SCHEMA, SPREAD, completed
from tsattn.persistence.specs import FLAG, FLOATS, REAL, TEXT, Spec, array, fields, number, optional, several

LOSSES = several(REAL, "epochs", kind=list)
COMMON = {
    "horizon_": number("horizon"),
    "lookback_": number("lookback"),
    "season_": number(),
    "levels_": several(REAL, "levels"),
    "layout_": LAYOUT,
    "schema_": SCHEMA,
    "origins_": ORIGINS,
    "naive_error_": array(("float64",), "series", "channels"),
    "spread_": optional(SPREAD),
}
NETWORK = COMMON | {
    "normalization_": optional(TEXT),
    "falls_back_": FLAG,
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
        Spec(lambda member, place: write_forecaster(member, place), lambda plain, place: read_forecaster(plain, place)),
        "members",
        kind=list,
    ),
    "weights_": array(("float64",), "members", finite=True),
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
        "params": ARGUMENTS.write(forecaster.get_params(deep=False), place.at("params")),
        "state": fields(STATES[kind]).write(state, place.at("state")),
    }


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
    if "network_" in state:
        _refuse_other_weights(kind, state, place)
    for member in state.get("members_", ()):
        fits = (member.horizon_, member.levels_) == (state["horizon_"], state["levels_"])
        fits = fits and member.lookback_ <= state["lookback_"] and len(member.layout_) == len(state["layout_"])
        place.require(fits, "an ensemble of other members", "one of members with its own horizon and levels")
    forecaster = object.__new__(kind)
    forecaster.__setstate__({**params, **state})
    return forecaster


def _refuse_other_weights(kind, state, place):
    """A ModelFileError unless the network that is to be built has weights of just these shapes.

    It is first built without memory for its weights: a small file is not to take all there is. Keras keeps a list of
    variables that have none yet, for each thread: here it goes with a thread of its own.
    """
    weights, arguments = state["network_"], state["fitted_params_"]
    fitted = made(kind, arguments, place.at("fitted_params_"))
    blocks = sum(arguments.get(name, 0) for name in ("layers", "decoder_layers"))
    place.require(blocks <= len(weights), f"a network of {blocks} layers", f"one of {len(weights)} weights")
    vars(fitted).update({name: value for name, value in state.items() if name != "network_"})
    with ThreadPoolExecutor(1) as thread:
        wanted = thread.submit(_shapes, fitted).result()
    came = [weight.shape for weight in weights]
    place.require(came == wanted, f"weights of the shapes {came}", f"those of the network, {wanted}")


def _shapes(fitted):
    with seeded(0), keras.StatelessScope(initialize_variables=False):
        return [tuple(weight.shape) for weight in fitted._network().weights]
