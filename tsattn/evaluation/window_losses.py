"""What a metric is the mean of, row by row: the losses that tests of significance compare."""

import numpy as np
import pandas as pd

LOSSES = {
    "MAE": "absolute error",
    "MASE": "absolute error over that of the seasonal naive forecast",
    "RMSE": "squared error",
    "RMSSE": "squared error over that of the seasonal naive forecast",
    "sMAPE": "symmetric absolute percentage error",
    "WAPE": "absolute error over the mean absolute value",
    "pinball": "pinball loss",
    "CRPS": "twice the pinball loss",
    "interval_score": "interval score",
}


def window_losses(forecasts, metric):
    """The mean loss of each model from each origin.

    Args:
        forecasts: As of `evaluate`, with the columns `model`, `seed`, `step` and `series`.
        metric: One of `LOSSES`.

    Returns:
        DataFrame with a row for each origin, numbered from the earliest of each series on, and a column for each
        model. A row of the forecasts counts where its loss is defined.
    """
    keys = ["model", "seed", "series", *(["channel"] if "channel" in forecasts else [])]
    number = (forecasts["step"] == 1).groupby([forecasts[key] for key in keys], dropna=False).cumsum()
    losses = _row_losses(forecasts, metric, [key for key in keys if key not in ("model", "seed")])
    means = losses.groupby([number.rename("window"), forecasts["model"]], sort=False).mean().unstack()
    return means.sort_index()[list(dict.fromkeys(forecasts["model"]))]


def _row_losses(table, metric, units):
    """A Series of losses on the rows of a table; NaN where there is none."""
    actual, forecast = table["actual"], table["forecast"]
    error = (actual - forecast).abs()
    if metric in ("MAE", "RMSE"):
        return error if metric == "MAE" else error**2
    if metric in ("MASE", "RMSSE"):
        power, naive = (1, "naive_mae") if metric == "MASE" else (2, "naive_mse")
        return error**power / table[naive].where(table[naive] > 0)
    if metric == "sMAPE":
        return (error / (actual.abs() + forecast.abs())).mask(error == 0, 0.0)
    if metric == "WAPE":
        size = actual.abs().groupby([table[key] for key in units], dropna=False).transform("mean")
        return error / size.where(size > 0)
    levels = sorted(label for label in table.columns if isinstance(label, float))
    if metric == "interval_score":
        low, high = table[levels[0]], table[levels[-1]]
        outside = (low - actual).clip(lower=0) + (actual - high).clip(lower=0)
        return high - low + 2 / (1 - levels[-1] + levels[0]) * outside
    quantiles, levels = table[levels].to_numpy("float64"), np.array(levels)
    over = actual.to_numpy("float64")[:, None] - quantiles
    pinball = pd.Series(np.maximum(levels * over, (levels - 1) * over).mean(axis=1), index=table.index)
    return pinball if metric == "pinball" else 2 * pinball
