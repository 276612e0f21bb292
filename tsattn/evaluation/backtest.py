"""Rolling-origin evaluation: the forecasts of one forecaster, next to the actual values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_optional_count
from tsattn.evaluation.candidate import Candidate, check_quantiles, common_freq, common_horizon
from tsattn.evaluation.fold import ThreadCopies, run_fold, run_fold_on_copy, warn_of_leakage
from tsattn.evaluation.rolling_origins import RollingHistory, RollingOrigins


def backtest(
    forecaster: Any,
    y: Data,
    covariates: CovariateData = None,
    *,
    static: CovariateData = None,
    horizon: int | None = None,
    windows: int = 1,
    stride: int | None = None,
    refit: bool | int | str = False,
    train_size: int | None = None,
    season: int | None = None,
    quantiles: Sequence | None = None,
    skip_short: bool = False,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> pd.DataFrame:
    """Forecast from rolling origins, each from the values before it, and align the forecasts with the actual values.

    Origins are counted from the end of each series. If the series of a panel end at different times, the origins of a
    series that ends early lie before those of the others. A joint fit may then include later values of other series.

    Args:
        forecaster: Any object with `fit(y)` or `fit(y, covariates)` and `predict()`, which returns the next steps as a
            pandas object or an array of finite numbers. It is cloned and not modified. For origins after the fit,
            `predict(y=...)` is called.
        y: A series, channels or a panel, as in `fit` of a forecaster. Missing timestamps are passed to `fit` as rows
            of missing values.
        covariates, static: As in `fit`. They are not passed to a `fit` that does not accept them. Known covariates
            include the horizon after each origin.
        horizon: Steps to forecast from each origin. Defaults to the horizon of the forecaster.
        windows: Number of origins. The last lies one horizon before the end of each series. Defaults to 1.
        stride: Steps between consecutive origins. Defaults to the horizon.
        refit: If False, fit once, before the first origin. If True, fit at each origin. If an integer, refit after that
            many origins. If `"never"`, use a fitted forecaster. Defaults to False.
        train_size: Maximum number of history steps in a fit (a sliding window). If None, all history is used (an
            expanding window). Defaults to None.
        season: Steps in a cycle, for `naive_mae` and `naive_mse`. Defaults to the season of the time step.
        quantiles: Levels of quantiles to forecast. Defaults to those of the forecaster.
        skip_short: If True, leave out the series of a panel that have no history before the first origin, with a
            warning. If False, they raise a ValueError. Defaults to False.
        n_jobs: Number of parallel fits, in processes of joblib. For networks, each process first imports TensorFlow,
            which takes about 4 seconds and 700 MB; joblib keeps the processes for later calls. In threads, networks
            with a seed wait for each other. Defaults to 1.
        verbose: 1 shows a progress bar over the fits. Defaults to 0.

    Returns:
        DataFrame with one row per series, channel, origin and step, and the columns `series`, `channel` (if there are
        several), `origin` (the last observed time), `time`, `step` (from 1), `actual` (NaN where not observed) and
        `forecast`. One column per quantile level follows. `naive_mae` and `naive_mse`, for MASE and RMSSE, are the
        errors of the seasonal naive forecast in the history before the first origin.

    Raises:
        ValueError, TypeError: If an argument is invalid, before any fit.
        Exception: Any exception raised by the forecaster.

    Reference:
        Tashman, 2000, "Out-of-sample tests of forecasting accuracy".

    Example:

    >>> from tsattn import LinearForecaster, backtest, load_dataset
    >>> table = backtest(LinearForecaster(horizon=12), load_dataset("air_passengers"), windows=3)
    >>> len(table), table["origin"].nunique()
    (36, 3)
    """
    candidate = Candidate(forecaster)
    horizon = common_horizon({candidate.class_name: candidate}, horizon)
    origins = RollingOrigins.of(horizon, windows, stride, refit, train_size)
    season, quantiles = check_optional_count("season", season), check_quantiles(quantiles)
    shortest = origins.remaining[0] if skip_short else 0
    history = RollingHistory.of(y, covariates, freq=common_freq([candidate]), longer_than=shortest)
    origins.check_lengths(history.layout)
    options = {"horizon": origins.horizon, "train_size": train_size, "quantiles": quantiles, "static": static}
    if origins.refit is None:
        warn_of_leakage(candidate, history, origins.remaining[0])
        results = [run_fold(candidate, history, origins.remaining, fit=False, **options)]
    else:
        copies = ThreadCopies(candidate)
        jobs = (delayed(run_fold_on_copy)(copies, history, fold, **options) for fold in origins.folds)
        results = Parallel(n_jobs=n_jobs, return_as="generator")(jobs)
        results = list(tqdm(results, total=len(origins.folds), desc="backtest", unit="fit", disable=not verbose))
    return forecast_table(history, origins, results, history.naive_errors(origins.remaining[0], season))


def forecast_table(history, origins, results, naive_errors):
    """Return the forecasts of all folds as the table of `backtest`.

    Args:
        history: The `RollingHistory`.
        origins: The `RollingOrigins`.
        results: `FoldResult` of each fold, in the order of the origins.
        naive_errors: Array of `RollingHistory.naive_errors`.
    """
    values = np.concatenate([result.values for result in results], axis=1)
    series, windows, horizon, channels, _ = values.shape
    count, names = windows * horizon, history.channels
    table = pd.DataFrame({"series": pd.Index(history.names, tupleize_cols=False).repeat(count)})
    table["origin"] = history.times(origins.remaining, [0]).repeat(horizon)
    table["time"] = history.times(origins.remaining, range(1, horizon + 1))
    table["step"] = np.tile(np.arange(1, horizon + 1), series * windows)
    actual = history.actual(origins.remaining, horizon)
    parts = []
    for channel in range(channels):
        part = table.copy()
        if names:
            part.insert(1, "channel", [names[channel]] * len(part))
        part["actual"] = actual[..., channel].ravel()
        for place, label in enumerate(["forecast", *results[0].levels]):
            part[label] = values[..., channel, place].ravel()
        for place, label in enumerate(("naive_mae", "naive_mse")):
            part[label] = naive_errors[place][:, channel].repeat(count)
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if names else parts[0]
