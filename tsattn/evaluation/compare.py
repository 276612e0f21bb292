"""Comparison of forecasters on the same origins, seeds and budget, in one call."""

import time
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from tsattn._utils.types import CovariateData, Data
from tsattn._utils.validation import check_count, check_optional_count
from tsattn.evaluation.backtest import forecast_table
from tsattn.evaluation.budget import apply_budget, check_budget
from tsattn.evaluation.candidate import Candidate, check_quantiles, common_freq, common_horizon, named_candidates
from tsattn.evaluation.checkpoints import Checkpoints
from tsattn.evaluation.comparison import Comparison
from tsattn.evaluation.fold import Costs, FoldResult, ThreadCopies, error_text, run_fold_on_copy
from tsattn.evaluation.insight import InsightTables
from tsattn.evaluation.leaderboard import defined_metrics, select_metrics
from tsattn.evaluation.provenance import command, library_versions, settings
from tsattn.evaluation.rolling_origins import RollingHistory, RollingOrigins
from tsattn.forecasters.seasonal_naive import SeasonalNaiveForecaster
from tsattn.report.charts import MAX_HORIZONS_OF_HISTORY

BASELINE = "seasonal_naive"
COSTS = ["model", "seed", *Costs.columns()]


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
    skip_short: bool = False,
    seeds: Sequence[int] = (0,),
    metrics: Sequence[str] | None = None,
    budget: str | float | None = None,
    n_jobs: int | None = None,
    resume: str | PathLike | None = None,
    verbose: int = 1,
) -> Comparison:
    """Compare forecasters on the same origins, seeds and budget, and test which differences are significant.

    Origins are those of `backtest`. The tests compare the loss that the leading metric is the mean of.

    Args:
        candidates: Dict of forecasters by name, or a list of forecasters, named by their classes. Any object that
            `backtest` accepts, or with `horizon` the name of a forecaster on the command line, such as `"zero_shot"`. A
            candidate that fails keeps its row, which shows the error.
        y, covariates, static: As in `backtest`.
        baseline: Name of the candidate that skill refers to. If None, the `SeasonalNaiveForecaster` among the
            candidates is used, or one is added as "seasonal_naive". Defaults to None.
        horizon, stride, refit, train_size, season, quantiles, skip_short: As in `backtest`.
        windows: Number of origins. Tests need at least 8. Defaults to 5.
        seeds: Seeds with which each network is trained. Defaults to `(0,)`.
        metrics: Names of metrics for the leaderboard, see `evaluate`. The first one is the leading metric: it sorts the
            leaderboard and is tested. It cannot be coverage. Defaults to MASE, MAE, RMSE, sMAPE, WAPE and RMSSE, and
            with quantiles CRPS, coverage and interval_score, but not pinball. MASE and RMSSE are omitted if no series
            has a seasonal naive error.
        budget: `"parameters"` sets the `units` of every network so that it is as large as the first one that does not
            fail. `"seconds"` limits every fit to the seconds that the first network takes, a number to that many
            seconds. An ensemble is limited in seconds only, for all its networks together. Defaults to None.
        n_jobs: As in `backtest`. `joblib.parallel_config(backend="dask")` runs the fits on a Dask cluster. Defaults to
            1.
        resume: Folder in which finished fits are stored, so that the same call resumes where it was interrupted.
            Candidates are identified by name, class and arguments. Use another folder if their code changes.
            Defaults to None.
        verbose: 1 shows a progress bar over all fits. Defaults to 1.

    Returns:
        A `Comparison`.

    Raises:
        ValueError, TypeError: If an argument is invalid, before any training.

    Example:

    >>> from tsattn import LinearForecaster, SeasonalNaiveForecaster, compare, load_dataset
    >>> candidates = [LinearForecaster(horizon=12), SeasonalNaiveForecaster(horizon=12)]
    >>> result = compare(candidates, load_dataset("air_passengers"), verbose=0)
    >>> result.leaderboard.index[0]
    'LinearForecaster'
    """
    start = time.perf_counter()
    named = named_candidates(candidates, horizon)
    origins = RollingOrigins.of(common_horizon(named, horizon), windows, stride, refit, train_size)
    if origins.refit is None:
        raise ValueError('`refit` is "never", but `compare` fits all candidates on the same history. Use `backtest`.')
    season, seeds, quantiles = check_optional_count("season", season), _check_seeds(seeds), check_quantiles(quantiles)
    check_budget(budget)
    freq = common_freq(named.values())
    levels = {name: candidate.levels if quantiles is None else quantiles for name, candidate in named.items()}
    selected = select_metrics(metrics, levels)
    complete, base = _with_baseline(named, baseline, origins.horizon, season, freq, any(levels.values()))
    common_levels = next(filter(None, levels.values()), ())
    levels.setdefault(base, common_levels)
    shortest = origins.remaining[0] if skip_short else 0
    history = RollingHistory.of(y, covariates, freq=freq, longer_than=shortest)
    origins.check_lengths(history.layout)
    first = origins.remaining[0]
    naive_errors = history.naive_errors(first, season)
    selected = defined_metrics(selected, naive_errors[0], history, metrics is not None)
    versions = library_versions()
    checkpoints = Checkpoints(resume, (y, covariates, static, origins, budget, versions))
    known = history.until(first, train_size), history.covariates_until(first - origins.horizon)
    data = known if covariates is not None else known[:1]
    options = {} if static is None else {"static": static}
    budgeted, errors = apply_budget(complete, budget, data, options, checkpoints)
    tasks, failed = _tasks(budgeted, seeds, origins)
    errors |= failed
    shared = {"horizon": origins.horizon, "train_size": train_size, "static": static}
    own = {task: {"quantiles": levels[task[0]], "explain": _is_explained(task, seeds, origins)} for task in tasks}
    results = _run(tasks, checkpoints, history, shared, own, n_jobs, verbose)
    forecasts, costs, errors = _gather(history, origins, tasks, results, naive_errors, common_levels, errors)
    arguments = {
        "horizon": origins.horizon,
        "windows": origins.windows,
        "stride": origins.stride,
        "refit": refit,
        "train_size": train_size,
        "season": season,
        "quantiles": quantiles,
        "skip_short": skip_short,
        "seeds": seeds,
        "metrics": None if metrics is None else selected,
        "baseline": baseline,
    }
    return Comparison(
        forecasts=forecasts,
        costs=costs,
        errors=errors,
        metrics=selected,
        baseline=base,
        overlap=origins.overlap,
        history=_recent_history(history, origins),
        insights={
            task[0]: InsightTables.of(result.insight, history, origins.remaining[-1])
            for task, result in results.items()
            if isinstance(result, FoldResult) and result.insight is not None and _is_explained(task, seeds, origins)
        },
        settings=settings(origins, history, seeds, budget, base),
        versions=versions,
        candidates={name: repr(candidate) for name, candidate in (complete | budgeted).items()},
        command=command({name: repr(budgeted.get(name, named[name])) for name in named}, covariates, static, arguments),
        seconds=time.perf_counter() - start,
    )


