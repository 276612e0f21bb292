"""Candidates made equal in size or in time, so that the temporal dependency is what differs."""

import numbers
import time

from sklearn.base import clone

from tsattn.evaluation.tasks import told

MOST_UNITS = 1024


def equal(candidates, budget, data, kept):
    """The candidates, the networks among them given one budget.

    Args:
        candidates: Dict of forecasters by name; they stay as they are.
        budget: None; "parameters" or "seconds", as many as the first network has that does not fail; or a number of
            seconds.
        data: Arguments of a `fit`, a tuple of positional ones and a dict of others.
        kept: The `Kept` that keeps the seconds, for they are not the same again.

    Returns:
        `(candidates, errors)`: dicts by name, of those whose budget could be met, and of the errors of the others.
    """
    made, errors = dict(candidates), {}
    if budget is None:
        return made, errors
    wanted = None if isinstance(budget, str) else float(budget)
    for name, forecaster in candidates.items():
        if not (hasattr(forecaster, "count_params") if budget == "parameters" else _trains(forecaster)):
            continue
        try:
            if budget != "parameters":
                if wanted is None:
                    wanted = kept.number(name, forecaster, lambda one=forecaster: _seconds(one, data))
                made[name] = clone(forecaster).set_params(training__max_seconds=wanted)
            elif wanted is None:
                wanted = forecaster.count_params(*data[0], **data[1])
            else:
                made[name] = sized(forecaster, wanted, data)
        except Exception as problem:
            errors[name] = told(problem)
            del made[name]
    return made, errors


def _trains(forecaster):
    return hasattr(forecaster, "get_params") and "training__max_seconds" in forecaster.get_params()


def _seconds(forecaster, data):
    start = time.perf_counter()
    clone(forecaster).fit(*data[0], **data[1])
    return time.perf_counter() - start


def sized(forecaster, wanted, data):
    """A copy with the `units` whose number of parameters is nearest to the one that is wanted."""
    step = forecaster.get_params().get("heads", 1)  # heads must divide units

    def count(multiple):
        return clone(forecaster).set_params(units=multiple * step).count_params(*data[0], **data[1])

    low, high = 1, MOST_UNITS // step
    while low < high:  # the first multiple with at least as many
        middle = (low + high) // 2
        low, high = (low, middle) if count(middle) >= wanted else (middle + 1, high)
    best = min((max(low - 1, 1), low), key=lambda multiple: abs(count(multiple) - wanted))
    return clone(forecaster).set_params(units=best * step)


def check_budget(budget):
    """A ValueError unless it is None, "parameters", "seconds" or a number of seconds."""
    seconds = isinstance(budget, numbers.Real) and not isinstance(budget, bool) and budget > 0
    if budget not in (None, "parameters", "seconds") and not seconds:
        raise ValueError(
            f'`budget` is {budget!r}, but must be None, "parameters", "seconds", or the seconds that a network may '
            "train."
        )
