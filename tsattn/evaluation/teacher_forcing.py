"""Teacher forcing compared with free running: how fast the errors of a recursive forecaster accumulate."""

from typing import Any

import numpy as np
import pandas as pd

from tsattn._utils.types import CovariateData, Data
from tsattn.evaluation.attribution import standard_deviations
from tsattn.evaluation.candidate import Candidate
from tsattn.report.charts import FREE_RUNNING, TEACHER_FORCING


def teacher_gap(
    forecaster: Any,
    y: Data,
    covariates: CovariateData = None,
    *,
    static: CovariateData = None,
    windows: int = 50,
    stride: int = 1,
) -> pd.DataFrame:
    """Measure the error by forecast step with and without teacher forcing.

    In free running, as in `predict`, a recursive decoder receives its own previous forecasts. With teacher forcing, as
    at the start of training, it receives the actual values. The gap at later steps is the cost of its own errors
    (exposure bias), which `Training(teacher_forcing=...)` can change. A decoder of patches receives the previous patch,
    so the first patch is the same in both modes.

    Args:
        forecaster: A fitted network with `decoding="recursive"`.
        y: History that ends one horizon after the last origin, of series in the fit. It should extend beyond the
            history of the fit.
        covariates, static: As in `predict`, for the steps of `y`.
        windows: Number of origins per series. Defaults to 50.
        stride: Steps between consecutive origins. Defaults to 1.

    Returns:
        DataFrame with one row per forecast step, from 1, and the columns `free running` and `teacher forcing`: the mean
        absolute error over series, channels and origins, in units of the standard deviation of each series in `y`. NaN
        where nothing was observed.

    Raises:
        ValueError: If the forecaster does not decode recursively, or series are too short or not part of the fit.

    Reference:
        Bengio et al., 2015, https://arxiv.org/abs/1506.03099.

    Example:

    >>> from tsattn import Seq2SeqForecaster, Training, load_dataset, teacher_gap
    >>> y = load_dataset("air_passengers")
    >>> training = Training(epochs=15, random_state=0, verbose=0)
    >>> model = Seq2SeqForecaster(12, decoding="recursive", patch_size=4, units=32, training=training).fit(y[:-24])
    >>> teacher_gap(model, y, windows=5).shape
    (12, 2)
    """
    return measure_teacher_gap(Candidate(forecaster), y, covariates, static=static, windows=windows, stride=stride)


def measure_teacher_gap(candidate, y, covariates=None, *, static=None, windows=50, stride=1):
    """Return the `teacher_gap` of a `Candidate`."""
    if not candidate.predicts_with_teacher_forcing:
        raise ValueError(
            f"The {candidate.class_name} does not decode recursively. Use Seq2SeqForecaster, AttentionForecaster or "
            "TransformerForecaster with `decoding='recursive'`."
        )
    options = {"static": static, "windows": windows, "stride": stride}
    forced = candidate.predict_windows_with_teacher_forcing(y, covariates, **options)
    free = candidate.predict_windows(y, covariates, **options)[..., 0]
    panel = candidate.read_panel(y)
    horizon = free.shape[2]
    origins = panel.offsets[1:, None] - horizon - stride * np.arange(windows)[::-1]
    actual = panel.values[origins[..., None] + np.arange(horizon)]
    scale = standard_deviations(panel)[:, None, None]
    return pd.DataFrame(
        {FREE_RUNNING: _error_by_step(free, actual, scale), TEACHER_FORCING: _error_by_step(forced, actual, scale)},
        index=pd.RangeIndex(1, horizon + 1, name="step"),
    )


def _error_by_step(forecast, actual, scale):
    errors = np.moveaxis(np.abs(forecast - actual) / scale, 2, -1)
    return pd.DataFrame(errors.reshape(-1, errors.shape[-1])).mean().to_numpy()
