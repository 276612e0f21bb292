"""A network that knows no more than chance, or less than a linear forecast, is not used."""

import warnings

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, NETWORKS, monthly, panel

from tsattn import LinearForecaster, Seq2SeqForecaster, Training
from tsattn.baselines.ridge import Ridge
from tsattn.forecasters import fallback as guard
from tsattn.forecasters.fallback import moved, stand_in
from tsattn.series.panel import Panel
from tsattn.series.scaling import Scaler
from tsattn.series.windows import Windows

HORIZON = 6
SLOPE = np.arange(1, HORIZON + 1)[None, :, None]


def walk(steps=300, seed=0):
    values = np.random.default_rng(seed).normal(size=steps).cumsum()
    return pd.Series(values, pd.date_range("2020", periods=steps, freq="D"))


def windows_of(*series):
    values = np.concatenate(series)[:, None]
    offsets = np.cumsum([0, *map(len, series)])
    held = Panel(values, offsets)
    scaler = Scaler(np.zeros((len(series), 1)), np.ones((len(series), 1)))
    return Windows(held, scaler, 4, HORIZON)


def steps_of_stand_in(forecast, held_out, learnt, season):
    """The number of steps of the history that what stands in looks at, None where nothing does."""
    coefficients = stand_in(forecast, held_out, learnt, season, learnt)
    return None if coefficients is None else len(coefficients) - 1


def autoregression():
    """A series of which each step takes back half of the one before."""
    rng, y = np.random.default_rng(0), np.zeros(400)
    for step in range(1, 400):
        y[step] = 0.5 * y[step - 1] + rng.normal()
    return y


def hardly(inputs):
    """Forecasts hardly better than the last value."""
    return 0.98 * inputs["history"][:, -1:] + 0 * SLOPE


def last_and(share):
    return lambda inputs: inputs["history"][:, -1:] + share * SLOPE


def test_a_random_walk_is_forecast_by_its_last_value():
    y = walk()
    model = Seq2SeqForecaster(30, units=4, season=1, training=Training(**FAST))
    with pytest.warns(UserWarning, match="does not tell it from chance: the last value is forecast"):
        model.fit(y)
    assert model.falls_back_
    np.testing.assert_allclose(model.predict(), y.iloc[-1], rtol=1e-5)
    np.testing.assert_allclose(model.predict(y=y[:200]), y.iloc[199], rtol=1e-5)
    anyway = Seq2SeqForecaster(30, units=4, season=1, fallback=False, training=Training(**FAST)).fit(y)
    assert not anyway.falls_back_ and np.ptp(anyway.predict()) > 0


def test_what_can_be_forecast_is():
    model = NETWORKS["seq2seq"](horizon=HORIZON, fallback=True, training=Training(**{**FAST, "epochs": 15}))
    assert not model.fit(monthly(240)).falls_back_  # and no warning, which would be an error


def test_a_network_without_held_out_windows_is_used():
    training = Training(**{**FAST, "validation_fraction": 0.0})
    assert not NETWORKS["seq2seq"](horizon=HORIZON, fallback=True, training=training).fit(panel()).falls_back_


def test_few_horizons_ask_for_a_larger_gain_than_many():
    steps = np.arange(4 + HORIZON, dtype=float)
    one, many = windows_of(steps), windows_of(*[steps] * 20)
    with pytest.warns(UserWarning, match=r"0\.80 of that of repeating the last value, which over 1\.0 horizons"):
        # 0.64 of the squared error: one horizon could do that by chance
        assert steps_of_stand_in(last_and(0.2), one, one, 1) == 0
    assert steps_of_stand_in(last_and(0.2), many, many, 1) is None
    assert steps_of_stand_in(last_and(0.5), one, one, 1) is None
    walks = windows_of(*[walk(60, seed).to_numpy() for seed in range(20)])
    with pytest.warns(UserWarning, match="chance"):
        assert steps_of_stand_in(last_and(-0.01), walks, walks, 1) == 0


