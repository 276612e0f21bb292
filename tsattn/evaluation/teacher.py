"""Teacher forcing against free running: how fast a recursive forecaster's own errors add up."""

from typing import Any

import numpy as np
import pandas as pd

from tsattn._utils.types import CovariateData, Data
from tsattn.evaluation.explain import deviations
from tsattn.series.panel import read_panel


def teacher_gap(
    forecaster: Any,
    y: Data,
    covariates: CovariateData = None,
    *,
    static: CovariateData = None,
    windows: int = 50,
    stride: int = 1,
) -> pd.DataFrame:
    """The error at each step when a forecaster is fed its own forecasts, and when it is fed the true values.

    Free running is how it forecasts; teacher forcing is how a recursive decoder is trained at first. What lies
    between the two at the later steps is what its own errors cost (exposure bias); `Training(teacher_forcing=...)`
    is what moves it. In patches the true values of the patches before are fed, so that the first patch is the same.

    Args:
        forecaster: A network with `decoding="recursive"` that was fitted.
        y: History that ends a horizon after the last origin, of series that the fit got, with values that it did
            not.
        covariates, static: As for `predict`, for these steps of the history.
        windows: Number of origins in each series. Defaults to 50.
        stride: Steps from one origin to the next. Defaults to 1.

    Returns:
        DataFrame with a row for each step of the horizon, from 1, and the columns `free running` and `teacher
        forcing`: the mean absolute error over series, channels and origins, each in units of the standard
        deviation of its series in `y`. NaN where nothing was observed at a step.

    Raises:
        ValueError: the forecaster does not decode step by step; series that the fit did not get, or that are too
            short.

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
    if not hasattr(forecaster, "predict_windows_taught"):
        raise ValueError(
            f"{type(forecaster).__name__} makes no step from the one before. Use Seq2SeqForecaster, "
            "AttentionForecaster or TransformerForecaster with `decoding='recursive'`."
        )
    options = {"static": static, "windows": windows, "stride": stride}
    taught = forecaster.predict_windows_taught(y, covariates, **options)
    free = forecaster.predict_windows(y, covariates, **options)[..., 0]
    panel, _ = read_panel(y, like=forecaster.layout_)
    horizon = free.shape[2]
    origins = panel.offsets[1:, None] - horizon - stride * np.arange(windows)[::-1]
    actual = panel.values[origins[..., None] + np.arange(horizon)]
    units = deviations(panel)[:, None, None]
    return pd.DataFrame(
        {"free running": _by_step(free, actual, units), "teacher forcing": _by_step(taught, actual, units)},
        index=pd.RangeIndex(1, horizon + 1, name="step"),
    )


def _by_step(forecast, actual, units):
    errors = np.moveaxis(np.abs(forecast - actual) / units, 2, -1)
    return pd.DataFrame(errors.reshape(-1, errors.shape[-1])).mean().to_numpy()
