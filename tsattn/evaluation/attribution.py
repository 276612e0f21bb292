"""Attribution of a forecast to its history: aggregated attention weights, occlusion, and their agreement."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_optional_count
from tsattn.evaluation.candidate import Candidate
from tsattn.evaluation.rolling_origins import RollingHistory
from tsattn.series.tables import TARGET
from tsattn.series.time_axis import read_time_axis
from tsattn.series.time_index import Place

DEFAULT_PATCHES = 8  # in the lookback of a forecaster without patches


def weights_by(weights: pd.DataFrame, what: str) -> pd.Series:
    """Aggregate attention weights by lag, or by a property of the time they attend to, such as the hour.

    Args:
        weights: DataFrame as returned by `attention_weights`.
        what: `"lag"`, or an attribute of the history's timestamps, such as `"hour"`, `"dayofweek"` or `"month"`.

    Returns:
        Series `weight`, the mean over forecast steps, channels and series. For `"lag"` there is one value per patch,
        and all values sum to 1. The index is the negative number of steps from the start of the patch to the end of the
        history. Otherwise there is one weight per value of the attribute, the mean over the patches that start at it.

    Raises:
        TypeError: If `weights` is not a DataFrame of weights on times.
        ValueError: If the columns lack the attribute. Columns of many series are lags, not timestamps.

    Example:

    >>> from tsattn import AttentionForecaster, Training, load_dataset, weights_by
    >>> y = load_dataset("air_passengers")
    >>> training = Training(epochs=8, random_state=0, verbose=0)
    >>> model = AttentionForecaster(horizon=12, lookback=24, patch_size=6, units=8, training=training).fit(y)
    >>> weights = model.attention_weights()
    >>> weights_by(weights, "lag").index.tolist(), weights_by(weights, "month").index.tolist()
    ([-24, -18, -12, -6], [1, 7])
    """
    if not isinstance(weights, pd.DataFrame) or weights.columns.name == "variable":
        kind = "on variables, not on times" if isinstance(weights, pd.DataFrame) else f"a {type(weights).__name__}"
        raise TypeError(
            f"`weights` is {kind}, but must be a DataFrame with one column per patch of the history. Pass the "
            "`attention_weights()` of an AttentionForecaster or a TransformerForecaster."
        )
    mean = weights.mean().rename("weight")
    if what == "lag":
        return mean.set_axis(_lags(weights))
    values = _attribute(weights.columns, what)
    return mean.groupby(np.asarray(values)).mean().rename_axis(what)


def _lags(weights):
    """Return the columns as an index of lags."""
    if weights.columns.name == "lag":
        return weights.columns
    times = weights.index.levels[-1] if isinstance(weights.index, pd.MultiIndex) else weights.index
    # Rows are one step apart, columns one patch. The step is therefore inferred from the rows.
    try:
        axis, _ = read_time_axis(times, place=Place("weights"))
    except ValueError as error:
        raise ValueError(
            f"`weights` has {len(times)} forecast time(s) without a `freq`, too few to infer the time step. "
            "Pass `y` with a DatetimeIndex that has a `freq`, or forecast at least 3 steps."
        ) from error
    lags = axis.positions(weights.columns, Place("weights"))
    step = int(lags[1] - lags[0]) if len(lags) > 1 else -int(lags[0])
    return pd.RangeIndex(int(lags[0]), 0, step, name="lag")


def _attribute(columns, what):
    """Return the attribute `what` of each column."""
    if not isinstance(columns, pd.DatetimeIndex | pd.PeriodIndex):
        raise ValueError(
            f"`what` is {what!r}, but the columns of `weights`, such as {columns[0]!r}, are not timestamps. For many "
            "series they are lags. Use 'lag', or a single series with a DatetimeIndex."
        )
    values = getattr(columns, what, None) if isinstance(what, str) else None
    if not isinstance(values, pd.Index | np.ndarray) or len(values) != len(columns):
        raise ValueError(
            f"`what` is {what!r}, but must be 'lag' or an attribute of a {type(columns).__name__} with one value per "
            "stamp, such as 'hour', 'dayofweek' or 'month'."
        )
    return values


def occlusion(
    forecaster: Any,
    y: Data,
    covariates: CovariateData = None,
    *,
    static: CovariateData = None,
    patch_size: int | None = None,
) -> pd.Series:
    """Measure how much a forecast changes when a part of its history is occluded.

    Each patch of the lookback is replaced by missing values (NaN) in turn, in all series and channels. Covariates are
    not occluded.

    Args:
        forecaster: A fitted forecaster with `lookback_` and `predict(y=...)`.
        y: History to forecast from.
        covariates, static: As in `predict` from this history.
        patch_size: Steps to occlude at once. Defaults to the patch size of the forecaster, or else to an eighth of the
            lookback.

    Returns:
        Series `change`: the mean absolute change of the forecast over steps, channels and series, in units of the
        standard deviation of each series in `y`. The index is the lag of each patch, as in
        `weights_by(weights, "lag")`.

    Raises:
        TypeError: If the forecaster has no `lookback_`.
        ValueError: If there is only one patch, or a series has observed values in one patch only.
        Exception: Any exception raised by `predict`.

    Reference:
        Zeiler and Fergus, 2014, https://arxiv.org/abs/1311.2901; for time series Suresh et al., 2017,
        https://arxiv.org/abs/1705.08498.

    Example:

    >>> from tsattn import SeasonalNaiveForecaster, load_dataset, occlusion
    >>> y = load_dataset("air_passengers")
    >>> model = SeasonalNaiveForecaster(horizon=3, lookback=24).fit(y)
    >>> occlusion(model, y, patch_size=6).gt(0).tolist()
    [False, False, True, False]
    """
    return measure_occlusion(Candidate(forecaster), y, covariates, static=static, patch_size=patch_size)


def measure_occlusion(candidate, y, covariates=None, *, static=None, patch_size=None):
    """Return the `occlusion` of a `Candidate`."""
    lookback = candidate.lookback
    if lookback is None:
        raise TypeError(f"The {candidate.class_name} has no `lookback_`. Pass a fitted forecaster of tsattn.")
    size = check_optional_count("patch_size", patch_size) or candidate.patch_size or -(-lookback // DEFAULT_PATCHES)
    lags = pd.RangeIndex(-lookback, 0, size, name="lag")
    history = RollingHistory.of(y, covariates, freq=candidate.freq)
    _check_occlusion(history, lags, lookback)
    options = {name: part for name, part in {"covariates": covariates, "static": static}.items() if part is not None}

    def predict(values):
        forecast = candidate.predict(y=values, **options)
        return history.align(forecast, 0, len(forecast) // len(history.layout))

    long = history.layout.long is not None
    complete = history.y.astype({TARGET: "float64"} if long else "float64")
    forecast, scale = predict(complete), standard_deviations(history.panel)[:, None]
    changes = []
    for lag in lags:
        occluded = (history.rows <= -lag) & (history.rows > -lag - size)
        change = np.abs(predict(_occlude(complete, occluded, long)) - forecast) / scale
        changes.append(pd.Series(change.ravel()).mean())
    return pd.Series(changes, index=lags, name="change")


def agreement(weights: pd.Series, occluded: pd.Series) -> float:
    """Rank correlation between attention weights and the effect of occlusion.

    Attention weights need not explain a forecast. If the correlation is far below 1, they do not.

    Args:
        weights: Series as returned by `weights_by(weights, "lag")`.
        occluded: Series as returned by `occlusion`, for the same patches.

    Returns:
        Spearman's rank correlation, from -1 to 1; NaN for fewer than 3 patches, or if either Series is constant.

    Raises:
        ValueError: If the patches differ.

    Reference:
        Jain and Wallace, 2019, "Attention is not explanation", https://arxiv.org/abs/1902.10186.

    Example:

    >>> import pandas as pd
    >>> agreement(pd.Series([0.1, 0.3, 0.6], [-3, -2, -1]), pd.Series([0.0, 0.2, 1.5], [-3, -2, -1]))
    1.0
    """
    if set(weights.index) != set(occluded.index):
        raise ValueError(
            f"`weights` has the lags {weights.index.tolist()}, but `occluded` has {occluded.index.tolist()}. "
            "Pass the `patch_size` of the attention weights to `occlusion`."
        )
    both = pd.DataFrame({"weights": weights, "occluded": occluded}).dropna()
    if len(both) < 3 or (both.nunique() < 2).any():
        return float("nan")
    return float(spearmanr(both["weights"], both["occluded"]).statistic)


def standard_deviations(panel):
    """Return the standard deviation of the observed values of each series, `(series, channels)`; NaN if constant."""
    series = np.arange(len(panel)).repeat(panel.lengths)
    deviations = pd.DataFrame(panel.values).astype("float64").groupby(series).std(ddof=0).to_numpy()
    return np.where(deviations > 0, deviations, np.nan)


def _check_occlusion(history, lags, lookback):
    """Check that occlusion leaves observed values to forecast from."""
    if len(lags) == 1:
        raise ValueError(f"`patch_size` covers all {lookback} steps of the lookback. Pass a smaller `patch_size`.")
    observed = ~np.isnan(history.panel.last(lookback))
    patches = np.add.reduceat(observed, lags.to_numpy() + lookback, axis=1, dtype="int64")
    only = (patches == observed.sum(axis=1)[:, None]) & (patches > 0)
    if only.any():
        series, patch, channel = np.argwhere(only)[0]
        raise ValueError(
            f"{history.layout.value_name(series, channel)} has no observed value in its last {lookback} steps outside "
            f"the patch at lag {lags[patch]}, which therefore cannot be occluded. Pass a smaller `patch_size`, or drop "
            "the series."
        )


def _occlude(y, rows, long):
    """Return a history with missing values in some rows."""
    if long:
        return y.assign(**{TARGET: y[TARGET].mask(rows)})
    return y.mask(rows if y.ndim == 1 else np.broadcast_to(rows[:, None], y.shape))
