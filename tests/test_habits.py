"""Habits from other libraries: the error names the argument of tsattn, and what it says works."""

import re

import numpy as np
import pandas as pd
import pytest
from forecaster_table import monthly, panel
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score

from tsattn import LinearForecaster, SeasonalNaiveForecaster, backtest, compare


@pytest.fixture(scope="module")
def model():
    return LinearForecaster(6, calibrate=True, lookback=12).fit(monthly())


@pytest.mark.parametrize("name", ["h", "steps", "fh", "n", "n_periods"])
@pytest.mark.parametrize("value", [9, [1, 2, 9], np.arange(1, 10), range(1, 10)], ids=str)
def test_the_number_of_steps_is_the_horizon(model, name, value):
    with pytest.raises(TypeError, match=rf"`predict` has no argument `{name}`. Pass `horizon=9`"):
        model.predict(**{name: value})
    assert len(model.predict(horizon=9)) == 9


@pytest.mark.parametrize("value", [9, [1, 2, 9], np.arange(1, 10)], ids=str)
def test_the_first_argument_of_predict_is_not_the_number_of_steps(model, value):
    with pytest.raises(TypeError, match=r"To forecast 9 steps, pass `horizon=9`"):
        model.predict(value)


@pytest.mark.parametrize("value", ["12", 12.7, -1, True, [], float("inf")], ids=repr)
def test_other_values_are_not_taken_for_a_horizon(model, value):
    with pytest.raises(TypeError, match=r"Pass `horizon=\.\.\.`"):
        model.predict(h=value)
    with pytest.raises(TypeError, match="Pass covariates by name"):
        model.predict(value)


@pytest.mark.parametrize("target", [list(range(60)), monthly().astype(int).to_numpy()], ids=["list", "array"])
def test_a_table_before_the_target_is_explained(target):
    with pytest.raises(TypeError, match="The series to forecast, with times as index, is the first argument of `fit`"):
        LinearForecaster(6).fit(monthly().to_frame(), target)


@pytest.mark.parametrize("freq", ["MS", "h"])
def test_a_history_of_another_step_is_refused(freq):
    model = LinearForecaster(6).fit(pd.Series(np.arange(60.0), pd.date_range("2024-01-01", periods=60, freq="D")))
    y = pd.Series(np.arange(60.0), pd.date_range("2015-01-01", periods=60, freq=freq))
    with pytest.raises(ValueError, match=r"fit another (one|forecaster) to series of another step"):
        model.predict(y=y)


@pytest.mark.parametrize("coverage", [100, 1, -5, "80%"])
def test_other_coverages_are_not_taken_for_per_cent(model, coverage):
    with pytest.raises(ValueError, match=r"must be a number between 0 and 1, such as 0.9.$"):
        model.predict_interval(coverage)


def test_other_names_of_the_data_are_explained():
    model = LinearForecaster(6)
    with pytest.raises(TypeError, match=r"`fit` has no argument `df`. Pass `y=`"):
        model.fit(df=monthly())
    with pytest.raises(TypeError, match=r"`fit` has no argument `X`. Pass `covariates=`"):
        model.fit(monthly(), X=monthly().to_frame())
    with pytest.raises(TypeError, match="unexpected keyword argument 'unknown'"):
        model.fit(monthly(), unknown=1)


def test_series_in_place_of_covariates_are_explained(model):
    with pytest.raises(TypeError, match=r"series to forecast is the first argument of `fit`"):
        LinearForecaster(6).fit(monthly().to_frame(), monthly())
    with pytest.raises(TypeError, match=r"the argument `y=` of `predict`"):
        model.predict(monthly())


@pytest.mark.filterwarnings("ignore:The (interval|quantiles)")  # few windows for the calibration
@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda model: model.predict_interval(80), "predict_interval(coverage=0.8)"),
        (lambda model: model.predict_interval(coverage=80), "predict_interval(coverage=0.8)"),
        (lambda model: model.predict_quantiles([20, 80]), "predict_quantiles(quantiles=[0.2, 0.8])"),
        (lambda model: model.predict_quantiles(80), "predict_quantiles(quantiles=[0.8])"),
    ],
)
def test_per_cent_are_fractions(model, call, remedy):
    with pytest.raises(ValueError, match=r"For per cent, pass `") as raised:
        call(model)
    argument = re.search(r"For per cent, pass `(.*?)`", str(raised.value))[1]
    assert remedy.endswith(f"({argument})")
    assert len(eval(f"model.{remedy}", {"model": model})) == 6


def test_a_search_needs_splits_in_time():
    search = GridSearchCV(LinearForecaster(6), {"lookback": [1, 2]}, error_score="raise")
    with pytest.raises(ValueError, match=r"`cv=TimeSeriesSplit\(\)`"):
        search.fit(monthly())
    assert np.isfinite(search.set_params(cv=TimeSeriesSplit()).fit(monthly()).best_score_)


def test_another_scoring_is_a_function_of_the_forecaster_and_the_values_that_follow():
    options = {"cv": TimeSeriesSplit(3), "error_score": "raise"}

    def negative_error(model, after):
        return -np.abs(model.predict(horizon=len(after)) - after).mean()

    assert np.isfinite(cross_val_score(LinearForecaster(6), monthly(), scoring=negative_error, **options)).all()


def test_a_panel_is_split_by_series_not_by_time():
    with pytest.warns(UserWarning, match=r"3 of the 4 fitted series are not scored.*splits rows.*`backtest`"):
        fitted = SeasonalNaiveForecaster(6).fit(panel())
        fitted.score(SeasonalNaiveForecaster(6).fit(panel()).predict().loc[["d"]])


SHORT = pd.concat({"a": monthly(), "b": monthly()[:14], "c": monthly()}, names=["shop", "month"])


def test_short_series_are_left_out_of_an_evaluation():
    model, options = LinearForecaster(6), {"windows": 3, "verbose": 0}
    with pytest.raises(ValueError, match=r"Series 'b' of `y` has 14 steps.*`skip_short=True`"):
        backtest(model, SHORT, **options)
    with pytest.warns(UserWarning, match=r"1 of the 3 series have at most 18 steps, .* left out: 'b'"):
        table = backtest(model, SHORT, **options, skip_short=True)
    expected = backtest(model, SHORT.loc[["a", "c"]], **options)
    pd.testing.assert_frame_equal(table, expected)
    with pytest.warns(UserWarning, match="left out: 'b'"):
        found = compare([model], SHORT, **options, skip_short=True)
    covariates = SHORT.rename("x").to_frame()
    with pytest.warns(UserWarning, match="left out: 'b'"):
        table = backtest(LinearForecaster(6, past_covariates=["x"]), SHORT, covariates, **options, skip_short=True)
    assert set(table["series"]) == {"a", "c"}
    assert set(found.forecasts["series"]) == {"a", "c"}
    with pytest.raises(ValueError, match="which leaves no history to fit"):
        backtest(model, SHORT.loc[["b"]], **options, skip_short=True)


def test_a_report_page_is_not_replaced_unasked(tmp_path):
    pytest.importorskip("plotly")
    found = compare([LinearForecaster(6)], monthly(), windows=2, verbose=0)
    path = tmp_path / "report.html"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="`overwrite=True`"):
        found.to_html(path)
    assert path.read_text() == "mine"
    found.to_html(path, overwrite=True)
    assert "<h1" in path.read_text(encoding="utf-8")