def test_overlapping_windows_count_as_the_horizons_they_cover():
    line = windows_of(np.arange(4.0 + 2 * HORIZON))  # HORIZON + 1 windows over two horizons
    assert len(line) == HORIZON + 1
    with pytest.warns(UserWarning, match=r"over 2\.0 horizons"):
        assert steps_of_stand_in(last_and(0.17), line, line, 1) == 0
    assert steps_of_stand_in(last_and(0.2), line, line, 1) is None


def test_a_series_whose_season_tells_is_no_random_walk():
    rng = np.random.default_rng(0)
    cycle, held_out = np.tile([0.0, 5.0], 100) + rng.normal(size=200), windows_of(walk(40).to_numpy())

    assert steps_of_stand_in(last_and(0.0), held_out, windows_of(cycle), 2) is None
    for learnt, season in ((cycle, 1), (cycle, 3), (walk(200).to_numpy(), 2)):
        with pytest.warns(UserWarning, match="chance"):
            assert steps_of_stand_in(last_and(0.0), held_out, windows_of(learnt), season) == 0


def test_a_linear_forecast_stands_in_where_it_is_told_from_the_last_value():
    y = autoregression()
    learnt, held_out = windows_of(y[:300]), windows_of(y[300:])
    with pytest.warns(UserWarning, match="while earlier windows tell a linear forecast from it: a linear forecast is"):
        coefficients = stand_in(hardly, held_out, learnt, 1, learnt)
    assert coefficients.shape == (5, HORIZON)
    inputs, target = held_out.gather(np.arange(len(held_out)))
    at_line = moved(np.zeros((*target.shape, 1)), inputs["history"], coefficients, 0)[..., 0]
    assert np.abs(target - at_line).mean() < 0.95 * np.abs(target - inputs["history"][:, -1:]).mean()


def test_a_network_that_errs_less_than_a_line_which_is_told_from_the_last_value_stays(monkeypatch):
    y = autoregression()
    learnt, held_out = windows_of(y[:300]), windows_of(y[300:])
    ratio = guard._ratio(hardly, held_out)
    for straight, steps in ((ratio - 0.001, 4), (ratio + 0.001, None)):
        with warnings.catch_warnings(record=True) as told, monkeypatch.context() as patch:
            warnings.simplefilter("always")
            patch.setattr(guard, "_ratio_of", lambda line, windows, far=straight: far if windows is held_out else 0.5)
            assert steps_of_stand_in(hardly, held_out, learnt, 1) == steps
        assert bool(told) is (steps is not None)


@pytest.mark.parametrize("fraction", [0.1, 0.4])
def test_the_halves_are_those_of_what_was_learnt_from(fraction, monkeypatch):
    halves = []
    monkeypatch.setattr(guard, "_ratio_of", lambda line, windows: halves.append(len(windows)) or 0.9)
    y = windows_of(autoregression())
    learnt, held_out = y.hold_out(fraction)
    with pytest.warns(UserWarning, match="a linear forecast is made"):
        stand_in(hardly, held_out, learnt, 1, y)
    assert halves[0] == len(held_out) and abs(halves[1] - len(learnt) / 2) < 4 + HORIZON


def test_a_linear_forecast_stands_in_for_a_network_that_errs_no_less_than_the_last_value():
    rising = np.tile([0.0, 3.0, 1.0, 2.0], 30) + np.arange(120.0) / 4
    learnt, held_out = windows_of(rising[:100]), windows_of(rising[100:110])
    assert steps_of_stand_in(last_and(0.1), held_out, learnt, 4) is None  # not told from chance, but the season is
    with pytest.warns(UserWarning, match=r"over 1\.0 horizons, a linear forecast's 0\.\d\d: a linear forecast is made"):
        assert steps_of_stand_in(last_and(-0.1), held_out, learnt, 4) == 4
    falling = windows_of(np.concatenate([rising[100:104], rising[103] - np.arange(1.0, 7.0)]))
    assert steps_of_stand_in(last_and(0.1), falling, learnt, 4) is None  # the linear forecast errs as much


