"""The mean absolute scaled error of the forecasts of a panel."""

import warnings

import numpy as np
import pytest
from window_table import panel_of

from tsattn.baselines.mase import mean_absolute_errors, mean_absolute_scaled_error

NAN = np.nan


def test_errors_are_averaged_over_observed_values():
    actual = panel_of(np.array([[1.0, 10], [NAN, 20], [3, 30]]), np.array([[5.0, NAN]]))
    forecasts = np.zeros((2, 4, 2))
    forecasts[0, :3] = [[2, 10], [9, 24], [0, 28]]
    forecasts[1, 2] = [8, 1]
    errors = mean_absolute_errors(actual, forecasts, [0, 2])  # the second series starts at the third step
    np.testing.assert_allclose(errors, [[(1 + 3) / 2, (0 + 4 + 2) / 3], [3, NAN]])


def test_mase_is_mean_ratio_over_series_and_channels():
    errors, naive_errors = np.array([[1.0, 4.0], [3.0, 2.0]]), np.array([[2.0, 2.0], [1.0, 4.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mase = mean_absolute_scaled_error(errors, naive_errors)
    assert isinstance(mase, float) and mase == pytest.approx((0.5 + 2 + 3 + 0.5) / 4)


@pytest.mark.parametrize(
    ("errors", "naive_errors", "undefined"),
    [
        ([[1.0, 4.0]], [[0.0, 2.0]], "1 of 2"),  # a constant series
        ([[1.0, 4.0]], [[NAN, 2.0]], "1 of 2"),  # no full season
        ([[NAN, 4.0]], [[2.0, 2.0]], "1 of 2"),  # no observed value
    ],
)
def test_undefined_series_are_left_out_with_a_warning(errors, naive_errors, undefined):
    with pytest.warns(UserWarning, match=f"MASE is not defined for {undefined} series or channels.*left out"):
        assert mean_absolute_scaled_error(np.array(errors), np.array(naive_errors)) == 2.0


def test_mase_is_nan_if_undefined_for_all():
    with pytest.warns(UserWarning, match="not defined for 2 of 2"):
        assert np.isnan(mean_absolute_scaled_error(np.array([[NAN, 1.0]]), np.array([[1.0, 0.0]])))
