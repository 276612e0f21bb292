"""The contract of every public layer. To check a new layer, add a line to `LAYERS`."""

import doctest
import importlib
import inspect
import json
import pkgutil
from typing import NamedTuple

import keras
import numpy as np
import pytest

import tsattn.layers
from tsattn.layers import (
    DecoderCell,
    Patching,
    PositionalEncoding,
    RecurrentDecoder,
    RecurrentEncoder,
    ReversibleInstanceNormalization,
    TemporalAttention,
    TransformerDecoder,
    TransformerEncoder,
)


class Case(NamedTuple):
    name: str
    make: callable
    args: tuple  # of the call, as `KerasTensor`s


def x(*shape):
    return keras.KerasTensor((None, *shape))


def mask(*shape):
    return keras.KerasTensor((None, *shape), dtype="bool")


LAYERS = [
    Case("additive", lambda: TemporalAttention(7), (x(3, 4), x(5, 6), mask(5))),
    Case("dot", lambda: TemporalAttention(7, "dot"), (x(3, 4), x(5, 4))),
    Case("general", lambda: TemporalAttention(7, score="general"), (x(3, 4), x(5, 6), mask(5))),
    Case("encoder", lambda: RecurrentEncoder(4), (x(5, 3), mask(5))),
    Case("stack", lambda: RecurrentEncoder(4, layers=2, bidirectional=True), (x(5, 3),)),
    Case("cell", lambda: DecoderCell(4, layers=2), (x(3), [x(4)] * 4)),
    Case("cell_attention", lambda: DecoderCell(4, score="dot"), (x(3), [x(4), x(4), x(5, 4), x(5, 4), x(5)])),
    Case("recurrent", lambda: RecurrentDecoder(4, layers=2), (x(3, 2), [x(4)] * 4)),
    Case("recurrent_dot", lambda: RecurrentDecoder(4, score="dot"), (x(3, 2), [x(4), x(4)], x(5, 4), mask(5))),
    Case("recurrent_additive", lambda: RecurrentDecoder(4, score="additive"), (x(3, 2), [x(4)] * 2, x(5, 4), mask(5))),
    Case("sinusoidal", lambda: PositionalEncoding(start=3), (x(5, 7),)),
    Case("learned", lambda: PositionalEncoding("learned", start=2), (x(5, 7),)),
    Case("block", lambda: TransformerEncoder(2, 6, "pre", 0.1), (x(5, 4),)),
    Case("block_mask", lambda: TransformerEncoder(2), (x(5, 4), mask(5))),
    Case("decoder", lambda: TransformerDecoder(2, norm="pre"), (x(3, 4), x(5, 6), mask(5))),
    Case("decoder_post", lambda: TransformerDecoder(1, feed_forward=6), (x(3, 4), x(5, 4))),
    Case("standard", lambda: ReversibleInstanceNormalization(epsilon=1e-3), (x(5, 3), mask(5, 3))),
    Case("last", lambda: ReversibleInstanceNormalization("last"), (x(5, 3),)),
    Case("last_scaled", lambda: ReversibleInstanceNormalization("last_scaled"), (x(5, 3), mask(5, 3))),
    Case("patching", lambda: Patching(3), (x(6, 2),)),
]
SEQUENTIAL = ("sinusoidal", "learned", "block", "patching")
ANY_LENGTH = ("sinusoidal", "block", "encoder", "standard", "last", "patching")
WITHOUT_WEIGHTS = ("dot", "sinusoidal", "standard", "last", "last_scaled", "patching")
WITH_WEIGHTS = [case for case in LAYERS if case.name not in WITHOUT_WEIGHTS]


