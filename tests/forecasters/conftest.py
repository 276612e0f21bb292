"""Each forecaster of the table, fitted once."""

import pytest
from forecaster_table import FORECASTERS, HORIZON, monthly, wide


@pytest.fixture(scope="session", params=list(FORECASTERS))
def name(request):
    """The name of each forecaster in turn."""
    return request.param


@pytest.fixture(scope="session")
def fitted(name):
    """Each forecaster, fitted once on a monthly Series."""
    return FORECASTERS[name](horizon=HORIZON).fit(monthly())


@pytest.fixture(scope="session")
def fitted_wide(name):
    """Each forecaster, fitted once on a wide frame."""
    return FORECASTERS[name](horizon=HORIZON).fit(wide())


@pytest.fixture(scope="session")
def spare(name):
    """Another of each forecaster, to be fitted on anything: a refit does not compile again."""
    return FORECASTERS[name](horizon=HORIZON)
