"""`target_transform`: forecasts of an increasing function of the series, in the units of the series."""

import json

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, FORECASTERS, HORIZON, monthly, wide
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_table import long_frame
from same import assert_same

from tsattn import (
    EnsembleForecaster,
    LinearForecaster,
    ModelFileError,
    SeasonalNaiveForecaster,
    Training,
    load_forecaster,
)
from tsattn.persistence.container import STATE, pack, unpack
from tsattn.persistence.strict_json import encode_json

FUNCTIONS = {
    "log": (np.log, np.exp),
    "log1p": (np.log1p, np.expm1),
    "sqrt": (np.sqrt, np.square),
    "asinh": (np.arcsinh, np.sinh),
}
GROWING = monthly(120) * np.exp(np.arange(120) / 40)
HISTORY, LATER = GROWING[:108], GROWING
PANEL = pd.concat({"a": HISTORY, "b": 1e3 * HISTORY[20:]}, names=["shop"])


def linear(**options):
    return LinearForecaster(HORIZON, calibrate=True, validation_fraction=0.3, **options)


def network(**options):
    training = {"training": Training(**FAST, validation_fraction=0.3), "decoding": "recursive"}
    return FORECASTERS["seq2seq"](horizon=HORIZON, quantiles=(0.1, 0.9), **training, **options)


def statistical(**options):
    return FORECASTERS["statistical"](horizon=HORIZON, quantiles=(0.1, 0.9), **options)


# Function of further arguments that returns a forecaster, name of the transform, series.
CASES = {
    **{name: (linear, name, HISTORY) for name in FUNCTIONS},
    "channels": (linear, "log", pd.DataFrame({"x": HISTORY, "y": 50 * HISTORY[::-1].to_numpy()})),
    "panel": (linear, "log", PANEL),
    "float32": (linear, "log", HISTORY.astype("float32")),
    "missing values": (linear, "log1p", HISTORY.where(np.arange(108) % 11 > 0)),
    "network": (network, "log", HISTORY),
    "calibrated network": (lambda **options: network(calibrate=True, **options), "sqrt", HISTORY),
}
if "statistical" in FORECASTERS:  # its package is installed
    CASES["statistical"] = (statistical, "log", HISTORY)


@pytest.fixture(scope="module", params=CASES)
def case(request):
    """A forecaster with a transform, one that is fitted to transformed series, the inverse, and the series."""
    make, name, y = CASES[request.param]
    function, inverse = FUNCTIONS[name]
    return make(target_transform=name).fit(y), make().fit(function(y)), function, inverse, y


