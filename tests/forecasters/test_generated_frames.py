"""Generated frames: a right forecast or an error of ours. `benchmarks/trust/generated_frames.py` runs ten thousand."""

import collections

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

import tsattn
from benchmarks.trust import frames, generated_frames

FRAMES = 200


def test_a_right_forecast_or_an_error_that_helps():
    counts = collections.Counter()

    @settings(max_examples=FRAMES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(generated_frames.cases(networks=0))
    def run(case):
        counts[generated_frames.check(*case)] += 1

    run()
    assert counts["forecast"] > FRAMES / 10 and counts["ValueError"] and counts["TypeError"]


@pytest.mark.parametrize(
    ("plan", "shape"), [(0, frames.one), (1, frames.one), (2, frames.many)], ids=["alone", "known", "static"]
)
def test_networks_with_covariates_and_without(plan, shape):
    @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(generated_frames.networked(plans=(plan,), shapes=(shape,)))
    def run(case):
        generated_frames.check(*case)

    run()


def frame_of(y):
    return frames.Frame(y, pd.RangeIndex(60), len(y) - 1, True)


Y = pd.Series(np.sin(np.arange(40.0)), name="sales")
WRONG = {
    "a crash": lambda self, y: y.no_such_method(),
    "an error of pandas": lambda self, y: pd.to_datetime("nonsense"),
    "an error without help": lambda self, y: int("x"),
    "the data changed": lambda self, y: y.__setitem__(0, 9.0),
    "a warning": lambda self, y: np.log(np.array([-1.0])),
    "something left behind": lambda self, y: setattr(self, "layout_", 0) or tsattn.LinearForecaster.fit(self, y[:0]),
}


@pytest.mark.parametrize("before", WRONG.values(), ids=WRONG)
def test_what_would_be_wrong_is_found(monkeypatch, before):
    sound = tsattn.SeasonalNaiveForecaster.fit

    def fit(self, y):
        before(self, y)
        return sound(self, y)

    model = tsattn.SeasonalNaiveForecaster(horizon=3)
    assert generated_frames.check(model, frame_of(Y.copy())) == "forecast"
    monkeypatch.setattr(tsattn.SeasonalNaiveForecaster, "fit", fit)
    with pytest.raises((AssertionError, AttributeError, ValueError, RuntimeWarning)):
        generated_frames.check(tsattn.SeasonalNaiveForecaster(horizon=3), frame_of(Y.copy()))


FORECASTS = {
    "NaN": lambda f: f * np.nan,
    "another type": lambda f: f.to_frame(),
    "another name": lambda f: f.rename("other"),
    "too short": lambda f: f[:-1],
    "other stamps": lambda f: f.set_axis(f.index + 1),
    "another kind of stamps": lambda f: f.set_axis(pd.date_range("2024", periods=len(f), freq="D")),
    "a name for the index": lambda f: f.rename_axis("time"),
}


@pytest.mark.parametrize("change", FORECASTS.values(), ids=FORECASTS)
def test_a_wrong_forecast_is_found(change):
    forecast = tsattn.SeasonalNaiveForecaster(horizon=3, season=2).fit(Y).predict()
    generated_frames.check_forecast(forecast, frame_of(Y), 3, None)
    with pytest.raises(AssertionError):
        generated_frames.check_forecast(change(forecast), frame_of(Y), 3, None)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (pd.DataFrame({"unique_id": np.zeros(9, "float16"), "ds": range(9), "y": 1.0}), "unique_id of `y`.*float16"),
        (pd.DataFrame({"unique_id": 1, "ds": np.arange(9, dtype="float16"), "y": 1.0}), "ds of `y`.*float16"),
    ],
)
def test_ids_and_times_that_pandas_has_no_index_of(y, words):
    with pytest.raises(TypeError, match=f"{words}.*astype"):
        tsattn.SeasonalNaiveForecaster(horizon=2).fit(y)


def test_calibration_of_numbers_next_to_the_largest():
    """Once sums and differences left float64: an overflow, and intervals that were infinite."""
    large = pd.Series(np.where(np.arange(40) % 3, 1.7e308, -1.7e308))
    with pytest.raises(ValueError, match=r"not finite|too large"):
        tsattn.SeasonalNaiveForecaster(horizon=2, season=7, calibrate=True).fit(large).predict_interval(0.5)
    half = tsattn.SeasonalNaiveForecaster(horizon=2, season=7, calibrate=True).fit(large / 1e8).predict_interval(0.5)
    assert np.isfinite(half.to_numpy()).all()
