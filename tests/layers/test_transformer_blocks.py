"""The Transformer blocks against their equations; the effects of masks and of causality."""

import numpy as np
import numpy_reference as reference
import pytest

from tsattn.layers import PositionalEncoding, TransformerDecoder, TransformerEncoder

MASK = np.array([[True, False, True, True, False], [False, True, True, False, True]])
HEADS, UNITS, HIDDEN = 2, 4, 6


@pytest.fixture(scope="module", params=["post", "pre"])
def encoder(request):
    layer = TransformerEncoder(HEADS, HIDDEN, request.param)
    layer.build((None, 5, UNITS))
    return reference.randomized(layer)


@pytest.fixture(scope="module", params=["post", "pre"])
def decoder(request):
    layer = TransformerDecoder(HEADS, HIDDEN, request.param)
    layer.build((None, 3, UNITS), (None, 5, 7))
    return reference.randomized(layer)


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
def test_the_encoder_equals_the_equations(encoder, draw, mask):
    inputs = draw(2, 5, UNITS)
    expected = reference.encoder_block(inputs, reference.named_weights(encoder), encoder.norm, mask)
    np.testing.assert_allclose(encoder(inputs, mask=mask), expected, atol=1e-5)


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
def test_the_decoder_equals_the_equations(decoder, draw, mask):
    inputs, memory = draw(2, 3, UNITS), draw(2, 5, 7)
    expected = reference.decoder_block(inputs, memory, reference.named_weights(decoder), decoder.norm, mask)
    np.testing.assert_allclose(decoder(inputs, memory, memory_mask=mask), expected, atol=1e-5)


def test_attend_returns_the_weights_of_every_head(draw):
    layer, inputs = TransformerEncoder(HEADS, norm="post"), draw(2, 5, UNITS)
    encoded, weights = layer.attend(inputs, mask=MASK)
    named = reference.weights_under(reference.named_weights(layer), "self_attention")
    np.testing.assert_allclose(weights, reference.multi_head(inputs, inputs, named, MASK[:, None])[1], atol=1e-5)
    np.testing.assert_allclose(encoded, layer(inputs, mask=MASK), atol=1e-6)


def test_encoder_weights_sum_to_1_over_visible_steps(encoder, draw):
    weights = np.asarray(encoder.attend(draw(2, 5, UNITS), mask=MASK)[1])
    assert weights.shape == (2, HEADS, 5, 5)
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-6)
    assert (weights[~np.broadcast_to(MASK[:, None, None], weights.shape)] == 0).all()
    assert np.abs(weights[:, 0] - weights[:, 1]).max() > 1e-3


def test_decoder_weights_sum_to_1_over_visible_steps(decoder, draw):
    weights = np.asarray(decoder.attend(draw(2, 3, UNITS), draw(2, 5, 7), memory_mask=MASK)[1])
    assert weights.shape == (2, HEADS, 3, 5)
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-6)
    assert (weights[~np.broadcast_to(MASK[:, None, None], weights.shape)] == 0).all()
    assert np.abs(np.diff(weights, axis=2)).max() > 1e-3


@pytest.mark.parametrize("value", [-2.0, 1e6, 1e30])
def test_the_value_of_a_masked_step_has_no_effect_on_the_encoder(encoder, draw, value):
    inputs = draw(2, 5, UNITS)
    before = np.asarray(encoder(inputs, mask=MASK))
    inputs[~MASK] = value
    np.testing.assert_array_equal(np.asarray(encoder(inputs, mask=MASK))[MASK], before[MASK])


@pytest.mark.parametrize("value", [-2.0, 1e6, 1e30])
def test_the_value_of_a_masked_memory_step_has_no_effect_on_the_decoder(decoder, draw, value):
    inputs, memory = draw(2, 3, UNITS), draw(2, 5, 7)
    before = np.asarray(decoder(inputs, memory, memory_mask=MASK))
    memory[~MASK] = value
    np.testing.assert_array_equal(np.asarray(decoder(inputs, memory, memory_mask=MASK)), before)


