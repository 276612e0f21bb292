"""A forecaster from the plain values and arrays of a file; the network is built by us, and gets the weights."""

import dataclasses

from tsattn.forecasters.arguments import ARGUMENTS, made
from tsattn.forecasters.consistency import check_members, completed
from tsattn.forecasters.model import STATES
from tsattn.persistence.specs import fields


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
    forecaster.__setstate__({**params, **state})
    if not {"network_", "members_"} & set(state):  # those are checked by their shapes and by themselves
        _, inputs = next(iter(state["origins_"].batches()))
        wanted = (len(inputs["history"]), state["horizon_"], inputs["history"].shape[2], len(state["levels_"]))
        came = forecaster._forecast(inputs).shape
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
    wanted = fitted._network_build().shapes()
    came = [weight.shape for weight in weights]
    place.require(came == wanted, f"weights of the shapes {came}", f"those of the network, {wanted}")
