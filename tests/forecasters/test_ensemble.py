"""Ensembles of forecasters."""

import ast
import functools
import inspect
import pathlib

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, SMALL, monthly, monthly_covariates, panel

from tsattn import (
    EnsembleForecaster,
    LinearForecaster,
    SeasonalNaiveForecaster,
    Seq2SeqForecaster,
    Training,
    compare,
    load_forecaster,
)
from tsattn.accelerators.steps import train_step
from tsattn.forecasters import ensemble
from tsattn.forecasters.member import HasFallback, Member, StartsPretrained
from tsattn.training import trainer


def simple_members():
    return [LinearForecaster(HORIZON), SeasonalNaiveForecaster(HORIZON)]


def test_forecast_is_trimmed_or_equal_mean_of_members():
    y = monthly()
    members = [*simple_members(), NETWORKS["seq2seq"](horizon=HORIZON), LinearForecaster(HORIZON, lookback=12)]
    separate = np.sort([member.fit(y).predict() for member in members], axis=0)
    model = EnsembleForecaster(HORIZON, members=members, training=Training(**FAST)).fit(y)
    np.testing.assert_allclose(model.predict(), separate[1:3].mean(axis=0), rtol=1e-6)
    equal = EnsembleForecaster(HORIZON, members=members, weights="equal", training=Training(**FAST)).fit(y)
    np.testing.assert_allclose(equal.predict(), separate.mean(axis=0), rtol=1e-6)
    assert not np.allclose(equal.predict(), model.predict())
    two = EnsembleForecaster(HORIZON, members=simple_members()).fit(y)
    np.testing.assert_allclose(two.predict(), np.mean([member.fit(y).predict() for member in simple_members()], axis=0))


def test_set_params_after_fit_does_not_change_forecast():
    members = [*simple_members(), LinearForecaster(HORIZON, lookback=12)]
    model = EnsembleForecaster(HORIZON, members=members).fit(monthly())
    before = model.predict()
    np.testing.assert_array_equal(model.set_params(weights="equal").predict(), before)


def test_members_have_separate_lookbacks_and_the_same_covariates():
    members = [LinearForecaster(HORIZON, lookback=12), LinearForecaster(HORIZON, lookback=30)]
    model = EnsembleForecaster(HORIZON, members=members, past_covariates=["price"], calendar=("month",))
    model.fit(monthly(), monthly_covariates(66))
    assert [member.lookback_ for member in model.members_] == [12, 30] and model.lookback_ == 30
    separate = [
        LinearForecaster(HORIZON, lookback=steps, past_covariates=["price"], calendar=("month",))
        .fit(monthly(), monthly_covariates(66))
        .predict()
        for steps in (12, 30)
    ]
    np.testing.assert_allclose(model.predict(), np.mean(separate, axis=0), rtol=1e-6)
    assert EnsembleForecaster(HORIZON, members=[LinearForecaster(HORIZON)], lookback=18).fit(monthly()).lookback_ == 18


def names_of(model):
    return [type(member).__name__.removesuffix("Forecaster") for member in model.members_]


def test_default_members_are_networks_of_each_family_and_baselines():
    training = Training(**{**FAST, "epochs": 1})
    model = EnsembleForecaster(HORIZON, seeds=2, pretrained=False, training=training).fit(panel())
    families = [name for name in ("Seq2Seq", "Attention", "Transformer") for _ in "01"]
    assert names_of(model) == [*families, "Linear", "SeasonalNaive"]
    assert [member.training.random_state for member in model.members_[:6]] == [0, 1] * 3
    assert np.isfinite(model.predict()).all()
    assert not np.allclose(model.members_[0].predict(), model.members_[1].predict())


def test_ensemble_repeats_last_value_if_all_networks_do(monkeypatch, tmp_path):
    monkeypatch.setattr(ensemble, "FAMILIES", (functools.partial(Seq2SeqForecaster, units=4),) * 2)
    y = pd.Series(np.random.default_rng(0).normal(size=300).cumsum(), monthly(300).index)
    model = EnsembleForecaster(30, season=1, training=Training(**FAST))
    with pytest.warns(UserWarning, match="the last value is used"):
        model.fit(y)
    assert model.weights_.tolist() == [0.5, 0.5, 0.0]
    np.testing.assert_allclose(model.predict(), y.iloc[-1], rtol=1e-5)
    model.save(tmp_path / "walk.tsattn")
    pd.testing.assert_series_equal(load_forecaster(tmp_path / "walk.tsattn").predict(), model.predict())
    members = [Seq2SeqForecaster(30, units=4), LinearForecaster(30)]  # members chosen by the user all count
    model = EnsembleForecaster(30, members=members, season=1, training=Training(**FAST))
    with pytest.warns(UserWarning, match="the last value is used"):
        model.fit(y)
    assert model.weights_ is None and np.ptp(model.predict()) > 0


