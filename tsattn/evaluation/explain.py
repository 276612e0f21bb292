"""What a forecast was made from: attention weights in sum, and how it changes when parts of the past are hidden."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_optional_count
from tsattn.evaluation.cuts import Cuts
from tsattn.series.tables import TARGET
from tsattn.series.time_axis import read_time_axis

PARTS = 8  # of a lookback that has no patches


def weights_by(weights: pd.DataFrame, what: str) -> pd.Series:
    """Attention weights in sum: by how far back they look, or by the hour, the weekday, the month they look at.

    Args:
        weights: What `attention_weights()` of a forecaster gave.
        what: `"lag"`, or an attribute of the history's stamps such as `"hour"`, `"dayofweek"` or `"month"`.

    Returns:
        Series `weight`, the mean over the steps of the forecast, the channels and the series. For `"lag"` there is
        one for each patch, its index being minus the steps from its start to the end of the history; they sum to 1.
        Else there is one for each value that the attribute has at the start of a patch: the mean over these.

    Raises:
        TypeError: not such a DataFrame.
        ValueError: the columns have no such attribute; those of many series count lags, and are no stamps.

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
        came = "of variables, not of times" if isinstance(weights, pd.DataFrame) else f"a {type(weights).__name__}"
        raise TypeError(
            f"`weights` is {came}, but a DataFrame with a column for each patch of the history is needed. Pass what "
            "`attention_weights()` of AttentionForecaster or TransformerForecaster gave."
        )
    mean = weights.mean().rename("weight")
    if what == "lag":
        return mean.set_axis(_lags(weights))
    values = _attribute(weights.columns, what)
    return mean.groupby(np.asarray(values)).mean().rename_axis(what)


def _lags(weights):
    """The columns as steps before the end of the history."""
    if weights.columns.name == "lag":
        return weights.columns
    times = weights.index.levels[-1] if isinstance(weights.index, pd.MultiIndex) else weights.index
    # Rows are one step apart, columns a patch: the rows tell the step.
    try:
        time_axis, _ = read_time_axis(times, name="weights")
    except ValueError as problem:
        raise ValueError(
            f"The rows of `weights` have {len(times)} time(s) without a `freq`, from which the step of the history "
            "cannot be told. Give `y` a DatetimeIndex with a `freq`, or forecast 3 steps or more."
        ) from problem
    lags = time_axis.positions(weights.columns, "weights")
    step = int(lags[1] - lags[0]) if len(lags) > 1 else -int(lags[0])
    return pd.RangeIndex(int(lags[0]), 0, step, name="lag")


