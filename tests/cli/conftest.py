"""Fixtures of the tests of the command line."""

import pytest


@pytest.fixture
def forecast_rows():
    """Return a function that splits the forecast that `tsattn forecast` prints into rows of cells."""
    return lambda stdout: [line.split() for line in stdout.split("steps:\n")[1].splitlines()]
