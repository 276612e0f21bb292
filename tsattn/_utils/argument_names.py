"""Names of arguments in other libraries: an error that names the argument of tsattn."""

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P, R = ParamSpec("P"), TypeVar("R")
OTHER_NAMES = {
    **dict.fromkeys(("h", "steps", "fh", "n", "n_periods", "periods", "prediction_length"), "horizon"),
    **dict.fromkeys(("X", "exog", "X_df", "futr_df", "future_covariates", "future"), "covariates"),
    **dict.fromkeys(("df", "series", "data", "endog", "ts"), "y"),
    **dict.fromkeys(("static_df", "static_covariates"), "static"),
    **dict.fromkeys(("level", "q", "quantile_levels"), "quantiles"),
}


def explain_names(method: Callable[P, R]) -> Callable[P, R]:
    """Decorate a method so that the error for an unknown argument names the argument that replaces it."""
    known = inspect.signature(method).parameters

    @functools.wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for name, value in kwargs.items():
            ours = OTHER_NAMES.get(name)
            if name not in known and ours in known:
                advice = f"`{ours}={suggest_horizon(value)}`" if ours == "horizon" else f"`{ours}=`"
                raise TypeError(f"`{method.__name__}` has no argument `{name}`. Pass {advice}.")
        return method(*args, **kwargs)

    return wrapper


def suggest_horizon(value):
    """Return the number of steps that a horizon of another library means: the largest of several."""
    try:
        return int(max(value)) if hasattr(value, "__iter__") else int(value)
    except (ValueError, TypeError):
        return "..."


def suggest_fractions(name, value):
    """Return the argument as fractions if its numbers are per cent, such as 80 or [10, 90]; else the empty string."""
    is_list = isinstance(value, list | tuple)
    numbers = value if is_list else [value]
    try:
        is_percent = all(0 <= number <= 100 for number in numbers) and any(number > 1 for number in numbers)
    except TypeError:
        return ""
    fractions = [round(number / 100, 12) for number in numbers] if is_percent else None
    return f"For per cent, pass `{name}={fractions if is_list else fractions[0]}`." if is_percent else ""
