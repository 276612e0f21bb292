"""What every public layer promises. A new layer is one line in `LAYERS`."""

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
    args: tuple  # of the layer's call, as specs without values


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
    Case("decoder_plain", lambda: RecurrentDecoder(4, layers=2), (x(3, 2), [x(4)] * 4)),
    Case("decoder_look", lambda: RecurrentDecoder(4, score="additive"), (x(3, 2), [x(4), x(4)], x(5, 4), mask(5))),
    Case("recurrent", lambda: RecurrentDecoder(4, layers=2), (x(3, 2), [x(4)] * 4)),
    Case("recurrent_attention", lambda: RecurrentDecoder(4, score="dot"), (x(3, 2), [x(4), x(4)], x(5, 4), mask(5))),
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
SINGLE = [case for case in LAYERS if case.name in ("sinusoidal", "learned", "block", "patching")]
WITHOUT_WEIGHTS = ("dot", "sinusoidal", "standard", "last", "last_scaled", "patching")
WITH_WEIGHTS = [case for case in LAYERS if case.name not in WITHOUT_WEIGHTS]


def over(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def values(specs, batch=2, seed=0):
    rng = np.random.default_rng(seed)

    def fill(spec):
        drawn = rng.normal(size=(batch, *spec.shape[1:]))
        return drawn < 0.5 if spec.dtype == "bool" else drawn.astype("float32")

    return keras.tree.map_structure(fill, specs)


def model_of(layer, case):
    inputs = keras.tree.map_structure(lambda spec: keras.Input(spec.shape[1:], dtype=spec.dtype), case.args)
    return keras.Model(keras.tree.flatten(inputs), keras.tree.flatten(layer(*inputs)))


def arrays(outputs):
    return [np.asarray(output) for output in keras.tree.flatten(outputs)]


def same(outputs, others, tolerance=1e-6):
    for output, other in zip(arrays(outputs), arrays(others), strict=True):
        np.testing.assert_allclose(output, other, rtol=tolerance, atol=tolerance)


def shapes_of(layer, case, batch):
    wanted = len(inspect.signature(layer.compute_output_shape).parameters)
    shapes = layer.compute_output_shape(
        *keras.tree.map_structure(lambda spec: (batch, *spec.shape[1:]), list(case.args[:wanted]))
    )
    return list(flat(shapes))


def flat(shapes):
    if isinstance(shapes[0], int | None):
        yield shapes
    else:
        for shape in shapes:
            yield from flat(shape)


def test_the_table_names_every_public_layer():
    assert {type(case.make()).__name__ for case in LAYERS} == set(tsattn.layers.__all__)


@over(LAYERS)
@pytest.mark.parametrize("batch", [2, None])
def test_output_shape_is_the_computed_one(case, batch):
    layer = case.make()
    outputs = model_of(layer, case).outputs if batch is None else arrays(layer(*values(case.args, batch)))
    assert [output.shape for output in outputs] == shapes_of(layer, case, batch)


@over(LAYERS)
def test_works_in_a_functional_model(case):
    layer = case.make()
    model, given = model_of(layer, case), values(case.args)
    outputs = model(keras.tree.flatten(given))
    same(outputs, layer(*given))
    assert [(None, *a.shape[1:]) for a in arrays(outputs)] == [o.shape for o in model.outputs]


@over(SINGLE)
def test_works_in_a_sequential_model(case):
    layer, given = case.make(), values(case.args)
    model = keras.Sequential([keras.Input(case.args[0].shape[1:]), layer])
    same(model(*given), layer(*given))


@over(LAYERS)
def test_config_and_weights_make_an_equal_layer(case):
    layer, given = case.make(), values(case.args)
    outputs = layer(*given)
    twin = type(layer).from_config(json.loads(json.dumps(layer.get_config())))
    twin(*given)
    twin.set_weights(layer.get_weights())
    same(twin(*given), outputs)
    assert twin.get_config() == layer.get_config()
    assert set(inspect.signature(type(layer).__init__).parameters) - {"self", "kwargs"} <= set(layer.get_config())


@over(LAYERS)
def test_a_model_is_made_again_from_its_config(case):
    model, given = model_of(case.make(), case), keras.tree.flatten(values(case.args))
    twin = keras.Model.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    same(twin(given), model(given))


@over(LAYERS)
def test_rows_do_not_see_each_other(case):
    layer, given = case.make(), values(case.args, batch=3)
    together = layer(*given)
    for row in range(3):
        alone = layer(*keras.tree.map_structure(lambda a, row=row: a[row : row + 1], given))
        same(alone, [a[row : row + 1] for a in arrays(together)], 1e-5)


@over(LAYERS)
def test_a_length_not_known_when_the_model_is_made(case):
    if len(case.args[0].shape) == 2 or case.name == "learned":
        pytest.skip("takes one step, or has one weight a step")
    layer, given = case.make(), values(case.args)

    def free(spec):
        steps = spec.shape[1:2] if len(spec.shape) == 2 and spec.dtype != "bool" else (None,)
        return keras.Input((*steps, *spec.shape[2:]), dtype=spec.dtype)

    inputs = keras.tree.map_structure(free, case.args)
    model = keras.Model(keras.tree.flatten(inputs), keras.tree.flatten(layer(*inputs)))
    same(model(keras.tree.flatten(given)), layer(*given))


@over([case for case in LAYERS if case.name in ("sinusoidal", "block", "encoder", "standard", "last", "patching")])
def test_sequences_of_several_lengths_in_one_compiled_model(case):
    layer, width = case.make(), case.args[0].shape[2]
    entrance = keras.Input((None, width))
    model = keras.Model(entrance, keras.tree.flatten(layer(entrance)))
    for steps in (6, 3, 9):
        given = np.random.default_rng(steps).normal(size=(2, steps, width)).astype("float32")
        same(model.predict(given, verbose=0), layer(given), 1e-5)


@over(WITH_WEIGHTS)
def test_training_reaches_every_weight(case):
    layer, given = case.make(), keras.tree.flatten(values(case.args, batch=4))
    model = model_of(layer, case)
    eager = keras.backend.backend() == "tensorflow"  # the quicker way there, the slower one in JAX
    model.compile(keras.optimizers.SGD(1.0), ["mse"] * len(model.outputs), run_eagerly=eager)
    before = {v.path: v.numpy() for v in layer.trainable_weights}
    targets = [np.random.default_rng(2).normal(size=output.shape) for output in arrays(model(given))]
    model.train_on_batch(given, targets)
    # A key's bias adds the same to all scores of a query, which the softmax does not see.
    seen = [v for v in layer.trainable_weights if "key/bias" not in v.path]
    moved = {v.path: np.abs(v.numpy() - before[v.path]).max() for v in seen}
    assert len(moved) > 0
    assert min(moved.values()) > 1e-6, moved


def test_the_layers_without_weights_have_none():
    for case in LAYERS:
        layer = case.make()
        layer(*values(case.args))
        assert bool(layer.weights) == (case in WITH_WEIGHTS), case.name


@pytest.mark.parametrize("module", [m.name for m in pkgutil.iter_modules(tsattn.layers.__path__)])
def test_the_examples_of_the_docstrings_run(module):
    module = importlib.import_module(f"tsattn.layers.{module}")
    public = [n for n in tsattn.layers.__all__ if getattr(tsattn.layers, n).__module__ == module.__name__]
    examples = {test.name.split(".")[-1]: test for test in doctest.DocTestFinder().find(module) if test.examples}
    assert set(public) <= set(examples)
    for test in examples.values():
        assert doctest.DocTestRunner().run(test).failed == 0
