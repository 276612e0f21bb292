"""A forecaster that is checked, with what it is fitted on."""

import functools
import pickle
import warnings

import numpy as np
import pandas as pd
from sklearn.base import clone

from tsattn.testing.data import MONTHS, beside, monthly, panel, wide


class Subject:
    """A forecaster that is checked. What several checks look at is fitted once, and none of them may change it.

    Args:
        forecaster: An object with the interface that `tsattn.testing.check_forecaster` wants; it stays as it is.

    Raises:
        TypeError: it is no estimator with an argument `horizon`.
    """

    def __init__(self, forecaster):
        if isinstance(forecaster, type) or "horizon" not in getattr(forecaster, "get_params", dict)():
            what = "the class " if isinstance(forecaster, type) else ""
            raise TypeError(
                f"`forecaster` is {what}{forecaster!r}, but must be a scikit-learn estimator with an argument "
                "`horizon`, such as LinearForecaster(horizon=6)."
            )
        self.forecaster = forecaster
        self.horizon = forecaster.get_params()["horizon"]
        self.length = max(MONTHS, 10 * self.horizon)

    def new(self, **arguments):
        """Another one, not fitted."""
        return clone(self.forecaster).set_params(**arguments)

    @functools.cached_property
    def y(self):
        """One series."""
        return monthly(self.length)

    @functools.cached_property
    def after(self):
        """What followed it, for one horizon."""
        return monthly(self.length + self.horizon)[self.length :]

    @functools.cached_property
    def channels(self):
        """A wide frame."""
        return wide(self.length)

    @functools.cached_property
    def series(self):
        """Many series."""
        return panel(self.length)

    @functools.cached_property
    def beside(self):
        """Covariates of the one series, which run on for a horizon."""
        return beside(self.length + self.horizon)[["promo", "kind"]]

    @functools.cached_property
    def fitted(self):
        """Fitted on the one series."""
        return self.new().fit(self.y)

    @functools.cached_property
    def on_channels(self):
        """Fitted on the wide frame."""
        return self.new().fit(self.channels)

    @functools.cached_property
    def on_series(self):
        """Fitted on the many series."""
        return self.new().fit(self.series)

    @functools.cached_property
    def spare(self):
        """One that checks fit again on one series of their own: a network is then compiled once."""
        return self.new()

    @functools.cached_property
    def spare_on_series(self):
        """The same, for many series."""
        return self.new()

    @functools.cached_property
    def spare_with_covariates(self):
        """The same, for a series with covariates."""
        return self.new()

    @functools.cached_property
    def seasonal(self):
        """The same, with a season that does not depend on the index."""
        return self.new(season=12)

    def copy(self):
        """One that is fitted on the one series, for a check to change."""
        return pickle.loads(pickle.dumps(self.fitted))


def same(found, wanted, **options):
    """An AssertionError unless two Series, frames or indexes are equal: to the bit, where no `rtol` is given."""
    exact = {} if "rtol" in options else {"check_exact": True}
    if isinstance(wanted, pd.Series):
        pd.testing.assert_series_equal(found, wanted, check_freq=False, **exact, **options)
    else:
        pd.testing.assert_frame_equal(found, wanted, check_freq=False, **exact, **options)


def finite(forecast):
    """An AssertionError unless all numbers are finite."""
    values = forecast.select_dtypes("number") if isinstance(forecast, pd.DataFrame) else forecast
    assert np.isfinite(values.to_numpy(dtype="float64")).all(), f"came the forecast\n{forecast}"


def refused(call, errors):
    """The error that a call raises, which must be of these kinds and say something."""
    try:
        answer = call()
    except errors as problem:
        assert str(problem), f"came a {type(problem).__name__} without a message"
        return problem
    except Exception as problem:
        raise AssertionError(f"came {type(problem).__name__}: {problem}") from problem
    raise AssertionError(f"came no error, but {answer!r}")


def warned(call):
    """What a call returns, which must warn by a UserWarning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = call()
    assert any(issubclass(one.category, UserWarning) for one in caught), "came no warning"
    return answer