def test_a_linear_forecast_that_erred_more_than_the_last_value_before_does_not_stand_in():
    rng, steps = np.random.default_rng(0), np.zeros(500)
    for step in range(1, 500):  # what goes on in the first 200 steps turns back after them
        steps[step] = (0.8 if step < 200 else -0.8) * steps[step - 1] + rng.normal()
    y = steps.cumsum()
    for learnt, lines in ((y[:400], 0), (y[200:400], 4)):
        with pytest.warns(UserWarning, match="a linear forecast is made" if lines else "the last value is forecast"):
            assert steps_of_stand_in(last_and(-1.0), windows_of(y[400:]), windows_of(learnt), 1) == lines


def test_what_stands_in_learns_from_what_it_may():
    y = np.arange(60.0) ** 1.5
    learnt, held_out, whole = (windows_of(part) for part in (y[:40], y[40:50], y))
    with pytest.warns(UserWarning, match="linear"):
        parts = [stand_in(last_and(-1.0), held_out, learnt, 1, part) for part in (learnt, whole)]
    assert not np.allclose(*parts)


def test_the_linear_forecast_is_that_of_the_linear_forecaster():
    y = monthly(60) + 50 * np.arange(60.0)
    training = Training(**{**FAST, "epochs": 1, "learning_rate": 1e-6})
    model = Seq2SeqForecaster(HORIZON, units=4, lookback=12, season=1, training=training)
    with pytest.warns(UserWarning, match="a linear forecast is made"):
        model.fit(y)
    assert model.falls_back_ and model.fallback_.shape == (13, HORIZON)
    linear = LinearForecaster(HORIZON, lookback=12, season=1).fit(y)
    np.testing.assert_allclose(model.predict(), linear.predict(), rtol=1e-5)
    np.testing.assert_allclose(model.predict(y=y[:40]), linear.predict(y=y[:40]), rtol=1e-5)


def test_quantiles_move_with_the_median():
    history = np.array([[1.0, 5.0], [2.0, np.nan]]).T[:, :, None]
    forecasts = np.tile([1.0, 2.0, 4.0], (2, 3, 1, 1))
    after = moved(forecasts, history, np.zeros((1, 3)), 1)
    np.testing.assert_array_equal(after[0, 0, 0], [1.0, 2.0, 4.0])
    np.testing.assert_array_equal(after[1, 0, 0], [4.0, 5.0, 7.0])
    nothing = np.full((2, 2, 1), np.nan)
    np.testing.assert_array_equal(moved(forecasts, nothing, np.zeros((1, 3)), 1), forecasts)
    one_step = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 1.0], [0.5, 1.0, 2.0]])  # of two steps, and the constant
    for window, median in ((0, [2.5, 3.0, 4.0]), (1, [5.5, 6.0, 7.0])):  # the newest step less itself is 0
        np.testing.assert_array_equal(moved(forecasts, history, one_step, 1)[window, :, 0, 1], median)
    first = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(moved(forecasts, history, first, 1)[0, :, 0, 1], [2.0 + 1.0 - 2.0] * 3)


def test_a_constant_series_needs_no_fallback():
    windows = windows_of(np.ones(20))
    for share, season in ((0.0, 1), (0.0, 2), (0.1, 1)):
        assert steps_of_stand_in(last_and(share), windows, windows, season) is None


def test_a_series_that_stands_still_at_its_end_is_forecast_by_its_last_value():
    still, learnt = windows_of(np.full(30, 2.0)), windows_of(walk(200).to_numpy())
    assert steps_of_stand_in(last_and(0.0), still, learnt, 1) is None
    with pytest.warns(UserWarning, match=r"is not the 0 of repeating the last value, which over 4\.3 horizons"):
        assert steps_of_stand_in(last_and(0.01), still, learnt, 1) == 0


def test_the_penalty_is_chosen_where_there_are_windows_enough(monkeypatch):
    learnt, learn = [], Ridge.learnt
    monkeypatch.setattr(Ridge, "learnt", lambda *args, **named: learnt.append(learn(*args, **named)) or learnt[-1])
    y = windows_of(autoregression())
    earlier, held_out = y.hold_out(0.2)
    with pytest.warns(UserWarning, match="earlier windows tell a linear forecast"):
        made = stand_in(hardly, held_out, earlier, 1, y)
    assert [ridge.held_out for ridge in learnt] == [True, False, True]  # the second tells of halves
    assert made is learnt[-1].coefficients
