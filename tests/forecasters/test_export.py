"""Graphs that run without tsattn, and forecast the same."""

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
from forecaster_table import FORECASTERS, HORIZON, beside, monthly, panel, shops, wide

import tsattn
from tsattn.forecasters.export_graph import _description, _graph

KNOWN = {"past_covariates": ["price"], "calendar": ("month",)}
MODELS = {
    "seq2seq": ({"decoding": "recursive"}, lambda: (monthly() + 1e4,)),
    "attention": (KNOWN, lambda: (panel(), beside(70), shops())),
    "transformer": ({"quantiles": (0.1, 0.9), "positive": True, "mix_channels": True}, lambda: (wide(),)),
    "inverted": (KNOWN, lambda: (wide()[wide().index.month != 7].asfreq("MS"), beside(70))),
    "core": ({"quantiles": (0.1, 0.9)}, lambda: (monthly().where(np.arange(60) % 11 > 0),)),
}
STANDING_IN = "core"  # the one of them for which a linear forecast stands in
SUFFIXES = {"saved_model": "", "onnx": ".onnx", "litert": ".tflite"}
# What runs a graph; no word of tsattn.
RUNS = {
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
NEEDED = {"saved_model": ["tensorflow"], "onnx": ["tf2onnx", "onnxruntime"], "litert": ["ai_edge_litert"]}
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
    """Each network of the table with its raw inputs, fitted once."""
    fitted = {}
    for name, (options, data) in MODELS.items():
        y, covariates, static = [*data(), None, None][:3]
        model = FORECASTERS[name](horizon=HORIZON, **options).fit(y, covariates, static=static)
        if name == STANDING_IN:
            steps = model.lookback_ - 1
            model.fallback_ = np.random.default_rng(0).normal(size=(steps + 1, HORIZON)) / steps
        fitted[name] = model, raw_inputs(model)
    return fitted


def raw_inputs(model):
    """What the graph wants, in the units of the data: numbers as they came, categories as codes."""
    origins, schema, series = model.origins_, model.schema_, np.arange(len(model.layout_))
    inputs = {"history": origins.panel.last(model.lookback_).astype("float32")}
    ((_, scaled),) = origins.batches()
    for kind in ("past", "known", "static"):
        if kind in scaled:
            columns = getattr(schema, kind)
            rest = [0.0] * (scaled[kind].shape[-1] - len(columns)), [1.0] * (scaled[kind].shape[-1] - len(columns))
            center, scale = [c.center for c in columns] + rest[0], [c.scale for c in columns] + rest[1]
            inputs[kind] = (scaled[kind] * np.array(scale) + np.array(center)).astype("float32")
    return inputs | ({"series": series.astype("int32")} if len(series) > 1 else {})


def expected(model):
    """What the forecaster says itself, as an array."""
    forecasts = []
    for series, inputs in model.origins_.batches():
        outputs = model._model().forecast(inputs)
        forecasts.append(model.origins_.in_units(series, outputs, model.positive))
    forecasts = np.concatenate(forecasts)
    return forecasts if len(model.levels_) > 1 else forecasts[..., 0]


@pytest.mark.parametrize("format", RUNS)
def test_it_runs_without_tsattn_and_forecasts_the_same(format, models, tmp_path):
    if lacking := [name for name in NEEDED[format] if importlib.util.find_spec(name) is None]:
        pytest.skip(f"{lacking} not installed")
    cases = {}
    for name, (model, inputs) in models.items():
        path = tmp_path / f"{name}{SUFFIXES[format]}"
        model.export(path, format=format)
        cases[name] = str(path), inputs
    assert len(list(tmp_path.iterdir())) == len(cases)
    handed = tmp_path / "cases.pkl"
    handed.write_bytes(pickle.dumps(cases))
    command = [sys.executable, "-c", RUNS[format] + MAIN, str(handed)]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    outputs = pickle.loads(handed.read_bytes())
    for name, (model, _) in models.items():
        np.testing.assert_allclose(outputs[name], expected(model), rtol=1e-5, err_msg=name)


def test_the_point_forecast_is_that_of_predict(models):
    model, _ = models["attention"]
    np.testing.assert_allclose(expected(model).ravel(), model.predict(), rtol=1e-6)


def test_where_the_last_value_is_forecast_the_graph_does_it_too(models):
    y = pd.Series(np.random.default_rng(0).normal(size=200).cumsum() + 300, pd.date_range("2024-01-01", periods=200))
    with pytest.warns(UserWarning, match="the last value is used"):
        model = FORECASTERS["seq2seq"](horizon=HORIZON, fallback=True, quantiles=(0.1, 0.9)).fit(y)
    y.iloc[-1] = np.nan
    graph = _graph(model, model._model())
    history = y[-model.lookback_ :].to_numpy("float32")[None, :, None]
    forecast = keras.ops.convert_to_numpy(graph({"history": history}))
    np.testing.assert_allclose(forecast[0, :, 0, 1], y.iloc[-2], rtol=1e-5)
    wanted = model.predict_quantiles([0.1, 0.5, 0.9], y=y)
    np.testing.assert_allclose(forecast[0, :, 0], wanted, rtol=1e-5)


def test_what_goes_in_is_told(models):
    model = models["attention"][0]
    told = _description(model.layout_, model.schema_, model.levels_)
    assert told.pop("categories") == {"kind": ["x", "y", "z"], "size": ["s", "m", "l"]}
    assert told == {
        "channels": ["sales"],
        "past": ["price"],
        "known": ["promo", "kind", "month_sin", "month_cos"],
        "static": ["size", "area"],
        "series": ["a", "b", "c", "d"],
        "levels": [0.5],
    }


@pytest.mark.parametrize("size", [1e45, 1e-50])
def test_numbers_that_float32_does_not_hold_are_refused(size, tmp_path):
    model = FORECASTERS["core"](horizon=HORIZON).fit(monthly() * size)
    assert np.isfinite(model.predict()).all()
    with pytest.raises(ValueError, match=r"`y` varies by .*the graph uses float32.*Rescale the data"):
        model.export(tmp_path / "graph")
    y, beside_it, of_them = panel(), beside(70), shops()
    model = FORECASTERS["core"](horizon=HORIZON).fit(
        y, beside_it.assign(promo=beside_it["promo"] * size), static=of_them
    )
    with pytest.raises(ValueError, match="`covariates` varies by"):
        model.export(tmp_path / "graph")
    assert list(tmp_path.iterdir()) == []


WRONG = {
    "no format": (("a", {"format": ["onnx"]}), ValueError, r"`format` is \['onnx'\], but must be one of"),
    "no name": (("a\0", {}), ValueError, "a character 0"),
    "a folder in the place of a file": (
        ("old.onnx", {"format": "onnx", "overwrite": True}),
        FileExistsError,
        "is there, and no file",
    ),
    "format": (("a", {"format": "pickle"}), ValueError, "`format` is 'pickle', but must be one of 'saved_model'"),
    "suffix": (("a.zip", {"format": "onnx"}), ValueError, "'a.zip' must end in '.onnx'"),
    "a folder with a suffix": (("a.onnx", {}), ValueError, "'a.onnx' must be a folder"),
    "no folder": (("none/a", {}), FileNotFoundError, "no folder none"),
    "it is there": (("old", {}), FileExistsError, "overwrite=True"),
    "a folder of other things": (("old", {"overwrite": True}), FileExistsError, "no folder of a graph"),
    "the folder itself": ((".", {"overwrite": True}), FileExistsError, "no folder of a graph"),
}


@pytest.mark.parametrize(("call", "error", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_exported_is_said(call, error, message, models, folder):
    for name in ("old", "old.onnx"):
        (folder / name).mkdir()
    path, options = call
    with pytest.raises(error, match=message):
        models["core"][0].export(path, **options)
    assert sorted(part.name for part in folder.iterdir()) == ["old", "old.onnx"]


@pytest.mark.parametrize("name", ["linear", "seasonal_naive", "ensemble"])
def test_a_forecaster_without_a_network_says_so(name, tmp_path):
    members = [tsattn.LinearForecaster(HORIZON)]
    options = {"members": members} if name == "ensemble" else {}
    model = FORECASTERS[name](horizon=HORIZON, **options).fit(monthly())
    with pytest.raises(TypeError, match="has no single network to export"):
        model.export(tmp_path / "graph")


def test_a_missing_converter_and_another_backend_are_named(models, folder, monkeypatch):
    model = models["core"][0]
    found = importlib.util.find_spec
    with monkeypatch.context() as patch:
        patch.setattr("importlib.util.find_spec", lambda name: None if name == "tf2onnx" else object())
        with pytest.raises(ImportError, match=r'needs tf2onnx. Install it with: pip install "tsattn\[export\]"'):
            model.export("a.onnx", format="onnx")
    assert importlib.util.find_spec is found
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(ImportError, match="on the TensorFlow backend"):
        model.export("a")
    assert list(folder.iterdir()) == []


def failing_second(rename):
    """A function that fails the second time."""
    calls = []

    def renamed(old, new):
        calls.append(old)
        if len(calls) == 2:
            raise OSError(28, "the disk is full")
        rename(old, new)

    return renamed


def test_an_export_replaces_another_whole_or_leaves_it(models, tmp_path, monkeypatch):
    path = tmp_path / "graph"
    path.mkdir()
    for name in ("old", "saved_model.pb"):
        (path / name).write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr("os.rename", failing_second(os.rename))
        with pytest.raises(OSError, match="full"):
            models["core"][0].export(path, overwrite=True)
    assert (path / "saved_model.pb").read_text() == (path / "old").read_text() == "old"
    models["core"][0].export(path, overwrite=True)
    assert not (path / "old").exists() and (path / "saved_model.pb").exists()
    assert [part.name for part in pathlib.Path(tmp_path).iterdir()] == ["graph"]


@pytest.mark.parametrize("format", ["saved_model", "onnx"])
def test_what_appears_while_a_graph_is_made_is_left_alone(format, models, tmp_path, monkeypatch):
    path = tmp_path / f"graph{SUFFIXES[format]}"

    def appears(graph, partial, **options):
        pathlib.Path(partial).write_text("new")
        path.write_text("of another")

    monkeypatch.setattr("tsattn.export.graph.ForecastGraph.export", appears)
    with pytest.raises(FileExistsError, match=r"graph(\.onnx)? (exists|came to be there)"):
        models["core"][0].export(path, format=format)
    assert [part.name for part in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "of another"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX systems")
def test_a_file_that_is_replaced_keeps_its_permissions(models, tmp_path):
    path = tmp_path / "graph.onnx"
    path.write_text("old")
    path.chmod(0o600)
    models["core"][0].export(path, format="onnx", overwrite=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() != b"old"
