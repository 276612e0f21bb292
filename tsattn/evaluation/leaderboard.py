"""The leaderboard of a comparison: the declarations of its columns, and the choice of its metrics."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsattn._utils.warnings import warn
from tsattn.evaluation.metrics import METRICS, check_metrics, distinct
from tsattn.report.page import ColumnDescription

LEADING = "MASE"  # the metric that leads by default


@dataclass(frozen=True)
class Results:
    """The data from which the columns of the leaderboard are computed.

    Args:
        scores: DataFrame of the metrics by model and seed.
        costs: DataFrame with one row per model and seed and the columns of `Costs`.
        leading: Name of the metric that sorts the leaderboard.
        baseline: Name of the model that skill refers to.
    """

    scores: pd.DataFrame
    costs: pd.DataFrame
    leading: str
    baseline: str

    @property
    def by_model(self):
        """The scores, grouped by model."""
        return self.scores.groupby(level="model", sort=False)

    @property
    def costs_by_model(self):
        """The costs, grouped by model."""
        return self.costs.groupby("model", sort=False)

    @property
    def skill(self):
        """1 minus the ratio of the leading metric to that of the baseline, None without the baseline."""
        leading = self.by_model.mean()[self.leading]
        return 1 - leading / leading[self.baseline] if self.baseline in leading.index else None


@dataclass(frozen=True)
class Column:
    """Declaration of a column of the leaderboard, after those of the metrics.

    Args:
        name: Name of the column.
        value: Function of `Results` that returns the value for each model, or None to omit the column.
        meaning: What the column holds, for the legend of the report. `{metric}` is replaced by the leading metric.
        heading: Heading in the report. Defaults to the name.
        better: `"lower"` or `"higher"`, or `""` if neither is better.
    """

    name: str
    value: Callable
    meaning: str
    heading: str = ""
    better: str = ""


COLUMNS = (
    Column(
        "skill",
        value=lambda results: results.skill,
        meaning="1 minus the ratio of {metric} to that of the baseline; above 0 is better than the baseline",
        better="higher",
    ),
    Column(
        "fit_seconds",
        value=lambda results: results.costs_by_model["fit_seconds"].mean(),
        meaning="seconds of all fits, averaged over the seeds",
        heading="fit, s",
    ),
    Column(
        "predict_ms",
        value=lambda results: results.costs_by_model["predict_ms"].mean(),
        meaning="milliseconds of the forecast from one origin",
        heading="predict, ms",
    ),
    Column(
        "parameters",
        value=lambda results: results.costs_by_model["parameters"].first().astype("Int64"),
        meaning="number of trained parameters",
    ),
    Column(
        "seeds",
        value=lambda results: results.costs_by_model.size(),
        meaning="number of seeds that the model was trained with; metrics are means over the seeds",
    ),
    Column(
        "spread",
        value=lambda results: results.by_model[results.leading].std(),
        meaning="standard deviation of {metric} over the seeds",
    ),
    Column(
        "fell_back",
        value=lambda results: results.costs_by_model["fell_back"].mean() if results.costs["fell_back"].any() else None,
        meaning="share of the fits in which a simpler forecast replaced that of the network",
        heading="fell back",
    ),
    Column(
        "pretrained",
        value=lambda results: (
            results.costs_by_model["pretrained"].first() if results.costs["pretrained"].notna().any() else None
        ),
        meaning="pretrained networks from which the fits started",
    ),
)


def leaderboard(results, errors):
    """Return one row per model, best first, and the models that failed last.

    Args:
        results: The `Results`.
        errors: Dict of model to error, of those that failed.
    """
    table = results.by_model.mean()
    for column in COLUMNS:
        if (value := column.value(results)) is not None:
            table[column.name] = value
    table = table.sort_values(results.leading)
    failed = pd.Series(errors, dtype="object", name="error")
    table = table.reindex([*table.index, *(name for name in failed.index if name not in table.index)])
    if len(failed):
        table["error"] = failed
    return table.rename_axis("model")


def column_descriptions(leading):
    """Return the `ColumnDescription` of each column of a leaderboard by name.

    Args:
        leading: Name of the leading metric.
    """
    columns = [*METRICS.values(), *COLUMNS]
    return {
        column.name: ColumnDescription(
            column.heading or column.name, column.meaning.format(metric=leading), column.better
        )
        for column in columns
    }


def select_metrics(metrics, levels):
    """Return the metrics of a leaderboard, the leading one first.

    Args:
        metrics: Names, or None for the default.
        levels: Dict of candidate to the levels of its quantiles, empty if it forecasts none.

    Raises:
        ValueError: If a metric is unknown, cannot be computed from the quantiles, or cannot lead.
    """
    levels = {name: own for name, own in levels.items() if own}
    differ = len(set(levels.values())) > 1
    if metrics is None:
        if differ:
            warn(
                f"The candidates forecast different quantiles, {levels}, which cannot be compared: CRPS, coverage and "
                "the interval score are omitted. Pass common levels as `quantiles`."
            )
        quantiles = bool(levels) and not differ
        default = [name for name, m in METRICS.items() if m.in_compare and (quantiles or not m.quantiles)]
        return tuple(sorted(default, key=lambda name: name != LEADING))
    metrics = tuple(distinct(metrics))
    if not metrics:
        raise ValueError("`metrics` is empty. Pass at least one name, such as 'MASE', or leave `metrics` out.")
    check_metrics(metrics, bool(levels))
    needing = [name for name in metrics if METRICS[name].quantiles]
    if needing and differ:
        raise ValueError(
            f"`metrics` contains {needing[0]!r}, but the candidates forecast different quantiles, {levels}. Pass "
            "common levels as `quantiles`."
        )
    if METRICS[metrics[0]].loss is None:
        raise ValueError(
            f"`metrics` starts with {metrics[0]!r}, which cannot rank models because lower is not better. Put another "
            "metric first, such as 'interval_score'."
        )
    return metrics


def defined_metrics(metrics, naive_errors, history, requested):
    """Return the metrics that are defined on the data, with a UserWarning if some series are excluded from one.

    Args:
        metrics: Names, the leading one first.
        naive_errors: `(series, channels)`, the mean absolute error of the seasonal naive forecast before the first
            origin.
        history: The `RollingHistory`.
        requested: Whether the caller named the metrics.

    Raises:
        ValueError: If the leading metric is requested, but is not defined on any series.
    """
    scaled, undefined = [name for name in metrics if METRICS[name].column], np.argwhere(~(naive_errors > 0))
    if not scaled or not len(undefined):
        return metrics
    nowhere = len(undefined) == naive_errors.size
    reason = (
        f"{history.layout.value_name(*undefined[0])} (and {len(undefined) - 1} more of {naive_errors.size} series) has "
        "no error of the seasonal naive forecast before the first origin: it repeats exactly or has too few "
        "observations."
    )
    if nowhere and requested and metrics[0] in scaled:
        raise ValueError(
            f"{reason} `metrics` starts with {metrics[0]!r}, which is therefore undefined. Put another metric first, "
            "such as 'MAE'."
        )
    if nowhere and not requested:
        return tuple(name for name in metrics if name not in scaled)
    warn(f"{reason} {' and '.join(scaled)} exclude such series.")
    return metrics
