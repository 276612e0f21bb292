"""How far forecasts were from what came: one number for each series, averaged over the series of a group."""

import functools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from utilsforecast import losses

KEYS = ("model", "seed", "series", "channel", "origin", "step")  # columns that metrics can be grouped by
UNIT = "unique_id"  # utilsforecast groups by it: a series (and channel) within a group
ACTUAL = "y"

METRICS = {
    "MAE": lambda units: units.mae,
    "RMSE": lambda units: units.mse**0.5,
    "sMAPE": lambda units: units.of(losses.smape, ["forecast"]),
    "WAPE": lambda units: units.of(losses.wape, ["forecast"]),
    "MASE": lambda units: units.mae / units.naive("naive_mae"),
    "RMSSE": lambda units: (units.mse / units.naive("naive_mse")) ** 0.5,
    "pinball": lambda units: units.pinball,
    "CRPS": lambda units: 2 * units.pinball,
    "coverage": lambda units: units.of_interval(losses.coverage),
    "interval_score": lambda units: units.of_interval(losses.winkler_score),
}
NEEDS = {"MASE": "naive_mae", "RMSSE": "naive_mse"}  # columns beside those that every metric needs
QUANTILE_METRICS = ("pinball", "CRPS", "coverage", "interval_score")


def evaluate(
    forecasts: pd.DataFrame, metrics: Sequence[str] | None = None, *, by: str | Sequence[str] = ()
) -> pd.DataFrame:
    """Metrics of forecasts, computed for each series (and channel) and averaged over those of a group.

    MAE, RMSE and pinball (the mean over all levels) are in the units of the data. WAPE is the sum of the absolute
    errors over that of the absolute values, sMAPE the mean of `|error| / (|actual| + |forecast|)`, 0 where both are
    0: from 0 to 1, half of the sMAPE of the M4 competition. MASE and RMSSE are the MAE and RMSE in units of those of
    the seasonal naive forecast. CRPS is twice the pinball, which tends to the CRPS as evenly spaced levels get denser.
    coverage and interval_score (Winkler) are those of the interval from the lowest quantile to the highest.

    A metric is NaN for a series where it is not defined: the naive forecast has no error, all values are 0, a
    quantile is missing, one level makes no interval, nothing was observed. Such series are left out of the mean,
    which is NaN where none is left.

    Args:
        forecasts: DataFrame with the columns `series`, `actual` (NaN where not observed: the row is left out) and
            `forecast`; `naive_mae` and `naive_mse`, the errors of the seasonal naive forecast before the first
            origin, the same in all rows of a series and channel; quantiles in columns labelled by their level as a
            float; and any of `channel`, `model`, `seed`, `origin` and `step`.
        metrics: Names of metrics. Defaults to MAE, RMSE, sMAPE, WAPE, MASE and RMSSE, and where there are quantile
            columns to pinball, CRPS, coverage and interval_score too.
        by: Columns that make the groups, out of model, seed, series, channel, origin and step. None gives one row.

    Returns:
        DataFrame with a row for each group, in order of appearance, and a column for each metric.

    Raises:
        ValueError: an unknown metric or group, a missing column, or a forecast that is not a finite number.

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
    by = listed(by)
    levels = sorted(label for label in forecasts.columns if isinstance(label, float))
    metrics = _possible(bool(levels)) if metrics is None else listed(metrics)
    check_metrics(metrics, bool(levels))
    _check_columns(forecasts, metrics, by, levels)
    keys = list(dict.fromkeys([*by, "series", *(["channel"] if "channel" in forecasts.columns else [])]))
    units, first = _number(forecasts, keys)
    described = forecasts.iloc[first].reset_index(drop=True)  # row i tells the keys and naive errors of unit i
    values = _Units(forecasts, units, described, levels)
    scores = pd.DataFrame({name: METRICS[name](values) for name in metrics}, index=described.index)
    if not by:
        return scores.mean().to_frame().T
    groups = pd.concat([described[by], scores], axis=1).groupby(by, sort=False, dropna=False, observed=True)
    return groups.mean()


class _Units:
    """The losses of each unit, a series and channel within a group, as Series on the number of the unit.

    Args:
        forecasts: The DataFrame.
        units: Number of the unit of each row.
        described: DataFrame with a row for each unit.
        levels: Labels of the quantile columns, rising.
    """

    def __init__(self, forecasts, units, described, levels):
        seen = forecasts["actual"].notna().to_numpy()
        columns = {"forecast": "forecast", ACTUAL: "actual", **{str(level): level for level in levels}}
        numbers = {name: _floats(forecasts[label])[seen] for name, label in columns.items()}
        self.rows = pd.DataFrame({UNIT: units[seen], **numbers})
        self.described = described
        self.levels = levels
        self._check_finite(forecasts, seen)

    def of(self, loss, models, rows=None, **options):
        """What a function of utilsforecast gives for each unit."""
        return loss(self.rows if rows is None else rows, models, **options).set_index(UNIT)["forecast"]

    def of_interval(self, loss):
        """What a function of utilsforecast gives for the outermost interval of each unit."""
        low, high = self.levels[0], self.levels[-1]
        if low == high:
            return pd.Series(dtype="float64")
        level = 100 * (high - low)  # in percent, as utilsforecast has it; part of the names that it looks for
        ends = {f"forecast-lo-{level}": str(low), f"forecast-hi-{level}": str(high)}
        rows = self.complete[[UNIT, ACTUAL]].assign(**{name: self.complete[column] for name, column in ends.items()})
        return self.of(loss, ["forecast"], rows, level=level)

    @functools.cached_property
    def mae(self):
        return self.of(losses.mae, ["forecast"])

    @functools.cached_property
    def mse(self):
        return self.of(losses.mse, ["forecast"])

    @functools.cached_property
    def pinball(self):
        columns = {"forecast": [str(level) for level in self.levels]}
        return self.of(losses.mqloss, columns, self.complete, quantiles=np.array(self.levels))

    @functools.cached_property
    def complete(self):
        """The rows of the units that no quantile is missing from."""
        lacking = self.rows[[str(level) for level in self.levels]].isna().any(axis=1)
        return self.rows[~self.rows[UNIT].isin(self.rows.loc[lacking, UNIT].unique())]

    def naive(self, column):
        """An error of the seasonal naive forecast for each unit, NaN where nothing can be measured by it."""
        errors = self.described[column].astype("float64")
        return errors.where(errors > 0)

    def _check_finite(self, forecasts, seen):
        wrong = ~np.isfinite(self.rows[[ACTUAL, "forecast"]].to_numpy()).all(axis=1)
        if wrong.any():
            row = forecasts[seen].iloc[int(np.argmax(wrong))]
            place = ", ".join(f"{key} {row[key]}" for key in KEYS if key in forecasts.columns)
            raise ValueError(
                f"{wrong.sum()} rows have a value or a forecast that is not a finite number; the first ({place}) has "
                f"the value {row['actual']} and the forecast {row['forecast']}. Mend what forecast it or leave it out."
            )


def _number(forecasts, keys):
    """The number of the unit of each row, in order of appearance, and the place of the first row of each unit."""
    groups = forecasts.groupby(keys, sort=False, dropna=False, observed=True)
    units, _ = pd.factorize(groups.ngroup().to_numpy())
    return units, np.flatnonzero(~pd.Series(units).duplicated().to_numpy())


def check_metrics(metrics, quantiles):
    """Refuses names of metrics that are unknown, or that need quantiles where there are none.

    Raises:
        ValueError: there is such a name; the message has the possible ones.
    """
    possible = _possible(quantiles)
    wrong = [name for name in metrics if name not in possible]
    if not wrong:
        return
    if wrong[0] in METRICS:
        raise ValueError(
            f"`metrics` has {wrong[0]!r}, which needs quantiles: columns labelled by levels such as 0.1 and 0.9. "
            f"Forecast quantiles, or take some of {', '.join(possible)}."
        )
    raise ValueError(f"`metrics` has {wrong[0]!r}, but possible are {', '.join(possible)}.")


def _possible(quantiles):
    return [name for name in METRICS if quantiles or name not in QUANTILE_METRICS]


def _check_columns(forecasts, metrics, by, levels):
    unknown = [name for name in by if name not in KEYS]
    if unknown:
        raise ValueError(f"`by` has {unknown[0]!r}, but possible are {', '.join(KEYS)}.")
    wanted = ["series", "actual", "forecast", *by, *(NEEDS[name] for name in metrics if name in NEEDS)]
    missing = [name for name in wanted if name not in forecasts.columns]
    if missing:
        raise ValueError(
            f"`forecasts` has no column {missing[0]!r}, which {', '.join([*metrics, *by])} needs. "
            f"Its columns are {', '.join(map(str, forecasts.columns))}."
        )
    outside = [level for level in levels if not 0 < level < 1]
    if outside:
        raise ValueError(f"`forecasts` has a column {outside[0]}, but quantile columns are levels between 0 and 1.")


def listed(names):
    """A name, or several, each once, as a list."""
    return [names] if isinstance(names, str) else list(dict.fromkeys(names))


def _floats(column):
    return column.to_numpy("float64", na_value=np.nan)
