"""Backtests: each forecast depends only on the values before its origin, and is aligned with the values after it."""

import time

import joblib
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, FORECASTERS, HORIZON, SMALL, monthly, monthly_covariates, panel, shops, wide

from tsattn import LinearForecaster, SeasonalNaiveForecaster, Seq2SeqForecaster, Training, backtest
from tsattn.training.compiled import NetworkSpec


class LastValue:
    """A forecaster of another library with `fit` and `predict` only."""

    fits = 0

    def fit(self, y):
        type(self).fits += 1
        self.y_ = y
        return self

    def predict(self):
        future = pd.date_range(self.y_.index[-1], periods=HORIZON + 1, freq="MS")[1:]
        return pd.Series(self.y_.iloc[-1], future)


class Mean(LastValue):
    def predict(self):
        return np.full(HORIZON, self.y_.mean())


class FromAnyHistory(LastValue):
    def predict(self, y=None):
        return super().predict() if y is None else LastValue().fit(y).predict()


class Slow(LinearForecaster):
    """A fit that is slow enough for another thread to fit the same object concurrently, if it is shared."""

    def fit(self, *arguments, **options):
        fitted = super().fit(*arguments, **options)
        time.sleep(0.02)
        return fitted


class Zeros(LastValue):
    """Forecasts from all origins in one call, with arrays of any shape."""

    def __init__(self, *shape):
        self.shape = shape

    def predict_windows(self, y, covariates=None, *, windows, stride, quantiles):
        return np.zeros(self.shape)


class Infinite(LastValue):
    def predict(self):
        return np.array([1.0] * 5 + [np.inf])


class RaisesTypeError(LastValue):
    def predict(self, y=None):
        raise TypeError("inside predict")


class Bounds(LastValue):
    def predict(self):
        return pd.DataFrame({"lower": -1.0, "mean": super().predict()})


@pytest.mark.parametrize("refit", [False, True, 2])
def test_rows_equal_separate_fits_and_forecasts(refit):
    y = monthly()
    table = backtest(LinearForecaster(horizon=HORIZON), y, windows=3, stride=4, refit=refit)
    assert list(table.columns) == [
        "series", "origin", "time", "step", "actual", "forecast", "naive_mae", "naive_mse"
    ]  # fmt: skip
    ends = [46, 50, 54]
    fits = {False: [46, 46, 46], True: ends, 2: [46, 46, 54]}[refit]
    for place, (end, fit) in enumerate(zip(ends, fits, strict=True)):
        part = table[HORIZON * place : HORIZON * (place + 1)]
        expected = LinearForecaster(horizon=HORIZON).fit(y[:fit]).predict(y=y[:end])
        np.testing.assert_allclose(part["forecast"], expected, rtol=1e-12)
        np.testing.assert_array_equal(part["actual"], y[end : end + HORIZON])
        assert (part["origin"] == y.index[end - 1]).all()
        assert part["time"].tolist() == y.index[end : end + HORIZON].tolist()
        assert part["step"].tolist() == list(range(1, HORIZON + 1))
    assert table["series"].unique().tolist() == ["sales"]
    errors = (y - y.shift(12))[:46].dropna()
    np.testing.assert_allclose(table["naive_mae"], errors.abs().mean())
    np.testing.assert_allclose(table["naive_mse"], (errors**2).mean())


def test_train_size_limits_the_history():
    y = monthly()
    table = backtest(LinearForecaster(horizon=HORIZON, season=1), y, windows=2, refit=True, train_size=30)
    expected = LinearForecaster(horizon=HORIZON, season=1).fit(y[24:54]).predict()
    np.testing.assert_allclose(table["forecast"][HORIZON:], expected, rtol=1e-12)


@pytest.mark.parametrize("name", FORECASTERS)
def test_forecasts_do_not_depend_on_values_after_their_origin(name):
    """Values after the first origin have no effect on the forecasts from it."""
    y, covariates = monthly(), monthly_covariates()
    changed, other = y.copy(), covariates.copy()
    changed[-HORIZON:] = 1e6
    other.loc[other.index[-HORIZON:], "price"] = -50.0
    model = FORECASTERS[name](horizon=HORIZON, past_covariates=["price"])
    tables = [backtest(model, *data, windows=2, refit=2) for data in ((y, covariates), (changed, other))]
    before, after = (table["forecast"].to_numpy() for table in tables)
    np.testing.assert_array_equal(after[:HORIZON], before[:HORIZON])  # the changed values precede the second origin
    assert not hasattr(model, "origins_")