def _check_seeds(seeds):
    """Return seeds as a tuple of distinct integers."""
    if isinstance(seeds, str) or not isinstance(seeds, Iterable) or not list(seeds):
        raise ValueError(f"`seeds` is {seeds!r}, but must be a sequence of seeds, such as (0, 1, 2).")
    return tuple(dict.fromkeys(check_count("seeds", seed, least=0) for seed in seeds))


def _with_baseline(candidates, baseline, horizon, season, freq, uncertain):
    """Return the candidates, with a baseline added if necessary, and the name of the baseline.

    Args:
        candidates: Dict of name to `Candidate`.
        baseline: As in `compare`.
        horizon, season, freq: Arguments of an added `SeasonalNaiveForecaster`.
        uncertain: Whether it must forecast quantiles.
    """
    if baseline is not None:
        if baseline not in candidates:
            raise ValueError(f"`baseline` is {baseline!r}, but must be one of the candidates {list(candidates)}.")
        return candidates, baseline
    for name, candidate in candidates.items():
        if candidate.is_instance(SeasonalNaiveForecaster):
            return candidates, name
    if BASELINE in candidates:
        raise ValueError(
            f"`candidates` contains {BASELINE!r}, the name of the SeasonalNaiveForecaster that is added as baseline. "
            f"Rename it, or use it as the baseline with `baseline={BASELINE!r}`."
        )
    naive = SeasonalNaiveForecaster(horizon=horizon, season=season, freq=freq, calibrate=uncertain)
    return {**candidates, BASELINE: Candidate(naive)}, BASELINE


def _tasks(candidates, seeds, origins):
    """Divide the comparison into tasks, one per candidate, seed and fold.

    Returns:
        Dict of `(name, seed, fold)` to the `ThreadCopies` to run, and dict of name to the error of those that cannot be
        copied.
    """
    tasks, errors = {}, {}
    for name, candidate in candidates.items():
        try:
            if candidate.has_seed:
                copies = {seed: ThreadCopies(candidate.with_seed(seed)) for seed in seeds}
            else:
                copies = {None: ThreadCopies(candidate)}
        except Exception as error:
            errors[name] = error_text(error)
            continue
        for seed, copy in copies.items():
            tasks.update({(name, seed, fold): copy for fold in origins.folds})
    return tasks, errors


