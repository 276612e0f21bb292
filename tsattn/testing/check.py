"""The contract of a forecaster, as one call."""

from typing import Any

from tsattn.testing import fits, forecasts, panels, parameters, travels
from tsattn.testing.subject import Subject

# Each is a function of a Subject that raises an AssertionError; its docstring says what is wanted.
CHECKS = (*parameters.CHECKS, *fits.CHECKS, *forecasts.CHECKS, *panels.CHECKS, *travels.CHECKS)


def check_forecaster(forecaster: Any) -> None:
    """Hold a forecaster to the contract that all forecasters of tsattn keep.

    It is to be a scikit-learn estimator with an argument `horizon`, in steps, and with three methods that do what
    those of `LinearForecaster` do, on a Series, a wide frame, and many series in a MultiIndex or a long frame:

    - `fit(y, covariates=None, *, static=None)`, which returns the forecaster;
    - `predict(covariates=None, *, y=None, static=None, horizon=None)`;
    - `score(y)`, minus the mean absolute scaled error.

    What is wanted of them stands in the docstrings of `CHECKS`, a line each: of the arguments (kept, set, cloned,
    shown, refused), of `fit` (it returns itself, gives equal bits, changes neither the data nor the global random
    state, and if it fails leaves all as it was), of covariates, of the forecast (its index, names, dtypes, level and
    length, missing values, another history), of many series (each is forecast as its own, in any order and under any
    id), and of copies, pickles and threads.

    It is fitted some forty times, on monthly series: sixty steps, or as many as five horizons and three times an
    argument `lookback` take, or four times an argument `season`; the shortest of many has room for a lookback and
    two horizons. So make it small: few units, few epochs. Give it no features of the calendar that it cannot do
    without: one of the indexes is of integers.

    All checks are made, and what failed is told together, here for a forecaster that draws by `np.random.rand()`::

        AssertionError: Noisy fails 1 of ... checks.
        the_global_random_state_is_left_alone: The random state of Python and of NumPy is after `fit`, ...
            AssertionError: that of NumPy's `np.random` changed

    With pytest each check can be a test of its own, with a traceback and a debugger:
    `@pytest.mark.parametrize("check", CHECKS)` over `check(Subject(forecaster))`.

    Args:
        forecaster: Not fitted, with its `random_state` set if chance has a part in it. It stays as it is.

    Raises:
        TypeError: it is no estimator with an argument `horizon`.
        ValueError: its `horizon` is no whole number above 0.
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
