"""Exported graphs run without tsattn and return the same forecasts."""

import importlib.util
import os
import pathlib
import pickle
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FORECASTERS, HORIZON, monthly, panel, shops, wide

import tsattn
from tsattn.export.transforms import FUNCTIONS
from tsattn.forecasters.export_graph import _description, _graph
from tsattn.series.transforms import TRANSFORMS
from tsattn.testing.data import covariates

KNOWN = {"past_covariates": ["price"], "calendar": ("month",)}
MODELS = {
    "seq2seq": (
        {"decoding": "recursive", "target_transform": "asinh"},
        lambda: (monthly().where(np.arange(60) % 11 > 0) + 1e4,),
    ),
    "attention": (KNOWN, lambda: (panel(), covariates(70), shops())),
    "transformer": ({"quantiles": (0.1, 0.9), "positive": True, "mix_channels": True}, lambda: (wide(),)),
    "inverted": (KNOWN, lambda: (wide()[wide().index.month != 7].asfreq("MS"), covariates(70))),
    "core": ({"quantiles": (0.1, 0.9)}, lambda: (monthly().where(np.arange(60) % 11 > 0),)),
}
WITH_FALLBACK = "transformer"  # its point forecast is replaced by a linear fallback
CONVERTED = ("seq2seq", "attention", "transformer")  # their operations include those of the other networks
SUFFIXES = {"saved_model": "", "onnx": ".onnx", "litert": ".tflite"}
# Programs that run a graph without tsattn.
RUNTIMES = {
    "saved_model": """
import tensorflow as tf
def run(path, inputs):
    graph = tf.saved_model.load(path)
    return graph.serve(inputs).numpy()
""",
    "onnx": """
import onnxruntime
def run(path, inputs):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {part.name: inputs[part.name] for part in session.get_inputs()})[0]
""",
    "litert": """
import numpy
from ai_edge_litert.interpreter import Interpreter
def run(path, inputs):
    run = Interpreter(path).get_signature_runner()
    rows = [{name: part[row : row + 1] for name, part in inputs.items()} for row in range(len(inputs["history"]))]
    return numpy.concatenate([next(iter(run(**row).values())) for row in rows])
""",
}
REQUIREMENTS = {"saved_model": ["tensorflow"], "onnx": ["tf2onnx", "onnxruntime"], "litert": ["ai_edge_litert"]}
MAIN = """
import pickle, sys
with open(sys.argv[1], "rb") as file:
    cases = pickle.load(file)
outputs = {name: run(path, inputs) for name, (path, inputs) in cases.items()}
assert "tsattn" not in sys.modules
with open(sys.argv[1], "wb") as file:
    pickle.dump(outputs, file)
"""


@pytest.fixture(scope="module")
def models():
    """Dict of a fitted network and its raw inputs, by name in the table."""
    fitted = {}
    for name, (options, data) in MODELS.items():
        y, covariates, static = [*data(), None, None][:3]
        model = FORECASTERS[name](horizon=HORIZON, **options).fit(y, covariates, static=static)
        if name == WITH_FALLBACK:
            steps = model.lookback_ - 1
            model.fallback_ = np.random.default_rng(0).normal(size=(steps + 1, HORIZON)) / steps
        fitted[name] = model, raw_inputs(model)
    return fitted


def raw_inputs(model):
    """Return the inputs of the graph in the units of the data: numbers unchanged, categories as codes."""
    origins, schema, series = model.origins_, model.schema_, np.arange(len(model.layout_))
    inputs = {"history": origins.panel.last(model.lookback_).astype("float32")}
    ((_, scaled),) = origins.batches()
    for kind in ("past", "known", "static"):
        if kind in scaled:
            columns = getattr(schema, kind)
            calendar = scaled[kind].shape[-1] - len(columns)  # columns that are not scaled
            center = [column.center for column in columns] + [0.0] * calendar
            scale = [column.scale for column in columns] + [1.0] * calendar
            inputs[kind] = (scaled[kind] * np.array(scale) + np.array(center)).astype("float32")
    return inputs | ({"series": series.astype("int32")} if len(series) > 1 else {})


def expected(model):
    """Return the forecast of the forecaster itself, as an array."""
    forecasts = []
    for series, inputs in model.origins_.batches():
        outputs = model._model().forecast(inputs)
        forecasts.append(model.origins_.in_units(series, outputs, model._domain))
    forecasts = np.concatenate(forecasts)
    return forecasts if len(model.levels_) > 1 else forecasts[..., 0]


