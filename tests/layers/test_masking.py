"""Masks that Keras attaches to tensors (`keras.layers.Masking`) reach the layers. A warning is an error here."""

import keras
import numpy as np
import pytest

from tsattn.layers import (
    PositionalEncoding,
    RecurrentEncoder,
    TemporalAttention,
    TransformerDecoder,
    TransformerEncoder,
)


@pytest.fixture
def padded(draw):
    """A batch whose first row ends in two steps of padding, and its mask."""
    memory = draw(2, 5, 4)
    memory[0, 3:] = 0.0
    return memory, (memory != 0).any(-1)


def masking(layer, memory):
    return layer(keras.layers.Masking()(memory))


def test_recurrent_encoder_skips_padding(padded):
    memory, mask = padded
    layer = RecurrentEncoder(4)
    for one, other in zip(masking(layer, memory)[1], layer(memory, mask=mask)[1], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_transformer_encoder_ignores_padding(padded):
    memory, mask = padded
    layer = TransformerEncoder(2)
    one, other = np.asarray(masking(layer, memory)), np.asarray(layer(memory, mask=mask))
    np.testing.assert_allclose(one[mask], other[mask], atol=1e-6)
    assert np.abs(one[mask] - np.asarray(layer(memory))[mask]).max() > 1e-3


def test_transformer_decoder_ignores_padding(padded, draw):
    memory, mask = padded
    layer, query = TransformerDecoder(2), draw(2, 3, 4)
    masked = layer(query, keras.layers.Masking()(memory))
    np.testing.assert_allclose(masked, layer(query, memory, memory_mask=mask), atol=1e-6)


def test_positional_encoding_passes_the_mask_on(padded):
    memory, mask = padded
    coded = masking(PositionalEncoding(), memory)
    np.testing.assert_array_equal(np.asarray(coded._keras_mask), mask)


def test_temporal_attention_ignores_padding(padded, draw):
    memory, mask = padded
    _, weights = TemporalAttention(4)(draw(2, 3, 4), keras.layers.Masking()(memory))
    assert (np.asarray(weights)[0][:, ~mask[0]] == 0).all()


def test_temporal_attention_does_not_use_the_mask_of_the_query(padded, draw):
    _, weights = TemporalAttention(4)(keras.layers.Masking()(padded[0]), draw(2, 5, 4))
    assert (np.asarray(weights) > 0).all()


def test_a_stack_of_pre_norm_blocks_raises_no_warning(padded):
    memory, mask = padded
    inner, outer = TransformerEncoder(2, norm="pre"), TransformerEncoder(2, norm="pre")
    outer(inner(memory, mask=mask), mask=mask)
