"""TemporalAttention against its equations, and its mask by what it does."""

import numpy as np
import numpy_reference as reference
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.layers import TemporalAttention
from tsattn.layers.attention import attention_rollout, masked_softmax

SCORES = ("additive", "dot", "general")
MASK = np.array([[True, False, True, True], [False, False, True, False]])


@pytest.fixture(scope="module", params=SCORES)
def attention(request):
    layer = TemporalAttention(6, request.param)
    layer.build((None, 3, 5), (None, 4, 5))
    return reference.filled(layer) if layer.weights else layer


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
def test_the_equations(attention, draw, mask):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    expected = reference.temporal_attention(attention.score, query, memory, reference.named(attention), mask)
    for output, wanted in zip(attention(query, memory, memory_mask=mask), expected, strict=True):
        np.testing.assert_allclose(output, wanted, atol=1e-5)


@pytest.mark.parametrize("score", ["additive", "general"])
def test_query_and_memory_of_different_widths(score, draw):
    layer, query, memory = TemporalAttention(6, score), draw(2, 3, 5), draw(2, 4, 7)
    context, weights = layer(query, memory)
    wanted = reference.temporal_attention(score, query, memory, reference.named(layer))
    np.testing.assert_allclose(context, wanted[0], atol=1e-5)
    np.testing.assert_allclose(weights, wanted[1], atol=1e-5)


def test_units_is_the_hidden_width_of_the_additive_score(draw):
    counts = []
    for units in (4, 8):
        layer = TemporalAttention(units)
        layer(draw(1, 2, 5), draw(1, 3, 5))
        counts.append(layer.count_params())
    assert counts == [4 * (5 + 5 + 1), 8 * (5 + 5 + 1)]


def test_weights_are_shares(attention, draw):
    _, weights = attention(draw(2, 3, 5), draw(2, 4, 5), memory_mask=MASK)
    weights = np.asarray(weights)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-6)
    assert (weights[~np.broadcast_to(MASK[:, None], weights.shape)] == 0.0).all()


@pytest.mark.parametrize("value", [-3.0, 1e6, -1e6, 1e30])
def test_what_a_masked_step_holds_changes_nothing(attention, draw, value):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    before = attention(query, memory, memory_mask=MASK)
    memory[~MASK] = value
    for one, other in zip(before, attention(query, memory, memory_mask=MASK), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_a_row_all_masked_has_weight_0_and_context_0(attention, draw):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    mask = np.array([[False] * 4, [True] * 4])
    context, weights = (np.asarray(output) for output in attention(query, memory, memory_mask=mask))
    assert (weights[0] == 0).all()
    assert (context[0] == 0).all()
    np.testing.assert_allclose(weights[1].sum(-1), 1.0, atol=1e-6)


def test_steps_attend_on_their_own(attention, draw):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    one = np.asarray(attention(query, memory)[1])
    query[:, 2] += 1.0
    other = np.asarray(attention(query, memory)[1])
    np.testing.assert_allclose(one[:, :2], other[:, :2], atol=1e-6)
    assert np.abs(one[:, 2] - other[:, 2]).max() > 1e-3


def test_attend_with_projected_keys_is_call(attention, draw):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    attended = attention.attend(query, memory, attention.keys(memory), MASK)
    for one, other in zip(attention(query, memory, memory_mask=MASK), attended, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@given(st.data(), st.sampled_from([1.0, 100.0, 1e30]))
@settings(max_examples=30, deadline=None)
def test_masked_softmax_of_any_scores_and_any_mask(data, size):
    scores = np.array(data.draw(st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4)), "float32") * size
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=4, max_size=4)))
    weights = np.asarray(masked_softmax(scores[None].astype("float32"), mask[None]))[0]
    np.testing.assert_allclose(weights, reference.softmax(scores[None].astype("float64"), mask)[0], atol=1e-5)
    assert (weights[~mask] == 0).all()


@pytest.mark.parametrize("layers", [1, 3])
def test_the_rollout_is_the_product_of_the_layers_first_to_last(draw, layers):
    weights = reference.softmax(draw(2, layers, 2, 4, 4), MASK[:, None, None, None])
    expected = np.stack([np.eye(4)] * 2)
    for layer in range(layers):
        expected = (0.5 * weights[:, layer].mean(axis=1) + 0.5 * np.eye(4)) @ expected
    shares = np.asarray(attention_rollout(weights.astype("float32")))
    np.testing.assert_allclose(shares, expected, atol=1e-6)
    np.testing.assert_allclose(shares.sum(-1), 1.0, atol=1e-6)
    for one, seen in zip(shares, MASK, strict=True):
        assert (one[seen][:, ~seen] == 0).all()
