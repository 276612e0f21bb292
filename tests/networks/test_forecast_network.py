"""Every family in every skeleton: shapes, missing values, batches, training, and the effect of each option."""

import itertools

import keras
import numpy as np
import pytest
from networks.small_networks import BLOCKS, CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, build, random_network

CASES = list(itertools.product(FAMILIES, ["direct", "recursive"], [1, 4], [False, True]))


@pytest.fixture(
    scope="module", params=CASES, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}-{'mixed' if row[3] else 'shared'}"
)
def network(request):
    family, decoding, patch_size, mix_channels = request.param
    return random_network(family, STRONG, decoding=decoding, patch_size=patch_size, mix_channels=mix_channels)


@pytest.fixture(scope="module")
def windows():
    """A batch of windows: one with gaps, its scaled and shifted copy, its copy with one changed value, one without its
    newest patch, and one without values."""
    values = 10.0 + 2.0 * np.random.default_rng(3).normal(size=(5, LOOKBACK, CHANNELS))
    values[0, [1, 6], 0] = np.nan
    values[1] = 20.0 * values[0] - 300.0
    values[2] = values[0]
    values[2, 3] += 3.0
    values[3, -4:, 1] = np.nan
    values[4] = np.nan
    return values.astype("float32")


@pytest.fixture(scope="module")
def forecast(network, windows):
    return np.asarray(network({"history": windows}))


def test_the_forecast_has_one_finite_value_for_each_step_and_channel(forecast):
    assert forecast.shape == (5, HORIZON, CHANNELS)
    assert np.isfinite(forecast).all()


def test_the_forecast_depends_on_the_history(forecast):
    assert np.abs(forecast[2] - forecast[0]).max() > 1e-4


def test_the_forecast_is_scaled_and_shifted_with_the_history(forecast):
    np.testing.assert_allclose(forecast[1], 20.0 * forecast[0] - 300.0, rtol=1e-3, atol=1e-2)


def test_rows_are_independent(network, windows, forecast):
    alone = network({"history": windows[3:4]})
    np.testing.assert_allclose(alone, forecast[3:4], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("way", ["direct", "free running", "teacher forcing"])
@pytest.mark.parametrize("family", FAMILIES)
def test_training_reaches_every_weight(family, way, draw):
    decoding = "direct" if way == "direct" else "recursive"
    network = random_network(family, STRONG, decoding=decoding)
    inputs = {"history": draw(4, LOOKBACK, CHANNELS)}
    target = draw(4, HORIZON, CHANNELS)
    if way == "teacher forcing":
        inputs["target"] = target
    eager = keras.backend.backend() == "tensorflow"  # faster on TensorFlow, slower on JAX
    network.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=eager)
    # The softmax is invariant to the bias of the keys.
    before = {v.path: v.numpy() for v in network.trainable_weights if "key/bias" not in v.path}
    network.train_on_batch(inputs, target)
    changes = {v.path: np.abs(v.numpy() - before[v.path]).max() for v in network.trainable_weights if v.path in before}
    assert min(changes.values()) > 1e-7, changes


def test_a_lookback_that_is_not_a_multiple_of_the_patch_size_is_rejected():
    with pytest.raises(ValueError, match=rf"{LOOKBACK} steps cannot be split into patches of 3"):
        random_network("seq2seq", STRONG, patch_size=3)


def test_a_transformer_without_an_embedding_is_rejected():
    with pytest.raises(ValueError, match=r"`embedding` is None, but a Transformer requires.*Use embedding='linear'"):
        random_network("transformer", STRONG, embedding=None, patch_size=1)


def test_heads_that_do_not_divide_the_width_are_rejected():
    with pytest.raises(ValueError, match="`heads` is 3, but must divide `units`, which is 4"):
        random_network("transformer", STRONG, options={"heads": 3})


