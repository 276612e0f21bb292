"""A fair comparison of forecasters in one call."""

import time
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from joblib import Parallel, delayed
from sklearn.base import BaseEstimator
from tqdm import tqdm

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_optional_count
from tsattn.evaluation.arguments import check_levels, check_seeds, named, own_freq, own_horizon, own_levels
from tsattn.evaluation.backtest import naive_errors
from tsattn.evaluation.budget import check_budget, equal
from tsattn.evaluation.choice import chosen_metrics, defined_metrics
from tsattn.evaluation.comparison import Comparison
from tsattn.evaluation.copies import Copies
from tsattn.evaluation.cuts import Cuts
from tsattn.evaluation.folds import Plan
from tsattn.evaluation.gather import gathered, insights, is_explained, recent
from tsattn.evaluation.rolling import Piece
from tsattn.evaluation.setting import command, libraries, settings
from tsattn.evaluation.tasks import Kept, attempt, told
from tsattn.forecasters.seasonal_naive import SeasonalNaiveForecaster

NAIVE = "seasonal_naive"


def compare(
    candidates: Mapping[str, Any] | Sequence,
    y: Data,
    covariates: CovariateData = None,
    *,
    static: CovariateData = None,
    baseline: str | None = None,
    horizon: int | None = None,
    windows: int = 5,
    stride: int | None = None,
    refit: bool | int = False,
    train_size: int | None = None,
    season: int | None = None,
    quantiles: Sequence | None = None,
    seeds: Sequence[int] = (0,),
    metrics: Sequence[str] | None = None,
    budget: str | float | None = None,
    n_jobs: int | None = None,
    resume: str | PathLike | None = None,
    verbose: int = 1,
) -> Comparison:
    """Compare forecasters on the same origins, seeds and budget, and test which differences are more than chance.

    Origins are those of `backtest`. What is tested is the loss that the leading metric is the mean of.

    Args:
        candidates: Dict of forecasters by name, or a list of them, named by their classes. Any objects that
            `backtest` takes. One that fails keeps its row with the error.
        y, covariates, static: As for `backtest`.
        baseline: Name of the candidate that skill is measured against. None takes the
            `SeasonalNaiveForecaster` among them, which is added as "seasonal_naive" where there is none. Defaults to
            None.
        horizon, stride, refit, train_size, season, quantiles: As for `backtest`.
        windows: Number of origins. Tests need at least 8. Defaults to 5.
        seeds: Each network is trained with each of these. Defaults to `(0,)`.
        metrics: Names for the leaderboard, see `evaluate`; the first one decides, which coverage cannot. Defaults to
            MASE, MAE, RMSE, sMAPE, WAPE and RMSSE, without MASE and RMSSE where no series has a seasonal naive error,
            and with quantiles CRPS, coverage and the interval score.
        budget: `"parameters"` gives every network the `units` that make it as large as the first one (that does not
            fail), `"seconds"` the seconds that the first one takes, a number so many seconds. An ensemble has no one
            size, and gets seconds only, for all its networks together. Defaults to None.
        n_jobs: As for `backtest`, with what a process costs at first; `joblib.parallel_config(backend="dask")` sends
            the fits to a Dask cluster. Defaults to 1.
        resume: Folder that keeps what is finished, so that the same call goes on where it was stopped. Candidates are
            told apart by name, class and arguments: take another folder when you change their code. Defaults to None.
        verbose: 1 shows a bar over all fits. Defaults to 1.

    Returns:
        A `Comparison`.

    Raises:
        ValueError, TypeError: arguments that do not fit, before anything is trained.

    Example:

    >>> from tsattn import LinearForecaster, SeasonalNaiveForecaster, compare, load_dataset
    >>> candidates = [LinearForecaster(horizon=12), SeasonalNaiveForecaster(horizon=12)]
    >>> result = compare(candidates, load_dataset("air_passengers"), verbose=0)
    >>> result.leaderboard.index[0]
    'LinearForecaster'
    """
    begun = time.perf_counter()
    given = named(candidates)
    plan = Plan.of(own_horizon(given, horizon), windows, stride, refit, train_size)
    if plan.refit is None:
        raise ValueError('`refit="never"` is for `backtest`: what is compared here is fitted on the same history.')
    season, seeds, quantiles = check_optional_count("season", season), check_seeds(seeds), check_levels(quantiles)
    check_budget(budget)
    freq = own_freq(given.values())
    levels = {name: own_levels(forecaster) if quantiles is None else quantiles for name, forecaster in given.items()}
    chosen = chosen_metrics(metrics, levels)
    everyone, measure = with_baseline(given, baseline, plan.horizon, season, freq, any(levels.values()))
    known = next(filter(None, levels.values()), ())
    levels.setdefault(measure, known)
    cuts = Cuts.of(y, covariates, freq=freq)
    plan.check(cuts.layout)
    first = plan.backs[0]
    naive = naive_errors(cuts, first, season)
    chosen = defined_metrics(chosen, naive[0], cuts, metrics is not None)
    versions = libraries()
    kept = Kept(resume, (y, covariates, static, plan, budget, versions))
    data = cuts.history(first, train_size), cuts.covariates_until(first - plan.horizon)
    beside = {} if static is None else {"static": static}
    made, errors = equal(everyone, budget, (data if covariates is not None else data[:1], beside), kept)
    tasks, failed = _tasks(made, seeds, plan)
    errors |= failed
    shared = {"horizon": plan.horizon, "train_size": train_size, "static": static}
    own = {key: {"quantiles": levels[key[0]], "explain": is_explained(key, seeds, plan)} for key in tasks}
    answers = _answers(tasks, kept, cuts, shared, own, n_jobs, verbose)
    forecasts, costs, errors = gathered(cuts, plan, tasks, answers, naive, known, errors)
    arguments = {
        "horizon": plan.horizon,
        "windows": plan.windows,
        "stride": plan.stride,
        "refit": refit,
        "train_size": train_size,
        "season": season,
        "quantiles": quantiles,
        "seeds": seeds,
        "metrics": None if metrics is None else chosen,
        "baseline": baseline,
    }
    return Comparison(
        forecasts=forecasts,
        costs=costs,
        errors=errors,
        metrics=chosen,
        baseline=measure,
        overlap=-(-plan.horizon // plan.stride),
        history=recent(cuts, plan),
        insights=insights(cuts, plan, answers, seeds),
        settings=settings(plan, cuts, seeds, budget, measure),
        versions=versions,
        candidates={name: _whole(forecaster) for name, forecaster in (everyone | made).items()},
        command=command({name: _whole(made.get(name, given[name])) for name in given}, covariates, static, arguments),
        seconds=time.perf_counter() - begun,
    )


def with_baseline(candidates, baseline, horizon, season, freq, uncertain):
    """Candidates with the baseline among them, and its name.

    Args:
        candidates: Dict of forecasters by name.
        baseline: As of `compare`.
        horizon, season, freq: Of the seasonal naive forecaster, where it has to be added.
        uncertain: Whether it is to forecast quantiles.

    Raises:
        ValueError: there is no such candidate, or another one has the name of what has to be added.
    """
    if baseline is not None:
        if baseline not in candidates:
            raise ValueError(f"`baseline` is {baseline!r}, but the candidates are {list(candidates)}.")
        return candidates, baseline
    for name, forecaster in candidates.items():
        if isinstance(forecaster, SeasonalNaiveForecaster):
            return candidates, name
    if NAIVE in candidates:
        raise ValueError(
            f"`candidates` has {NAIVE!r}, which is the name of the SeasonalNaiveForecaster that is added as the "
            f"baseline. Rename it, or make it the baseline itself with `baseline={NAIVE!r}`."
        )
    naive = SeasonalNaiveForecaster(horizon=horizon, season=season, freq=freq, calibrate=uncertain)
    return {**candidates, NAIVE: naive}, NAIVE


def _tasks(candidates, seeds, plan):
    """`Copies` by candidate, seed and origins that share a fit; and errors of what cannot be copied."""
    tasks, errors = {}, {}
    for name, forecaster in candidates.items():
        try:
            seeded = [(seed, Copies(forecaster)) for seed in (seeds if _has_seed(forecaster) else [None])]
        except Exception as problem:
            errors[name] = told(problem)
            continue
        for seed, copies in seeded:
            if seed is not None:
                copies.original.set_params(training__random_state=seed)
            tasks.update({(name, seed, backs): copies for backs in plan.parts})
    return tasks, errors


def _has_seed(forecaster):
    return hasattr(forecaster, "get_params") and "training__random_state" in forecaster.get_params()


def _answers(tasks, kept, cuts, shared, own, n_jobs, verbose):
    """The `Piece` of each task, or the error that it ended with, as text; `own` are its own options."""
    paths = {key: kept.path(key[0], copies.original, *key[1:], own[key]) for key, copies in tasks.items()}
    answers = {key: piece for key, path in paths.items() if (piece := kept.read(path)) is not None}
    work = [
        delayed(attempt)(key, copies, cuts, key[2], **shared, **own[key])
        for key, copies in tasks.items()
        if key not in answers
    ]
    with tqdm(total=len(tasks), initial=len(answers), desc="compare", unit="fit", disable=not verbose) as bar:
        for key, piece in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(work):
            if isinstance(piece, Piece):
                kept.write(paths[key], piece)
            answers[key] = piece
            bar.update()
    return answers


def _whole(forecaster):
    """Its `repr`, which scikit-learn would shorten."""
    return forecaster.__repr__(N_CHAR_MAX=10**6) if isinstance(forecaster, BaseEstimator) else repr(forecaster)
