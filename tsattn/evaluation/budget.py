"""Candidates made equal in size or in time, so that the temporal dependency is what differs."""

import numbers
import time

from sklearn.base import clone

MOST_UNITS = 1024


def equal(candidates, budget, data):
    """The candidates, the networks among them given one budget.

    Args:
        candidates: Dict of forecasters by name.
        budget: None; "parameters" or "seconds", as many as the first network has; or a number of seconds.
        data: Arguments of a `fit`, a tuple of positional ones and a dict of others.

    Returns:
        Dict by name of copies.
    """
    networks = [name for name, forecaster in candidates.items() if hasattr(forecaster, "count_params")]
    copies = {**candidates, **{name: clone(candidates[name]) for name in networks}}
    if budget is None or not networks:
        return copies
    first = copies[networks[0]]
    if budget == "parameters":
        wanted = first.count_params(*data[0], **data[1])
        return {**copies, **{name: sized(copies[name], wanted, data) for name in networks[1:]}}
    if budget == "seconds":
        start = time.perf_counter()
        clone(first).fit(*data[0], **data[1])
        budget = time.perf_counter() - start
    for name in networks:
        copies[name].set_params(training__max_seconds=float(budget))
    return copies


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
