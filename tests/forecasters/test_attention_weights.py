"""Attention weights as DataFrames."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from forecaster_table import HORIZON, NETWORKS, monthly, monthly_covariates, panel, shops, wide

import tsattn

MODELS = {
    "attention": {"lookback": 12, "patch_size": 3},
    "attention, recursive": {"lookback": 12, "patch_size": 1, "decoding": "recursive", "attention_score": "dot"},
    "transformer": {"lookback": 12, "patch_size": 3, "decoder_layers": 2},
    "transformer, recursive": {"lookback": 12, "patch_size": 4, "decoding": "recursive"},
}


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    """A network with attention, fitted to a monthly Series."""
    return NETWORKS[request.param.split(",")[0]](horizon=HORIZON, **MODELS[request.param]).fit(monthly())


def test_rows_are_forecast_times_and_columns_are_starts_of_patches(model):
    weights = model.attention_weights()
    pd.testing.assert_index_equal(weights.index, model.predict().index)
    pd.testing.assert_index_equal(weights.columns, monthly().index[-12 :: model.patch_size_], exact="equiv")
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-5)
    assert (weights >= 0).all(axis=None)


def test_steps_of_a_patch_have_equal_rows(model):
    weights = model.attention_weights().to_numpy()
    patch = model.patch_size_
    for first in range(0, HORIZON, patch):
        assert (weights[first : first + patch] == weights[first]).all()
    assert not np.allclose(weights[0], weights[patch], atol=1e-7)


def test_weights_of_another_history_have_its_times(model):
    weights = model.attention_weights(y=monthly()[:-5])
    assert weights.index[0] == monthly().index[-5]
    assert weights.columns[0] == monthly().index[-17]


def test_missing_patch_has_weight_zero(model):
    y = monthly()
    y.iloc[-12 : -12 + model.patch_size_] = np.nan
    weights = model.attention_weights(y=y)
    assert (weights.iloc[:, 0] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-5)


@pytest.fixture(scope="module")
def wide_model():
    """A Transformer with two layers and two heads, fitted to two channels."""
    return NETWORKS["transformer"](horizon=HORIZON, lookback=12, patch_size=3, decoder_layers=2).fit(wide())


def test_layer_and_head_can_be_selected(wide_model):
    model = wide_model
    last = model.attention_weights()
    pd.testing.assert_frame_equal(model.attention_weights(layer=1), last)
    assert not np.allclose(model.attention_weights(layer=0), last)
    heads = [model.attention_weights(head=head) for head in (0, 1)]
    assert not np.allclose(*heads)
    np.testing.assert_allclose((heads[0] + heads[1]) / 2, last, rtol=1e-5)
    with pytest.raises(ValueError, match="`layer` is 2"):
        model.attention_weights(layer=2)
    with pytest.raises(ValueError, match="`head` is 5"):
        model.attention_weights(head=5)


def test_shared_network_has_weights_for_each_channel(wide_model):
    weights = wide_model.attention_weights()
    assert weights.index.names == ["channel", "month"]
    assert weights.index.get_level_values(0).unique().tolist() == ["north", "south"]
    assert weights.shape == (2 * HORIZON, 4)


def test_levels_of_columns_precede_the_time():
    y = wide().set_axis(pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["place", "number"]), axis=1)
    weights = NETWORKS["attention"](horizon=HORIZON).fit(y).attention_weights()
    assert weights.index.names == ["place", "number", "month"]
    assert len(tsattn.plot_attention(weights).axes) == 3


def test_mixed_channels_have_one_set_of_weights():
    model = NETWORKS["attention"](horizon=HORIZON, lookback=12, patch_size=3, mix_channels=True).fit(wide())
    assert model.attention_weights().shape == (HORIZON, 4)


def test_network_without_attention_raises():
    model = NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly())
    with pytest.raises(TypeError, match="no attention weights"):
        model.attention_weights()


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
def test_rollout_includes_the_encoder(decoding):
    model = NETWORKS["transformer"](horizon=HORIZON, lookback=12, patch_size=3, decoding=decoding).fit(monthly())
    network = model.network_.copy()
    for weight in network.body.core.encoders[0].attentions["self_attention"].weights:
        if "query" in weight.path:  # all scores are 0: every patch attends equally to all patches
            weight.assign(np.zeros(weight.shape))
    model.network_ = dataclasses.replace(model.network_, weights=network.get_weights())
    weights, rollout = model.attention_weights(head=0), model.attention_weights(head=0, rollout=True)
    pd.testing.assert_frame_equal(rollout, 0.5 * weights + 0.5 / 4, check_dtype=False, rtol=1e-4)
    np.testing.assert_allclose(rollout.sum(axis=1), 1.0, rtol=1e-5)
    y = monthly()
    y.iloc[-6:-3] = np.nan
    masked = model.attention_weights(y=y, rollout=True)
    assert (masked.iloc[:, 2] == 0).all()
    np.testing.assert_allclose(masked.sum(axis=1), 1.0, rtol=1e-5)


def test_rollout_of_variables_multiplies_the_blocks():
    model = NETWORKS["inverted"](horizon=HORIZON, layers=2).fit(wide())
    first, last = (0.5 * model.attention_weights(layer=layer) + 0.5 * np.eye(2) for layer in (0, 1))
    rollout = model.attention_weights(rollout=True)
    np.testing.assert_allclose(rollout, last.to_numpy() @ first.to_numpy(), rtol=1e-5)
    pd.testing.assert_index_equal(rollout.columns, first.columns)
    with pytest.raises(ValueError, match=r"`layer` is 0.*Remove them"):
        model.attention_weights(layer=0, rollout=True)


def test_covariates_are_named_and_a_category_is_one_variable():
    model = NETWORKS["inverted"](horizon=HORIZON, lookback=12, past_covariates=["price"]).fit(
        monthly(), monthly_covariates(60 + HORIZON)
    )
    weights = model.attention_weights()
    assert weights.index.tolist() == ["sales"]
    assert set(weights.columns) == {"sales", *monthly_covariates().columns} and weights.columns.name == "variable"
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-5)


def test_channels_of_many_series_follow_the_ids():
    model = NETWORKS["inverted"](horizon=HORIZON, lookback=8).fit(panel(), static=shops())
    weights = model.attention_weights()
    assert weights.index.names == ["shop", "channel"] and weights.columns[-1] == "static"
    assert weights.index.tolist() == [(shop, weights.columns[0]) for shop in "abcd"]
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-5)
    single = model.attention_weights(y=panel().loc[["c"]], static=shops().loc[["c"]])
    np.testing.assert_allclose(single, weights.loc[["c"]], rtol=1e-5)


def test_rollout_without_self_attention_raises():
    model = NETWORKS["attention"](horizon=HORIZON, lookback=12).fit(monthly())
    with pytest.raises(TypeError, match=r"AttentionForecaster does not have.*TransformerForecaster"):
        model.attention_weights(rollout=True)
