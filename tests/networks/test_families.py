"""What is told of each family, and of the channels and the missing values of all."""

import dataclasses

import numpy as np
import numpy_reference as reference
import pytest
from networks.textbook import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, TEXTBOOK, network

from tsattn.networks import inverted

UNITS = TEXTBOOK.units


def difference(one, other):
    return np.abs(np.asarray(one) - np.asarray(other)).max()


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
def test_seq2seq_sees_the_past_through_the_last_states_only(decoding, draw, monkeypatch):
    core = network("seq2seq", decoding=decoding, embedding="linear").body.decoding.core
    queries, memories = draw(2, 3, UNITS), [draw(2, LOOKBACK, UNITS), draw(2, LOOKBACK, UNITS)]
    assert difference(*(core(memory, queries) for memory in memories)) > 1e-3
    states = [draw(2, UNITS), draw(2, UNITS)]
    monkeypatch.setattr(core.encoder, "call", lambda inputs, mask=None: (inputs, states))
    assert difference(*(core(memory, queries) for memory in memories)) == 0
    before = np.asarray(core(memories[0], queries))
    states[1] = states[1] + 1.0
    assert difference(core(memories[0], queries), before) > 1e-3


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
def test_attention_sees_the_past_beside_the_last_states(decoding, draw, monkeypatch):
    core = network("attention", decoding=decoding, embedding="linear").body.decoding.core
    queries, memories = draw(2, 3, UNITS), [draw(2, LOOKBACK, UNITS), draw(2, LOOKBACK, UNITS)]
    states = [draw(2, UNITS), draw(2, UNITS)]
    monkeypatch.setattr(core.encoder, "call", lambda inputs, mask=None: (inputs, states))
    assert difference(*(core(memory, queries) for memory in memories)) > 1e-3


def test_an_encoder_that_forgets_makes_seq2seq_blind(draw):
    made = network("seq2seq")
    for weight in made.body.decoding.core.encoder.weights:
        weight.assign(np.zeros(weight.shape))
    one, other = draw(1, LOOKBACK, CHANNELS), draw(1, LOOKBACK, CHANNELS)
    other[:, -1] = one[:, -1]  # x'_1 is the decoder's own first input
    assert difference(made({"history": one}), made({"history": other})) == 0
    other[:, -1] += 1.0
    assert difference(made({"history": one}), made({"history": other})) > 1e-4


@pytest.mark.parametrize("positional", [None, "sinusoidal", "learned"])
def test_only_positions_tell_a_transformer_the_order(positional, draw):
    core = network("transformer", options={"positional": positional}).body.decoding.core
    patches, order = draw(2, LOOKBACK, UNITS), np.random.default_rng(4).permutation(LOOKBACK)
    change = difference(np.asarray(core.encode(patches))[:, order], core.encode(patches[:, order]))
    assert change < 1e-5 if positional is None else change > 1e-2


@pytest.mark.parametrize("family", ["attention", "transformer"])
@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("mix_channels", [False, True])
class TestAttend:
    """What `attend` of the families with attention gives."""

    @pytest.fixture
    def made(self, family, decoding, mix_channels):
        return network(family, STRONG, decoding=decoding, mix_channels=mix_channels, patch_size=2)

    def test_forecast_and_weights(self, made, family, mix_channels, draw):
        history = draw(3, LOOKBACK, CHANNELS)
        history[0, 2:4] = np.nan
        history[1, 5] = np.nan  # half a patch
        forecast, weights = (np.asarray(output) for output in made.attend({"history": history}))
        np.testing.assert_allclose(forecast, made({"history": history}), atol=1e-5)
        heads, channels = (2 if family == "transformer" else 1), (1 if mix_channels else CHANNELS)
        assert weights.shape == (3, channels, 1, heads, made.body.steps, LOOKBACK // 2)
        np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-5)
        assert (weights[0, ..., 1] == 0).all()
        assert (weights[1] > 0).all()
        assert difference(weights[..., 0, :], weights[..., 1, :]) > 1e-4


def test_attend_gives_weights_layer_by_layer_and_channel_by_channel(draw):
    made, history = network("transformer", STRONG, options={"decoder_layers": 2}), draw(2, LOOKBACK, CHANNELS)
    _, weights = made.attend({"history": history})
    assert weights.shape == (2, CHANNELS, 2, 2, made.body.steps, 2)
    assert difference(weights[:, :, 0], weights[:, :, 1]) > 1e-4
    alone = made.attend({"history": np.repeat(history[:, :, 1:], 2, axis=2)})[1]
    made.body.decoding.channel_code.assign(np.zeros((CHANNELS, UNITS)))
    assert difference(weights[:, 1], alone[:, 1]) < 1e-5


