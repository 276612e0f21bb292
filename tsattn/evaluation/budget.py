"""A common budget of parameters or seconds for all networks, so that their temporal cores are compared fairly."""

import functools
import numbers
import time

from tsattn.evaluation.fold import error_text

MAX_UNITS = 1024


def apply_budget(candidates, budget, data, options, checkpoints):
    """Give all networks among the candidates the same budget.

    Args:
        candidates: Dict of name to `Candidate`; not modified.
        budget: None; `"parameters"` or `"seconds"`, to match the first network that does not fail; or a number of
            seconds.
        data: Tuple of the positional arguments of a fit.
        options: Dict of its keyword arguments.
        checkpoints: The `Checkpoints`, which store measured seconds because they are not reproducible.

    Returns:
        `(candidates, errors)`, dicts by name: the candidates with the budget, and the errors of those that failed.
    """
    budgeted, errors = dict(candidates), {}
    if budget is None:
        return budgeted, errors
    target = None if isinstance(budget, str) else float(budget)
    for name, candidate in candidates.items():
        if not (candidate.counts_parameters if budget == "parameters" else candidate.has_time_limit):
            continue
        try:
            if budget != "parameters":
                if target is None:
                    measure = functools.partial(_fit_seconds, candidate, data, options)
                    target = checkpoints.number(name, candidate, measure)
                budgeted[name] = candidate.with_time_limit(target)
            elif target is None:
                target = candidate.count_params(*data, **options)
            else:
                budgeted[name] = resize(candidate, target, data, options)
        except Exception as error:
            errors[name] = error_text(error)
            del budgeted[name]
    return budgeted, errors


def _fit_seconds(candidate, data, options):
    start = time.perf_counter()
    candidate.copy().fit(*data, **options)
    return time.perf_counter() - start


def resize(candidate, parameters, data, options):
    """Return a copy of a network with the `units` that bring its number of parameters closest to a target."""
    step = candidate.units_multiple

    def count(multiple):
        return candidate.with_units(multiple * step).count_params(*data, **options)

    low, high = 1, MAX_UNITS // step
    while low < high:  # bisect for the first multiple with at least as many parameters
        middle = (low + high) // 2
        low, high = (low, middle) if count(middle) >= parameters else (middle + 1, high)
    best = min((max(low - 1, 1), low), key=lambda multiple: abs(count(multiple) - parameters))
    return candidate.with_units(best * step)


def check_budget(budget):
    """Check the argument `budget`.

    Raises:
        ValueError: If it is not None, "parameters", "seconds" or a positive number.
    """
    seconds = isinstance(budget, numbers.Real) and not isinstance(budget, bool) and budget > 0
    if budget not in (None, "parameters", "seconds") and not seconds:
        raise ValueError(
            f'`budget` is {budget!r}, but must be None, "parameters", "seconds", or the number of seconds that each '
            "network may train."
        )
