"""Forecasters that start from pretrained networks: the choice of the network, zero-shot forecasts and fine-tuning."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import monthly, panel, wide
from sklearn.base import clone

from tsattn import (
    AttentionForecaster,
    CoreForecaster,
    EnsembleForecaster,
    InvertedTransformerForecaster,
    LinearForecaster,
    Seq2SeqForecaster,
    Training,
    compare,
    load_forecaster,
)
from tsattn.forecasters import pretrained as selection
from tsattn.forecasters.export_graph import _graph
from tsattn.forecasters.rolled_model import RolledModel
from tsattn.pretrained.catalog import LEVELS
from tsattn.series.windows import Windows

ZERO_SHOT = Training(epochs=0)
LONG = monthly(420)  # enough held-out horizons for fine-tuning
TUNED = Training(epochs=2, batches_per_epoch=4, random_state=0, verbose=0)


@pytest.fixture(scope="module")
def zero_shot():
    return AttentionForecaster(6, training=ZERO_SHOT).fit(monthly())


def test_zero_shot_forecast_is_better_than_the_seasonal_naive_forecast(zero_shot):
    y = monthly()
    model = AttentionForecaster(12, training=ZERO_SHOT).fit(y[:-12])
    assert model.pretrained_ == "attention-12" and model.training_history_["loss"] == [] and not model.falls_back_
    assert -model.score(y[-12:]) < 1
    assert (model.lookback_, model.patch_size_, model.normalization_) == (60, 12, "last_scaled")


def test_short_series_is_forecast_without_training(zero_shot):
    default = AttentionForecaster(6, fallback=False).fit(monthly())
    assert default.training_history_ == {"loss": [], "learning_rate": []}
    pd.testing.assert_series_equal(default.predict(), zero_shot.predict())


def test_a_shorter_horizon_is_the_start_of_a_longer_one(zero_shot):
    longer = AttentionForecaster(24, training=ZERO_SHOT).fit(monthly()).predict()
    np.testing.assert_allclose(zero_shot.predict(), longer[:6], rtol=1e-4)


def test_a_forecast_beyond_the_horizon_of_the_network_is_rolled_forward():
    y = monthly()
    model = AttentionForecaster(30, training=ZERO_SHOT).fit(y)
    forecast = model.predict()
    first = AttentionForecaster(24, training=ZERO_SHOT).fit(y)
    np.testing.assert_allclose(forecast[:24], first.predict(), rtol=1e-4)
    second = first.predict(y=pd.concat([y, forecast[:24]]))
    np.testing.assert_allclose(forecast[24:], second[:6], rtol=1e-4)
    assert isinstance(model._model(), RolledModel)
    assert model.attention_weights().shape == (24, 5)  # of the network


def test_point_forecast_is_the_median_and_quantiles_are_interpolated():
    y, levels = monthly(), (0.05, 0.1, 0.25, 0.5, 0.9)
    model = AttentionForecaster(6, quantiles=levels, training=ZERO_SHOT).fit(y)
    all_levels = AttentionForecaster(6, quantiles=LEVELS, training=ZERO_SHOT).fit(y).predict_quantiles()
    quantiles = model.predict_quantiles()
    assert list(quantiles) == list(levels)
    np.testing.assert_allclose(quantiles[[0.1, 0.5, 0.9]], all_levels[[0.1, 0.5, 0.9]], rtol=1e-5)
    np.testing.assert_allclose(quantiles[0.25], all_levels[[0.2, 0.3]].mean(axis=1), rtol=1e-5)
    assert (np.diff(quantiles, axis=1) > 0).all()
    point = AttentionForecaster(6, training=ZERO_SHOT).fit(y).predict()
    np.testing.assert_allclose(quantiles[0.5], point, rtol=1e-4)


def test_channels_and_series_are_forecast_separately():
    y = wide()
    together = AttentionForecaster(6, training=ZERO_SHOT).fit(y).predict()
    for column in y:
        alone = AttentionForecaster(6, training=ZERO_SHOT).fit(y[column]).predict()
        np.testing.assert_allclose(together[column], alone, rtol=1e-4)
    series = panel()
    forecast = AttentionForecaster(6, season=12, training=ZERO_SHOT).fit(series).predict()
    name = series.index[0][0]
    alone = AttentionForecaster(6, season=12, training=ZERO_SHOT).fit(series.loc[name]).predict()
    np.testing.assert_allclose(forecast.loc[name], alone, rtol=1e-4)


def test_scaling_the_series_scales_the_forecast(zero_shot):
    forecast = AttentionForecaster(6, training=ZERO_SHOT).fit(1e6 * monthly() - 3e7).predict()
    np.testing.assert_allclose(forecast, 1e6 * zero_shot.predict() - 3e7, rtol=1e-4)


@pytest.mark.parametrize(
    "arguments, reason",
    [
        ({"units": 64}, "`units` is 64, and its networks have units=128"),
        ({"lookback": 24}, "`lookback` is 24"),
        ({"layers": 2}, "`layers` is 2"),
        ({"training": Training(loss="mse")}, "the loss 'mse'"),
        ({"season": 11}, "no network for the season 11. Set `season` to one of 1, 2, 3, 4"),
    ],
    ids=str,
)
def test_without_a_network_auto_starts_from_random_weights_and_true_is_refused(arguments, reason):
    y = monthly()
    model = AttentionForecaster(6, pretrained=True, **arguments)
    with pytest.raises(ValueError, match=f'(?s)`pretrained` is True, but .*{reason}.*pretrained="auto"'):
        model.fit(y)
    assert not hasattr(model, "network_")
    training = arguments.pop("training", Training()).set_params(epochs=1, batches_per_epoch=1, verbose=0)
    model = AttentionForecaster(6, fallback=False, training=training, **arguments).fit(y)
    assert model.pretrained_ is None and model.training_history_["loss"]


def test_pretrained_false_starts_from_random_weights():
    training = Training(epochs=1, batches_per_epoch=1, verbose=0)
    model = AttentionForecaster(6, pretrained=False, fallback=False, training=training).fit(monthly())
    assert model.pretrained_ is None and len(model.training_history_["loss"]) == 1
    with pytest.raises(ValueError, match="`pretrained` is 'yes'"):
        AttentionForecaster(6, pretrained="yes").fit(monthly())


@pytest.mark.parametrize(
    "model",
    [
        AttentionForecaster(6, units=8, training=ZERO_SHOT),
        AttentionForecaster(6, pretrained=False, training=ZERO_SHOT),
        CoreForecaster(6, core=lambda units: None, training=ZERO_SHOT),
        InvertedTransformerForecaster(6, training=ZERO_SHOT),
    ],
    ids=lambda model: type(model).__name__,
)
def test_no_epochs_need_a_pretrained_network(model):
    with pytest.raises(ValueError, match="`training` has 0 epochs, which needs a pretrained network, but"):
        model.fit(monthly())


def test_network_of_a_season_without_weights_is_not_used(monkeypatch):
    monkeypatch.setattr(selection, "is_available", lambda family, window: False)
    with pytest.raises(ValueError, match="no network for the season 12"):
        AttentionForecaster(6, pretrained=True).fit(monthly())


def test_long_series_is_fine_tuned_and_never_gets_worse_on_the_held_out_windows():
    model = AttentionForecaster(6, fallback=False, training=TUNED).fit(LONG)
    assert model.pretrained_ == "attention-12" and len(model.training_history_["val_loss"]) == 2
    worse = AttentionForecaster(6, fallback=False, training=clone(TUNED).set_params(learning_rate=1.0))
    kept = AttentionForecaster(6, fallback=False, training=ZERO_SHOT).fit(LONG)
    worse.fit(LONG)  # every epoch has a higher error than the initial weights
    np.testing.assert_allclose(worse.predict(), kept.predict(), rtol=1e-6)


def test_warm_start_continues_from_the_fine_tuned_weights():
    model = AttentionForecaster(6, fallback=False, training=TUNED).fit(LONG)
    before = model.network_.weights
    model.fit(LONG, warm_start=True)
    assert model.pretrained_ == "attention-12"
    assert any(not np.array_equal(one, two) for one, two in zip(before, model.network_.weights, strict=True))


def test_warm_start_without_epochs_does_not_count_as_untrained():
    model = AttentionForecaster(6, fallback=False, training=TUNED).fit(LONG)
    history = model.training_history_
    model.set_params(training=ZERO_SHOT).fit(LONG, warm_start=True)
    assert model.training_history_ == history  # its windows have been used, so that it is not calibrated on them


def test_covariates_are_learned_also_on_a_short_series():
    y = monthly()
    times = pd.date_range(y.index[0], periods=len(y) + 6, freq="MS")
    price = pd.DataFrame({"price": np.random.default_rng(0).normal(size=len(times))}, index=times)
    y = y + 30 * price["price"][: len(y)]
    model = AttentionForecaster(6, fallback=False, training=TUNED).fit(y, price)
    assert model.pretrained_ == "attention-12" and model.training_history_["loss"]
    assert not np.allclose(model.predict(), model.predict(price[-6:] + 1), rtol=1e-4)


def test_untrained_network_is_calibrated_on_all_windows():
    model = AttentionForecaster(6, calibrate=True, training=ZERO_SHOT).fit(monthly())
    interval = model.predict_interval(0.8)
    assert (interval["lower"] < interval["upper"]).all()
    assert model.error_distribution_.windows > 12


@pytest.mark.parametrize("steps", [1, 2, 5, 13])
def test_history_may_be_shorter_than_a_window(steps):
    y = monthly()[-steps:]
    forecast = AttentionForecaster(6, freq="MS").fit(y).predict()
    assert np.isfinite(forecast).all() and len(forecast) == 6
    pd.testing.assert_series_equal(AttentionForecaster(6, freq="MS", training=ZERO_SHOT).fit(y).predict(), forecast)
    constant = AttentionForecaster(6, freq="MS", training=ZERO_SHOT).fit(0 * y + 7).predict()
    np.testing.assert_allclose(constant, 7, rtol=1e-3)


@pytest.mark.parametrize("horizon, quantiles", [(6, None), (30, (0.05, 0.5, 0.95))])
def test_saved_forecaster_does_not_need_the_weights_of_the_package(tmp_path, monkeypatch, horizon, quantiles):
    y = monthly()
    model = AttentionForecaster(horizon, quantiles=quantiles, training=ZERO_SHOT).fit(y)
    model.save(tmp_path / "model.tsattn")
    monkeypatch.setattr("tsattn.pretrained.weights.FOLDER", tmp_path / "missing")
    loaded = load_forecaster(tmp_path / "model.tsattn")
    assert loaded.pretrained_ == "attention-12"
    pd.testing.assert_series_equal(loaded.predict(), model.predict())
    if quantiles:
        pd.testing.assert_frame_equal(loaded.predict_quantiles(), model.predict_quantiles())


def test_exported_graph_rolls_the_network_and_interpolates_its_quantiles():
    y = monthly()
    model = AttentionForecaster(30, quantiles=(0.05, 0.5, 0.95), training=ZERO_SHOT).fit(y)
    graph = _graph(model, model._model())
    history = np.full((1, model.lookback_, 1), np.nan, "float32")
    history[0, -len(y) :, 0] = y[-model.lookback_ :]
    np.testing.assert_allclose(graph({"history": history})[0, :, 0], model.predict_quantiles(), rtol=1e-3)


def test_ensemble_without_training_has_the_three_networks():
    y = monthly()
    model = EnsembleForecaster(6, training=ZERO_SHOT).fit(y)
    assert [type(member).__name__[:5] for member in model.members_] == ["Seq2S", "Atten", "Trans"]
    assert model.pretrained_ == "seq2seq-12, attention-12, transformer-12"
    scratch = EnsembleForecaster(6, members=[Seq2SeqForecaster(6, units=4)], training=TUNED).fit(y)
    assert scratch.pretrained_ is None


def test_comparison_states_which_rows_started_pretrained():
    candidates = {
        "zero_shot": "zero_shot",
        "random": AttentionForecaster(6, units=4, fallback=False, training=TUNED),
        "linear": LinearForecaster(6),
    }
    board = compare(candidates, monthly(), horizon=6, windows=2, verbose=0).leaderboard
    assert board["pretrained"].dropna().to_dict() == {"zero_shot": "attention-12"}


def test_many_short_series_are_fine_tuned_on_histories_shorter_than_the_lookback():
    steps, count = 40, 6
    y = pd.concat({f"s{i}": monthly(steps) * (1 + i) for i in range(count)}, names=["series", "time"])
    model = AttentionForecaster(6, fallback=False, training=TUNED).fit(y)
    assert model.lookback_ > steps and len(model.training_history_["val_loss"]) == TUNED.epochs
    assert AttentionForecaster(6, fallback=False, training=TUNED).fit(monthly(steps)).training_history_["loss"] == []


def test_weights_are_kept_unless_those_of_an_epoch_are_significantly_better(monkeypatch):
    def forecast(ratio):
        monkeypatch.setattr(Windows, "significant_ratio", ratio)
        return AttentionForecaster(6, fallback=False, training=TUNED).fit(LONG).predict()

    untrained = AttentionForecaster(6, fallback=False, training=ZERO_SHOT).fit(LONG).predict()
    pd.testing.assert_series_equal(forecast(0.5), untrained)  # the error would have to fall by half
    assert (forecast(2.0) - untrained).abs().max() > 1e-3


@pytest.mark.parametrize("steps, pretrained", [(150, "attention-12"), (200, None)])
@pytest.mark.parametrize("kind", ["calendar", "known"])
def test_covariates_of_a_long_series_need_a_network_of_their_own(steps, pretrained, kind):
    y = monthly(steps)
    covariates = pd.DataFrame({"price": np.arange(steps)}, y.index) if kind == "known" else None
    model = AttentionForecaster(6, calendar=("month",) if kind == "calendar" else None, fallback=False, training=TUNED)
    assert model.fit(y, covariates).pretrained_ == pretrained
    assert model.set_params(pretrained=True).fit(y, covariates).pretrained_ == "attention-12"


@pytest.mark.parametrize("steps, pretrained", [(199, "attention-12"), (200, None)])
def test_long_series_start_from_random_weights(steps, pretrained):
    model = AttentionForecaster(2, fallback=False, training=TUNED)
    assert model.fit(monthly(steps)).pretrained_ == pretrained
    assert model.set_params(pretrained=True).fit(monthly(steps)).pretrained_ == "attention-12"