SHAPES = {
    "channels": wide(),
    "panel": panel(),
    "panel of two channels": pd.DataFrame({"x": panel(), "y": 9 - panel()}),
    "long": panel().rename_axis(["unique_id", "ds"]).rename("y").reset_index(),
    "shuffled": panel().sample(frac=1.0, random_state=0),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_data_is_accepted(shape):
    y = SHAPES[shape]
    table = backtest(SeasonalNaiveForecaster(horizon=2, season=1), y, windows=3, stride=2)
    keys = ["series", *(["channel"] if "channel" in table else [])]
    assert len(table) == 3 * 2 * len(table[keys].drop_duplicates())
    assert ("channel" in table) == (shape in ("channels", "panel of two channels"))
    for _, part in table.groupby(keys, sort=False):
        first, last = (part.groupby("origin", sort=False)[name] for name in ("forecast", "actual"))
        np.testing.assert_array_equal(first.first()[1:], last.last()[:-1])  # the last observed value is repeated


def test_panel_with_known_past_and_static_covariates():
    each = pd.concat({shop: monthly_covariates(66) for shop in "abcd"}, names=["shop"])
    model = LinearForecaster(horizon=3, lookback=4, past_covariates=["price"])
    table = backtest(model, panel(), each, static=shops(), windows=2)
    back = panel().groupby(level=0).cumcount(ascending=False).to_numpy()
    model.fit(panel()[back >= 6], each, static=shops())
    expected = model.predict(each, y=panel()[back >= 3])
    np.testing.assert_allclose(table.groupby("series").tail(3)["forecast"], expected, rtol=1e-9)


def test_other_forecasters_need_fit_and_predict_only():
    y = monthly()
    table = backtest(LastValue(), y, horizon=HORIZON, windows=3, refit=True)
    assert table.groupby("origin")["forecast"].unique().explode().tolist() == y.iloc[[41, 47, 53]].tolist()
    table = backtest(Mean(), y, horizon=HORIZON)
    assert table["forecast"].unique().tolist() == [pytest.approx(y[:-HORIZON].mean())]
    before = FromAnyHistory.fits
    table = backtest(FromAnyHistory(), y, horizon=HORIZON, windows=3)
    assert table.groupby("origin")["forecast"].first().tolist() == y.iloc[[41, 47, 53]].tolist()
    assert FromAnyHistory.fits == before + 1  # `predict(y=...)` for the other origins, no fit


def test_other_forecasters_receive_the_arguments_that_they_take():
    received = []

    class TakesCovariates(Mean):
        def fit(self, y, covariates=None, *, static=None):
            received.append((covariates.index[-1], static))
            return super().fit(y)

    backtest(Mean(), monthly(), monthly_covariates(), horizon=HORIZON)
    backtest(TakesCovariates(), monthly(), monthly_covariates(), horizon=HORIZON, static="statics")
    assert received == [(monthly().index[-1], "statics")]


@pytest.mark.parametrize("quantiles", [None, (0.25, 0.5)])
def test_quantiles_are_columns(quantiles):
    model = LinearForecaster(horizon=HORIZON, calibrate=True, validation_fraction=0.3)
    table = backtest(model, monthly(), windows=2, quantiles=quantiles)
    levels = quantiles or (0.1, 0.5, 0.9)
    assert [label for label in table.columns if isinstance(label, float)] == list(levels)
    expected = model.fit(monthly()[:48]).predict_quantiles(levels)
    np.testing.assert_allclose(table[list(levels)][:HORIZON], expected)


def test_refit_never_uses_a_fitted_forecaster():
    y = monthly()
    model = Seq2SeqForecaster(horizon=HORIZON, **SMALL, training=Training(**FAST)).fit(y[:42])
    network = model.network_
    table = backtest(model, y, windows=3, stride=6, refit="never")
    assert model.network_ is network
    for place, end in enumerate((42, 48, 54)):
        expected = model.predict(y=y[:end])
        np.testing.assert_allclose(table["forecast"][place * 6 : place * 6 + 6], expected, rtol=1e-5)
    with pytest.warns(UserWarning, match="fitted on up to 18 step"):
        backtest(model.fit(y), y, windows=3, refit="never")


def test_fits_in_other_processes_are_bitwise_equal():
    model = Seq2SeqForecaster(horizon=HORIZON, **SMALL, training=Training(**FAST))
    alone = backtest(model, monthly(), windows=2, refit=True)
    together = backtest(model, monthly(), windows=2, refit=True, n_jobs=2)
    pd.testing.assert_frame_equal(together, alone, check_exact=True)


@pytest.mark.parametrize("model", [Slow(HORIZON), Seq2SeqForecaster(HORIZON, **SMALL, training=Training(**FAST))])
def test_fits_in_threads_are_bitwise_equal(model):
    alone = backtest(model, monthly(), windows=4, stride=2, refit=True)
    with joblib.parallel_config(backend="threading", n_jobs=4):
        together = backtest(model, monthly(), windows=4, stride=2, refit=True)
    pd.testing.assert_frame_equal(together, alone, check_exact=True)


def test_refits_share_one_compiled_network(monkeypatch):
    builds, network = [], NetworkSpec.network
    monkeypatch.setattr(NetworkSpec, "network", lambda *arguments: builds.append(1) or network(*arguments))
    training = Training(**{**FAST, "random_state": 7})
    model = Seq2SeqForecaster(horizon=HORIZON, units=5, lookback=12, fallback=False, training=training)
    backtest(model, monthly(), windows=3, refit=True)
    assert len(builds) == 1  # TensorFlow never frees a compiled network


BAD = {
    "season": (dict(season=-1), "`season` is -1"),
    "quantiles": (dict(quantiles=0.5), "`quantiles` is 0.5, but must be levels"),
    "levels": (dict(quantiles=(0.1, 1.5)), r"`quantiles` is \(0.1, 1.5\)"),
    "windows": (dict(windows=0), "`windows` is 0"),
    "stride": (dict(stride=-1), "`stride` is -1"),
    "refit": (dict(refit="sometimes"), "`refit` is 'sometimes'"),
    "train_size": (dict(train_size=0.5), "`train_size` is 0.5"),
    "too many": (dict(windows=10), "60 steps, but 10 window.*use the last 60, which leaves no history to fit"),
    "another horizon": (dict(horizon=7), "same horizon of 7 steps, but received .*6"),
}


@pytest.mark.parametrize("options, message", BAD.values(), ids=BAD)
def test_invalid_arguments_raise_before_any_fit(options, message, monkeypatch):
    monkeypatch.setattr(LinearForecaster, "fit", lambda *_, **__: pytest.fail("fitted"))
    with pytest.raises(ValueError, match=message):
        backtest(LinearForecaster(horizon=HORIZON), monthly(), **options)


@pytest.mark.parametrize(
    "shape", [(1, 2, HORIZON, 1), (1, 2, HORIZON - 1, 1, 1), (2, 2, HORIZON, 1, 1), (1, 2, HORIZON, 1, 2)], ids=str
)
def test_shape_of_another_forecasters_windows_is_checked(shape):
    expected = (1, 2, HORIZON, 1, 1)
    table = backtest(Zeros(*expected), monthly(), horizon=HORIZON, windows=2)
    assert len(table) == 2 * HORIZON and (table["forecast"] == 0).all()
    with pytest.raises(ValueError) as error:
        backtest(Zeros(*shape), monthly(), horizon=HORIZON, windows=2)
    assert f"Zeros.predict_windows returned an array of shape {shape}, but {expected} is expected" in str(error.value)


def test_limits_of_other_forecasters_raise():
    with pytest.raises(ValueError, match="`horizon` is required"):
        backtest(LastValue(), monthly())
    with pytest.raises(ValueError, match=r"predict has no argument `y`.*refit=True"):
        backtest(LastValue(), monthly(), horizon=HORIZON, windows=2)
    with pytest.raises(ValueError, match=r"array of shape \(6,\), but 8 steps"):
        backtest(Mean(), monthly(), horizon=8)
    with pytest.raises(ValueError, match="lacks step 7 of 8, 2024-11-01"):
        backtest(LastValue(), monthly(), horizon=8)
    with pytest.raises(ValueError, match=r"1 of 6 .*`y` from the origin 2024-06-01 .* is inf at step 6"):
        backtest(Infinite(), monthly(), horizon=HORIZON)
    with pytest.raises(TypeError, match="inside predict"):
        backtest(RaisesTypeError(), monthly(), horizon=HORIZON, windows=2)
    with pytest.raises(ValueError, match=r"the columns \['lower', 'mean'\]"):
        backtest(Bounds(), monthly(), horizon=HORIZON)
    with pytest.raises(ValueError, match="LastValue has no `predict_windows`"):
        backtest(LastValue(), monthly(), horizon=HORIZON, quantiles=(0.1,))
