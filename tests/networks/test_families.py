"""The defining property of each family, its attention weights, and the treatment of channels and missing values."""

import dataclasses
import inspect

import numpy as np
import numpy_reference as reference
import pytest
from networks.small_networks import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, TEXTBOOK, build, random_network

import tsattn
from tsattn.networks import attention, inverted, seq2seq, transformer
from tsattn.networks.options import BLOCK_COUNTS, default_options

UNITS = TEXTBOOK.units


def difference(one, other):
    return np.abs(np.asarray(one) - np.asarray(other)).max()


FORECASTERS = {
    seq2seq: tsattn.Seq2SeqForecaster,
    attention: tsattn.AttentionForecaster,
    transformer: tsattn.TransformerForecaster,
    inverted: tsattn.InvertedTransformerForecaster,
}


@pytest.mark.parametrize(("build_network", "forecaster"), FORECASTERS.items(), ids=lambda case: case.__name__)
def test_a_family_is_built_from_a_skeleton_alone_with_the_options_of_its_forecaster(build_network, forecaster, draw):
    default, options = build_network(LOOKBACK, HORIZON, CHANNELS, STRONG), forecaster(HORIZON)._network_options()
    network = build_network(LOOKBACK, HORIZON, CHANNELS, STRONG, **options)
    network.set_weights(default.get_weights())
    history = {"history": draw(2, LOOKBACK, CHANNELS)}
    np.testing.assert_array_equal(network(history), default(history))
    assert set(options) < set(inspect.signature(build_network).parameters)


@pytest.mark.parametrize("build_network", FORECASTERS, ids=lambda case: case.__name__)
def test_options_that_count_blocks_are_listed(build_network):
    """A model file may not state more blocks than it has weights."""
    for option, default in default_options(build_network).items():
        if not isinstance(default, str | bool):
            two, four = (build_network(LOOKBACK, HORIZON, CHANNELS, STRONG, **{option: count}) for count in (2, 4))
            assert (len(four.weights) > len(two.weights)) == (option in BLOCK_COUNTS), option


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
def test_seq2seq_depends_on_the_past_through_the_last_states_only(decoding, draw, monkeypatch):
    core = random_network("seq2seq", decoding=decoding, embedding="linear").body.core
    queries, memories = draw(2, 3, UNITS), [draw(2, LOOKBACK, UNITS), draw(2, LOOKBACK, UNITS)]
    assert difference(*(core(memory, queries) for memory in memories)) > 1e-3
    states = [draw(2, UNITS), draw(2, UNITS)]
    monkeypatch.setattr(core.encoder, "call", lambda inputs, mask=None: (inputs, states))
    assert difference(*(core(memory, queries) for memory in memories)) == 0
    before = np.asarray(core(memories[0], queries))
    states[1] = states[1] + 1.0
    assert difference(core(memories[0], queries), before) > 1e-3


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
def test_attention_depends_on_the_past_beyond_the_last_states(decoding, draw, monkeypatch):
    core = random_network("attention", decoding=decoding, embedding="linear").body.core
    queries, memories = draw(2, 3, UNITS), [draw(2, LOOKBACK, UNITS), draw(2, LOOKBACK, UNITS)]
    states = [draw(2, UNITS), draw(2, UNITS)]
    monkeypatch.setattr(core.encoder, "call", lambda inputs, mask=None: (inputs, states))
    assert difference(*(core(memory, queries) for memory in memories)) > 1e-3


def test_seq2seq_with_zero_encoder_weights_ignores_the_past(draw):
    network = random_network("seq2seq")
    for weight in network.body.core.encoder.weights:
        weight.assign(np.zeros(weight.shape))
    one, other = draw(1, LOOKBACK, CHANNELS), draw(1, LOOKBACK, CHANNELS)
    other[:, -1] = one[:, -1]  # the first input of the decoder
    assert difference(network({"history": one}), network({"history": other})) == 0
    other[:, -1] += 1.0
    assert difference(network({"history": one}), network({"history": other})) > 1e-4


@pytest.mark.parametrize("positional", [None, "sinusoidal", "learned"])
def test_a_transformer_depends_on_the_order_through_positions_only(positional, draw):
    core = random_network("transformer", options={"positional": positional}).body.core
    patches, order = draw(2, LOOKBACK, UNITS), np.random.default_rng(4).permutation(LOOKBACK)
    change = difference(np.asarray(core.encode(patches)[0])[:, order], core.encode(patches[:, order])[0])
    assert change < 1e-5 if positional is None else change > 1e-2


@pytest.mark.parametrize("family", ["attention", "transformer"])
@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("mix_channels", [False, True])
def test_attend_returns_the_forecast_and_weights(family, decoding, mix_channels, draw):
    network = random_network(family, STRONG, decoding=decoding, mix_channels=mix_channels, patch_size=2)
    history = draw(3, LOOKBACK, CHANNELS)
    history[0, 2:4] = np.nan
    history[1, 5] = np.nan  # half a patch
    forecast, weights = (np.asarray(output) for output in network.attend({"history": history}))
    np.testing.assert_allclose(forecast, network({"history": history}), atol=1e-5)
    heads, channels = (2 if family == "transformer" else 1), (1 if mix_channels else CHANNELS)
    assert weights.shape == (3, channels, 1, heads, network.body.steps, LOOKBACK // 2)
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-5)
    assert (weights[0, ..., 1] == 0).all()
    assert (weights[1] > 0).all()
    assert difference(weights[..., 0, :], weights[..., 1, :]) > 1e-4


