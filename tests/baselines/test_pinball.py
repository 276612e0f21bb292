"""The pinball loss: the definition of scikit-learn, and missing values."""

import numpy as np
from sklearn.metrics import mean_pinball_loss

from tsattn.baselines.pinball import pinball_loss


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
