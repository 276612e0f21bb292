"""Parts of metrics: hand-computed values, missing values, and the definitions of other libraries."""

import numpy as np
from sklearn.metrics import mean_pinball_loss

from tsattn.baselines.metrics import mean_observed, naive_error, pinball_loss


def test_pinball_loss_equals_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    actual, quantiles, levels = rng.normal(size=50), rng.normal(size=(50, 3)), (0.1, 0.5, 0.9)
    losses = pinball_loss(actual, quantiles, levels)
    assert losses.shape == (50, 3)
    expected = [mean_pinball_loss(actual, quantiles[:, i], alpha=level) for i, level in enumerate(levels)]
    np.testing.assert_allclose(losses.mean(axis=0), expected)


def test_pinball_loss_of_missing_values_is_nan_and_keeps_float32():
    actual = np.array([[1.0, np.nan]], dtype="float32")
    losses = pinball_loss(actual, np.zeros((1, 2, 2), dtype="float32"), np.array([0.5, 0.9], dtype="float32"))
    assert losses.dtype == "float32" and np.isnan(losses[0, 1]).all()
    np.testing.assert_allclose(losses[0, 0], [0.5, 0.9])


def test_naive_error_by_hand():
    values = np.array([[1.0, 5.0], [2.0, np.nan], [4.0, 5.0], [np.nan, np.nan], [7.0, 5.0]])
    np.testing.assert_array_equal(naive_error(values, season=1), [1.5, np.nan])
    np.testing.assert_array_equal(naive_error(values, season=2), [3.0, 0.0])
    np.testing.assert_array_equal(naive_error(values, season=2, power=2), [9.0, 0.0])
    assert np.isnan(naive_error(values, season=5)).all()


def test_mean_observed_equals_nanmean():
    values = np.random.default_rng(0).normal(size=(9, 4))
    values[values > 0.8] = np.nan
    np.testing.assert_array_equal(mean_observed(values), np.nanmean(values, axis=0))
    assert np.isnan(mean_observed(values[:0])).all()
