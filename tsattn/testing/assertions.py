"""Assertions that the checks share. Their messages state what was received and what was expected."""

import contextlib
import copy
import warnings

import numpy as np
import pandas as pd

MAX_LINE_LENGTH = 100  # of a difference that pandas reports


def assert_same(received, expected, **options):
    """Assert that two Series or DataFrames are equal: exactly, unless `rtol` is passed."""
    options = {"check_freq": False, "check_exact": "rtol" not in options, **options}
    compare = pd.testing.assert_series_equal if isinstance(expected, pd.Series) else pd.testing.assert_frame_equal
    try:
        compare(received, expected, **options)
    except AssertionError as error:
        lines = [line[:MAX_LINE_LENGTH] for line in str(error).splitlines() if line and line[:7] != "[index]"]
        message = "\n    ".join(lines).replace("[left]:", "received:").replace("[right]:", "expected:")
        raise AssertionError(message) from error


@contextlib.contextmanager
def assert_not_modified(**data):
    """Assert that the block modifies none of these Series and DataFrames: values, names, index, dtypes and freq."""
    before = copy.deepcopy(data)
    yield
    for name, received in data.items():
        assert_unchanged(name, received, before[name])


def assert_unchanged(name, received, expected):
    """Assert that the data with this name are unchanged."""
    try:
        assert_same(received, expected, check_freq=True)
    except AssertionError as error:
        raise AssertionError(f"`{name}` was modified: {error}") from None


def assert_finite(forecast):
    """Assert that all numbers of a forecast are finite."""
    values = forecast.select_dtypes("number") if isinstance(forecast, pd.DataFrame) else forecast
    is_finite = np.isfinite(values.to_numpy(dtype="float64")).all()
    assert is_finite, f"received NaN or infinity, expected a finite forecast\n{forecast}"


def assert_raises(call, errors):
    """Assert that a call raises one of these errors with a message. Returns the error."""
    names = " or ".join(error.__name__ for error in (errors if isinstance(errors, tuple) else (errors,)))
    try:
        result = call()
    except errors as error:
        assert str(error), f"received a {type(error).__name__} without a message, expected a message"
        return error
    except Exception as error:
        raise AssertionError(f"received {type(error).__name__}: {error}, expected {names}") from error
    raise AssertionError(f"received {result!r}, expected {names}")


def assert_warns(call):
    """Assert that a call emits a UserWarning. Returns the result of the call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call()
    is_warned = any(issubclass(warning.category, UserWarning) for warning in caught)
    assert is_warned, "received no warning, expected a UserWarning"
    return result


def assert_at_own_level(forecasts, levels):
    """Assert that the mean of each forecast is closer to the level of its own series than to another level.

    Args:
        forecasts: Dict of forecasts by the name of the series.
        levels: Series of levels, with the names as its index.
    """
    for name, forecast in forecasts.items():
        nearest = (levels - forecast.mean()).abs().idxmin()
        assert nearest == name, (
            f"received a forecast of {name!r} at the level of {nearest!r}, expected its own level\n{forecast}"
        )