def over(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def random_values(specs, batch=2, seed=0):
    """Return arrays with the shapes and dtypes of `KerasTensor`s."""
    rng = np.random.default_rng(seed)

    def fill(spec):
        numbers = rng.normal(size=(batch, *spec.shape[1:]))
        return numbers < 0.5 if spec.dtype == "bool" else numbers.astype("float32")

    return keras.tree.map_structure(fill, specs)


def model_of(layer, case):
    inputs = keras.tree.map_structure(lambda spec: keras.Input(spec.shape[1:], dtype=spec.dtype), case.args)
    return keras.Model(keras.tree.flatten(inputs), keras.tree.flatten(layer(*inputs)))


def arrays(outputs):
    return [np.asarray(output) for output in keras.tree.flatten(outputs)]


def assert_equal(outputs, others, tolerance=1e-6):
    for output, other in zip(arrays(outputs), arrays(others), strict=True):
        np.testing.assert_allclose(output, other, rtol=tolerance, atol=tolerance)


def computed_shapes(layer, case, batch):
    count = len(inspect.signature(layer.compute_output_shape).parameters)
    shapes = layer.compute_output_shape(
        *keras.tree.map_structure(lambda spec: (batch, *spec.shape[1:]), list(case.args[:count]))
    )
    return list(flatten(shapes))


def flatten(shapes):
    if isinstance(shapes[0], int | None):
        yield shapes
    else:
        for shape in shapes:
            yield from flatten(shape)


def test_the_table_names_every_public_layer_and_each_case_once():
    assert {type(case.make()).__name__ for case in LAYERS} == set(tsattn.layers.__all__)
    layers = [case.make() for case in LAYERS]
    configs = [{name: value for name, value in layer.get_config().items() if name != "name"} for layer in layers]
    cases = [
        (type(layer).__name__, json.dumps(config), str([spec.shape for spec in keras.tree.flatten(case.args)]))
        for layer, config, case in zip(layers, configs, LAYERS, strict=True)
    ]
    assert len(set(cases)) == len(cases)


@over(LAYERS)
@pytest.mark.parametrize("batch", [2, None])
def test_output_shapes_are_the_computed_ones(case, batch):
    layer = case.make()
    outputs = model_of(layer, case).outputs if batch is None else arrays(layer(*random_values(case.args, batch)))
    assert [output.shape for output in outputs] == computed_shapes(layer, case, batch)


@over(LAYERS)
def test_it_works_in_a_functional_model(case):
    layer = case.make()
    model, values = model_of(layer, case), random_values(case.args)
    outputs = model(keras.tree.flatten(values))
    assert_equal(outputs, layer(*values))
    assert [(None, *a.shape[1:]) for a in arrays(outputs)] == [o.shape for o in model.outputs]


@over([case for case in LAYERS if case.name in SEQUENTIAL])
def test_it_works_in_a_sequential_model(case):
    layer, values = case.make(), random_values(case.args)
    model = keras.Sequential([keras.Input(case.args[0].shape[1:]), layer])
    assert_equal(model(*values), layer(*values))


@over(LAYERS)
def test_config_and_weights_restore_the_layer(case):
    layer, values = case.make(), random_values(case.args)
    outputs = layer(*values)
    twin = type(layer).from_config(json.loads(json.dumps(layer.get_config())))
    twin(*values)
    twin.set_weights(layer.get_weights())
    assert_equal(twin(*values), outputs)
    assert twin.get_config() == layer.get_config()
    assert set(inspect.signature(type(layer).__init__).parameters) - {"self", "kwargs"} <= set(layer.get_config())


@over(LAYERS)
def test_a_model_is_restored_from_its_config(case):
    model, values = model_of(case.make(), case), keras.tree.flatten(random_values(case.args))
    twin = keras.Model.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    assert_equal(twin(values), model(values))


@over(LAYERS)
def test_rows_are_independent(case):
    layer, values = case.make(), random_values(case.args, batch=3)
    together = layer(*values)
    for row in range(3):
        alone = layer(*keras.tree.map_structure(lambda a, row=row: a[row : row + 1], values))
        assert_equal(alone, [a[row : row + 1] for a in arrays(together)], 1e-5)


@over(LAYERS)
def test_the_length_may_be_unknown_when_the_model_is_built(case):
    if len(case.args[0].shape) == 2 or case.name == "learned":
        pytest.skip("takes one step, or has one weight for each step")
    layer, values = case.make(), random_values(case.args)

    def without_length(spec):
        steps = spec.shape[1:2] if len(spec.shape) == 2 and spec.dtype != "bool" else (None,)
        return keras.Input((*steps, *spec.shape[2:]), dtype=spec.dtype)

    inputs = keras.tree.map_structure(without_length, case.args)
    model = keras.Model(keras.tree.flatten(inputs), keras.tree.flatten(layer(*inputs)))
    assert_equal(model(keras.tree.flatten(values)), layer(*values))


@over([case for case in LAYERS if case.name in ANY_LENGTH])
def test_one_compiled_model_takes_sequences_of_several_lengths(case):
    layer, width = case.make(), case.args[0].shape[2]
    inputs = keras.Input((None, width))
    model = keras.Model(inputs, keras.tree.flatten(layer(inputs)))
    for steps in (6, 3, 9):
        values = np.random.default_rng(steps).normal(size=(2, steps, width)).astype("float32")
        assert_equal(model.predict(values, verbose=0), layer(values), 1e-5)


@over(WITH_WEIGHTS)
def test_training_reaches_every_weight(case):
    layer, values = case.make(), keras.tree.flatten(random_values(case.args, batch=4))
    model = model_of(layer, case)
    eager = keras.backend.backend() == "tensorflow"  # faster on TensorFlow, slower on JAX
    model.compile(keras.optimizers.SGD(1.0), ["mse"] * len(model.outputs), run_eagerly=eager)
    before = {v.path: v.numpy() for v in layer.trainable_weights}
    targets = [np.random.default_rng(2).normal(size=output.shape) for output in arrays(model(values))]
    model.train_on_batch(values, targets)
    # The bias of the keys adds a constant to all scores of a query, to which the softmax is invariant.
    effective = [v for v in layer.trainable_weights if "key/bias" not in v.path]
    changes = {v.path: np.abs(v.numpy() - before[v.path]).max() for v in effective}
    assert len(changes) > 0
    assert min(changes.values()) > 1e-6, changes


def test_only_the_layers_with_weights_have_any():
    for case in LAYERS:
        layer = case.make()
        layer(*random_values(case.args))
        assert bool(layer.weights) == (case in WITH_WEIGHTS), case.name


@pytest.mark.parametrize("module", [m.name for m in pkgutil.iter_modules(tsattn.layers.__path__)])
def test_the_examples_of_the_docstrings_run(module):
    module = importlib.import_module(f"tsattn.layers.{module}")
    public = [n for n in tsattn.layers.__all__ if getattr(tsattn.layers, n).__module__ == module.__name__]
    examples = {test.name.split(".")[-1]: test for test in doctest.DocTestFinder().find(module) if test.examples}
    assert set(public) <= set(examples)
    for test in examples.values():
        assert doctest.DocTestRunner().run(test).failed == 0
