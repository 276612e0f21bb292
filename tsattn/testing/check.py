"""The checks of the contract, and the function that runs all of them."""

from typing import Any

from tsattn.testing import copies, fits, forecasts, panels, parameters
from tsattn.testing.subject import Subject

# Functions of a Subject that raise an AssertionError. The docstring of each is the requirement that it checks.
CHECKS = (*parameters.CHECKS, *fits.CHECKS, *forecasts.CHECKS, *panels.CHECKS, *copies.CHECKS)


def check_forecaster(forecaster: Any) -> None:
    """Check that a forecaster satisfies the contract of all tsattn forecasters.

    A forecaster is a scikit-learn estimator with an argument `horizon`, in steps, and three methods. They behave like
    those of `LinearForecaster`, on a Series, a wide frame, stacked series with a MultiIndex and a long frame:

    - `fit(y, covariates=None, *, static=None)` returns the forecaster.
    - `predict(covariates=None, *, y=None, static=None, horizon=None)` returns the forecast.
    - `score(y)` returns the negative mean absolute scaled error.

    Each function in `CHECKS` states one requirement as its docstring. They concern:

    - the arguments: they are stored, set, cloned, shown and validated;
    - `fit`: it returns the forecaster, is reproducible, modifies neither the data nor the global random state, and
      leaves everything unchanged when it fails;
    - covariates and static covariates;
    - the forecast: its index, names, dtypes, level and length, with missing values and from another history;
    - panels: each series is forecast independently, in any order and under any id;
    - copies, pickles and concurrent threads.

    The forecaster is fitted about forty times, on monthly series of at least 60 steps. Longer series are used if five
    horizons plus three times an argument `lookback`, or four times an argument `season`, exceed that. The shortest
    series of a panel contains a lookback and two horizons. Use a small configuration: few units and few epochs. Do not
    use calendar features that require dates, because one check uses an integer index.

    All checks run, and the failed ones are reported together. An example is a forecaster that calls
    `np.random.rand()`::

        AssertionError: Noisy fails 1 of ... checks.
        global_random_state_is_unchanged: `fit`, `predict` and `score` leave the global random states ...
            AssertionError: the state of NumPy's `np.random` changed

    To run each check as a separate pytest test, with a traceback, call `check(Subject(forecaster))` in a test with the
    decorator `@pytest.mark.parametrize("check", CHECKS)`.

    Args:
        forecaster: Unfitted forecaster, with a fixed `random_state` if it uses random numbers. It is not modified.

    Raises:
        TypeError: If `forecaster` is not an estimator with an argument `horizon`.
        ValueError: If its `horizon` is not a positive integer.
        AssertionError: If a check fails. The message lists the failed checks, each with its name, its requirement and
            the error. The cause is an `ExceptionGroup` of these errors with their tracebacks.

    Example:

    >>> from tsattn import LinearForecaster
    >>> from tsattn.testing import check_forecaster
    >>> check_forecaster(LinearForecaster(horizon=6))
    """
    subject, errors = Subject(forecaster), {}
    for check in CHECKS:
        try:
            check(subject)
        except Exception as error:
            errors[check] = error
    if errors:
        lines = [f"{type(forecaster).__name__} fails {len(errors)} of {len(CHECKS)} checks."]
        for check, failure in errors.items():
            lines.append(f"{check.__name__}: {check.__doc__}\n    {type(failure).__name__}: {failure}")
        raise AssertionError("\n".join(lines)) from ExceptionGroup("failed checks", list(errors.values()))