@pytest.mark.parametrize("options", [{"season": 1}, {"lookback": 6}, {"season": 100}], ids=str)
def test_no_seasonal_naive_member_without_a_full_season(options, monkeypatch):
    monkeypatch.setattr(ensemble, "FAMILIES", ())
    model = EnsembleForecaster(HORIZON, **options).fit(monthly())
    assert names_of(model) == ["Linear"]


def without_weekends():
    y = pd.Series(np.sin(np.arange(400) * 2 * np.pi / 7), pd.date_range("2024", periods=400, freq="D"))
    return y.where(y.index.day_of_week < 5)


@pytest.mark.parametrize("options", [{"calibrate": True}, {"weights": "validation"}], ids=str)
@pytest.mark.parametrize("y", [monthly(66), without_weekends()], ids=["short", "without weekends"])
def test_default_members_hold_out_the_fraction_of_the_training(y, options, monkeypatch):
    network = functools.partial(Seq2SeqForecaster, **SMALL)
    monkeypatch.setattr(ensemble, "FAMILIES", (network,))
    training = Training(**{**FAST, "validation_fraction": 0.2})
    model = EnsembleForecaster(12, **options, training=training).fit(y)
    assert [member.validation_fraction for member in model.members_[1:]] == [0.2, 0.2]
    assert model.lookback_ == max(member.lookback_ for member in model.members_[:2])
    assert np.isfinite(model.predict()).all()


def test_infinite_forecast_of_a_member_is_not_trimmed_away():
    members = [*simple_members(), LinearForecaster(HORIZON, lookback=12)]
    model = EnsembleForecaster(HORIZON, members=members).fit(monthly())
    model.members_[2].coefficients_ = np.full_like(model.members_[2].coefficients_, np.inf)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="finite"):
        model.predict()


def test_validation_gives_more_weight_to_the_better_member():
    y = pd.Series(np.arange(200.0), monthly(200).index)
    members = simple_members()
    model = EnsembleForecaster(HORIZON, members=members, weights="validation").fit(y)
    np.testing.assert_array_equal(model.weights_, [1.0, 0.0])
    equal = EnsembleForecaster(HORIZON, members=members, weights="equal").fit(y)
    np.testing.assert_array_equal(equal.weights_, [0.5, 0.5])


def test_validation_windows_are_not_trained_on_by_any_member():
    y = monthly()
    model = EnsembleForecaster(HORIZON, members=simple_members(), weights="validation").fit(y)
    coefficients = model.members_[0].coefficients_
    np.testing.assert_array_equal(coefficients, LinearForecaster(HORIZON, calibrate=True).fit(y).coefficients_)
    assert not np.allclose(coefficients, LinearForecaster(HORIZON).fit(y).coefficients_)
    assert not model.members_[0].calibrate


def test_members_weighted_by_validation_can_be_fitted_further():
    y = monthly()
    members = [NETWORKS["seq2seq"](horizon=HORIZON), LinearForecaster(HORIZON, lookback=12)]
    model = EnsembleForecaster(HORIZON, members=members, weights="validation", training=Training(**FAST)).fit(y)
    before = model.members_[0].network_.weights
    model.members_[0].fit(y, warm_start=True)
    assert not model.members_[0].calibrate
    assert any((old != new).any() for old, new in zip(before, model.members_[0].network_.weights, strict=True))


def test_quantiles_are_combined_and_calibrated():
    members = [NETWORKS[name](horizon=HORIZON, quantiles=(0.1, 0.9)) for name in ("seq2seq", "transformer")]
    model = EnsembleForecaster(HORIZON, members=members, training=Training(**FAST)).fit(monthly())
    mean = np.mean([member.predict_quantiles() for member in model.members_], axis=0)
    np.testing.assert_allclose(model.predict_quantiles(), mean, rtol=1e-6)
    calibrated = EnsembleForecaster(HORIZON, members=simple_members(), calibrate=True).fit(monthly(120))
    assert (calibrated.predict_interval(0.5)["lower"] < calibrated.predict_interval(0.5)["upper"]).all()