@pytest.mark.parametrize("format", RUNTIMES)
def test_graph_runs_without_tsattn_and_returns_same_forecast(format, models, tmp_path):
    if missing := [name for name in REQUIREMENTS[format] if importlib.util.find_spec(name) is None]:
        pytest.skip(f"{missing} not installed")
    cases = {}
    names = models if format == "saved_model" else CONVERTED
    for name in names:
        model, inputs = models[name]
        path = tmp_path / f"{name}{SUFFIXES[format]}"
        model.export(path, format=format)
        cases[name] = str(path), inputs
    assert len(list(tmp_path.iterdir())) == len(cases)
    exchange = tmp_path / "cases.pkl"
    exchange.write_bytes(pickle.dumps(cases))
    command = [sys.executable, "-c", RUNTIMES[format] + MAIN, str(exchange)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    outputs = pickle.loads(exchange.read_bytes())
    for name in names:
        np.testing.assert_allclose(outputs[name], expected(models[name][0]), rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_a_graph_are_those_of_the_forecaster(name):
    function, inverse_function = FUNCTIONS[name]
    values = np.array([0.5, 1.0, 30.0, -0.5, -30.0], "float32")
    values = values if name is None else values[values >= TRANSFORMS[name].lowest]
    expected = values if name is None else TRANSFORMS[name].apply(values)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(function(values)), expected, rtol=1e-6)
    scaled = np.linspace(-3, 3, 7, dtype="float32")
    expected = scaled if name is None else TRANSFORMS[name].invert(scaled.astype("float64"))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(inverse_function(scaled)), expected, rtol=1e-6)


def test_graph_of_counts_returns_whole_numbers():
    y = pd.Series(np.random.default_rng(0).poisson(2.0, 84), pd.date_range("2015-01", periods=84, freq="MS"))
    model = FORECASTERS["seq2seq"](horizon=HORIZON, counts=True, quantiles=(0.1, 0.9)).fit(y)
    ((_, inputs),) = model.origins_.batches()
    exact = model.origins_.in_units(np.array([0]), model._model().forecast(inputs))
    assert (np.abs(exact % 1 - 0.5) > 1e-4).all()  # float32 rounds to the same counts
    graph = _graph(model, model._model())
    forecast = keras.ops.convert_to_numpy(graph({"history": raw_inputs(model)["history"]}))
    np.testing.assert_array_equal(forecast, expected(model))


def test_point_forecast_equals_predict(models):
    model, _ = models["attention"]
    np.testing.assert_allclose(expected(model).ravel(), model.predict(), rtol=1e-6)


def test_graph_of_last_value_fallback_returns_last_value(models):
    y = pd.Series(np.random.default_rng(0).normal(size=200).cumsum() + 300, pd.date_range("2024-01-01", periods=200))
    with pytest.warns(UserWarning, match="the last value is used"):
        model = FORECASTERS["seq2seq"](horizon=HORIZON, fallback=True, quantiles=(0.1, 0.9)).fit(y)
    y.iloc[-1] = np.nan
    graph = _graph(model, model._model())
    history = y[-model.lookback_ :].to_numpy("float32")[None, :, None]
    forecast = keras.ops.convert_to_numpy(graph({"history": history}))
    np.testing.assert_allclose(forecast[0, :, 0, 1], y.iloc[-2], rtol=1e-5)
    quantiles = model.predict_quantiles([0.1, 0.5, 0.9], y=y)
    np.testing.assert_allclose(forecast[0, :, 0], quantiles, rtol=1e-5)


def test_description_lists_inputs_and_outputs(models):
    model = models["attention"][0]
    description = _description(model.layout_, model.schema_, model.levels_)
    assert description.pop("categories") == {"kind": ["x", "y", "z"], "size": ["s", "m", "l"]}
    assert description == {
        "channels": ["sales"],
        "past": ["price"],
        "known": ["promo", "kind", "month_sin", "month_cos"],
        "static": ["size", "area"],
        "series": ["a", "b", "c", "d"],
        "levels": [0.5],
    }


@pytest.mark.parametrize("size", [1e45, 1e-50])
def test_scale_outside_float32_is_rejected(size, tmp_path):
    model = FORECASTERS["core"](horizon=HORIZON).fit(monthly() * size)
    assert np.isfinite(model.predict()).all()
    with pytest.raises(ValueError, match=r"`y` varies by .*the graph uses float32.*Rescale the data"):
        model.export(tmp_path / "graph")
    table = covariates(70)
    table = table.assign(promo=table["promo"] * size)
    model = FORECASTERS["core"](horizon=HORIZON).fit(panel(), table, static=shops())
    with pytest.raises(ValueError, match="`covariates` varies by"):
        model.export(tmp_path / "graph")
    assert list(tmp_path.iterdir()) == []


