"""`DecoderCell` and `RecurrentDecoder` against their equations."""

import keras
import numpy as np
import numpy_reference as reference
import pytest

from tsattn.layers import DecoderCell, RecurrentDecoder
from tsattn.layers.temporal_attention import SCORES

MASK = np.array([[True, False, True, True, False], [False, True, True, False, True]])


def decode(draw, layers, score, mask=None):
    """Return a cell, its outputs in an RNN over four queries, and the same steps by the equations."""
    cell = DecoderCell(4, layers=layers, score=score)
    cell.build((None, 3))
    reference.randomized(cell)
    queries, memory = draw(2, 4, 3), draw(2, 5, 4)
    states = [draw(2, 4) for _ in range(2 * layers)]
    memory_states = [] if score is None else cell.memory_states(memory, mask)
    outputs = keras.layers.RNN(cell, return_sequences=True)(queries, initial_state=[*states, *memory_states])
    expected, weights = [], reference.named_weights(cell)
    for t in range(4):
        *step, states = reference.decoder_step(queries[:, t], states, memory, weights, score, mask)
        expected.append(step)
    return cell, outputs, expected


@pytest.mark.parametrize("layers", [1, 2])
def test_the_plain_cell_equals_the_equations(draw, layers):
    _, outputs, expected = decode(draw, layers, None)
    assert outputs.shape == (2, 4, 4)
    for t, (state, *_) in enumerate(expected):
        np.testing.assert_allclose(outputs[:, t], state, atol=1e-5)


@pytest.mark.parametrize("layers", [1, 2])
def test_parallel_steps_start_from_the_same_states(draw, layers):
    cell = DecoderCell(4, layers=layers)
    cell.build((None, 3))
    reference.randomized(cell)
    queries, states = draw(2, 5, 3), [draw(2, 4) for _ in range(2 * layers)]
    outputs, weights = cell.in_parallel(queries, states), reference.named_weights(cell)
    assert outputs.shape == (2, 5, 4)
    for t in range(5):
        expected, *_ = reference.decoder_step(queries[:, t], states, None, weights, None, None)
        np.testing.assert_allclose(outputs[:, t], expected, atol=1e-5)


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("score", SCORES)
def test_the_cell_with_attention_equals_the_equations(draw, score, layers, mask):
    cell, outputs, expected = decode(draw, layers, score, mask)
    parts = cell.split(outputs)
    for t, step in enumerate(expected):
        for output, value in zip(parts, step, strict=True):
            np.testing.assert_allclose(output[:, t], value, atol=1e-5)


def test_each_step_has_different_weights(draw):
    cell, outputs, _ = decode(draw, 1, "additive", MASK)
    weights = np.asarray(cell.split(outputs)[2])
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-6)
    assert (weights.transpose(0, 2, 1)[~MASK] == 0).all()
    assert all(np.abs(weights[:, t] - weights[:, t + 1]).max() > 1e-4 for t in range(3))


def test_options_change_the_number_of_parameters():
    counts = {}
    for layers, score in [(1, None), (2, None), (1, "dot"), (1, "general"), (1, "additive")]:
        cell = DecoderCell(4, layers=layers, score=score)
        cell.build((None, 3))
        counts[layers, score] = cell.count_params()
    plain = 4 * (3 * 4 + 4 * 4 + 4)
    with_context = plain + 4 * 4 * 4
    assert counts == {
        (1, None): plain,
        (2, None): plain + 4 * (4 * 4 + 4 * 4 + 4),
        (1, "dot"): with_context,
        (1, "general"): with_context + 4 * 4,
        (1, "additive"): with_context + 2 * 4 * 4 + 4,
    }


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
@pytest.mark.parametrize(("layers", "score"), [(1, None), (2, "general"), (1, "additive")])
def test_the_decoder_runs_its_cell_step_by_step(draw, layers, score, mask):
    layer, queries, memory = RecurrentDecoder(4, layers, score), draw(2, 4, 3), draw(2, 5, 4)
    states = [draw(2, 4) for _ in range(2 * layers)]
    layer.build((None, 4, 3))
    attended = {} if score is None else {"memory": memory, "memory_mask": mask}
    outputs = reference.randomized(layer)(queries, states, **attended)
    outputs = [outputs] if score is None else outputs
    weights = reference.weights_under(reference.named_weights(layer), "cell")
    for t in range(4):
        *step, states = reference.decoder_step(queries[:, t], states, memory, weights, score, mask)
        for output, expected in zip(outputs, step, strict=score is not None):
            np.testing.assert_allclose(output[:, t], expected, atol=1e-5)


def test_the_decoder_with_attention_works_in_a_functional_model():
    memory, queries, h, c = keras.Input((5, 4)), keras.Input((3, 2)), keras.Input((4,)), keras.Input((4,))
    parts = RecurrentDecoder(4, score="dot")(queries, [h, c], memory)
    assert [part.shape for part in parts] == [(None, 3, 4), (None, 3, 4), (None, 3, 5)]