CALLS = {
    "predict": lambda model, y, f: model.predict(),
    "beyond the horizon": lambda model, y, f: model.predict(horizon=3 * HORIZON),
    "another history": lambda model, y, f: model.predict(y=f(y.iloc[:-1])),
    "another series": lambda model, y, f: model.predict(y=f(y * 1e4)),
    "quantiles": lambda model, y, f: model.predict_quantiles([0.2, 0.5, 0.8]),
    "interval": lambda model, y, f: model.predict_interval(0.5, y=f(y)),
    "paths": lambda model, y, f: model.sample_paths(20, random_state=0),
    "windows": lambda model, y, f: model.predict_windows(f(y), windows=4, quantiles=[0.3]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_forecasts_are_the_inverse_of_those_of_the_transformed_series(case, call):
    model, plain, function, inverse, y = case
    found, expected = call(model, y, lambda y: y), inverse(call(plain, y, function))
    rtol = 1e-5 if "float32" in str(y.dtypes) else 1e-6
    if isinstance(found, np.ndarray):
        np.testing.assert_allclose(found, expected, rtol=rtol)
    else:
        check = pd.testing.assert_series_equal if found.ndim == 1 else pd.testing.assert_frame_equal
        check(found, expected, rtol=rtol)


def test_score_is_in_the_units_of_the_data(case):
    model, _, _, _, y = case
    if y.ndim == 1 and y.index.nlevels == 1:
        actual = LATER[108:]
        errors, naive = np.abs(model.predict() - actual[:HORIZON]), np.abs(y.astype("float64").diff(12)).mean()
        assert model.score(actual[:HORIZON]) == pytest.approx(-errors.mean() / naive, rel=1e-5)


def test_teacher_forcing_returns_values_in_the_units_of_the_data():
    found = network(target_transform="log").fit(HISTORY).predict_windows_taught(HISTORY, windows=3)
    expected = network().fit(np.log(HISTORY)).predict_windows_taught(np.log(HISTORY), windows=3)
    np.testing.assert_allclose(found, np.exp(expected), rtol=1e-6)


@settings(deadline=None, max_examples=20)
@given(st.floats(1e-6, 1e6))
def test_logarithms_make_forecasts_proportional_to_the_units(factor):
    expected = linear(target_transform="log").fit(HISTORY).predict_interval(0.5)
    found = linear(target_transform="log").fit(HISTORY * factor).predict_interval(0.5)
    np.testing.assert_allclose(found, factor * expected, rtol=1e-5)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("value", [0.0, 7.3, 1e9 + 0.1])
def test_a_constant_series_is_forecast_exactly(name, value):
    if value == 0 and name == "log":
        return
    model = linear(target_transform=name).fit(HISTORY * 0 + value)
    for table in (model.predict(horizon=20), model.predict_interval(0.5), model.sample_paths(5)):
        assert np.unique(table).tolist() == [value]


def test_zeros_and_positive_forecasts():
    y = HISTORY.where(np.arange(108) % 3 > 0, 0.0)
    for name in ("log1p", "sqrt", "asinh"):
        model = linear(target_transform=name, positive=True).fit(y)
        assert model.predict(horizon=30).min() >= 0 and model.predict_interval(0.5).min(axis=None) >= 0
    falling = pd.Series(np.linspace(10, 0.5, 108) ** 2, HISTORY.index)
    assert linear(target_transform="sqrt").fit(falling).predict(horizon=60).iloc[-1] == 0  # its root falls further


@pytest.mark.parametrize("key", ["linear", "seq2seq", "ensemble"])
def test_values_outside_of_the_domain_are_refused(key):
    invalid = LATER.where(np.arange(120) != 7, -2.0)
    message = r"`y` is -2 at 2020-08-01 00:00:00, but `target_transform` is 'log', which requires values above 0\. Use"
    forecaster = FORECASTERS[key](horizon=HORIZON, target_transform="log")
    with pytest.raises(ValueError, match=message):
        forecaster.fit(invalid)
    assert not hasattr(forecaster, "origins_")
    model = forecaster.fit(HISTORY)
    for call in (lambda: model.predict(y=invalid), lambda: model.predict_windows(invalid, windows=2)):
        with pytest.raises(ValueError, match=message):
            call()
    assert np.isfinite(model.score(LATER[108:] * 0 - 1.0))  # actual values may be any


def test_an_overflow_of_the_inverse_is_explained():
    explosive = pd.Series(np.exp(10.0 * np.arange(60)), HISTORY.index[:60])
    model = LinearForecaster(HORIZON, target_transform="log").fit(explosive)
    assert np.isfinite(model.predict()).all()
    with pytest.raises(ValueError, match=r"overflows float64 in the inverse of `target_transform` 'log'\. Lower `hori"):
        model.predict(horizon=36)


def test_seasonal_naive_ignores_it():
    plain = SeasonalNaiveForecaster(HORIZON, calibrate=True, validation_fraction=0.3)
    y = wide(108) - 30
    for call in (lambda model: model.predict(), lambda model: model.predict_interval(0.5)):
        expected = call(plain.set_params(target_transform=None).fit(y))
        pd.testing.assert_frame_equal(call(plain.set_params(target_transform="log").fit(y)), expected, check_exact=True)


def test_an_ensemble_passes_it_on():
    members = [LinearForecaster(HORIZON), LinearForecaster(HORIZON, lookback=12), SeasonalNaiveForecaster(HORIZON)]
    model = EnsembleForecaster(HORIZON, members=members, weights="equal", target_transform="log").fit(HISTORY)
    assert [member.target_transform for member in model.members_] == ["log"] * 3
    expected = np.mean([np.log(member.predict()) for member in model.members_], axis=0)
    np.testing.assert_allclose(np.log(model.predict()), expected, rtol=1e-6)
    with pytest.raises(ValueError, match=r"`members`\[0\] has target_transform='log', but the ensemble has target_tra"):
        EnsembleForecaster(HORIZON, members=[LinearForecaster(HORIZON, target_transform="log")]).fit(HISTORY)


def test_change_after_the_fit_takes_effect_at_the_next_fit():
    model = linear(target_transform="log").fit(HISTORY)
    before = model.predict(y=LATER)
    pd.testing.assert_series_equal(model.set_params(target_transform=None).predict(y=LATER), before, check_exact=True)
    assert not np.allclose(model.fit(HISTORY).predict(y=LATER), before)


def test_warm_start_keeps_it():
    model = FORECASTERS["seq2seq"](horizon=HORIZON, target_transform="log").fit(HISTORY)
    assert model.fit(LATER, warm_start=True).predict().min() > 0
    with pytest.raises(ValueError, match=r"\['target_transform'\] changed since then"):
        model.set_params(target_transform="sqrt").fit(LATER, warm_start=True)


def test_pretrained_networks_start_with_it():
    training = Training(epochs=0)
    model = FORECASTERS["attention"](horizon=HORIZON, training=training, units=128, target_transform="log")
    plain = FORECASTERS["attention"](horizon=HORIZON, training=training, units=128).fit(np.log(HISTORY))
    assert model.fit(HISTORY).pretrained_ == plain.pretrained_ == "attention-12"
    np.testing.assert_allclose(model.predict(), np.exp(plain.predict()), rtol=1e-6)


SAVED = {
    "linear": lambda: linear(target_transform="log1p").fit(PANEL),
    "network": lambda: network(target_transform="sqrt").fit(long_frame(PANEL)),
    "ensemble": lambda: FORECASTERS["ensemble"](horizon=HORIZON, target_transform="log").fit(HISTORY),
    "changed": lambda: linear(target_transform="log").fit(HISTORY).set_params(target_transform=None),
}


@pytest.mark.parametrize("make", SAVED.values(), ids=SAVED)
def test_saved_forecasters_forecast_the_same_bits(make, tmp_path):
    model, path = make(), tmp_path / "model.tsattn"
    model.save(path)
    loaded = load_forecaster(path)
    assert_same(loaded, model)
    assert loaded.predict(horizon=20).equals(model.predict(horizon=20))
    if model.error_distribution_ is not None:
        assert loaded.predict_interval(0.5).equals(model.predict_interval(0.5))
    loaded.save(tmp_path / "again.tsattn")
    assert (tmp_path / "again.tsattn").read_bytes() == path.read_bytes()


def unscaled(origins):
    origins["unscaled"] = True


def without_moments(origins):
    origins["transformed"]["scaler"] = origins["scaler"]


FILES = {
    "an unknown function": (lambda origins: origins["transformed"].update(function="sqr"), "one of .'log', 'log1p'"),
    "another domain": (lambda origins: origins["transformed"].update(function="log"), "requires values above 0"),
    "no scaling": (unscaled, "scaled by Unscaled, but must be scaled by Scaler"),
    "no moments": (without_moments, "must be an array in the file"),
    "none": (lambda origins: origins.update(transformed=None), "must be a dict"),
}


@pytest.mark.parametrize(("change", "message"), FILES.values(), ids=FILES)
def test_an_invalid_transform_in_a_file_is_refused(change, message, tmp_path):
    path = tmp_path / "model.tsattn"
    linear(target_transform="asinh").fit(HISTORY - HISTORY.iloc[-1]).save(path)
    kind, members = unpack(path.read_bytes())
    state = json.loads(members[STATE])
    change(state["origins_"])
    path.write_bytes(pack(kind, {}, {**members, STATE: encode_json(state)}))
    with pytest.raises(ModelFileError, match=message):
        load_forecaster(path)
