"""The statistical forecaster: the models of statsforecast on series, panels and gaps, and its absence."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
from forecaster_table import monthly, panel, wide

import tsattn
from tsattn import LinearForecaster, StatisticalForecaster, load_forecaster
from tsattn.baselines.statistical import MODELS, interpolate

needs_statsforecast = pytest.mark.skipif(
    importlib.util.find_spec("statsforecast") is None, reason="statsforecast requires pandas below 3"
)
EACH_MODEL = pytest.mark.parametrize("model", MODELS)
LEVELS = (0.1, 0.25, 0.9)


def cycle(steps, season=4, trend=0.0):
    """A series that repeats itself, with a trend."""
    values = np.resize(np.arange(season) % 3 * 4.0, steps) + 20 + trend * np.arange(steps)
    return pd.Series(values, index=pd.RangeIndex(steps))


# Without statsforecast.


@pytest.fixture
def without_statsforecast(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "statsforecast" else find_spec(name))


MISSING = r'StatisticalForecaster requires statsforecast. Install it with: pip install "tsattn\[statistical\]"'


def test_a_missing_package_is_reported_before_the_data_are_read(without_statsforecast, no_fit):
    with pytest.raises(ImportError, match=MISSING):
        StatisticalForecaster(horizon=3).fit("no series")
    with pytest.raises(ImportError, match=MISSING):
        tsattn.compare(["linear", "auto_ets"], "no series", horizon=3)


@pytest.mark.parametrize("command", [("forecast", "--model"), ("backtest", "--model"), ("compare", "--models")])
def test_a_missing_package_is_reported_on_the_command_line(without_statsforecast, run, command):
    name, option = command
    result = run(name, "air_passengers", "--horizon", 3, option, "auto_theta", code=1)
    assert 'Error: StatisticalForecaster requires statsforecast. Install it with: pip install "tsattn[' in result.stderr


def test_names_on_the_command_line_are_the_models():
    from tsattn.forecasters.registry import ALIASES

    presets = [arguments for name, arguments in ALIASES.values() if name == "StatisticalForecaster"]
    assert [preset["model"] for preset in presets] == list(MODELS)


INTERPOLATED = {
    "between the same steps of the cycles": ([1, 5, np.nan, 5, 3, 5], 2, [1, 5, 2, 5, 3, 5]),
    "between neighbors": ([1, np.nan, 3, 9], 1, [1, 2, 3, 9]),
    "a step that is never observed": ([1, np.nan, 3, np.nan, 5], 2, [1, 2, 3, 4, 5]),
    "nothing is missing": ([4, 2, 7], 2, [4, 2, 7]),
}


@pytest.mark.parametrize(("values", "season", "expected"), INTERPOLATED.values(), ids=INTERPOLATED)
def test_missing_values_are_interpolated(values, season, expected):
    values = np.array(values, dtype=float)
    before = values.copy()
    assert interpolate(values, season).tolist() == expected
    np.testing.assert_array_equal(values, before)


# With statsforecast.


@needs_statsforecast
@EACH_MODEL
def test_forecast_is_that_of_statsforecast(model):
    from statsforecast import models

    y = monthly(40)
    quantiles = StatisticalForecaster(6, model=model, quantiles=LEVELS).fit(y).predict_quantiles()
    scale = y.abs().mean()
    expected = getattr(models, MODELS[model])(season_length=12).forecast(y=y.to_numpy() / scale, h=6, level=[50, 80])
    for level, column in ((0.1, "lo-80"), (0.25, "lo-50"), (0.5, "mean"), (0.9, "hi-80")):
        np.testing.assert_allclose(quantiles[level], scale * np.asarray(expected[column]), rtol=1e-4)
    assert (quantiles.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


@needs_statsforecast
@EACH_MODEL
def test_a_trend_with_a_season_is_continued_through_gaps(model):
    y = cycle(48, trend=0.5)
    ahead = cycle(54, trend=0.5)[48:]
    gaps = y.mask(y.index.isin([0, 1, 17, 18, 19, 30, 46, 47]))
    for history in (y, gaps):
        forecast = StatisticalForecaster(6, model=model, season=4).fit(history).predict()
        assert np.abs(forecast - ahead).max() < 3.0  # the season alone has a range of 8


SIMPLE = {
    "one step": [3.0],
    "few steps": [1.0, 4.0, 2.0, 3.0],
    "constant": [3.0] * 30,
    "zeros": [0.0] * 30,
    "few observed steps": [np.nan] * 20 + [5.0, np.nan, 3.0],
}


@needs_statsforecast
@EACH_MODEL
@pytest.mark.parametrize("values", SIMPLE.values(), ids=SIMPLE)
def test_short_and_constant_histories_repeat_the_last_value(values, model):
    forecast = StatisticalForecaster(4, model=model).fit(pd.Series(values)).predict()
    assert forecast.tolist() == [values[-1]] * 4


@needs_statsforecast
@pytest.mark.parametrize("model", ["auto_ets", "auto_arima"])
def test_a_long_season_is_decomposed(model):
    y = cycle(160, season=48)
    forecast = StatisticalForecaster(50, model=model, season=48, quantiles=(0.1, 0.9)).fit(y).predict_quantiles()
    np.testing.assert_allclose(forecast[0.5], np.resize(cycle(160, season=48)[16:64], 50), atol=0.5)
    assert (forecast[0.1] <= forecast[0.9]).all()


@needs_statsforecast
def test_a_failed_fit_repeats_the_last_value_with_a_warning(monkeypatch):
    from statsforecast import models

    def fail(self, **options):
        raise Exception("no model able to be fitted")

    monkeypatch.setattr(models.AutoTheta, "forecast", fail)
    y = wide()
    model = StatisticalForecaster(3, model="auto_theta").fit(y)
    with pytest.warns(UserWarning, match=f"auto_theta could not be fitted to {y.shape[1]} of {y.shape[1]} histories"):
        forecast = model.predict()
    np.testing.assert_array_equal(forecast, np.repeat(y.to_numpy()[-1:], 3, axis=0))


@needs_statsforecast
def test_every_forecast_is_based_on_the_whole_history():
    model = StatisticalForecaster(3, model="auto_theta").fit(monthly(40))
    expected = StatisticalForecaster(3, model="auto_theta").fit(monthly(70)).predict()
    pd.testing.assert_series_equal(model.predict(y=monthly(70)), expected, check_exact=True)
    windows = model.predict_windows(monthly(73), windows=1)
    np.testing.assert_array_equal(windows[0, 0, :, 0, 0], expected)
    assert len(model.make_future_frame(y=monthly(70))) == 73


@needs_statsforecast
def test_intervals_and_calibration(tmp_path):
    options = {"model": "auto_theta", "quantiles": LEVELS, "calibrate": True, "validation_fraction": 0.3}
    model = StatisticalForecaster(3, **options).fit(panel())
    assert model.error_distribution_.windows <= 50
    interval = model.predict_interval(0.8)
    assert (interval["lower"] < interval["upper"]).all()
    assert model.sample_paths(5, random_state=0).shape == (12, 5)
    model.save(tmp_path / "model.tsattn")
    loaded = load_forecaster(tmp_path / "model.tsattn")
    pd.testing.assert_frame_equal(loaded.predict_interval(0.8), interval, check_exact=True)
    without = StatisticalForecaster(3, model="auto_theta", quantiles=LEVELS, validation_fraction=0.0).fit(panel())
    assert (without.predict_interval(0.5)["upper"] > without.predict()).all()
    with pytest.raises(ValueError, match="`calibrate` needs held-out windows"):
        StatisticalForecaster(3, model="auto_theta", calibrate=True, validation_fraction=0.0).fit(panel())
    with pytest.raises(ValueError, match=r"no window of lookback 1000 \+ horizon 70"):
        StatisticalForecaster(70, quantiles=LEVELS).fit(monthly())


@needs_statsforecast
def test_invalid_arguments_are_rejected():
    with pytest.raises(ValueError, match=r"`model` is 'ets'.*'auto_theta'"):
        StatisticalForecaster(3, model="ets").fit(monthly())
    with pytest.raises(ValueError, match="`quantiles` is"):
        StatisticalForecaster(3, quantiles=(10, 90)).fit(monthly())


@needs_statsforecast
def test_an_ensemble_may_contain_it():
    members = [StatisticalForecaster(3, model="auto_theta"), LinearForecaster(3)]
    y = monthly(120)
    forecast = tsattn.EnsembleForecaster(3, members=members, weights="equal").fit(y).predict()
    expected = [member.fit(y).predict() for member in members]
    # Members of an ensemble forecast standardized series, of which Theta differs slightly.
    np.testing.assert_allclose(forecast, np.mean(expected, axis=0), rtol=0.05)
    weighted = tsattn.EnsembleForecaster(3, members=members, weights="validation").fit(y)
    assert weighted.weights_.sum() == pytest.approx(1)


@needs_statsforecast
def test_candidates_are_compared_by_name(run):
    names = ["auto_theta", "auto_ces", "linear"]
    result = tsattn.compare(names, panel(), horizon=3, windows=2, verbose=0)
    assert set(result.leaderboard.index) == {*names, "seasonal_naive"} and not result.errors
    options = ["--models", "auto_theta,linear", "--windows", 3, "--report", "report.html", "--quiet"]
    pytest.importorskip("plotly")
    board = run("compare", "air_passengers", "--horizon", 6, *options).stdout
    assert "auto_theta" in board
