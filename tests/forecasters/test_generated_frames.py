"""Generated frames result in a correct forecast or a documented error; `benchmarks/trust/generated_frames.py` runs
10,000."""

import collections

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

import tsattn
from benchmarks.trust import frames, generated_frames

FRAMES = 200


def test_generated_frames_give_correct_forecast_or_helpful_error():
    counts = collections.Counter()

    @settings(max_examples=FRAMES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(generated_frames.cases(networks=0))
    def run(case):
        counts[generated_frames.check(*case)] += 1

    run()
    assert counts["forecast"] > FRAMES / 10 and counts["ValueError"] and counts["TypeError"]


@pytest.mark.parametrize(
    ("plan", "shape"), [(0, frames.one), (1, frames.one), (2, frames.many)], ids=["no covariates", "known", "static"]
)
def test_networks_on_generated_frames(plan, shape):
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
    "an error raised by pandas": lambda self, y: pd.to_datetime("nonsense"),
    "an error without a remedy": lambda self, y: int("x"),
    "changed data": lambda self, y: y.__setitem__(0, 9.0),
    "a warning": lambda self, y: np.log(np.array([-1.0])),
    "an attribute that is left after an error": lambda self, y: (
        setattr(self, "layout_", 0) or tsattn.LinearForecaster.fit(self, y[:0])
    ),
}


@pytest.mark.parametrize("before", WRONG.values(), ids=WRONG)
def test_check_finds_wrong_fit(monkeypatch, before):
    correct_fit = tsattn.SeasonalNaiveForecaster.fit

    def fit(self, y):
        before(self, y)
        return correct_fit(self, y)

    model = tsattn.SeasonalNaiveForecaster(horizon=3)
    assert generated_frames.check(model, frame_of(Y.copy())) == "forecast"
    monkeypatch.setattr(tsattn.SeasonalNaiveForecaster, "fit", fit)
    with pytest.raises((AssertionError, AttributeError, ValueError, RuntimeWarning)):
        generated_frames.check(tsattn.SeasonalNaiveForecaster(horizon=3), frame_of(Y.copy()))


WRONG_FORECASTS = {
    "NaN": lambda f: f * np.nan,
    "another type": lambda f: f.to_frame(),
    "another name": lambda f: f.rename("other"),
    "too short": lambda f: f[:-1],
    "other timestamps": lambda f: f.set_axis(f.index + 1),
    "another kind of timestamps": lambda f: f.set_axis(pd.date_range("2024", periods=len(f), freq="D")),
    "a name for the index": lambda f: f.rename_axis("time"),
}


@pytest.mark.parametrize("change", WRONG_FORECASTS.values(), ids=WRONG_FORECASTS)
def test_check_finds_wrong_forecast(change):
    forecast = tsattn.SeasonalNaiveForecaster(horizon=3, season=2).fit(Y).predict()
    generated_frames.check_forecast(forecast, frame_of(Y), 3, None)
    with pytest.raises(AssertionError):
        generated_frames.check_forecast(change(forecast), frame_of(Y), 3, None)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (pd.DataFrame({"unique_id": np.zeros(9, "float16"), "ds": range(9), "y": 1.0}), "unique_id of `y`.*float16"),
        (pd.DataFrame({"unique_id": 1, "ds": np.arange(9, dtype="float16"), "y": 1.0}), "ds of `y`.*float16"),
    ],
)
def test_ids_and_times_without_pandas_index_raise(y, message):
    with pytest.raises(TypeError, match=f"{message}.*astype"):
        tsattn.SeasonalNaiveForecaster(horizon=2).fit(y)


def test_calibration_near_the_largest_floats_does_not_overflow():
    """Sums and differences of such numbers exceed float64."""
    large = pd.Series(np.where(np.arange(40) % 3, 1.7e308, -1.7e308))
    with pytest.raises(ValueError, match=r"not finite|too large"):
        tsattn.SeasonalNaiveForecaster(horizon=2, season=7, calibrate=True).fit(large).predict_interval(0.5)
    interval = (
        tsattn.SeasonalNaiveForecaster(horizon=2, season=7, calibrate=True).fit(large / 1e8).predict_interval(0.5)
    )
    assert np.isfinite(interval.to_numpy()).all()
