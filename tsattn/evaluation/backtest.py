"""Rolling-origin evaluation: what a forecaster would have said, beside what came."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_optional_count
from tsattn.evaluation.arguments import check_levels, own_freq, own_horizon
from tsattn.evaluation.copies import Copies
from tsattn.evaluation.cuts import Cuts
from tsattn.evaluation.folds import Plan
from tsattn.evaluation.rolling import run_copy, run_piece, warn_of_known_future


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
    n_jobs: int | None = None,
    verbose: int = 0,
) -> pd.DataFrame:
    """Forecast from rolling origins, each from what its series was before, beside what came.

    Origins are counted from the end of each series. Where the series of a panel end at different times, those of one
    that ends early lie before those of the others, and a fit for all has learnt from what the others were after them.

    Args:
        forecaster: Any object with `fit(y)` or `fit(y, covariates)` and `predict()`, which gives the next
            steps as a pandas object or an array of finite numbers. It is cloned, and stays as it is. From later
            origins than that of the fit it is asked with `predict(y=...)`.
        y: A series, channels or a panel, as for a forecaster's `fit`. Where time stamps were left out, a `fit` gets
            rows of missing values.
        covariates, static: As for `fit`; a `fit` that does not take them does without. Of those known in advance the
            horizon after each origin is passed too.
        horizon: Steps to forecast from each origin. Defaults to the forecaster's own.
        windows: Number of origins; the last lies a horizon before the end of each series. Defaults to 1.
        stride: Steps from one origin to the next. Defaults to the horizon.
        refit: False fits once, before the first origin; True at each; a number fits anew after so many origins;
            `"never"` uses a forecaster that is fitted. Defaults to False.
        train_size: Steps of history that a fit gets at most, so that its start slides; None keeps the start.
            Defaults to None.
        season: Steps in a cycle, for `naive_mae` and `naive_mse`. Defaults to that of the time step.
        quantiles: Levels to forecast too. Defaults to those that the forecaster was made for.
        n_jobs: Fits at once, in processes of joblib. For networks each process first imports TensorFlow, which takes
            about 4 seconds of its core and 700 MB; joblib keeps it for later calls. (In threads, networks with a seed
            wait for each other.) Defaults to 1.
        verbose: 1 shows a bar over the fits. Defaults to 0.

    Returns:
        DataFrame with a row for each series, channel, origin and step: `series`, `channel` where there are
        several, `origin` (the last time seen), `time`, `step` (from 1), `actual` (NaN where not observed),
        `forecast`, a column for each level of quantiles, and for MASE and RMSSE `naive_mae` and
        `naive_mse`, the error of the seasonal naive forecast within the history before the first origin.

    Raises:
        ValueError, TypeError: arguments that do not fit, before anything is fitted; and what the forecaster raises.

    Reference:
        Tashman, 2000, "Out-of-sample tests of forecasting accuracy".

    Example:

    >>> from tsattn import LinearForecaster, backtest, load_dataset
    >>> table = backtest(LinearForecaster(horizon=12), load_dataset("air_passengers"), windows=3)
    >>> len(table), table["origin"].nunique()
    (36, 3)
    """
    plan = Plan.of(own_horizon({type(forecaster).__name__: forecaster}, horizon), windows, stride, refit, train_size)
    season, quantiles = check_optional_count("season", season), check_levels(quantiles)
    cuts = Cuts.of(y, covariates, freq=own_freq([forecaster]))
    plan.check(cuts.layout)
    options = {"horizon": plan.horizon, "train_size": train_size, "quantiles": quantiles, "static": static}
    if plan.refit is None:
        warn_of_known_future(forecaster, cuts, plan.backs[0])
        pieces = [run_piece(forecaster, cuts, plan.backs, fit=False, **options)]
    else:
        copies = Copies(forecaster)
        work = (delayed(run_copy)(copies, cuts, backs, **options) for backs in plan.parts)
        answers = Parallel(n_jobs=n_jobs, return_as="generator")(work)
        bar = tqdm(answers, total=len(plan.parts), desc="backtest", unit="fit", disable=not verbose)
        pieces = list(bar)
    return tidy(cuts, plan, pieces, naive_errors(cuts, plan.backs[0], season))


def tidy(cuts, plan, pieces, errors):
    """The forecasts of some pieces, in the order of their origins, as the DataFrame of `backtest`.

    Args:
        cuts, plan: The data and the origins.
        pieces: The `Piece`s.
        errors: What `naive_errors` gave.
    """
    values = np.concatenate([piece.values for piece in pieces], axis=1)
    series, windows, horizon, channels, _ = values.shape
    count, names = windows * horizon, cuts.channels
    table = pd.DataFrame({"series": pd.Index(cuts.names, tupleize_cols=False).repeat(count)})
    table["origin"] = cuts.stamps(plan.backs, [0]).repeat(horizon)
    table["time"] = cuts.stamps(plan.backs, range(1, horizon + 1))
    table["step"] = np.tile(np.arange(1, horizon + 1), series * windows)
    actual = cuts.actual(plan.backs, horizon)
    parts = []
    for channel in range(channels):
        part = table.copy()
        if names:
            part.insert(1, "channel", [names[channel]] * len(part))
        part["actual"] = actual[..., channel].ravel()
        for place, label in enumerate(["forecast", *pieces[0].levels]):
            part[label] = values[..., channel, place].ravel()
        for place, label in enumerate(("naive_mae", "naive_mse")):
            part[label] = errors[place][:, channel].repeat(count)
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if names else parts[0]


def naive_errors(cuts, back, season=None):
    """Mean absolute and mean squared error of the seasonal naive forecast before an origin, each (series, channels)."""
    season = cuts.layout.time_axis.season_length if season is None else season
    errors = np.full((2, len(cuts.layout), cuts.panel.channels), np.nan)
    for s in range(len(cuts.layout)):
        values = cuts.panel.series(s)[: cuts.layout.lengths[s] - back].astype("float64")
        apart = season if len(values) >= 2 * season else 1
        differences = values[apart:] - values[:-apart]
        seen = ~np.isnan(differences)
        count = np.maximum(seen.sum(axis=0), 1)
        for place, power in enumerate((np.abs(differences), differences**2)):
            errors[place, s] = np.where(seen.any(axis=0), np.where(seen, power, 0).sum(axis=0) / count, np.nan)
    return errors
