"""The protocol of a core: stepping is calling, and anyone's own layer fits in."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops
from networks.textbook import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, TEXTBOOK, network

from tsattn.networks import around

UNITS = TEXTBOOK.units
CORES = {
    **{family: (family, {}) for family in FAMILIES},
    "deep_attention": ("attention", {"layers": 2, "bidirectional": True, "attention_score": "dot"}),
    "pre_norm": ("transformer", {"norm": "pre", "positional": "learned"}),
}


@pytest.fixture(scope="module", params=CORES)
def core(request):
    family, options = CORES[request.param]
    return network(family, embedding="linear", options=options).body.decoding.core


@given(seed=st.integers(0, 99), hidden=st.sets(st.integers(0, LOOKBACK - 1), max_size=LOOKBACK - 1))
@settings(max_examples=2, deadline=None)
def test_stepping_through_known_queries_is_calling(core, seed, hidden):
    draw = np.random.default_rng(seed).normal
    patches = draw(size=(2, LOOKBACK, UNITS)).astype("float32")
    queries = draw(size=(2, HORIZON, UNITS)).astype("float32")
    mask = np.ones((2, LOOKBACK), bool)
    mask[0, list(hidden)] = False
    states, decoded, weights = core.start(patches, HORIZON, patches_mask=mask), [], []
    for t in range(HORIZON):
        step, alpha, states = core.step(queries[:, t], states)
        decoded.append(np.asarray(step))
        weights.append(None if alpha is None else np.asarray(alpha))
    called = core(patches, queries, patches_mask=mask)
    np.testing.assert_allclose(np.stack(decoded, axis=1), called, atol=1e-5)
    if weights[0] is not None:
        attended, alphas = core.attend(patches, queries, patches_mask=mask)
        np.testing.assert_allclose(attended, called, atol=1e-5)
        np.testing.assert_allclose(np.stack(weights, axis=3), alphas, atol=1e-5)
        assert weights[0].shape == (2, *core.attention_shape, LOOKBACK)


def test_a_step_depends_on_no_later_query(core):
    draw = np.random.default_rng(0).normal
    patches, queries = draw(size=(2, LOOKBACK, UNITS)), draw(size=(2, HORIZON, UNITS))
    before = np.asarray(core(patches, queries))
    queries[:, 3] = draw(size=(2, UNITS))
    change = np.abs(np.asarray(core(patches, queries)) - before).max((0, 2))
    assert (change[:3] == 0).all()
    assert change[3] > 1e-4


class Gated(keras.layers.Layer):
    """Someone's own core, with nothing but `call`."""

    def __init__(self, units):
        super().__init__()
        self.gru = keras.layers.GRU(units)

    def call(self, patches, queries):
        return self.gru(patches)[:, None] + queries


class Convolved(keras.layers.Layer):
    """Someone's own core that takes the mask and whether it is trained."""

    def __init__(self, units):
        super().__init__()
        self.conv = keras.layers.Conv1D(units, 3, padding="causal")

    def call(self, patches, queries, patches_mask=None, training=None):
        kept = patches if patches_mask is None else patches * ops.cast(patches_mask, patches.dtype)[..., None]
        return self.conv(kept)[:, -1:] * queries


@pytest.mark.parametrize("make", [Gated, Convolved])
def test_a_core_of_ones_own_decodes_directly(make, draw):
    made = around(make(STRONG.units), LOOKBACK, HORIZON, CHANNELS, STRONG)
    inputs, target = {"history": 9.0 + draw(4, LOOKBACK, CHANNELS)}, draw(4, HORIZON, CHANNELS)
    inputs["history"][0, :4] = np.nan
    assert np.isfinite(np.asarray(made(inputs))).all()
    before = [v.numpy() for v in made.trainable_weights]
    made.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=keras.backend.backend() == "tensorflow")
    made.train_on_batch(inputs, target)
    assert all((v.numpy() != old).any() for v, old in zip(made.trainable_weights, before, strict=True))


def test_a_core_that_takes_a_mask_is_given_one(draw):
    seen = []

    class Spy(Convolved):
        def call(self, patches, queries, patches_mask=None, training=None):
            seen.append((patches_mask, training))
            return super().call(patches, queries, patches_mask)

    made = around(Spy(STRONG.units), LOOKBACK, HORIZON, CHANNELS, STRONG)
    history = draw(1, LOOKBACK, CHANNELS)
    history[0, :4, 1] = np.nan
    made({"history": history}, training=True)
    mask, training = seen[-1]
    assert np.asarray(mask).tolist() == [[True, True], [False, True]]
    assert training is True


def test_a_core_that_cannot_step_is_told_so_when_it_is_to_decode_recursively():
    with pytest.raises(ValueError, match=r"gated.*recursively.*`start` and `step`.*decoding='direct'"):
        around(Gated(4), LOOKBACK, HORIZON, CHANNELS, TEXTBOOK)


def test_a_core_must_give_one_step_a_query():
    class Flat(Gated):
        def call(self, patches, queries):
            return self.gru(patches)

    with pytest.raises(ValueError, match=r"flat.*\(batch, 2, width\)"):
        around(Flat(4), LOOKBACK, HORIZON, CHANNELS, STRONG)