def _attribute(columns, what):
    """A value for each column, where `what` names one."""
    if not isinstance(columns, pd.DatetimeIndex | pd.PeriodIndex):
        raise ValueError(
            f"`what` is {what!r}, but the columns of `weights` are {columns[0]!r} and so on, no time stamps: those of "
            "many series count steps from the end of each. Use 'lag', or one series with a DatetimeIndex."
        )
    values = getattr(columns, what, None) if isinstance(what, str) else None
    if callable(values) or not hasattr(values, "__len__") or len(values) != len(columns):
        raise ValueError(
            f"`what` is {what!r}, but must be 'lag' or an attribute of a {type(columns).__name__} that has a value for "
            "each stamp, such as 'hour', 'dayofweek' or 'month'."
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
    """By how much a forecast changes when a part of the past is hidden from it: which part it was made from.

    Each patch of the lookback is hidden in turn, in all series and channels, as missing values (NaN). Covariates
    are not hidden.

    Args:
        forecaster: A forecaster that was fitted, with `lookback_` and `predict(y=...)`.
        y: History to forecast from.
        covariates, static: As for `predict` from this history.
        patch_size: Steps to hide at once. Defaults to the forecaster's own, or else to an eighth of the lookback.

    Returns:
        Series `change`: the mean absolute change of the forecast over steps, channels and series, each in units of
        the standard deviation of its series in `y`. Its index is minus the steps from the start of each patch to
        the end of the history, as in `weights_by(weights, "lag")`.

    Raises:
        TypeError: the forecaster has no `lookback_`.
        ValueError: there is only one patch, or a series has observed values in one only; and what `predict` raises.

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
    lookback = getattr(forecaster, "lookback_", None)
    if lookback is None:
        raise TypeError(f"{type(forecaster).__name__} has no `lookback_`: use a forecaster of tsattn, and fit it.")
    size = check_optional_count("patch_size", patch_size) or getattr(forecaster, "patch_size_", -(-lookback // PARTS))
    lags = pd.RangeIndex(-lookback, 0, size, name="lag")
    cuts = Cuts.of(y, covariates, freq=getattr(forecaster, "freq", None))
    _refuse_to_hide_all(cuts, lags, lookback)
    options = {name: part for name, part in {"covariates": covariates, "static": static}.items() if part is not None}

    def forecast(history):
        came = forecaster.predict(y=history, **options)
        return cuts.aligned(came, 0, len(came) // len(cuts.layout))

    long = cuts.layout.long is not None
    whole = cuts.y.astype({TARGET: "float64"} if long else "float64")
    before, units = forecast(whole), deviations(cuts.panel)[:, None]
    changes = []
    for lag in lags:
        hidden = (cuts.rows <= -lag) & (cuts.rows > -lag - size)
        change = np.abs(forecast(_without(whole, hidden, long)) - before) / units
        changes.append(pd.Series(change.ravel()).mean())
    return pd.Series(changes, index=lags, name="change")


def agreement(weights: pd.Series, occluded: pd.Series) -> float:
    """Whether a forecaster looks at what its forecast is made from: the rank correlation of the two.

    Attention weights need not explain a forecast; where this is far from 1, they do not.

    Args:
        weights: What `weights_by(weights, "lag")` gave.
        occluded: What `occlusion` gave, for the same patches.

    Returns:
        Spearman's rank correlation, from -1 to 1; NaN with fewer than 3 patches, or where one of the two is constant.

    Raises:
        ValueError: other patches.

    Reference:
        Jain and Wallace, 2019, "Attention is not explanation", https://arxiv.org/abs/1902.10186.

    Example:

    >>> import pandas as pd
    >>> agreement(pd.Series([0.1, 0.3, 0.6], [-3, -2, -1]), pd.Series([0.0, 0.2, 1.5], [-3, -2, -1]))
    1.0
    """
    if set(weights.index) != set(occluded.index):
        raise ValueError(
            f"`weights` has the lags {weights.index.tolist()}, but `occluded` {occluded.index.tolist()}. "
            "Pass `occlusion` the `patch_size` of the attention weights."
        )
    both = pd.DataFrame({"weights": weights, "occluded": occluded}).dropna()
    if len(both) < 3 or (both.nunique() < 2).any():
        return float("nan")
    return float(spearmanr(both["weights"], both["occluded"]).statistic)


def deviations(panel):
    """Standard deviation of what was observed of each series, (series, channels); NaN where it is constant."""
    series = np.arange(len(panel)).repeat(panel.lengths)
    units = pd.DataFrame(panel.values).astype("float64").groupby(series).std(ddof=0).to_numpy()
    return np.where(units > 0, units, np.nan)


def _refuse_to_hide_all(cuts, lags, lookback):
    """A ValueError where nothing would be left to forecast from."""
    if len(lags) == 1:
        raise ValueError(
            f"`patch_size` hides all {lookback} steps that the forecast is made from. Pass a smaller `patch_size`."
        )
    seen = ~np.isnan(cuts.panel.last(lookback))
    parts = np.add.reduceat(seen, lags.to_numpy() + lookback, axis=1, dtype="int64")
    alone = (parts == seen.sum(axis=1)[:, None]) & (parts > 0)
    if alone.any():
        series, part, channel = np.argwhere(alone)[0]
        raise ValueError(
            f"{cuts.layout.value_name(series, channel)} has no observed value in its last {lookback} steps but in the "
            f"patch at lag {lags[part]}, which cannot be hidden. Pass a smaller `patch_size`, or leave the series out."
        )


def _without(y, hidden, long):
    """A history in which some rows are not observed."""
    if long:
        return y.assign(**{TARGET: y[TARGET].mask(hidden)})
    return y.mask(hidden if y.ndim == 1 else np.broadcast_to(hidden[:, None], y.shape))
