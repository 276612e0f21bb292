"""A network that knows no more than chance is not used."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, NETWORKS, monthly, panel

from tsattn import Seq2SeqForecaster, Training
from tsattn.forecasters.guard import at_last_value, falls_back
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
    assert not model.fit(monthly(120)).falls_back_  # and no warning, which would be an error


def test_a_network_without_held_out_windows_is_used():
    training = Training(**{**FAST, "validation_fraction": 0.0})
    assert not NETWORKS["seq2seq"](horizon=HORIZON, fallback=True, training=training).fit(panel()).falls_back_


def test_few_horizons_ask_for_a_larger_gain_than_many():
    steps = np.arange(4 + HORIZON, dtype=float)

    def better_by(share):
        return lambda inputs: inputs["history"][:, -1:] + share * SLOPE

    one, many = windows_of(steps), windows_of(*[steps] * 20)
    with pytest.warns(UserWarning, match=r"0\.80 of that of repeating the last value, which over 1\.0 horizons"):
        assert falls_back(better_by(0.2), one, one, 1)  # 0.64 of the squared error: one horizon could do that by chance
    assert not falls_back(better_by(0.2), many, many, 1)
    assert not falls_back(better_by(0.5), one, one, 1)
    with pytest.warns(UserWarning, match="chance"):
        assert falls_back(better_by(-0.1), many, many, 1)


def test_overlapping_windows_count_as_the_horizons_they_cover():
    line = windows_of(np.arange(4.0 + 2 * HORIZON))  # HORIZON + 1 windows over two horizons
    assert len(line) == HORIZON + 1
    with pytest.warns(UserWarning, match=r"over 2\.0 horizons"):
        assert falls_back(lambda inputs: inputs["history"][:, -1:] + 0.17 * SLOPE, line, line, 1)
    assert not falls_back(lambda inputs: inputs["history"][:, -1:] + 0.2 * SLOPE, line, line, 1)


def test_a_series_whose_season_tells_is_no_random_walk():
    rng = np.random.default_rng(0)
    cycle, held_out = np.tile([0.0, 5.0], 100) + rng.normal(size=200), windows_of(walk(40).to_numpy())

    def poor(inputs):
        return inputs["history"][:, -1:] - 9.0 + 0 * SLOPE

    assert not falls_back(poor, held_out, windows_of(cycle), 2)
    for learnt, season in ((cycle, 1), (cycle, 3), (walk(200).to_numpy(), 2)):
        with pytest.warns(UserWarning, match="chance"):
            assert falls_back(poor, held_out, windows_of(learnt), season)


def test_quantiles_move_with_the_median():
    history = np.array([[1.0, 5.0], [2.0, np.nan]]).T[:, :, None]
    forecasts = np.tile([1.0, 2.0, 4.0], (2, 3, 1, 1))
    moved = at_last_value(forecasts, history, 1)
    np.testing.assert_array_equal(moved[0, 0, 0], [1.0, 2.0, 4.0])
    np.testing.assert_array_equal(moved[1, 0, 0], [4.0, 5.0, 7.0])
    np.testing.assert_array_equal(at_last_value(forecasts, np.full((2, 2, 1), np.nan), 1), forecasts)


def test_a_constant_series_needs_no_fallback():
    windows = windows_of(np.ones(20))
    for season in (1, 2):
        assert not falls_back(lambda inputs: inputs["history"][:, -1:] + 0 * SLOPE, windows, windows, season)
