"""Fixtures for every forecaster of the table, fitted once."""

import pytest
from forecaster_table import FORECASTERS, HORIZON

from tsattn.testing import Subject


@pytest.fixture(scope="session", params=list(FORECASTERS))
def name(request):
    """The name of a forecaster."""
    return request.param


@pytest.fixture(scope="session")
def subject(name):
    """The forecaster as the `Subject` of the checks in `tsattn.testing`."""
    return Subject(FORECASTERS[name](horizon=HORIZON))


@pytest.fixture(scope="session")
def fitted(subject):
    """The forecaster, fitted to a monthly Series. Tests must not modify it."""
    return subject.fitted


@pytest.fixture(scope="session")
def fitted_wide(subject):
    """The forecaster, fitted to a wide frame. Tests must not modify it."""
    return subject.fitted_wide


@pytest.fixture(scope="session")
def scratch(subject):
    """The forecaster, for tests to fit to any data without recompiling."""
    return subject.scratch
