"""The recurrent encoder and the decoder cell against their equations."""

import keras
import numpy as np
import numpy_reference as reference
import pytest

from tsattn.layers import DecoderCell, RecurrentDecoder, RecurrentEncoder

MASK = np.array([[True, False, True, True, False], [False, True, True, False, True]])


def encoder(**options):
    layer = RecurrentEncoder(4, **options)
    layer.build((None, 5, 3))
    return reference.filled(layer)


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
def test_encoder_equations(draw, layers, bidirectional, mask):
    layer, inputs = encoder(layers=layers, bidirectional=bidirectional), draw(2, 5, 3)
    memory, states = layer(inputs, mask=mask)
    wanted_memory, wanted = reference.recurrent_encoder(inputs, reference.named(layer), layers, bidirectional, mask)
    seen = np.ones((2, 5), bool) if mask is None else mask  # what stands at a skipped step is nobody's business
    np.testing.assert_allclose(np.asarray(memory)[seen], wanted_memory[seen], atol=1e-5)
    assert len(states) == 2 * layers
    for state, expected in zip(states, wanted, strict=True):
        np.testing.assert_allclose(state, expected, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"layers": 2, "bidirectional": True}], ids=["plain", "stacked"])
def test_what_a_skipped_step_holds_changes_nothing(draw, options):
    layer, inputs = encoder(**options), draw(2, 5, 3)
    before = layer(inputs, mask=MASK)
    inputs[~MASK] = 1e6
    after = layer(inputs, mask=MASK)
    for one, other in zip(keras.tree.flatten(before), keras.tree.flatten(after), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_the_last_memory_is_the_last_state(draw):
    memory, (h, _) = encoder()(draw(2, 5, 3))
    np.testing.assert_array_equal(np.asarray(memory)[:, -1], np.asarray(h))


def test_a_window_all_masked_leaves_the_state_at_0(draw):
    _, states = encoder()(draw(2, 5, 3), mask=np.zeros((2, 5), bool))
    assert all((np.asarray(state) == 0).all() for state in states)


def test_the_options_change_the_parameters():
    one = 4 * (3 * 4 + 4 * 4 + 4)
    two = 4 * (4 * 4 + 4 * 4 + 4)
    assert encoder().count_params() == one
    assert encoder(layers=2).count_params() == one + two
    assert encoder(bidirectional=True).count_params() == 2 * one
    assert encoder(layers=2, bidirectional=True).count_params() == 2 * (one + two)


def decode(draw, layers, score, mask=None):
    """A cell in an RNN over four queries, beside every step by the equations."""
    cell = DecoderCell(4, layers=layers, score=score)
    cell.build((None, 3))
    reference.filled(cell)
    queries, memory = draw(2, 4, 3), draw(2, 5, 4)
    states = [draw(2, 4) for _ in range(2 * layers)]
    carried = [] if score is None else cell.memory_states(memory, mask)
    outputs = keras.layers.RNN(cell, return_sequences=True)(queries, initial_state=[*states, *carried])
    expected, weights = [], reference.named(cell)
    for t in range(4):
        *step, states = reference.decoder_step(queries[:, t], states, memory, weights, score, mask)
        expected.append(step)
    return cell, outputs, expected


@pytest.mark.parametrize("layers", [1, 2])
def test_the_plain_decoder_equations(draw, layers):
    _, outputs, expected = decode(draw, layers, None)
    assert outputs.shape == (2, 4, 4)
    for t, (state, *_) in enumerate(expected):
        np.testing.assert_allclose(outputs[:, t], state, atol=1e-5)


@pytest.mark.parametrize("layers", [1, 2])
def test_steps_in_parallel_start_from_the_same_states(draw, layers):
    cell = DecoderCell(4, layers=layers)
    cell.build((None, 3))
    reference.filled(cell)
    queries, states = draw(2, 5, 3), [draw(2, 4) for _ in range(2 * layers)]
    found, weights = cell.in_parallel(queries, states), reference.named(cell)
    assert found.shape == (2, 5, 4)
    for t in range(5):
        wanted, *_ = reference.decoder_step(queries[:, t], states, None, weights, None, None)
        np.testing.assert_allclose(found[:, t], wanted, atol=1e-5)


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("score", ["additive", "dot", "general"])
def test_the_attention_decoder_equations(draw, score, layers, mask):
    cell, outputs, expected = decode(draw, layers, score, mask)
    found = cell.split(outputs)
    for t, step in enumerate(expected):
        for output, wanted in zip(found, step, strict=True):
            np.testing.assert_allclose(output[:, t], wanted, atol=1e-5)


def test_each_step_has_its_own_weights(draw):
    cell, outputs, _ = decode(draw, 1, "additive", MASK)
    weights = np.asarray(cell.split(outputs)[2])
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-6)
    assert (weights.transpose(0, 2, 1)[~MASK] == 0).all()
    assert all(np.abs(weights[:, t] - weights[:, t + 1]).max() > 1e-4 for t in range(3))


def test_the_parameters_of_the_cell():
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


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize(("layers", "score"), [(1, None), (2, "general"), (1, "additive")])
def test_the_decoder_is_its_cell_step_by_step(draw, layers, score, mask):
    layer, queries, memory = RecurrentDecoder(4, layers, score), draw(2, 4, 3), draw(2, 5, 4)
    states = [draw(2, 4) for _ in range(2 * layers)]
    layer.build((None, 4, 3))
    look = {} if score is None else {"memory": memory, "memory_mask": mask}
    outputs = reference.filled(layer)(queries, states, **look)
    outputs, weights = [outputs] if score is None else outputs, reference.under(reference.named(layer), "cell")
    for t in range(4):
        *step, states = reference.decoder_step(queries[:, t], states, memory, weights, score, mask)
        for output, wanted in zip(outputs, step, strict=score is not None):
            np.testing.assert_allclose(output[:, t], wanted, atol=1e-5)


def test_the_attention_decoder_in_a_functional_model():
    memory, queries, h, c = keras.Input((5, 4)), keras.Input((3, 2)), keras.Input((4,)), keras.Input((4,))
    parts = RecurrentDecoder(4, score="dot")(queries, [h, c], memory)
    assert [part.shape for part in parts] == [(None, 3, 4), (None, 3, 4), (None, 3, 5)]