def test_attend_returns_the_weights_of_each_layer_and_channel(draw):
    network = random_network("transformer", STRONG, options={"decoder_layers": 2})
    history = draw(2, LOOKBACK, CHANNELS)
    _, weights = network.attend({"history": history})
    assert weights.shape == (2, CHANNELS, 2, 2, network.body.steps, 2)
    assert difference(weights[:, :, 0], weights[:, :, 1]) > 1e-4
    alone = network.attend({"history": np.repeat(history[:, :, 1:], 2, axis=2)})[1]
    network.body.decoding.channel_code.assign(np.zeros((CHANNELS, UNITS)))
    assert difference(weights[:, 1], alone[:, 1]) < 1e-5


@pytest.mark.parametrize("mix_channels", [False, True])
def test_the_rollout_of_a_transformer_multiplies_the_weights_of_its_blocks(mix_channels, draw):
    options = {"layers": 2}
    network = random_network("transformer", STRONG, mix_channels=mix_channels, patch_size=2, options=options)
    history = draw(3, LOOKBACK, CHANNELS)
    history[0, 2:4] = np.nan
    shares = np.asarray(network.rollout({"history": history}))
    channels, patches = (1 if mix_channels else CHANNELS), LOOKBACK // 2
    assert shares.shape == (3, channels, patches, patches)
    np.testing.assert_allclose(shares.sum(-1), 1.0, atol=1e-5)
    assert (shares[0][:, [0, 2, 3], 1] == 0).all()
    assert (shares[1:] > 0).all()
    core, embedded = network.body.core, draw(2, patches, UNITS)
    steps, expected = core.patch_position(embedded), np.eye(patches)
    for block in core.encoders:
        steps, weights = block.attend(steps)
        expected = (0.5 * np.asarray(weights).mean(axis=1) + 0.5 * np.eye(patches)) @ expected
    np.testing.assert_allclose(core.rollout(embedded), expected, atol=1e-5)


def test_the_rollout_of_an_inverted_transformer_is_over_variables(draw):
    skeleton = dataclasses.replace(STRONG, known=(0, 3))
    network = reference.randomized(build("inverted", skeleton))
    window = {"history": draw(3, LOOKBACK, CHANNELS), "known": np.ones((3, LOOKBACK + HORIZON, 2), "float32")}
    shares, weights = np.asarray(network.rollout(window)), np.asarray(network.attend(window)[1])
    np.testing.assert_allclose(
        shares, 0.5 * weights[:, :, 0].mean(axis=2) + 0.5 * np.eye(CHANNELS, weights.shape[-1]), atol=1e-6
    )


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_patch_without_observed_values_is_masked(family, decoding, draw, monkeypatch):
    """Masked values are replaced after the normalization; the forecast must not depend on them."""
    network, history = random_network(family, STRONG, decoding=decoding), draw(2, LOOKBACK, CHANNELS)
    history[:, :4] = np.nan
    before, decoding_inputs = network({"history": history}), network.body._decoding_inputs

    def replaced(*window):
        inputs = decoding_inputs(*window)
        visible = np.asarray(inputs["observed"])[..., None]
        return {**inputs, "patches": np.where(visible, np.asarray(inputs["patches"]), np.float32(7.0))}

    monkeypatch.setattr(network.body, "_decoding_inputs", replaced)
    assert difference(network({"history": history}), before) < 1e-6
    history[:, 1] = 0.5
    assert difference(network({"history": history}), before) > 1e-4


def test_channels_share_one_network_and_differ_by_their_codes(draw):
    network, history = random_network("attention", STRONG, channels=3), draw(2, LOOKBACK, 3)
    order = [2, 0, 1]
    forecast = np.asarray(network({"history": history}))
    assert difference(network({"history": history[..., order]}), forecast[..., order]) > 1e-3
    network.body.decoding.channel_code.assign(np.zeros((3, UNITS)))
    forecast = np.asarray(network({"history": history}))
    assert difference(network({"history": history[..., order]}), forecast[..., order]) < 1e-5


@pytest.mark.parametrize("family", FAMILIES)
def test_recursive_channels_share_one_network_and_are_independent(family, draw):
    network, history = random_network(family), draw(1, LOOKBACK, CHANNELS)
    forecast = np.asarray(network({"history": history}))
    np.testing.assert_allclose(network({"history": history[..., ::-1].copy()}), forecast[..., ::-1], atol=1e-5)
    history[..., 1] += 1.0
    changed = np.asarray(network({"history": history}))
    assert (changed[..., 0] == forecast[..., 0]).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_mixed_channels_depend_on_each_other(family, draw):
    network, history = random_network(family, STRONG, mix_channels=True), draw(1, LOOKBACK, CHANNELS)
    forecast = np.asarray(network({"history": history}))
    assert difference(network({"history": history[..., ::-1].copy()}), forecast[..., ::-1]) > 1e-3
    history[:, 2, 1] += 1.0
    assert difference(np.asarray(network({"history": history}))[..., 0], forecast[..., 0]) > 1e-4


def test_a_single_channel_has_no_code():
    assert not hasattr(random_network("seq2seq", STRONG, channels=1).body.decoding, "channel_code")
