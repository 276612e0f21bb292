"""`counts=True`: forecasts, quantiles and paths that are whole numbers."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, FORECASTERS, HORIZON, NETWORKS
from same import assert_same
from scipy import stats

from tsattn import (
    AttentionForecaster,
    EnsembleForecaster,
    LinearForecaster,
    SeasonalNaiveForecaster,
    Training,
    load_forecaster,
)
from tsattn.forecasters.conformal import ErrorDistribution
from tsattn.series.domain import Domain, jitter
from tsattn.series.history import History

MONTHS = pd.date_range("2015-01", periods=84, freq="MS")


def counts(mean=1.5, seed=0):
    """Return a series of counts, of which a third are additional zeros."""
    generator = np.random.default_rng(seed)
    return pd.Series(generator.poisson(mean, len(MONTHS)) * generator.integers(0, 3, len(MONTHS)).clip(0, 1), MONTHS)


PANEL = pd.concat({"a": counts(), "b": counts(8.0, 1), "zeros": counts() * 0}, names=["shop"])


def build(key, **options):
    """Return a forecaster of counts with a distribution."""
    if key in NETWORKS:
        arguments = {"quantiles": (0.1, 0.9), "training": Training(**FAST, validation_fraction=0.3)}
    else:
        arguments = {"calibrate": True, **({} if key == "ensemble" else {"validation_fraction": 0.3})}
    return FORECASTERS[key](**{"horizon": HORIZON, "counts": True, **arguments, **options})


def linear(**options):
    return build("linear", **options)


# Forecaster and series.
CASES = {
    **{key: (lambda key=key: build(key), counts()) for key in FORECASTERS},
    "recursive": (lambda: build("seq2seq", decoding="recursive", calibrate=True), PANEL),
    "panel": (lambda: build("attention"), PANEL),
    "channels": (linear, pd.DataFrame({"x": counts(), "y": counts(30.0, 1)})),
    "square roots": (lambda: linear(target_transform="sqrt"), counts()),
    "logarithms": (lambda: build("attention", target_transform="log1p"), PANEL),
    "float32": (linear, counts().astype("float32")),
    "missing values": (linear, counts().astype("float64").where(np.arange(84) % 11 > 0)),
    "zero-shot": (
        lambda: AttentionForecaster(HORIZON, counts=True, quantiles=(0.1, 0.9), training=Training(epochs=0)),
        PANEL,
    ),
}
CALLS = {
    "predict": lambda model, y: model.predict(),
    "beyond the horizon": lambda model, y: model.predict(horizon=3 * HORIZON),
    "another history": lambda model, y: model.predict(y=y.iloc[:-1] if y.index.nlevels == 1 else y),
    "quantiles": lambda model, y: model.predict_quantiles([0.1, 0.3, 0.5, 0.9]),
    "interval": lambda model, y: model.predict_interval(0.5, y=y),
    "paths": lambda model, y: model.sample_paths(20, random_state=0),
    "windows": lambda model, y: model.predict_windows(y, windows=4, quantiles=[0.3]),
}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    make, y = CASES[request.param]
    return make().fit(y), y


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_forecasts_are_whole_numbers(case, call):
    values = np.asarray(call(*case), "float64")
    assert (values >= 0).all() and (values == np.round(values)).all()


def test_quantiles_increase_and_zeros_stay_zeros(case):
    model, y = case
    levels = [0.1, 0.3, 0.5, 0.9]
    table = model.predict_quantiles(levels)
    values = table.to_numpy("float64").reshape(len(table), -1, len(levels))
    assert (np.diff(values) >= 0).all()
    if y is PANEL:
        assert (table.loc["zeros"] == 0).all(axis=None) and (model.predict().loc["zeros"] == 0).all()


def test_teacher_forcing_returns_whole_numbers():
    values = build("seq2seq", decoding="recursive").fit(counts()).predict_windows_taught(counts(), windows=3)
    assert (values == np.round(values)).all() and (values >= 0).all()


def test_quantiles_around_a_forecast_are_those_of_the_distribution():
    """Calibrated errors of counts with noise."""
    distribution, generator = stats.poisson(0.8), np.random.default_rng(0)
    forecasts = np.full((5000, 1, 1, 1), 1.3)
    targets = jitter(distribution.rvs((5000, 1, 1), random_state=generator).astype("float64"), generator)
    errors = ErrorDistribution.of((0.5,), forecasts, targets, calibrate=True)
    levels = [0.1, 0.4, 0.5, 0.75, 0.9, 0.99]
    found = Domain(counts=True).restrict(errors.quantiles(forecasts[:1], levels))[0, 0, 0]
    assert found.tolist() == distribution.ppf(levels).tolist()
    paths = Domain(counts=True).restrict(errors.paths(forecasts[:1], 4000, generator))[0, 0, 0]
    np.testing.assert_allclose([np.mean(paths == k) for k in range(4)], distribution.pmf(range(4)), atol=0.02)


def test_a_calibrated_forecaster_has_the_quantiles_of_counts():
    distribution = stats.poisson(0.8)
    y = pd.Series(distribution.rvs(1500, random_state=0), pd.date_range("2020-01-01", periods=1500))
    levels = [0.1, 0.25, 0.6, 0.9]
    found = linear(season=1, lookback=60).fit(y).predict_quantiles(levels)
    assert (found.to_numpy() == distribution.ppf(levels)).all()


def windows(y, **options):
    """Return the windows of a fit."""
    forecaster = linear(lookback=6, **options)
    history = History.read(y, steps=HORIZON)
    forecaster._set_history(history)
    forecaster._resolve(history)
    return forecaster._start_fit(history)


def test_only_the_targets_have_noise():
    parts, index = windows(PANEL), np.arange(40)
    (exact, target), (inputs, noisy) = parts.gather(index), parts.gather(index, np.random.default_rng(0))
    np.testing.assert_array_equal(inputs["history"], exact["history"])
    series = parts.runs[0][np.searchsorted(np.cumsum(parts.runs[2]), index, side="right")]
    difference = parts.scaler.inverse(noisy, series) - parts.scaler.inverse(target, series)
    assert np.abs(difference).max() <= 0.5 + 1e-4 and np.abs(difference).mean() > 0.1
    assert not np.array_equal(noisy, parts.gather(index, np.random.default_rng(1))[1])
    plain = windows(PANEL, counts=False)
    np.testing.assert_array_equal(plain.gather(index, np.random.default_rng(0))[1], plain.gather(index)[1])


@pytest.mark.parametrize("transform", [None, "log1p", "sqrt"])
def test_the_noise_of_rare_counts_is_not_large_after_scaling(transform):
    rare = counts() * 0
    rare.iloc[40] = 1
    parts = windows(pd.concat({"rare": rare, "never": rare * 0}, names=["shop"]), target_transform=transform)
    index = np.arange(len(parts))
    noise = parts.gather(index, np.random.default_rng(0))[1] - parts.gather(index)[1]
    assert 1 < np.abs(noise).max() < 5


def test_networks_are_trained_on_counts_with_noise():
    y = pd.concat({"a": counts(8.0), "b": counts(9.0, 1)}, names=["shop"])
    history = {flag: NETWORKS["attention"](horizon=HORIZON, counts=flag).fit(y).training_history_ for flag in (0, 1)}
    assert history[0]["loss"] != history[1]["loss"]
    assert NETWORKS["attention"](horizon=HORIZON, counts=True).fit(y).training_history_ == history[1]


INVALID = {"a fraction": (2.5, "requires whole numbers"), "a negative value": (-1.0, "requires values of at least 0")}


@pytest.mark.parametrize("key", ["linear", "seq2seq", "ensemble"])
@pytest.mark.parametrize(("value", "message"), INVALID.values(), ids=INVALID)
def test_other_values_are_refused(key, value, message):
    invalid = counts().astype("float64")
    invalid.iloc[7] = value
    message = rf"`y` is {value} at 2015-08-01 00:00:00, but `counts` is True, which {message}"
    forecaster = FORECASTERS[key](horizon=HORIZON, counts=True)
    with pytest.raises(ValueError, match=message):
        forecaster.fit(invalid)
    assert not hasattr(forecaster, "origins_")
    model = forecaster.fit(counts())
    for call in (lambda: model.predict(y=invalid), lambda: model.predict_windows(invalid, windows=2)):
        with pytest.raises(ValueError, match=message):
            call()


def test_an_ensemble_rounds_once():
    members = [LinearForecaster(HORIZON), LinearForecaster(HORIZON, lookback=12), SeasonalNaiveForecaster(HORIZON)]
    y = pd.Series(np.random.default_rng(1).poisson(30.0, len(MONTHS)), MONTHS)
    model = EnsembleForecaster(HORIZON, members=members, weights="equal", counts=True).fit(y)
    assert [member.counts for member in model.members_] == [True] * 3
    exact = [member.set_params(counts=False).predict() for member in model.members_]
    np.testing.assert_array_equal(model.predict(), np.ceil(np.mean(exact, axis=0) - 0.5))
    rounded_first = np.ceil(np.mean(np.ceil(np.array(exact) - 0.5), axis=0) - 0.5)
    assert (rounded_first != model.predict()).any()
    with pytest.raises(ValueError, match=r"`members`\[0\] has counts=True, but the ensemble has counts=False"):
        EnsembleForecaster(HORIZON, members=[LinearForecaster(HORIZON, counts=True)]).fit(counts())


def test_later_values_calibrate():
    y = counts(8.0)
    model = linear().fit(y[:60])
    assert (model.predict_interval(0.5, y=y) % 1 == 0).all(axis=None)


def test_warm_start_keeps_it():
    model = build("attention").fit(PANEL)
    assert (model.fit(PANEL, warm_start=True).predict() % 1 == 0).all()
    with pytest.raises(ValueError, match=r"\['counts'\] changed since then"):
        model.set_params(counts=False).fit(PANEL, warm_start=True)


@pytest.mark.parametrize("key", ["linear", "attention", "ensemble"])
def test_saved_forecasters_forecast_the_same(key, tmp_path):
    model = build(key).fit(PANEL)
    model.save(tmp_path / "model.tsattn")
    loaded = load_forecaster(tmp_path / "model.tsattn")
    assert_same(loaded, model)
    assert loaded.predict(horizon=20).equals(model.predict(horizon=20))
    assert loaded.predict_interval(0.5, y=PANEL).equals(model.predict_interval(0.5, y=PANEL))