def test_member_without_observed_value_in_lookback_is_left_out():
    members = [LinearForecaster(HORIZON, lookback=12), LinearForecaster(HORIZON, lookback=30)]
    model = EnsembleForecaster(HORIZON, members=members).fit(monthly())
    y = monthly()
    y.iloc[-15:] = np.nan
    np.testing.assert_allclose(model.predict(y=y), model.members_[1].predict(y=y), rtol=1e-6)
    four = [*members, LinearForecaster(HORIZON, lookback=36), LinearForecaster(HORIZON, lookback=26)]
    trimmed = EnsembleForecaster(HORIZON, members=four).fit(monthly())
    remaining = np.sort([member.predict(y=y) for member in trimmed.members_[1:]], axis=0)
    np.testing.assert_allclose(trimmed.predict(y=y), remaining[1], rtol=1e-6)
    weighted = EnsembleForecaster(HORIZON, members=members, weights="equal").fit(monthly())
    np.testing.assert_allclose(weighted.predict(y=y), model.members_[1].predict(y=y), rtol=1e-6)
    model.weights_ = np.array([1.0, 0.0])
    np.testing.assert_allclose(model.predict(y=y), model.members_[1].predict(y=y), rtol=1e-6)
    np.testing.assert_allclose(model.predict(), model.members_[0].predict(), rtol=1e-6)


def test_compare_sets_seed_and_time_limit():
    members = [Seq2SeqForecaster(HORIZON, **SMALL), LinearForecaster(HORIZON)]
    models = {"both": EnsembleForecaster(HORIZON, members=members, training=Training(**FAST))}
    options = {"windows": 2, "seeds": (0, 1), "budget": 20, "verbose": 0}
    first, second = (compare(models, monthly(), **options) for _ in range(2))
    pd.testing.assert_frame_equal(first.forecasts, second.forecasts, check_exact=True)
    assert first.leaderboard.loc["both", "seeds"] == 2 and first.leaderboard.loc["both", "spread"] > 0
    assert "max_seconds=20" in first.candidates["both"]


def test_networks_share_the_time_limit():
    training = Training(**{**FAST, "max_seconds": 30})
    members = [Seq2SeqForecaster(HORIZON, **SMALL)] * 2
    model = EnsembleForecaster(HORIZON, members=members, seeds=3, training=training)
    assert {member.training.max_seconds for member in model.fit(monthly()).members_} == {5.0}


def test_failed_refit_leaves_members_unchanged(monkeypatch):
    members = [NETWORKS[name](horizon=HORIZON) for name in ("seq2seq", "attention")]
    model = EnsembleForecaster(HORIZON, members=members, training=Training(**FAST))
    before, second = model.fit(monthly()).predict(), model.members_[1]

    class Stop(Exception):
        pass

    def fail(network, *arguments):
        if hasattr(network.body.core, "attend"):
            raise Stop
        return train_step(network, *arguments)

    monkeypatch.setattr(trainer, "train_step", fail)
    with pytest.raises(Stop):
        model.fit(monthly() * 2)
    assert model.members_[1] is second
    np.testing.assert_array_equal(model.predict(), before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"members": []}, "`members` is empty, but must contain at least one forecaster"),
        ({"members": LinearForecaster(HORIZON)}, "must be a list of forecasters"),
        ({"members": ["linear"]}, "must be a forecaster of tsattn"),
        (
            {"members": [LinearForecaster(HORIZON, season=5)]},
            r"`members`\[0\] has season=5, but the ensemble has season=None",
        ),
        ({"members": [EnsembleForecaster(HORIZON)]}, "other than an ensemble"),
        (
            {"members": [Seq2SeqForecaster(HORIZON, training=Training(epochs=3))]},
            r"has training=Training\(epochs=3\), but the ensemble has training=",
        ),
        ({"training": "fast"}, "`training` is 'fast', but must be a Training"),
        ({"training": Training(epochs=-1)}, "`epochs` is -1"),
        ({"members": simple_members(), "weights": "best"}, "`weights` is 'best'"),
        ({"members": simple_members(), "seeds": 0}, "`seeds` is 0"),
        (
            {"members": [LinearForecaster(HORIZON), NETWORKS["seq2seq"](horizon=HORIZON, quantiles=(0.1,))]},
            "different quantiles",
        ),
        (
            {"members": [LinearForecaster(HORIZON, validation_fraction=0.0)], "weights": "validation"},
            "windows that no member trains on",
        ),
    ],
)
def test_fit_rejects_invalid_members_and_arguments(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        EnsembleForecaster(HORIZON, **{"training": Training(**FAST), **arguments}).fit(monthly())


def test_the_ensemble_calls_only_the_protocol_of_its_members():
    source = pathlib.Path(inspect.getfile(EnsembleForecaster)).read_text(encoding="utf-8")
    names = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"member", "before"}
    }
    protocols = (Member, HasFallback, StartsPretrained)
    declared = {name for protocol in protocols for name in {*vars(protocol), *protocol.__annotations__}}
    assert "_train" in names
    assert names <= declared, names - declared