INVALID = {
    "a format that is not a string": (
        ("a", {"format": ["onnx"]}),
        ValueError,
        r"`format` is \['onnx'\], but must be one of",
    ),
    "a null character": (("a\0", {}), ValueError, "a null character"),
    "a folder instead of a file": (
        ("old.onnx", {"format": "onnx", "overwrite": True}),
        FileExistsError,
        "exists and is not a regular file",
    ),
    "an unknown format": (
        ("a", {"format": "pickle"}),
        ValueError,
        "`format` is 'pickle', but must be one of 'saved_model'",
    ),
    "another suffix": (("a.zip", {"format": "onnx"}), ValueError, "'a.zip' must end in '.onnx'"),
    "a folder with a suffix": (("a.onnx", {}), ValueError, "'a.onnx' must be a folder without a suffix"),
    "a missing folder": (("none/a", {}), FileNotFoundError, "The folder none does not exist"),
    "an existing path": (("old", {}), FileExistsError, "overwrite=True"),
    "a folder without a graph": (("old", {"overwrite": True}), FileExistsError, "not a folder with a graph"),
    "the working directory": ((".", {"overwrite": True}), FileExistsError, "not a folder with a graph"),
}


@pytest.mark.parametrize(("call", "error", "message"), INVALID.values(), ids=INVALID)
def test_invalid_call_is_rejected(call, error, message, models, folder):
    for name in ("old", "old.onnx"):
        (folder / name).mkdir()
    path, options = call
    with pytest.raises(error, match=message):
        models["core"][0].export(path, **options)
    assert sorted(part.name for part in folder.iterdir()) == ["old", "old.onnx"]


@pytest.mark.parametrize("name", ["linear", "seasonal_naive", "ensemble"])
def test_forecaster_without_network_is_rejected(name, tmp_path):
    members = [tsattn.LinearForecaster(HORIZON)]
    options = {"members": members} if name == "ensemble" else {}
    model = FORECASTERS[name](horizon=HORIZON, **options).fit(monthly())
    with pytest.raises(TypeError, match="has no single network to export"):
        model.export(tmp_path / "graph")


def test_missing_converter_and_other_backend_are_rejected(models, folder, monkeypatch):
    model = models["core"][0]
    found = importlib.util.find_spec
    with monkeypatch.context() as patch:
        patch.setattr("importlib.util.find_spec", lambda name: None if name == "tf2onnx" else object())
        with pytest.raises(ImportError, match=r'requires tf2onnx. Install it with: pip install "tsattn\[export\]"'):
            model.export("a.onnx", format="onnx")
    assert importlib.util.find_spec is found
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(ImportError, match="'jax' backend, but export requires the TensorFlow backend"):
        model.export("a")
    assert list(folder.iterdir()) == []


def fail_second_call(rename):
    """Return a replacement for `rename` whose second call fails."""
    calls = []

    def failing_rename(old, new):
        calls.append(old)
        if len(calls) == 2:
            raise OSError(28, "the disk is full")
        rename(old, new)

    return failing_rename


def test_overwrite_replaces_the_whole_folder_or_nothing(models, tmp_path, monkeypatch):
    path = tmp_path / "graph"
    path.mkdir()
    for name in ("old", "saved_model.pb"):
        (path / name).write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr("os.rename", fail_second_call(os.rename))
        with pytest.raises(OSError, match="full"):
            models["core"][0].export(path, overwrite=True)
    assert (path / "saved_model.pb").read_text() == (path / "old").read_text() == "old"
    models["core"][0].export(path, overwrite=True)
    assert not (path / "old").exists() and (path / "saved_model.pb").exists()
    assert [part.name for part in pathlib.Path(tmp_path).iterdir()] == ["graph"]


@pytest.mark.parametrize("format", ["saved_model", "onnx"])
def test_path_created_during_export_is_not_overwritten(format, models, tmp_path, monkeypatch):
    path = tmp_path / f"graph{SUFFIXES[format]}"

    def export(graph, partial, **options):
        pathlib.Path(partial).write_text("new")
        path.write_text("other")

    monkeypatch.setattr("tsattn.export.graph.ForecastGraph.export", export)
    with pytest.raises(FileExistsError, match=r"graph(\.onnx)? (exists|already exists)"):
        models["core"][0].export(path, format=format)
    assert [part.name for part in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "other"


@pytest.mark.skipif(sys.platform == "win32", reason="requires POSIX permissions")
def test_replaced_file_keeps_its_permissions(models, tmp_path):
    path = tmp_path / "graph.onnx"
    path.write_text("old")
    path.chmod(0o600)
    models["core"][0].export(path, format="onnx", overwrite=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() != b"old"