@pytest.mark.parametrize("mix_channels", [False, True])
def test_the_rollout_of_a_transformer_multiplies_what_its_blocks_attend_to(mix_channels, draw):
    options = {"layers": 2}
    made = network("transformer", STRONG, mix_channels=mix_channels, patch_size=2, options=options)
    history = draw(3, LOOKBACK, CHANNELS)
    history[0, 2:4] = np.nan
    shares = np.asarray(made.rollout({"history": history}))
    channels, patches = (1 if mix_channels else CHANNELS), LOOKBACK // 2
    assert shares.shape == (3, channels, patches, patches)
    np.testing.assert_allclose(shares.sum(-1), 1.0, atol=1e-5)
    assert (shares[0][:, [0, 2, 3], 1] == 0).all()
    assert (shares[1:] > 0).all()
    core, embedded = made.body.core, draw(2, patches, UNITS)
    steps, expected = core.patch_position(embedded), np.eye(patches)
    for block in core.encoders:
        steps, weights = block.attend(steps)
        expected = (0.5 * np.asarray(weights).mean(axis=1) + 0.5 * np.eye(patches)) @ expected
    np.testing.assert_allclose(core.rollout(embedded), expected, atol=1e-5)


def test_the_rollout_of_an_inverted_transformer_is_among_variables(draw):
    skeleton = dataclasses.replace(STRONG, known=(0, 3))
    made = reference.filled(inverted(LOOKBACK, HORIZON, CHANNELS, skeleton, layers=1, heads=2))
    window = {"history": draw(3, LOOKBACK, CHANNELS), "known": np.ones((3, LOOKBACK + HORIZON, 2), "float32")}
    shares, weights = np.asarray(made.rollout(window)), np.asarray(made.attend(window)[1])
    np.testing.assert_allclose(
        shares, 0.5 * weights[:, :, 0].mean(axis=2) + 0.5 * np.eye(CHANNELS, weights.shape[-1]), atol=1e-6
    )


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_patch_never_observed_is_not_seen(family, decoding, draw, monkeypatch):
    """The values under the mask are replaced behind the normalisation: nothing else may read them."""
    made, history = network(family, STRONG, decoding=decoding), draw(2, LOOKBACK, CHANNELS)
    history[:, :4] = np.nan
    before, cut = made({"history": history}), made.body._cut

    def tampered(*window):
        parts = cut(*window)
        seen = np.asarray(parts["observed"])[..., None]
        return {**parts, "patches": np.where(seen, np.asarray(parts["patches"]), np.float32(7.0))}

    monkeypatch.setattr(made.body, "_cut", tampered)
    assert difference(made({"history": history}), before) < 1e-6
    history[:, 1] = 0.5
    assert difference(made({"history": history}), before) > 1e-4


def test_channels_share_one_network(draw):
    made, history = network("attention", STRONG, channels=3), draw(2, LOOKBACK, 3)
    order = [2, 0, 1]
    forecast = np.asarray(made({"history": history}))
    assert difference(made({"history": history[..., order]}), forecast[..., order]) > 1e-3
    made.body.decoding.channel_code.assign(np.zeros((3, UNITS)))
    forecast = np.asarray(made({"history": history}))
    assert difference(made({"history": history[..., order]}), forecast[..., order]) < 1e-5


@pytest.mark.parametrize("family", FAMILIES)
def test_recursive_channels_share_one_network_and_do_not_see_each_other(family, draw):
    made, history = network(family), draw(1, LOOKBACK, CHANNELS)
    forecast = np.asarray(made({"history": history}))
    np.testing.assert_allclose(made({"history": history[..., ::-1].copy()}), forecast[..., ::-1], atol=1e-5)
    history[..., 1] += 1.0
    changed = np.asarray(made({"history": history}))
    assert (changed[..., 0] == forecast[..., 0]).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_mixed_channels_see_each_other(family, draw):
    made, history = network(family, STRONG, mix_channels=True), draw(1, LOOKBACK, CHANNELS)
    forecast = np.asarray(made({"history": history}))
    assert difference(made({"history": history[..., ::-1].copy()}), forecast[..., ::-1]) > 1e-3
    history[:, 2, 1] += 1.0
    assert difference(np.asarray(made({"history": history}))[..., 0], forecast[..., 0]) > 1e-4


def test_one_channel_has_no_code_of_its_own():
    assert not hasattr(network("seq2seq", STRONG, channels=1).body.decoding, "channel_code")
