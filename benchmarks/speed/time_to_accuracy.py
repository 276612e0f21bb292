"""Seconds of training until a network reaches an error on the test set."""

import numpy as np

from benchmarks.accuracy import candidates, tasks
from benchmarks.peers import environments
from benchmarks.speed.rows import row

TASK, GOAL, BUDGETS = "etth1_96", 0.38, (10, 20, 40, 80, 160)
# Some peers need ten minutes to hours to forecast the test set: they forecast every 16th window first.
SPARSE_STRIDE, SPARSE_LIMIT = 16, 1.25 * GOAL


def rows(quick):
    """Yield the seconds of the fit with the smallest budget that reaches the goal; each budget is a separate fit."""
    task, families = tasks.load(TASK), {"lstm": ("seq2seq", "attention"), "transformer": ("transformer",)}
    for model, ours in families.items():
        peers = [] if quick else [f"{peer}_{model}" for peer in environments.PEERS]
        sparse = (task.subsample(SPARSE_STRIDE), SPARSE_LIMIT)
        reached = {name: seconds_until(candidates.measure, [(task, GOAL)], name) for name in ours}
        reached |= {name: seconds_until(candidates.measure, [sparse, (task, GOAL)], name) for name in peers}
        best = min((reached[name] for name in peers if reached[name] is not None), default=None)
        for name in ours:
            yield _own_row(name, reached[name], best)
        for name in peers:
            yield row("time to accuracy", _case(name), "s", ours=np.nan if reached[name] is None else reached[name])


def _case(name):
    return f"{TASK} to MSE {GOAL}, {name}"


def _own_row(name, seconds, best):
    """Return the row of a forecaster of tsattn.

    If no peer reaches the goal, the ratio is relative to the largest budget, and the true ratio is at least that.
    """
    if seconds is None:
        return row("time to accuracy", _case(name), "s", ours=np.nan, goal=("<=", BUDGETS[-1]))
    against, other = ("no peer reached it", BUDGETS[-1]) if best is None else ("best peer", best)
    figures = {"against": against, "theirs": other, "ratio": other / seconds, "goal": (">=", 3)}
    return row("time to accuracy", _case(name), "s", ours=seconds, **figures)


def seconds_until(measure, tests, name):
    """Return the seconds of the fit with the smallest budget that passes all tests, or None if no budget does.

    Args:
        measure: Function like `candidates.measure`.
        tests: Pairs of a task and the limit of its MSE. Each requires a separate fit; after the first failed test, the
            others are skipped.
        name: Name of the candidate.
    """

    def fit(budget):
        for task, limit in tests:
            try:
                forecasts, figures = measure(name, task, 0, budget)
            except MemoryError as error:
                print(f"  {error}", flush=True)
                return budget, False
            seconds, mse = figures["fit_seconds"], task.score(forecasts)["mse"]
            print(f"  {name} {budget} s: MSE {mse:.3f} of {task.windows} windows after {seconds:.0f} s", flush=True)
            if mse > limit:
                return seconds, False
        return seconds, True

    longest, passes = fit(BUDGETS[-1])  # first: if it fails, smaller budgets are skipped
    if not passes:
        return None
    seconds = 0
    for budget in BUDGETS[:-1]:
        # Other budgets would repeat a fit: an epoch takes longer than the budget, or training ends earlier.
        if seconds < budget < longest:
            seconds, passes = fit(budget)
            if passes:
                return seconds
    return longest
