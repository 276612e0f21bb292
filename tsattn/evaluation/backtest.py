"""Rolling-origin evaluation: what a forecaster would have said, beside what came."""

import copy

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, clone
from tqdm import tqdm

from tsattn.evaluation.cuts import Cuts
from tsattn.evaluation.folds import Plan
from tsattn.evaluation.rolling import run_piece, warn_of_known_future
from tsattn.series.seasons import season_length


def backtest(
    forecaster,
    y,
    covariates=None,
    *,
    static=None,
    horizon=None,
    windows=1,
    stride=None,
    refit=False,
    train_size=None,
    season=None,
    quantiles=None,
    n_jobs=None,
    verbose=0,
):
    """Forecast from rolling origins, each from what lay before it alone, beside what came.

    Args:
        forecaster: Any object with `fit(y)` or `fit(y, covariates)` and `predict()`, which gives the next
            steps as a pandas object or an array. It is cloned, and stays as it is.
        y: A series, channels or a panel, as for a forecaster's `fit`.
        covariates, static: As for `fit`. Of those known in advance the horizon after each origin is passed too.
        horizon: Steps to forecast from each origin. Defaults to the forecaster's own.
        windows: Number of origins; the last lies a horizon before the end of each series. Defaults to 1.
        stride: Steps from one origin to the next. Defaults to the horizon.
        refit: False fits once, before the first origin; True at each; a number fits anew after so many origins;
            `"never"` uses a forecaster that is fitted. Defaults to False.
        train_size: Steps of history that a fit gets at most, so that its start slides; None keeps the start.
            Defaults to None.
        season: Steps in a cycle, for `naive_mae` and `naive_mse`. Defaults to that of the time step.
        quantiles: Levels to forecast too. Defaults to those that the forecaster was made for.
        n_jobs: Fits at once, in processes of joblib. Defaults to 1.
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
    cuts = Cuts.of(y, covariates)
    plan.check(cuts.layout)
    options = {"horizon": plan.horizon, "train_size": train_size, "quantiles": quantiles, "static": static}
    if plan.refit is None:
        warn_of_known_future(forecaster, cuts, plan.backs[0])
        pieces = [run_piece(forecaster, cuts, plan.backs, fit=False, **options)]
    else:
        own = copied(forecaster)
        work = (delayed(run_piece)(own, cuts, backs, **options) for backs in plan.parts)
        answers = Parallel(n_jobs=n_jobs, return_as="generator")(work)
        bar = tqdm(answers, total=len(plan.parts), desc="backtest", unit="fit", disable=not verbose)
        pieces = list(bar)
    return tidy(cuts, plan, pieces, season)


def own_horizon(forecasters, horizon):
    """The one horizon of forecasters by name, and of the argument where it is given.

    Raises:
        ValueError: they differ, or none has one.
    """
    known = {name: getattr(forecaster, "horizon", None) for name, forecaster in forecasters.items()}
    known = {name: own for name, own in known.items() if own is not None}
    wanted = horizon if horizon is not None else next(iter(known.values()), None)
    if wanted is None:
        raise ValueError("`horizon` is needed: the forecaster has none of its own. Pass `horizon=...`.")
    if others := {name: own for name, own in known.items() if own != wanted}:
        raise ValueError(
            f"All must forecast the same {wanted} steps, but the horizon of {others} differs. "
            "Make them with one horizon."
        )
    return wanted


def copied(forecaster):
    """One like it that is not fitted."""
    return clone(forecaster) if isinstance(forecaster, BaseEstimator) else copy.deepcopy(forecaster)


def tidy(cuts, plan, pieces, season=None):
    """The forecasts of some pieces, in the order of their origins, as the DataFrame of `backtest`."""
    values = np.concatenate([piece.values for piece in pieces], axis=1)
    series, windows, horizon, channels, _ = values.shape
    count, names = windows * horizon, cuts.channels
    table = pd.DataFrame({"series": pd.Index(cuts.names, tupleize_cols=False).repeat(count)})
    table["origin"] = cuts.stamps(plan.backs, [0]).repeat(horizon)
    table["time"] = cuts.stamps(plan.backs, range(1, horizon + 1))
    table["step"] = np.tile(np.arange(1, horizon + 1), series * windows)
    actual = cuts.actual(plan.backs, horizon)
    errors = naive_errors(cuts, plan.backs[0], season)
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
    season = season_length(cuts.layout.timeline) if season is None else season
    errors = np.full((2, len(cuts.layout), cuts.panel.channels), np.nan)
    for s in range(len(cuts.layout)):
        values = cuts.panel.of(s)[: cuts.layout.lengths[s] - back].astype("float64")
        apart = season if len(values) >= 2 * season else 1
        differences = values[apart:] - values[:-apart]
        seen = ~np.isnan(differences)
        count = np.maximum(seen.sum(axis=0), 1)
        for place, power in enumerate((np.abs(differences), differences**2)):
            errors[place, s] = np.where(seen.any(axis=0), np.where(seen, power, 0).sum(axis=0) / count, np.nan)
    return errors