def _is_explained(task, seeds, origins):
    """Return whether the insight of a task is shown, which holds for the last fit with the first seed."""
    _, seed, fold = task
    return seed in (None, seeds[0]) and fold == origins.folds[-1]


def _run(tasks, checkpoints, history, shared, own, n_jobs, verbose):
    """Run all tasks that are not stored yet.

    Args:
        tasks: Dict of `_tasks`.
        checkpoints: The `Checkpoints`.
        history: The `RollingHistory`.
        shared: Options of `run_fold` for all tasks.
        own: Dict of task to its specific options.
        n_jobs, verbose: As in `compare`.

    Returns:
        Dict of task to its `FoldResult`, or to the text of its error.
    """
    paths = {task: checkpoints.path(task[0], copies.original, *task[1:], own[task]) for task, copies in tasks.items()}
    results = {task: result for task, path in paths.items() if (result := checkpoints.read(path)) is not None}
    jobs = [
        delayed(_attempt)(task, copies, history, task[2], **shared, **own[task])
        for task, copies in tasks.items()
        if task not in results
    ]
    with tqdm(total=len(tasks), initial=len(results), desc="compare", unit="fit", disable=not verbose) as bar:
        for task, result in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(jobs):
            if isinstance(result, FoldResult):
                checkpoints.write(paths[task], result)
            results[task] = result
            bar.update()
    return results


def _attempt(task, copies, *arguments, **options):
    """Return a task with its `FoldResult`, or with the text of its error."""
    try:
        return task, run_fold_on_copy(copies, *arguments, **options)
    except Exception as error:
        return task, error_text(error)


def _gather(history, origins, tasks, results, naive_errors, levels, errors):
    """Collect the results of all tasks.

    Args:
        history: The `RollingHistory`.
        origins: The `RollingOrigins`.
        tasks: Dict of `_tasks`.
        results: Dict of `_run`.
        naive_errors: Array of `RollingHistory.naive_errors`.
        levels: Levels of the quantiles, which have columns even if all candidates that forecast them failed.
        errors: Dict of name to the errors of candidates without tasks.

    Returns:
        DataFrames of the forecasts and of the costs of the candidates that succeeded, and a dict of name to error.
    """
    tables, costs, errors = [], [], dict(errors)
    for name, seed in dict.fromkeys(task[:2] for task in tasks):
        folds = [results[name, seed, fold] for fold in origins.folds]
        if failed := [fold for fold in folds if isinstance(fold, str)]:
            errors.setdefault(name, failed[0])
            continue
        tables.append(_model_table(name, seed, forecast_table(history, origins, folds, naive_errors)))
        costs.append((name, seed, *Costs.combined([fold.costs for fold in folds], origins.windows)))
    tables = [table for table in tables if table["model"].iloc[0] not in errors]
    if not tables:
        shape = len(history.layout), origins.windows, origins.horizon, history.panel.channels, 1
        nothing = FoldResult(np.full(shape, np.nan), (), Costs(0.0, 0.0, None, False, None))
        tables = [_model_table(None, None, forecast_table(history, origins, [nothing], naive_errors))[:0]]
    forecasts = pd.concat(tables, ignore_index=True)
    forecasts[[level for level in levels if level not in forecasts]] = np.nan
    return forecasts, pd.DataFrame(costs, columns=COSTS).query("model not in @errors"), errors


def _model_table(name, seed, table):
    """Add the columns of the model and the seed to a table of forecasts."""
    table.insert(0, "model", name)
    table.insert(1, "seed", pd.array([seed] * len(table), dtype="Int64"))
    return table


def _recent_history(history, origins):
    """Return the end of the history as a table with the columns series, channel (if several), time and value."""
    steps = origins.remaining[0] + MAX_HORIZONS_OF_HISTORY * origins.horizon
    values = history.panel.last(steps)
    times = history.times([0], range(1 - steps, 1))
    table = pd.DataFrame({"series": pd.Index(history.names, tupleize_cols=False).repeat(steps), "time": times})
    parts = []
    for channel, label in enumerate(history.channels or [None]):
        part = table.copy()
        if history.channels:
            part.insert(1, "channel", [label] * len(part))
        part["value"] = values[..., channel].ravel().astype("float64")
        parts.append(part)
    return pd.concat(parts, ignore_index=True).dropna(subset=["value"])
