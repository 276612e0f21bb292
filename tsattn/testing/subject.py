"""A forecaster that is checked, with what it is fitted on."""

import contextlib
import copy
import functools
import numbers
import pickle
import warnings

import numpy as np
import pandas as pd
from sklearn.base import clone

from tsattn._utils.validation import check_count
from tsattn.testing.data import MONTHS, SHORTEST, beside, monthly, panel, sizes, wide

YEAR = 12
LONGEST = 100  # characters of a line of what pandas says


class Subject:
    """A forecaster that is checked, and series for it that are long enough for its horizon, lookback and season.

    What several checks look at is fitted once, and none of them may change it. Series and frames are made anew each
    time that they are asked for, so that what one call does to them is not seen by another.

    Args:
        forecaster: An object with the interface that `tsattn.testing.check_forecaster` wants; it stays as it is.

    Raises:
        TypeError: it is no estimator with an argument `horizon`.
        ValueError: its horizon is no whole number above 0.
    """

    def __init__(self, forecaster):
        if isinstance(forecaster, type) or "horizon" not in getattr(forecaster, "get_params", dict)():
            what = "the class " if isinstance(forecaster, type) else ""
            raise TypeError(
                f"`forecaster` is {what}{forecaster!r}, but must be a scikit-learn estimator with an argument "
                "`horizon`, such as LinearForecaster(horizon=6)."
            )
        given = forecaster.get_params()
        self.forecaster, self.horizon = forecaster, check_count("horizon", given["horizon"])
        counts = {name: int(value) for name, value in given.items() if isinstance(value, numbers.Integral)}
        lookback, season = counts.get("lookback", 0), counts.get("season", 0)
        self.shortest = max(SHORTEST, lookback + 2 * self.horizon)
        self.length = max(MONTHS, 3 * lookback + 5 * self.horizon, 4 * season)
        self.season = season or YEAR
        self.other = 3 if self.horizon != 3 else 2  # the horizon that checks set in its place
        self.given = {}

    def new(self, **arguments):
        """Another one, not fitted."""
        return clone(self.forecaster).set_params(**arguments)

    @property
    def y(self):
        """One series."""
        return monthly(self.length)

    @property
    def after(self):
        """What followed it, for one horizon."""
        return monthly(self.length + self.horizon)[self.length :]

    @property
    def channels(self):
        """A wide frame."""
        return wide(self.length)

    @property
    def series(self):
        """Many series, of which the shortest has room for a lookback and two horizons."""
        return panel(self.length, self.shortest)

    @property
    def static(self):
        """Static covariates of the many series."""
        return sizes()

    @property
    def beside(self):
        """Covariates of the one series, which run on for a horizon."""
        return beside(self.length + self.horizon)[["promo", "kind"]]

    @functools.cached_property
    def fitted(self):
        """Fitted on the one series."""
        return self._fitted_on("y")

    @functools.cached_property
    def on_channels(self):
        """Fitted on the wide frame."""
        return self._fitted_on("channels")

    @functools.cached_property
    def on_series(self):
        """Fitted on the many series."""
        return self._fitted_on("series")

    def _fitted_on(self, name):
        """Fitted on the data of this name; in `given` is what it was handed, to be looked at afterwards."""
        self.given[name] = getattr(self, name)
        return self.new().fit(self.given[name])

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
    def spare_with_static(self):
        """The same, for many series with static covariates."""
        return self.new()

    @functools.cached_property
    def seasonal(self):
        """The same, with a season that does not depend on the index if there is such an argument."""
        return self.new(**({"season": self.season} if "season" in self.forecaster.get_params() else {}))

    def copy(self):
        """One that is fitted on the one series, for a check to change."""
        return pickle.loads(pickle.dumps(self.fitted))


def same(found, wanted, **options):
    """An AssertionError unless two Series or frames are equal: to the bit, where no `rtol` is given."""
    options = {"check_freq": False, "check_exact": "rtol" not in options, **options}
    compare = pd.testing.assert_series_equal if isinstance(wanted, pd.Series) else pd.testing.assert_frame_equal
    try:
        compare(found, wanted, **options)
    except AssertionError as difference:
        lines = [line[:LONGEST] for line in str(difference).splitlines() if line and line[:7] != "[index]"]
        told = "\n    ".join(lines).replace("[left]:", "came:  ").replace("[right]:", "wanted:")
        raise AssertionError(told) from difference


@contextlib.contextmanager
def untouched(**data):
    """An AssertionError that names the Series or frame that what is done changes: values, names, index or dtype."""
    before = copy.deepcopy(data)
    yield
    for name, one in data.items():
        unchanged(name, one, before[name])


def unchanged(name, found, wanted):
    """An AssertionError that says which data were changed, unless they are wholly what they were."""
    try:
        same(found, wanted, check_freq=True)
    except AssertionError as difference:
        raise AssertionError(f"`{name}` was changed: {difference}") from None


def nearest(forecast, ends):
    """Of the ends of several series the name of that to which the mean of a forecast is nearest."""
    return (ends - forecast.mean()).abs().idxmin()


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
