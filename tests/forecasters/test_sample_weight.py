"""`fit(sample_weight=)`: what is trained on, and how strongly."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FORECASTERS, HORIZON, NETWORKS, monthly, panel, wide
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from tsattn import EnsembleForecaster, LinearForecaster, SeasonalNaiveForecaster

TRAINED = {
    "linear": FORECASTERS["linear"],
    "seq2seq": NETWORKS["seq2seq"],
    "quantiles": lambda **kw: NETWORKS["attention"](quantiles=(0.1, 0.5, 0.9), **kw),
}


@pytest.fixture(scope="module", params=TRAINED)
def build(request):
    return TRAINED[request.param]


def two_series():
    """Stacked series a and b; b is another process."""
    y = panel(60, 60)
    y = y[y.index.get_level_values(0).isin(y.index.unique(0)[:2])].copy()
    other = y.index.get_level_values(0) == y.index.unique(0)[1]
    y[other] = np.random.default_rng(0).normal(size=other.sum())
    return y


def test_a_series_with_weight_zero_is_not_trained_on(build):
    y = two_series()
    first, second = y.index.unique(0)
    alone = build(horizon=HORIZON).fit(y.loc[[first]]).predict()
    weighted = build(horizon=HORIZON).fit(y, sample_weight=pd.Series({first: 2.0, second: 0.0})).predict()
    equal = build(horizon=HORIZON).fit(y).predict()
    np.testing.assert_allclose(weighted.loc[first], alone.loc[first], rtol=1e-4)
    assert np.abs(equal.loc[first] / alone.loc[first] - 1).max() > 1e-3


def test_equal_weights_change_nothing(build):
    y = monthly()
    expected = build(horizon=HORIZON).fit(y).predict()
    forecast = build(horizon=HORIZON).fit(y, sample_weight=np.full(len(y), 7.0)).predict()
    np.testing.assert_allclose(forecast, expected, rtol=1e-4)


def test_forecast_is_close_to_the_values_with_high_weights():
    """The values are 0 or 1 at random; one of them has the higher weights."""
    values = np.random.default_rng(1).integers(0, 2, size=240).astype("float64")
    y = pd.Series(values, pd.date_range("2000", periods=240, freq="MS"))
    model = LinearForecaster(horizon=1, season=1, lookback=3)
    low, high = (model.fit(y, sample_weight=1.0 + 49.0 * (y == value)).predict().item() for value in (0, 1))
    assert low < 0.2 and high > 0.8


def test_recent_values_can_be_excluded_from_training(build):
    y = monthly()
    weights = pd.Series(1.0, y.index)
    weights[-15:] = 0.0
    assert np.isfinite(build(horizon=HORIZON).fit(y, sample_weight=weights).predict()).all()


def test_weights_of_channels():
    y = wide()
    weights = pd.DataFrame(1.0, y.index, y.columns).assign(**{y.columns[1]: 0.0})
    forecast = LinearForecaster(HORIZON).fit(y, sample_weight=weights).predict()
    alone = LinearForecaster(HORIZON).fit(y[[y.columns[0]]]).predict()
    np.testing.assert_allclose(forecast[y.columns[0]], alone[y.columns[0]], rtol=1e-6)


def test_ensemble_passes_weights_to_its_members():
    y, first = two_series(), two_series().index.unique(0)[0]
    weights = pd.Series(1.0, y.index.unique(0)) * (y.index.unique(0) == first)
    model = EnsembleForecaster(HORIZON, members=[LinearForecaster(HORIZON), SeasonalNaiveForecaster(HORIZON)])
    member = model.fit(y, sample_weight=weights).members_[0]
    expected = LinearForecaster(HORIZON).fit(y, sample_weight=weights)
    np.testing.assert_array_equal(member.coefficients_, expected.coefficients_)


def test_warm_start_uses_new_weights():
    y = monthly()
    model = NETWORKS["seq2seq"](horizon=HORIZON).fit(y)
    first = model.fit(y, warm_start=True, sample_weight=np.arange(len(y)) < 40).predict()
    model = NETWORKS["seq2seq"](horizon=HORIZON).fit(y)
    assert not first.equals(model.fit(y, warm_start=True).predict())


def test_invalid_weights_leave_the_forecaster_unchanged(build):
    model = build(horizon=HORIZON).fit(monthly())
    before = model.predict()
    with pytest.raises(ValueError, match="is -1 for `y` at"):
        model.fit(monthly(), sample_weight=np.full(60, -1))
    pd.testing.assert_series_equal(model.predict(), before, check_exact=True)


def test_search_of_scikit_learn_slices_weights_with_the_rows():
    y = monthly()
    search = GridSearchCV(LinearForecaster(HORIZON), {"lookback": [6, 12]}, cv=TimeSeriesSplit(2, test_size=HORIZON))
    with pytest.warns(UserWarning, match="does not support sample_weight"):  # the score of the folds is not weighted
        search.fit(y, sample_weight=np.linspace(0.5, 1.0, len(y)))
    assert np.isfinite(search.best_score_)
