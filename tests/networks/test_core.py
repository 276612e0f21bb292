"""The protocol of a core: for each family, `step` agrees with `call`; user-defined layers are supported."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops
from networks.small_networks import (
    CHANNELS,
    FAMILIES,
    HORIZON,
    LOOKBACK,
    STRONG,
    TEXTBOOK,
    build,
    random_network,
)

from tsattn.networks import around
from tsattn.networks.core import AttentiveCore, RecursiveCore, RolloutCore, takes_mask

UNITS = TEXTBOOK.units
CORES = {
    **{family: (family, {}) for family in FAMILIES},
    "deep_attention": ("attention", {"layers": 2, "bidirectional": True, "attention_score": "dot"}),
    "pre_norm": ("transformer", {"norm": "pre", "positional": "learned"}),
}


@pytest.fixture(scope="module", params=CORES)
def core(request):
    family, options = CORES[request.param]
    return random_network(family, embedding="linear", options=options).body.core


@given(seed=st.integers(0, 99), hidden=st.sets(st.integers(0, LOOKBACK - 1), max_size=LOOKBACK - 1))
@settings(max_examples=2, deadline=None)
def test_steps_through_known_queries_equal_call(core, seed, hidden):
    normal = np.random.default_rng(seed).normal
    patches = normal(size=(2, LOOKBACK, UNITS)).astype("float32")
    queries = normal(size=(2, HORIZON, UNITS)).astype("float32")
    mask = np.ones((2, LOOKBACK), bool)
    mask[0, list(hidden)] = False
    states, decoded, weights = core.start(patches, HORIZON, patches_mask=mask), [], []
    for t in range(HORIZON):
        step, alpha, states = core.step(queries[:, t], states)
        decoded.append(np.asarray(step))
        weights.append(None if alpha is None else np.asarray(alpha))
    called = core(patches, queries, patches_mask=mask)
    np.testing.assert_allclose(np.stack(decoded, axis=1), called, atol=1e-5)
    assert isinstance(core, AttentiveCore) == (weights[0] is not None)
    if weights[0] is not None:
        attended, alphas = core.attend(patches, queries, patches_mask=mask)
        np.testing.assert_allclose(attended, called, atol=1e-5)
        np.testing.assert_allclose(np.stack(weights, axis=3), alphas, atol=1e-5)
        assert weights[0].shape == (2, *core.attention_shape, LOOKBACK)


def test_a_step_does_not_depend_on_later_queries(core):
    normal = np.random.default_rng(0).normal
    patches, queries = normal(size=(2, LOOKBACK, UNITS)), normal(size=(2, HORIZON, UNITS))
    before = np.asarray(core(patches, queries))
    queries[:, 3] = normal(size=(2, UNITS))
    change = np.abs(np.asarray(core(patches, queries)) - before).max((0, 2))
    assert (change[:3] == 0).all()
    assert change[3] > 1e-4


class Gated(keras.layers.Layer):
    """A user-defined core with only `call`."""

    def __init__(self, units):
        super().__init__()
        self.gru = keras.layers.GRU(units)

    def call(self, patches, queries):
        return self.gru(patches)[:, None] + queries


class Convolved(keras.layers.Layer):
    """A user-defined core that accepts the mask and `training`."""

    def __init__(self, units):
        super().__init__()
        self.conv = keras.layers.Conv1D(units, 3, padding="causal")

    def call(self, patches, queries, patches_mask=None, training=None):
        visible = patches if patches_mask is None else patches * ops.cast(patches_mask, patches.dtype)[..., None]
        return self.conv(visible)[:, -1:] * queries


@pytest.mark.parametrize(
    ("family", "attention", "rollout"),
    [
        ("seq2seq", False, False),
        ("attention", True, False),
        ("transformer", True, True),
        ("inverted", True, True),
        ("own", False, False),
    ],
)
def test_a_network_has_the_features_of_its_core(family, attention, rollout):
    if family == "own":
        network = around(Gated(STRONG.units), LOOKBACK, HORIZON, CHANNELS, STRONG)
        assert not isinstance(network.body.core, RecursiveCore)
    else:
        network = build(family, STRONG)
    assert (network.has_attention, network.has_rollout) == (attention, rollout)
    assert (network.body.has_attention, network.body.has_rollout) == (attention, rollout)
    if family in FAMILIES:
        core = network.body.core
        assert isinstance(core, RecursiveCore) and takes_mask(core)
        assert (isinstance(core, AttentiveCore), isinstance(core, RolloutCore)) == (attention, rollout)


@pytest.mark.parametrize("kind", [Gated, Convolved])
def test_a_users_core_is_trained_with_direct_decoding(kind, draw):
    network = around(kind(STRONG.units), LOOKBACK, HORIZON, CHANNELS, STRONG)
    inputs, target = {"history": 9.0 + draw(4, LOOKBACK, CHANNELS)}, draw(4, HORIZON, CHANNELS)
    inputs["history"][0, :4] = np.nan
    assert np.isfinite(np.asarray(network(inputs))).all()
    before = [v.numpy() for v in network.trainable_weights]
    network.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=keras.backend.backend() == "tensorflow")
    network.train_on_batch(inputs, target)
    assert all((v.numpy() != old).any() for v, old in zip(network.trainable_weights, before, strict=True))


def test_a_core_that_takes_a_mask_receives_it(draw):
    calls = []

    class Spy(Convolved):
        def call(self, patches, queries, patches_mask=None, training=None):
            calls.append((patches_mask, training))
            return super().call(patches, queries, patches_mask)

    network = around(Spy(STRONG.units), LOOKBACK, HORIZON, CHANNELS, STRONG)
    history = draw(1, LOOKBACK, CHANNELS)
    history[0, :4, 1] = np.nan
    network({"history": history}, training=True)
    mask, training = calls[-1]
    assert np.asarray(mask).tolist() == [[True, True], [False, True]]
    assert training is True


def test_a_core_without_steps_is_rejected_for_recursive_decoding():
    message = r"gated.*does not support recursive decoding.*`start` and `step`.*decoding='direct'"
    with pytest.raises(ValueError, match=message):
        around(Gated(4), LOOKBACK, HORIZON, CHANNELS, TEXTBOOK)


def test_a_core_must_return_one_step_for_each_query():
    class Flat(Gated):
        def call(self, patches, queries):
            return self.gru(patches)

    with pytest.raises(ValueError, match=r"flat.* returned \(None, 4\), but must return.*\(batch, 2, width\)"):
        around(Flat(4), LOOKBACK, HORIZON, CHANNELS, STRONG)


def test_a_core_must_return_one_tensor():
    class Pair(keras.layers.Layer):
        def call(self, patches, queries):
            return queries, queries

    with pytest.raises(ValueError, match=r"pair.* returned tuple, but must return.*\(batch, 2, width\)"):
        around(Pair(), LOOKBACK, HORIZON, CHANNELS, STRONG)
