"""Which metrics a comparison shows, and which one of them decides."""

import numpy as np

from tsattn._utils.warnings import warn
from tsattn.evaluation.metrics import NEEDS, QUANTILE_METRICS, check_metrics, listed

SHOWN = ("MASE", "MAE", "RMSE", "sMAPE", "WAPE", "RMSSE")
SHOWN_WITH_QUANTILES = ("CRPS", "coverage", "interval_score")


def chosen_metrics(metrics, levels):
    """The metrics that are asked for, or the usual ones.

    Args:
        metrics: As of `compare`.
        levels: By name the levels that each candidate forecasts, empty for one that forecasts none.

    Raises:
        ValueError: a metric that is unknown, that needs other quantiles, or that cannot decide.
    """
    sets = {name: own for name, own in levels.items() if own}
    apart = len(set(sets.values())) > 1
    if metrics is None:
        if apart:
            warn(
                f"The candidates forecast different quantiles, {sets}, which cannot be compared: CRPS, coverage and "
                "the interval score are left out. Pass the levels that all are to forecast as `quantiles`."
            )
        return (*SHOWN, *SHOWN_WITH_QUANTILES) if sets and not apart else SHOWN
    metrics = tuple(listed(metrics))
    if not metrics:
        raise ValueError("`metrics` is empty. Pass at least one name, such as 'MASE', or leave it out.")
    check_metrics(metrics, bool(sets))
    needing = [name for name in metrics if name in QUANTILE_METRICS]
    if needing and apart:
        raise ValueError(
            f"`metrics` has {needing[0]!r}, but the candidates forecast different quantiles, {sets}. Pass the levels "
            "that all are to forecast as `quantiles`."
        )
    if metrics[0] == "coverage":
        raise ValueError(
            "`metrics` starts with 'coverage', which is not the better the less it is, and cannot decide. Put another "
            "one first, such as 'interval_score'."
        )
    return metrics


def defined_metrics(metrics, naive, cuts, asked):
    """The metrics that are defined on the data; a UserWarning if some series must be left out of one.

    Args:
        metrics: Names, of which the first decides.
        naive: (series, channels), the mean absolute error of the seasonal naive forecast before the first origin.
        cuts: The `Cuts` of the data.
        asked: Whether the caller named the metrics.

    Raises:
        ValueError: the first metric is not defined on any series, and was asked for.
    """
    scaled, without = [name for name in metrics if name in NEEDS], np.argwhere(~(naive > 0))
    if not scaled or not len(without):
        return metrics
    none = len(without) == naive.size
    why = (
        f"{cuts.layout.value_name(*without[0])} and {len(without) - 1} more of {naive.size} have no error of the "
        "seasonal naive forecast before the first origin: they repeat themselves, or too little was observed."
    )
    if none and asked and metrics[0] in scaled:
        raise ValueError(f"`metrics` starts with {metrics[0]!r}, but {why} Put another metric first, such as 'MAE'.")
    if none and not asked:
        return tuple(name for name in metrics if name not in scaled)
    warn(f"{why} {' and '.join(scaled)} leave them out.")
    return metrics
