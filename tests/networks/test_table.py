"""Every family in every skeleton: shapes, missing values, batches, training, and each option read."""

import itertools

import keras
import numpy as np
import pytest
from networks.textbook import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, TEXTBOOK, network

from tsattn.networks import Skeleton

TABLE = list(itertools.product(FAMILIES, ["direct", "recursive"], [1, 4], [False, True]))


@pytest.fixture(
    scope="module", params=TABLE, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}-{'mixed' if row[3] else 'shared'}"
)
def model(request):
    family, decoding, patch_size, mix_channels = request.param
    return network(family, STRONG, decoding=decoding, patch_size=patch_size, mix_channels=mix_channels)


@pytest.fixture(scope="module")
def windows():
    """Windows with gaps: one as it is, scaled and shifted, and with one value changed; one without its newest
    patch; one of nothing. All in one batch, so that a network is called once."""
    values = 10.0 + 2.0 * np.random.default_rng(3).normal(size=(5, LOOKBACK, CHANNELS))
    values[0, [1, 6], 0] = np.nan
    values[1] = 20.0 * values[0] - 300.0
    values[2] = values[0]
    values[2, 3] += 3.0
    values[3, -4:, 1] = np.nan
    values[4] = np.nan
    return values.astype("float32")


@pytest.fixture(scope="module")
def forecast(model, windows):
    return np.asarray(model({"history": windows}))


def test_one_finite_value_a_step_and_channel(forecast):
    assert forecast.shape == (5, HORIZON, CHANNELS)
    assert np.isfinite(forecast).all()


def test_the_forecast_follows_the_history(forecast):
    assert np.abs(forecast[2] - forecast[0]).max() > 1e-4


def test_scale_and_shift_of_the_history_are_those_of_the_forecast(forecast):
    np.testing.assert_allclose(forecast[1], 20.0 * forecast[0] - 300.0, rtol=1e-3, atol=1e-2)


def test_rows_do_not_see_each_other(model, windows, forecast):
    alone = model({"history": windows[3:4]})
    np.testing.assert_allclose(alone, forecast[3:4], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("way", ["direct", "free", "taught"])
@pytest.mark.parametrize("family", FAMILIES)
def test_training_reaches_every_weight(family, way, draw):
    decoding = "direct" if way == "direct" else "recursive"
    made = network(family, STRONG, decoding=decoding)
    inputs = {"history": draw(4, LOOKBACK, CHANNELS)}
    target = draw(4, HORIZON, CHANNELS)
    if way == "taught":
        inputs["target"] = target
    eager = keras.backend.backend() == "tensorflow"  # the quicker way there, the slower one in JAX
    made.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=eager)
    before = {v.path: v.numpy() for v in made.trainable_weights if "key/bias" not in v.path}  # unseen by a softmax
    made.train_on_batch(inputs, target)
    moved = {v.path: np.abs(v.numpy() - before[v.path]).max() for v in made.trainable_weights if v.path in before}
    assert min(moved.values()) > 1e-7, moved


@pytest.mark.parametrize(
    ("name", "value"), [("normalization", "robust"), ("embedding", "tanh"), ("decoding", "both"), ("decoding", None)]
)
def test_a_skeleton_refuses_what_it_does_not_know(name, value):
    good = {field: getattr(TEXTBOOK, field) for field in Skeleton.__dataclass_fields__}
    with pytest.raises(ValueError, match=rf"`{name}` is {value!r}, but must be one of"):
        Skeleton(**{**good, name: value})


@pytest.mark.parametrize(("name", "value"), [("patch_size", 0), ("units", 0), ("units", 1.5), ("dropout", 1.5)])
def test_a_skeleton_refuses_numbers_out_of_range(name, value):
    good = {field: getattr(TEXTBOOK, field) for field in Skeleton.__dataclass_fields__}
    with pytest.raises(ValueError, match=f"`{name}`"):
        Skeleton(**{**good, name: value})


def test_the_lookback_is_cut_into_whole_patches():
    with pytest.raises(ValueError, match=rf"{LOOKBACK} steps cannot be cut into patches of 3"):
        network("seq2seq", STRONG, patch_size=3)


def test_a_transformer_without_an_embedding_needs_heads_that_divide_the_patch():
    with pytest.raises(ValueError, match="2 heads cannot share a width of 1"):
        network("transformer", STRONG, embedding=None, patch_size=1)


def test_a_history_of_other_channels_is_refused(draw):
    with pytest.raises(ValueError, match="channels"):
        network("seq2seq", STRONG)({"history": draw(2, LOOKBACK, 3)})


def test_a_history_of_another_length_is_refused(draw):
    with pytest.raises(ValueError, match="lookback"):
        network("seq2seq", STRONG)({"history": draw(2, 2 * LOOKBACK, CHANNELS)})


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
]


@pytest.mark.parametrize(("family", "option", "values", "decoding"), OPTIONS, ids=str)
def test_an_option_adds_parameters(family, option, values, decoding):
    few, many = (network(family, STRONG, decoding=decoding, options={option: v}).count_params() for v in values)
    assert few < many


@pytest.mark.parametrize(("option", "values"), [("heads", (1, 2)), ("positional", (None, "sinusoidal"))])
def test_an_option_without_parameters_changes_the_forecast(option, values, draw):
    one, other = (network("transformer", options={option: v}) for v in values)
    other.set_weights([a.reshape(b.shape) for a, b in zip(one.get_weights(), other.get_weights(), strict=True)])
    history = {"history": draw(2, LOOKBACK, CHANNELS)}
    assert np.abs(np.asarray(one(history)) - np.asarray(other(history))).max() > 1e-3


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("decoding", ["direct", "recursive"])
def test_dropout_acts_in_training_only(family, decoding, draw):
    one, other = (network(family, STRONG, decoding=decoding, dropout=rate) for rate in (0.0, 0.5))
    history = {"history": draw(2, LOOKBACK, CHANNELS)}
    still = np.asarray(one(history))
    np.testing.assert_allclose(other(history), still, atol=1e-6)
    assert np.abs(np.asarray(other(history, training=True)) - still).max() > 1e-3


@pytest.mark.parametrize("embedding", ["linear", "relu"])
def test_the_embedding_is_read(embedding, draw):
    made, history = network("seq2seq", embedding=embedding), draw(2, LOOKBACK, CHANNELS)
    embedded = np.asarray(made.body.decoding.embed(history[..., :1]))
    assert (embedded.min() >= 0) == (embedding == "relu")