def test_a_history_with_other_channels_is_rejected(draw):
    with pytest.raises(ValueError, match=r"shape \(2, 8, 3\), but the network expects .*channels 2"):
        random_network("seq2seq", STRONG)({"history": draw(2, LOOKBACK, 3)})


def test_a_history_of_another_length_is_rejected(draw):
    with pytest.raises(ValueError, match=r"shape \(2, 16, 2\), but the network expects .*lookback 8"):
        random_network("seq2seq", STRONG)({"history": draw(2, 2 * LOOKBACK, CHANNELS)})


OPTIONS = [
    ("seq2seq", "layers", (1, 2), "direct"),
    ("seq2seq", "bidirectional", (False, True), "recursive"),
    ("attention", "layers", (1, 2), "recursive"),
    ("attention", "bidirectional", (False, True), "direct"),
    ("attention", "attention_score", ("dot", "general"), "direct"),
    ("attention", "attention_score", ("general", "additive"), "recursive"),
    ("transformer", "layers", (1, 2), "direct"),
    ("transformer", "decoder_layers", (1, 2), "recursive"),
    ("transformer", "feed_forward", (6, None), "direct"),
    ("transformer", "norm", ("post", "pre"), "recursive"),
    ("transformer", "positional", ("sinusoidal", "learned"), "direct"),
    ("inverted", "layers", (1, 2), "direct"),
    ("inverted", "feed_forward", (6, None), "direct"),
]


@pytest.mark.parametrize(("family", "option", "values", "decoding"), OPTIONS, ids=str)
def test_an_option_adds_parameters(family, option, values, decoding):
    few, many = (random_network(family, STRONG, decoding=decoding, options={option: v}).count_params() for v in values)
    assert few < many


@pytest.mark.parametrize(
    ("family", "option", "values"),
    [
        ("transformer", "heads", (1, 2)),
        ("transformer", "positional", (None, "sinusoidal")),
        ("inverted", "heads", (1, 2)),
        ("inverted", "norm", ("post", "pre")),
    ],
)
def test_an_option_without_parameters_changes_the_forecast(family, option, values, draw):
    one, other = (random_network(family, options={option: v}) for v in values)
    other.set_weights([a.reshape(b.shape) for a, b in zip(one.get_weights(), other.get_weights(), strict=True)])
    history = {"history": draw(2, LOOKBACK, CHANNELS)}
    assert np.abs(np.asarray(one(history)) - np.asarray(other(history))).max() > 1e-3


@pytest.mark.parametrize(
    ("family", "option", "value"),
    [
        ("seq2seq", "layers", 0),
        ("attention", "layers", 1.5),
        ("attention", "attention_score", "no_such_score"),
        ("transformer", "decoder_layers", 0),
        ("transformer", "positional", "binary"),
        *((family, option, 0) for family in ("transformer", "inverted") for option in BLOCKS),
    ],
)
def test_a_bad_option_is_rejected_by_its_name(family, option, value):
    with pytest.raises(ValueError, match=f"`{option}` is {value!r}, but must be"):
        build(family, STRONG, **{option: value})


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("decoding", ["direct", "recursive"])
def test_dropout_acts_in_training_only(family, decoding, draw):
    one, other = (random_network(family, STRONG, decoding=decoding, dropout=rate) for rate in (0.0, 0.5))
    history = {"history": draw(2, LOOKBACK, CHANNELS)}
    expected = np.asarray(one(history))
    np.testing.assert_allclose(other(history), expected, atol=1e-6)
    assert np.abs(np.asarray(other(history, training=True)) - expected).max() > 1e-3


@pytest.mark.parametrize("embedding", ["linear", "relu"])
def test_the_embedding_has_its_activation(embedding, draw):
    network, history = random_network("seq2seq", embedding=embedding), draw(2, LOOKBACK, CHANNELS)
    embedded = np.asarray(network.body.decoding.embed(history[..., :1]))
    assert (embedded.min() >= 0) == (embedding == "relu")
