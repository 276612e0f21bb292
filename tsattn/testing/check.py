"""The contract of a forecaster, as one call."""

from typing import Any

from tsattn.testing import fits, forecasts, panels, parameters, travels
from tsattn.testing.subject import Subject

# Each is a function of a Subject that raises an AssertionError; its docstring says what is wanted.
CHECKS = (*parameters.CHECKS, *fits.CHECKS, *forecasts.CHECKS, *panels.CHECKS, *travels.CHECKS)


def check_forecaster(forecaster: Any) -> None:
    """Hold a forecaster to the contract that all forecasters of tsattn keep.

    It is to be a scikit-learn estimator with an argument `horizon`, and with the methods `fit(y, covariates=None)`,
    `predict(covariates=None, *, y=None, horizon=None)` and `score(y)` of `LinearForecaster`, on one series, a wide
    frame and many series. It is fitted some thirty times on sixty steps or ten horizons, so make it small: few
    units, few epochs. All checks are made, and what failed is told together.

    With pytest each check can be a test of its own:
    `@pytest.mark.parametrize("check", CHECKS)` over `check(Subject(forecaster))`.

    Args:
        forecaster: Not fitted, with its `random_state` set if chance has a part in it. It stays as it is.

    Raises:
        TypeError: it is no estimator with an argument `horizon`.
        AssertionError: what failed, each by the name of the check with what was wanted and what came; the errors
            themselves, with their tracebacks, are its cause.

    Example:

    >>> from tsattn import LinearForecaster
    >>> from tsattn.testing import check_forecaster
    >>> check_forecaster(LinearForecaster(horizon=6))
    """
    subject, problems = Subject(forecaster), {}
    for check in CHECKS:
        try:
            check(subject)
        except Exception as problem:
            problems[check] = problem
    if problems:
        lines = [f"{type(forecaster).__name__} fails {len(problems)} of {len(CHECKS)} checks."]
        for check, found in problems.items():
            lines.append(f"{check.__name__}: {check.__doc__}\n    {type(found).__name__}: {found}")
        raise AssertionError("\n".join(lines)) from ExceptionGroup("failed checks", list(problems.values()))
