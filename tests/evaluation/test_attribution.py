"""Attribution: stubs with a known result, and a network."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import SMALL

from tsattn import AttentionForecaster, InvertedTransformerForecaster, SeasonalNaiveForecaster, Training
from tsattn.evaluation.attribution import agreement, occlusion, weights_by

FAST = {**SMALL, "training": Training(epochs=1, batches_per_epoch=4, random_state=0, verbose=0)}


def hourly(length=96, start="2024-01-01"):
    rng = np.random.default_rng(0)
    return pd.Series(rng.normal(10, 3, length), pd.date_range(start, periods=length, freq="h"), name="load")


def long(y):
    """Two series of different lengths as a shuffled long frame."""
    parts = {"a": y, "b": 100 * y[20:]}
    frame = pd.concat(parts, names=["unique_id", "ds"]).rename("y").reset_index()
    return frame.sample(frac=1, random_state=0)


def multi(y):
    return pd.concat({"a": y, "b": 100 * y[20:]}, names=["shop", "time"])


SHAPES = {
    "series": lambda y: y,
    "integers": lambda y: (100 * y).round().astype(int),
    "wide": lambda y: pd.DataFrame({"north": y, "south": 1000 * y[::-1].to_numpy()}),
    "panel": multi,
    "long": long,
}


class Repeats:
    """A stub for one series with a lookback of 12 that repeats the value `back` steps ago, 0 for NaN."""

    lookback_ = 12

    def __init__(self, back):
        self.back = back

    def predict(self, *, y):
        value = y.fillna(0).iloc[-self.back]
        return pd.Series(value, pd.date_range(y.index[-1], periods=4, freq="h")[1:])


@pytest.mark.parametrize("back", [1, 5, 12])
def test_only_the_repeated_step_has_an_effect(back):
    y = hourly()
    change = occlusion(Repeats(back), y, patch_size=1)
    assert change.index.tolist() == list(range(-12, 0)) and change.index.name == "lag"
    assert change.name == "change"
    assert change.drop(-back).eq(0).all()
    assert change[-back] == pytest.approx(abs(y.iloc[-back]) / y.std(ddof=0))


def test_steps_before_the_lookback_have_no_effect():
    assert occlusion(Repeats(13), hourly(), patch_size=1).eq(0).all()


@pytest.mark.parametrize(
    ("patch_size", "lags"), [(None, range(-12, 0, 2)), (4, [-12, -8, -4]), (5, [-12, -7, -2]), (7, [-12, -5])]
)
def test_patches_start_with_the_lookback(patch_size, lags):
    change = occlusion(Repeats(6), hourly(), patch_size=patch_size)
    assert change.index.tolist() == list(lags)
    assert change.gt(0).sum() == 1
    assert change.idxmax() == max(lag for lag in lags if lag <= -6)


@pytest.mark.parametrize("shape", SHAPES)
def test_occlusion_accepts_every_kind_of_history(shape):
    y = SHAPES[shape](hourly())
    before = y.copy()
    model = SeasonalNaiveForecaster(horizon=3, season=6, lookback=12).fit(y)
    change = occlusion(model, y, patch_size=3)
    assert change.gt(0).tolist() == [False, False, True, False]
    assert 0.1 < change[-6] < 10  # in standard deviations, independent of the level
    pd.testing.assert_series_equal(y, before) if y.ndim == 1 else pd.testing.assert_frame_equal(y, before)


def test_covariates_are_passed_to_predict():
    y = hourly()
    covariates = pd.DataFrame({"promo": np.sin(np.arange(99.0))}, pd.date_range(y.index[0], periods=99, freq="h"))
    model = AttentionForecaster(3, lookback=12, patch_size=3, **FAST).fit(y[:60], covariates)
    assert occlusion(model, y, covariates).gt(0).all()


def test_occlusion_errors():
    y = hourly()
    with pytest.raises(ValueError, match="covers all 12 steps"):
        occlusion(Repeats(1), y, patch_size=12)
    y.iloc[-12:-3] = np.nan
    with pytest.raises(ValueError, match="no observed value in its last 12 steps outside the patch at lag -4"):
        occlusion(Repeats(1), y, patch_size=4)
    with pytest.raises(TypeError, match="no `lookback_`"):
        occlusion(SeasonalNaiveForecaster(horizon=3), y)
    with pytest.raises(ValueError, match="`patch_size` is 0"):
        occlusion(Repeats(1), y, patch_size=0)


def test_constant_series_are_ignored():
    y = SHAPES["wide"](hourly()).assign(south=7.0)
    model = SeasonalNaiveForecaster(horizon=3, season=6, lookback=12).fit(y)
    alone = occlusion(SeasonalNaiveForecaster(horizon=3, season=6, lookback=12).fit(y["north"]), y["north"])
    pd.testing.assert_series_equal(occlusion(model, y), alone)


def table(columns, index, rows):
    return pd.DataFrame(np.array(rows, dtype="float64"), index=index, columns=columns)


def test_weights_by_lag_are_means_over_rows():
    y = hourly().index
    weights = table(y[-12::4], y[-3:].shift(3), [[0.5, 0.5, 0], [0.25, 0.25, 0.5], [0, 0.75, 0.25]])
    expected = pd.Series([0.25, 0.5, 0.25], pd.RangeIndex(-12, 0, 4, name="lag"), name="weight")
    pd.testing.assert_series_equal(weights_by(weights, "lag"), expected)
    twice = pd.concat({"north": weights, "south": weights}, names=["channel", "time"])
    pd.testing.assert_series_equal(weights_by(twice, "lag"), expected)


@pytest.mark.parametrize(
    "index",
    [
        pd.date_range("2023-01-31", periods=30, freq="ME"),
        pd.bdate_range("2024-01-01", periods=30),
        pd.period_range("2024-01", periods=30, freq="M"),
        pd.RangeIndex(100, 160, 2),
        pd.Index(np.arange(100, 130)),
    ],
    ids=["month ends", "business days", "periods", "even numbers", "numbers"],
)
def test_lags_are_steps_of_every_kind_of_index(index):
    weights = table(index[12:24:6], index[24:], np.full((6, 2), 0.5))
    assert weights_by(weights, "lag").index.tolist() == [-12, -6]


def test_lags_need_a_known_time_step():
    days = pd.date_range("2024-01-01", periods=9, freq="D").strftime("%Y-%m-%d")
    with pytest.raises(ValueError, match=r"2 forecast time\(s\) without a `freq`"):
        weights_by(table(days[:6:3], days[6:8], np.full((2, 2), 0.5)), "lag")
    assert weights_by(table(days[:6:3], days[6:9], np.full((3, 2), 0.5)), "lag").index.tolist() == [-6, -3]


def test_weights_by_an_attribute_of_the_time_stamps():
    y = hourly(48)
    weights = table(y.index[12:36:6], y.index[36:38], [[0.1, 0.2, 0.3, 0.4], [0.3, 0.2, 0.1, 0.4]])
    by_hour = weights_by(weights, "hour")
    assert by_hour.index.name == "hour" and by_hour.name == "weight"
    assert by_hour.index.tolist() == [0, 6, 12, 18]
    np.testing.assert_allclose(by_hour, [0.2, 0.4, 0.2, 0.2])
    np.testing.assert_allclose(weights_by(weights, "day"), [0.2, 0.3])


@pytest.mark.parametrize("what", ["weekdays", "freq", "month_name", 5, "tz"])
def test_unknown_attribute_raises(what):
    y = hourly(48)
    with pytest.raises(ValueError, match=r"`what` is .* such as 'hour'"):
        weights_by(table(y.index[:2], y.index[2:4], np.full((2, 2), 0.5)), what)


def test_lags_have_no_attributes():
    model = AttentionForecaster(3, lookback=12, patch_size=3, **FAST).fit(multi(hourly()))
    weights = model.attention_weights()
    assert weights_by(weights, "lag").index.tolist() == [-12, -9, -6, -3]
    with pytest.raises(ValueError, match=r"`what` is 'hour'.*not timestamps.*Use 'lag'"):
        weights_by(weights, "hour")


def test_weights_on_variables_raise():
    y = SHAPES["wide"](hourly())
    weights = InvertedTransformerForecaster(3, lookback=12, heads=2, **FAST).fit(y).attention_weights()
    with pytest.raises(TypeError, match="on variables"):
        weights_by(weights, "lag")
    with pytest.raises(TypeError, match="a Series"):
        weights_by(weights.iloc[0], "lag")


def test_agreement_is_spearmans_rank_correlation():
    lags = pd.RangeIndex(-4, 0, name="lag")
    one = pd.Series([0.1, 0.2, 0.3, 0.4], lags)
    assert agreement(one, one**3) == pytest.approx(1)
    assert agreement(one, -one) == pytest.approx(-1)
    assert agreement(one, pd.Series([1.0, 3, 2, 4], lags)) == pytest.approx(0.8)
    assert agreement(one, pd.Series([4.0, 2, 3, 1], lags[::-1])) == pytest.approx(0.8)  # by lag, not by position
    assert np.isnan(agreement(one, one * 0 + 1))
    assert np.isnan(agreement(one[:2], one[:2]))
    assert np.isnan(agreement(one, one.where(one > 0.25)))
    with pytest.raises(ValueError, match="`patch_size` of the attention weights"):
        agreement(one, one[:3])


def test_occlusion_and_weights_of_a_network_have_the_same_lags():
    y = hourly()
    model = AttentionForecaster(6, lookback=24, patch_size=4, **FAST).fit(y[:-6])
    change, weights = occlusion(model, y), weights_by(model.attention_weights(y=y), "lag")
    pd.testing.assert_index_equal(change.index, weights.index)
    assert change.gt(0).all() and weights.sum() == pytest.approx(1)
    assert -1 <= agreement(weights, change) <= 1
