"""Metrics of forecasts: their declarations, their values for groups of forecasts, and the losses that tests compare.

A metric has a score of each series, mostly by utilsforecast, and a loss of each row, for the tests of significance.
They are two formulas of one quantity: `tests/evaluation/test_metrics.py` checks for each metric that the score is the
mean of the loss, or the root of the mean.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from utilsforecast import losses

from tsattn.baselines.pinball import pinball_loss

GROUP_COLUMNS = ("model", "seed", "series", "channel", "origin", "step")
SERIES_ID, ACTUAL = "unique_id", "y"  # column names of utilsforecast


class SeriesForecasts:
    """Forecasts divided into series (and channels) in groups. Scores are Series with one value per series.

    Args:
        forecasts: The DataFrame of forecasts.
        numbers: int array, the number of the series that each row belongs to.
        keys: DataFrame with one row per series: the columns that are the same in all of its rows.
        levels: Labels of the quantile columns, increasing.

    Raises:
        ValueError: If an observed value has no finite forecast.
    """

    def __init__(self, forecasts, numbers, keys, levels):
        observed = forecasts["actual"].notna().to_numpy()
        columns = {"forecast": "forecast", ACTUAL: "actual", **{str(level): level for level in levels}}
        values = {name: _floats(forecasts[label])[observed] for name, label in columns.items()}
        self.rows = pd.DataFrame({SERIES_ID: numbers[observed], **values})
        self.keys = keys
        self.levels = levels
        self._check_finite(forecasts, observed)

    def score(self, loss, models=None, rows=None, **options):
        """Return the score of a function of utilsforecast."""
        scores = loss(self.rows if rows is None else rows, models or ["forecast"], **options)
        return scores.set_index(SERIES_ID)["forecast"]

    def score_interval(self, loss):
        """Return the score of a function of utilsforecast for the interval between the outermost quantiles."""
        low, high = self.levels[0], self.levels[-1]
        if low == high:
            return pd.Series(dtype="float64")
        level = 100 * (high - low)  # percent; part of the column names that utilsforecast expects
        bounds = {f"forecast-lo-{level}": str(low), f"forecast-hi-{level}": str(high)}
        complete = self.rows_with_quantiles
        rows = complete[[SERIES_ID, ACTUAL]].assign(**{name: complete[column] for name, column in bounds.items()})
        return self.score(loss, rows=rows, level=level)

    @functools.cached_property
    def mae(self):
        """Mean absolute error."""
        return self.score(losses.mae)

    @functools.cached_property
    def mse(self):
        """Mean squared error."""
        return self.score(losses.mse)

    @functools.cached_property
    def pinball(self):
        """Mean pinball loss over all levels."""
        models = {"forecast": [str(level) for level in self.levels]}
        return self.score(losses.mqloss, models, self.rows_with_quantiles, quantiles=np.array(self.levels))

    @functools.cached_property
    def rows_with_quantiles(self):
        """The rows of the series without a missing quantile."""
        missing = self.rows[[str(level) for level in self.levels]].isna().any(axis=1)
        return self.rows[~self.rows[SERIES_ID].isin(self.rows.loc[missing, SERIES_ID].unique())]

    def naive_error(self, column):
        """Return the error of the seasonal naive forecast, NaN where it is 0 and cannot be a divisor."""
        errors = self.keys[column].astype("float64")
        return errors.where(errors > 0)

    def _check_finite(self, forecasts, observed):
        wrong = ~np.isfinite(self.rows[[ACTUAL, "forecast"]].to_numpy()).all(axis=1)
        if wrong.any():
            row = forecasts[observed].iloc[int(np.argmax(wrong))]
            place = ", ".join(f"{key} {row[key]}" for key in GROUP_COLUMNS if key in forecasts.columns)
            raise ValueError(
                f"{wrong.sum()} rows have an actual value or a forecast that is not finite. The first ({place}) has "
                f"the actual value {row['actual']} and the forecast {row['forecast']}. Fix the forecaster or drop "
                "these rows."
            )


class ForecastRows:
    """Forecasts row by row. Losses are Series on the rows, NaN where not defined.

    Args:
        forecasts: The DataFrame of forecasts.
    """

    def __init__(self, forecasts):
        self.table = forecasts
        self.actual, self.forecast = forecasts["actual"], forecasts["forecast"]
        self.error = (self.actual - self.forecast).abs()
        self.levels = _levels(forecasts)

    def naive_error(self, column):
        """Return the error of the seasonal naive forecast, NaN where it is 0 and cannot be a divisor."""
        return self.table[column].where(self.table[column] > 0)

    @property
    def symmetric_percentage(self):
        """Symmetric absolute percentage error."""
        return (self.error / (self.actual.abs() + self.forecast.abs())).mask(self.error == 0, 0.0)

    @property
    def mean_absolute_value(self):
        """The mean absolute value of each series, NaN where it is 0 and cannot be a divisor."""
        keys = [self.table[key] for key in ("series", "channel") if key in self.table]
        size = self.actual.abs().groupby(keys, sort=False, dropna=False).transform("mean")
        return size.where(size > 0)

    @property
    def pinball(self):
        """Mean pinball loss over all levels."""
        quantiles = self.table[self.levels].to_numpy("float64")
        values = pinball_loss(self.actual.to_numpy("float64"), quantiles, np.array(self.levels)).mean(axis=1)
        return pd.Series(values, index=self.table.index)

    @property
    def interval_score(self):
        """Winkler score of the interval between the outermost quantiles."""
        low, high = self.table[self.levels[0]], self.table[self.levels[-1]]
        outside = (low - self.actual).clip(lower=0) + (self.actual - high).clip(lower=0)
        return high - low + 2 / (1 - self.levels[-1] + self.levels[0]) * outside


@dataclass(frozen=True)
class Metric:
    """Declaration of a metric.

    Args:
        name: Name of the metric and of its column.
        score: Function of `SeriesForecasts` that returns the metric of each series.
        meaning: What the metric measures, for the legend of the report.
        loss: Function of `ForecastRows` that returns the loss of each row, lower is better, which the tests of
            significance compare. The metric is its mean, or the root of its mean. If None, the metric cannot lead a
            comparison.
        loss_name: Description of the loss.
        better: `"lower"` or `"higher"`, or `""` if neither is better.
        column: Column of the forecasts that the metric needs in addition, or None.
        quantiles: Whether the metric needs quantile columns.
        heading: Heading in the report. Defaults to the name.
        in_compare: Whether `compare` shows the metric by default; `evaluate` computes all.
    """

    name: str
    score: Callable
    meaning: str
    loss: Callable | None
    loss_name: str = ""
    better: str = "lower"
    column: str | None = None
    quantiles: bool = False
    heading: str = ""
    in_compare: bool = True


METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            "MAE",
            score=lambda series: series.mae,
            meaning="mean absolute error, in the units of the series",
            loss=lambda rows: rows.error,
            loss_name="absolute error",
        ),
        Metric(
            "RMSE",
            score=lambda series: series.mse**0.5,
            meaning="root mean squared error, in the units of the series",
            loss=lambda rows: rows.error**2,
            loss_name="squared error",
        ),
        Metric(
            "sMAPE",
            score=lambda series: series.score(losses.smape),
            meaning="symmetric mean absolute percentage error, from 0 to 1",
            loss=lambda rows: rows.symmetric_percentage,
            loss_name="symmetric absolute percentage error",
        ),
        Metric(
            "WAPE",
            score=lambda series: series.score(losses.wape),
            meaning="sum of the absolute errors divided by the sum of the absolute values",
            loss=lambda rows: rows.error / rows.mean_absolute_value,
            loss_name="absolute error divided by the mean absolute value",
        ),
        Metric(
            "MASE",
            score=lambda series: series.mae / series.naive_error("naive_mae"),
            meaning="mean absolute error divided by that of the seasonal naive forecast in the history",
            loss=lambda rows: rows.error / rows.naive_error("naive_mae"),
            loss_name="absolute error divided by that of the seasonal naive forecast",
            column="naive_mae",
        ),
        Metric(
            "RMSSE",
            score=lambda series: (series.mse / series.naive_error("naive_mse")) ** 0.5,
            meaning="root mean squared error divided by that of the seasonal naive forecast in the history",
            loss=lambda rows: rows.error**2 / rows.naive_error("naive_mse"),
            loss_name="squared error divided by that of the seasonal naive forecast",
            column="naive_mse",
        ),
        Metric(
            "pinball",
            score=lambda series: series.pinball,
            meaning="mean pinball loss of the quantiles",
            loss=lambda rows: rows.pinball,
            loss_name="pinball loss",
            quantiles=True,
            in_compare=False,
        ),
        Metric(
            "CRPS",
            score=lambda series: 2 * series.pinball,
            meaning="continuous ranked probability score, approximated by twice the mean pinball loss",
            loss=lambda rows: 2 * rows.pinball,
            loss_name="twice the pinball loss",
            quantiles=True,
        ),
        Metric(
            "coverage",
            score=lambda series: series.score_interval(losses.coverage),
            meaning="share of the actual values inside the interval",
            loss=None,
            better="",
            quantiles=True,
        ),
        Metric(
            "interval_score",
            score=lambda series: series.score_interval(losses.winkler_score),
            meaning="width of the interval plus a penalty for values outside (Winkler score)",
            loss=lambda rows: rows.interval_score,
            loss_name="interval score",
            quantiles=True,
            heading="interval score",
        ),
    )
}


def evaluate(
    forecasts: pd.DataFrame, metrics: Sequence[str] | None = None, *, by: str | Sequence[str] = ()
) -> pd.DataFrame:
    """Compute metrics of each series (and channel), and average them over the series of each group.

    MAE, RMSE and pinball (the mean over all levels) are in the units of the data. WAPE is the sum of the absolute
    errors divided by the sum of the absolute values. sMAPE is the mean of `|error| / (|actual| + |forecast|)`, and 0
    where both are 0; it ranges from 0 to 1, half of the sMAPE of the M4 competition. MASE and RMSSE are the MAE and the
    RMSE divided by those of the seasonal naive forecast. CRPS is twice the pinball loss, which approaches the CRPS as
    evenly spaced levels become denser. coverage and interval_score (Winkler) refer to the interval from the lowest
    quantile to the highest.

    A metric is NaN for a series where it is not defined: the naive forecast has no error, all values are 0, a quantile
    is missing, there is no second level to form an interval, or nothing was observed. Such series are excluded from the
    mean, which is NaN if none remains.

    Args:
        forecasts: DataFrame with the columns `series`, `actual` (rows with NaN are ignored) and `forecast`. MASE and
            RMSSE need `naive_mae` and `naive_mse`, the errors of the seasonal naive forecast before the first origin,
            constant for a series and channel. Quantiles are columns labeled by their level as a float. Optional
            columns are `channel`, `model`, `seed`, `origin` and `step`.
        metrics: Names of metrics. Defaults to MAE, RMSE, sMAPE, WAPE, MASE and RMSSE, and with quantile columns also to
            pinball, CRPS, coverage and interval_score.
        by: Columns to group by, of model, seed, series, channel, origin and step. Defaults to none, for a single row.

    Returns:
        DataFrame with one row per group, in order of appearance, and one column per metric.

    Raises:
        ValueError: If a metric or a group is unknown, a column is missing, or a forecast is not finite.

    Reference:
        MASE: Hyndman and Koehler, 2006, https://doi.org/10.1016/j.ijforecast.2006.03.001.
        RMSSE: Makridakis et al., 2022, https://doi.org/10.1016/j.ijforecast.2021.11.013.
        CRPS as the integral of twice the pinball loss: Laio and Tamea, 2007,
        https://doi.org/10.5194/hess-11-1267-2007.
        Interval score: Gneiting and Raftery, 2007, https://doi.org/10.1198/016214506000001437.

    Example:

    >>> forecasts = pd.DataFrame({
    ...     "series": ["a", "a", "b", "b"], "step": [1, 2, 1, 2],
    ...     "actual": [10.0, 12.0, 5.0, 5.0], "forecast": [9.0, 9.0, 5.0, 7.0],
    ... })
    >>> evaluate(forecasts, ["MAE", "WAPE"], by="step")
          MAE   WAPE
    step
    1     0.5  0.050
    2     2.5  0.325
    """
    groups, levels = distinct(by), _levels(forecasts)
    metrics = _available(bool(levels)) if metrics is None else distinct(metrics)
    check_metrics(metrics, bool(levels))
    _check_columns(forecasts, metrics, groups, levels)
    keys = list(dict.fromkeys([*groups, "series", *(["channel"] if "channel" in forecasts.columns else [])]))
    numbers = forecasts.groupby(keys, sort=False, dropna=False, observed=True).ngroup().to_numpy()
    numbers, _ = pd.factorize(numbers)  # in order of appearance
    first = np.flatnonzero(~pd.Series(numbers).duplicated().to_numpy())
    described = forecasts.iloc[first].reset_index(drop=True)
    series = SeriesForecasts(forecasts, numbers, described, levels)
    scores = pd.DataFrame({name: METRICS[name].score(series) for name in metrics}, index=described.index)
    if not groups:
        return scores.mean().to_frame().T
    scores = pd.concat([described[groups], scores], axis=1)
    return scores.groupby(groups, sort=False, dropna=False, observed=True).mean()


def window_losses(forecasts, metric):
    """Average the loss of a metric over the forecasts of each model from each origin.

    Args:
        forecasts: DataFrame as in `evaluate`, with the columns `model`, `seed`, `step` and `series`.
        metric: Name of a metric with a loss.

    Returns:
        DataFrame with one row per origin, numbered from the earliest of each series, and one column per model. Rows of
        the forecasts without a defined loss are ignored.
    """
    keys = ["model", "seed", "series", *(["channel"] if "channel" in forecasts else [])]
    number = (forecasts["step"] == 1).groupby([forecasts[key] for key in keys], sort=False, dropna=False).cumsum()
    values = METRICS[metric].loss(ForecastRows(forecasts))
    means = values.groupby([number.rename("window"), forecasts["model"]], sort=False).mean().unstack()
    return means.sort_index()[list(dict.fromkeys(forecasts["model"]))]


def check_metrics(metrics, quantiles):
    """Check that metrics are known and can be computed.

    Args:
        metrics: Names of metrics.
        quantiles: Whether there are quantiles.

    Raises:
        ValueError: If a metric is unknown, or requires quantiles and there are none.
    """
    available = _available(quantiles)
    invalid = [name for name in metrics if name not in available]
    if not invalid:
        return
    if invalid[0] in METRICS:
        raise ValueError(
            f"`metrics` contains {invalid[0]!r}, which needs quantiles: columns labeled by levels such as 0.1 and "
            f"0.9. Forecast quantiles, or use {', '.join(available)}."
        )
    raise ValueError(f"`metrics` contains {invalid[0]!r}, but available metrics are {', '.join(available)}.")


def distinct(names):
    """Return one name, or several, as a list of distinct names."""
    return [names] if isinstance(names, str) else list(dict.fromkeys(names))


def _available(quantiles):
    return [name for name, metric in METRICS.items() if quantiles or not metric.quantiles]


def _check_columns(forecasts, metrics, by, levels):
    unknown = [name for name in by if name not in GROUP_COLUMNS]
    if unknown:
        raise ValueError(f"`by` contains {unknown[0]!r}, but possible groups are {', '.join(GROUP_COLUMNS)}.")
    required = ["series", "actual", "forecast", *by, *(METRICS[name].column for name in metrics)]
    missing = [name for name in required if name is not None and name not in forecasts.columns]
    if missing:
        raise ValueError(
            f"`forecasts` has no column {missing[0]!r}, which {', '.join([*metrics, *by])} requires. "
            f"Its columns are {', '.join(map(str, forecasts.columns))}."
        )
    outside = [level for level in levels if not 0 < level < 1]
    if outside:
        raise ValueError(f"`forecasts` has a column {outside[0]}, but quantile columns are levels between 0 and 1.")


def _levels(forecasts):
    """Return the levels of the quantile columns, increasing."""
    return sorted(label for label in forecasts.columns if isinstance(label, float))


def _floats(column):
    return column.to_numpy("float64", na_value=np.nan)
