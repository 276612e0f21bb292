"""`TemporalAttention` against its equations, and the effect of its mask."""

import numpy as np
import numpy_reference as reference
import pytest

from tsattn import AttentionForecaster
from tsattn.layers import TemporalAttention
from tsattn.layers.temporal_attention import SCORES

MASK = np.array([[True, False, True, True], [False, False, True, False]])


@pytest.fixture(scope="module", params=SCORES)
def attention(request):
    layer = TemporalAttention(6, request.param)
    layer.build((None, 3, 5), (None, 4, 5))
    return reference.randomized(layer) if layer.weights else layer


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
def test_outputs_equal_the_equations(attention, draw, mask):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    expected = reference.temporal_attention(attention.score, query, memory, reference.named_weights(attention), mask)
    for output, value in zip(attention(query, memory, memory_mask=mask), expected, strict=True):
        np.testing.assert_allclose(output, value, atol=1e-5)


@pytest.mark.parametrize("score", ["additive", "general"])
def test_query_and_memory_may_differ_in_width(score, draw):
    layer, query, memory = TemporalAttention(6, score), draw(2, 3, 5), draw(2, 4, 7)
    context, weights = layer(query, memory)
    expected = reference.temporal_attention(score, query, memory, reference.named_weights(layer))
    np.testing.assert_allclose(context, expected[0], atol=1e-5)
    np.testing.assert_allclose(weights, expected[1], atol=1e-5)


def test_units_is_the_hidden_width_of_the_additive_score(draw):
    counts = []
    for units in (4, 8):
        layer = TemporalAttention(units)
        layer(draw(1, 2, 5), draw(1, 3, 5))
        counts.append(layer.count_params())
    assert counts == [4 * (5 + 5 + 1), 8 * (5 + 5 + 1)]


def test_weights_sum_to_1_and_are_0_at_masked_steps(attention, draw):
    _, weights = attention(draw(2, 3, 5), draw(2, 4, 5), memory_mask=MASK)
    weights = np.asarray(weights)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-6)
    assert (weights[~np.broadcast_to(MASK[:, None], weights.shape)] == 0.0).all()


@pytest.mark.parametrize("value", [-3.0, 1e6, -1e6, 1e30])
def test_the_value_of_a_masked_step_has_no_effect(attention, draw, value):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    before = attention(query, memory, memory_mask=MASK)
    memory[~MASK] = value
    for one, other in zip(before, attention(query, memory, memory_mask=MASK), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_weights_and_context_are_0_if_all_steps_are_masked(attention, draw):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    mask = np.array([[False] * 4, [True] * 4])
    context, weights = (np.asarray(output) for output in attention(query, memory, memory_mask=mask))
    assert (weights[0] == 0).all()
    assert (context[0] == 0).all()
    np.testing.assert_allclose(weights[1].sum(-1), 1.0, atol=1e-6)


def test_queries_attend_independently(attention, draw):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    one = np.asarray(attention(query, memory)[1])
    query[:, 2] += 1.0
    other = np.asarray(attention(query, memory)[1])
    np.testing.assert_allclose(one[:, :2], other[:, :2], atol=1e-6)
    assert np.abs(one[:, 2] - other[:, 2]).max() > 1e-3


def test_attend_with_projected_keys_equals_call(attention, draw):
    query, memory = draw(2, 3, 5), draw(2, 4, 5)
    attended = attention.attend(query, memory, attention.keys(memory), MASK)
    for one, other in zip(attention(query, memory, memory_mask=MASK), attended, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("documented", [TemporalAttention, AttentionForecaster])
@pytest.mark.parametrize("score", SCORES)
def test_every_score_is_documented(documented, score):
    assert f'`"{score}"`' in documented.__doc__


def test_the_reference_rejects_an_unknown_score(draw):
    with pytest.raises(ValueError, match="no_such_score"):
        reference.score("no_such_score", draw(1, 1, 2), draw(1, 1, 2), {})