def test_weights_are_0_if_all_steps_are_masked(encoder, decoder, draw):
    mask = np.array([[False] * 5, [True] * 5])
    for _, weights in (
        encoder.attend(draw(2, 5, UNITS), mask=mask),
        decoder.attend(draw(2, 3, UNITS), draw(2, 5, 7), memory_mask=mask),
    ):
        assert (np.asarray(weights)[0] == 0).all()
        np.testing.assert_allclose(np.asarray(weights)[1].sum(-1), 1.0, atol=1e-6)


@pytest.mark.parametrize("step", [1, 2])
def test_a_decoder_step_does_not_depend_on_later_steps(decoder, draw, step):
    inputs, memory = draw(2, 3, UNITS), draw(2, 5, 7)
    before = np.asarray(decoder(inputs, memory))
    inputs[:, step] = draw(2, UNITS)
    change = np.abs(np.asarray(decoder(inputs, memory)) - before).max((0, 2))
    assert (change[:step] == 0).all()
    assert (change[step:] > 1e-4).all()


def test_every_encoder_step_depends_on_every_step(encoder, draw):
    inputs = draw(2, 5, UNITS)
    before = np.asarray(encoder(inputs))
    inputs[:, 4] = draw(2, UNITS)
    assert (np.abs(np.asarray(encoder(inputs)) - before).max((0, 2)) > 1e-5).all()


def test_the_encoder_is_equivariant_to_permutations_of_steps(encoder, draw):
    inputs, order = draw(2, 5, UNITS), np.array([3, 0, 4, 1, 2])
    encoded = np.asarray(encoder(inputs))
    np.testing.assert_allclose(encoder(inputs[:, order]), encoded[:, order], atol=1e-5)


def test_positions_break_the_equivariance(encoder, draw):
    inputs, order, position = draw(2, 5, UNITS), np.array([3, 0, 4, 1, 2]), PositionalEncoding()
    encoded = np.asarray(encoder(position(inputs)))
    assert np.abs(np.asarray(encoder(position(inputs[:, order]))) - encoded[:, order]).max() > 1e-2


def attention_parameters(units, memory):
    return (units + 1) * units * 2 + (memory + 1) * units * 2


@pytest.mark.parametrize(("feed_forward", "hidden"), [(None, 4 * UNITS), (6, 6)])
def test_options_change_the_number_of_parameters(feed_forward, hidden):
    encoder, decoder = TransformerEncoder(HEADS, feed_forward), TransformerDecoder(HEADS, feed_forward)
    encoder.build((None, 5, UNITS))
    decoder.build((None, 3, UNITS), (None, 5, 7))
    feed = (UNITS + 1) * hidden + (hidden + 1) * UNITS
    own, cross, norm = attention_parameters(UNITS, UNITS), attention_parameters(UNITS, 7), 2 * UNITS
    assert encoder.count_params() == own + feed + 2 * norm
    assert decoder.count_params() == own + cross + feed + 3 * norm


def test_dropout_acts_in_training_only(draw):
    inputs = draw(2, 5, UNITS)
    layer = TransformerEncoder(HEADS, dropout=0.5)
    expected = np.asarray(layer(inputs))
    np.testing.assert_array_equal(np.asarray(layer(inputs, training=False)), expected)
    assert np.abs(np.asarray(layer(inputs, training=True)) - expected).max() > 1e-3


def test_attend_builds_the_layer(draw):
    inputs, memory = draw(2, 3, UNITS), draw(2, 5, 7)
    encoder, decoder = TransformerEncoder(HEADS), TransformerDecoder(HEADS)
    np.testing.assert_allclose(encoder.attend(inputs)[0], encoder(inputs), atol=1e-6)
    np.testing.assert_allclose(decoder.attend(inputs, memory)[0], decoder(inputs, memory), atol=1e-6)
