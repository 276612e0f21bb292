"""A fair comparison of forecasters in one call."""

import platform
import time
from importlib.metadata import version

from joblib import Parallel, delayed
from tqdm import tqdm

from tsattn.evaluation.backtest import copied, own_horizon
from tsattn.evaluation.budget import check_budget, equal
from tsattn.evaluation.comparison import Comparison
from tsattn.evaluation.cuts import Cuts
from tsattn.evaluation.folds import Plan
from tsattn.evaluation.gather import gathered, insights, is_explained, recent
from tsattn.evaluation.metrics import METRICS
from tsattn.evaluation.rolling import Piece
from tsattn.evaluation.tasks import Kept, attempt
from tsattn.forecasters.naive import SeasonalNaiveForecaster

LIBRARIES = ("tsattn", "keras", "tensorflow", "pandas", "scikit-learn", "numpy")


def compare(
    candidates,
    y,
    covariates=None,
    *,
    static=None,
    baseline=None,
    horizon=None,
    windows=5,
    stride=None,
    refit=False,
    train_size=None,
    season=None,
    quantiles=None,
    seeds=(0,),
    metrics=None,
    budget=None,
    n_jobs=None,
    resume=None,
    verbose=1,
):
    """Compare forecasters on the same origins, seeds and budget, and test which differences are more than chance.

    Args:
        candidates: Dict of forecasters by name, or a list of them, named by their classes. Any objects that
            `backtest` takes. One that fails keeps its row with the error.
        y, covariates, static: As for `backtest`.
        baseline: Name of the candidate that skill is measured against. None takes the
            `SeasonalNaiveForecaster` among them, which is added where there is none. Defaults to None.
        horizon, stride, refit, train_size, season, quantiles: As for `backtest`.
        windows: Number of origins. Tests need at least 8. Defaults to 5.
        seeds: Each network is trained with each of these. Defaults to `(0,)`.
        metrics: Names for the leaderboard, see `evaluate`; the first one decides. Defaults to MASE, MAE, RMSE,
            sMAPE, WAPE and RMSSE, and with quantiles CRPS, coverage and the interval score.
        budget: `"parameters"` gives every network the `units` that make it as large as the first one,
            `"seconds"` the seconds that the first one takes, a number so many seconds. Defaults to None.
        n_jobs: Fits at once, in processes of joblib; `joblib.parallel_config(backend="dask")` sends them to a
            Dask cluster. Defaults to 1.
        resume: Folder that keeps what is finished, so that the same call goes on where it was stopped.
            Defaults to None.
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
    candidates = named(candidates)
    horizon = own_horizon(candidates, horizon)
    if baseline is None:
        naive = SeasonalNaiveForecaster(horizon=horizon, season=season, calibrate=bool(quantiles))
        candidates, baseline = with_naive(candidates, naive)
    elif baseline not in candidates:
        raise ValueError(f"`baseline` is {baseline!r}, but the candidates are {list(candidates)}.")
    check_budget(budget)
    if unknown := [name for name in metrics or () if name not in METRICS]:
        raise ValueError(f"`metrics` has {unknown}, but must be names among {', '.join(METRICS)}.")
    plan = Plan.of(horizon, windows, stride, refit, train_size)
    if plan.refit is None:
        raise ValueError('`refit="never"` is for `backtest`: what is compared here is fitted on the same history.')
    cuts = Cuts.of(y, covariates)
    plan.check(cuts.layout)
    first = plan.backs[0]
    data = cuts.history(first, train_size), cuts.covariates_until(first - plan.horizon)
    beside = {} if static is None else {"static": static}
    made = equal(candidates, budget, (data if covariates is not None else data[:1], beside))
    options = {"horizon": plan.horizon, "train_size": train_size, "quantiles": quantiles, "static": static}
    tasks = {
        (name, seed, backs): seeded
        for name, forecaster in made.items()
        for seed, seeded in _with_seeds(forecaster, seeds)
        for backs in plan.parts
    }
    kept = Kept(resume, (y, covariates, static, plan, quantiles, budget, platform.python_version()))
    answers = {key: kept.read(key[0], forecaster, *key[1:]) for key, forecaster in tasks.items()}
    answers = {key: piece for key, piece in answers.items() if piece is not None}
    work = [
        delayed(attempt)(key, forecaster, cuts, key[2], **options, explain=is_explained(key, seeds, plan))
        for key, forecaster in tasks.items()
        if key not in answers
    ]
    bar = tqdm(total=len(tasks), initial=len(answers), desc="compare", unit="fit", disable=not verbose)
    with bar:
        for key, piece in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(work):
            if isinstance(piece, Piece):
                kept.write(piece, key[0], tasks[key], *key[1:])
            answers[key] = piece
            bar.update()
    parts, costs, errors = gathered(cuts, plan, made, tasks, answers, season)
    settings = {
        "horizon": plan.horizon,
        "windows": plan.windows,
        "stride": plan.stride,
        "refit": {1: "at every origin", plan.windows: "once"}.get(plan.refit, f"every {plan.refit} origins"),
        "history of a fit": "all" if train_size is None else f"at most {train_size} steps",
        "seeds": ", ".join(map(str, seeds)),
        "budget": "none" if budget is None else str(budget),
        "baseline": baseline,
    }
    return Comparison(
        forecasts=parts,
        costs=costs,
        errors=errors,
        metrics=None if metrics is None else tuple(metrics),
        baseline=baseline,
        overlap=-(-plan.horizon // plan.stride),
        history=recent(cuts, plan),
        insights=insights(cuts, plan, answers, seeds),
        settings=settings,
        versions={"python": platform.python_version(), **{name: _version(name) for name in LIBRARIES}},
        candidates={name: repr(forecaster) for name, forecaster in made.items()},
        seconds=time.perf_counter() - begun,
    )


def named(candidates):
    """Candidates by name.

    Raises:
        ValueError: none, or two with one name.
    """
    if not isinstance(candidates, dict):
        names = [type(forecaster).__name__ for forecaster in candidates]
        if len(set(names)) < len(names):
            raise ValueError(
                f"`candidates` has two of one class, {names}. Name them: `{{'small': ..., 'large': ...}}`."
            )
        candidates = dict(zip(names, candidates, strict=True))
    if not candidates:
        raise ValueError("`candidates` is empty. Pass at least one forecaster.")
    lacking = [
        name
        for name, forecaster in candidates.items()
        if not callable(getattr(forecaster, "fit", None)) or not callable(getattr(forecaster, "predict", None))
    ]
    if lacking:
        raise TypeError(f"The candidate(s) {lacking} have no `fit` and `predict`. Pass forecasters.")
    return candidates


def with_naive(candidates, naive):
    """Candidates with a seasonal naive forecaster among them, and its name."""
    for name, forecaster in candidates.items():
        if isinstance(forecaster, SeasonalNaiveForecaster):
            return candidates, name
    return {**candidates, "seasonal_naive": naive}, "seasonal_naive"


def _with_seeds(forecaster, seeds):
    """Pairs of a seed and a copy that has it; one of None where there is nothing to seed."""
    parameters = forecaster.get_params() if hasattr(forecaster, "get_params") else {}
    if "training__random_state" not in parameters:
        yield None, copied(forecaster)
        return
    one = copied(forecaster)  # its network is compiled once, where all is done in one process
    for seed in seeds:
        yield seed, copied(one).set_params(training__random_state=seed)


def _version(name):
    try:
        return version(name)
    except ImportError:
        return "not installed"
