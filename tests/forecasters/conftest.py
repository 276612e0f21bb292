"""Each forecaster of the table, fitted once."""

import pytest
from forecaster_table import FORECASTERS, HORIZON

from tsattn.testing import Subject


@pytest.fixture(scope="session", params=list(FORECASTERS))
def name(request):
    """The name of each forecaster in turn."""
    return request.param


@pytest.fixture(scope="session")
def subject(name):
    """Each forecaster with what it is checked on."""
    return Subject(FORECASTERS[name](horizon=HORIZON))


@pytest.fixture(scope="session")
def fitted(subject):
    """Each forecaster, fitted once on a monthly Series."""
    return subject.fitted


@pytest.fixture(scope="session")
def fitted_wide(subject):
    """Each forecaster, fitted once on a wide frame."""
    return subject.fitted_wide


@pytest.fixture(scope="session")
def spare(subject):
    """Another of each forecaster, to be fitted on anything: a refit does not compile again."""
    return subject.scratch
