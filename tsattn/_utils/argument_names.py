"""Names of arguments in other libraries: an error that names the argument of tsattn."""

import functools
import inspect
import numbers
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
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
    """Return the number of steps that a horizon of another library means, the largest of several; else "..."."""
    parts = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    is_count = all(isinstance(number, numbers.Integral) and not isinstance(number, bool) for number in parts)
    return int(max(parts)) if parts and is_count and max(parts) > 0 else "..."


def suggest_fractions(name, value):
    """Return the advice to pass fractions if the value is per cent, such as 80 or [10, 90]; else the empty string."""
    parts = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    if not parts or not all(isinstance(part, numbers.Real) and 1 < part < 100 for part in parts):
        return ""
    fractions = [round(float(part) / 100, 12) for part in parts]
    return f"For per cent, pass `{name}={fractions if isinstance(value, Iterable) else fractions[0]}`."
