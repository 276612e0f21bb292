"""A forecaster under test, with data to fit it on."""

import functools
import numbers
import pickle

from sklearn.base import clone

from tsattn._utils.validation import check_count
from tsattn.testing.data import MONTHS, SHORTEST, covariates, monthly, panel, static_covariates, wide

YEAR = 12


class Subject:
    """A forecaster under test, with series that are long enough for its horizon, lookback and season.

    Forecasters that are shared by several checks are fitted once; checks must not modify them. Data are created at each
    access, so that modifications do not affect other checks.

    Args:
        forecaster: Forecaster with the interface that `tsattn.testing.check_forecaster` describes. It is not modified.

    Raises:
        TypeError: If `forecaster` is not an estimator with an argument `horizon`.
        ValueError: If its horizon is not a positive integer.

    Attributes:
        forecaster: The forecaster.
        horizon: Its horizon.
        other_horizon: A different horizon, for checks that change it.
        length: Number of steps of the series.
        shortest: Number of steps of the shortest series of the panel.
        season: Steps in a seasonal cycle.
        training_data: Dict of the data that the fitted forecasters were fitted on, by name.
    """

    def __init__(self, forecaster):
        if isinstance(forecaster, type) or "horizon" not in getattr(forecaster, "get_params", dict)():
            what = "the class " if isinstance(forecaster, type) else ""
            raise TypeError(
                f"`forecaster` is {what}{forecaster!r}, but must be a scikit-learn estimator with an argument "
                "`horizon`, such as LinearForecaster(horizon=6)."
            )
        arguments = forecaster.get_params()
        self.forecaster, self.horizon = forecaster, check_count("horizon", arguments["horizon"])
        counts = {name: int(value) for name, value in arguments.items() if isinstance(value, numbers.Integral)}
        lookback, season = counts.get("lookback", 0), counts.get("season", 0)
        self.shortest = max(SHORTEST, lookback + 2 * self.horizon)
        self.length = max(MONTHS, 3 * lookback + 5 * self.horizon, 4 * season)
        self.season = season or YEAR
        self.other_horizon = 3 if self.horizon != 3 else 2
        self.training_data = {}

    def new(self, **arguments):
        """Return an unfitted clone of the forecaster, with these arguments changed."""
        return clone(self.forecaster).set_params(**arguments)

    @property
    def y(self):
        """A monthly Series."""
        return monthly(self.length)

    @property
    def future(self):
        """The values that follow `y`, for one horizon."""
        return monthly(self.length + self.horizon)[self.length :]

    @property
    def wide(self):
        """A wide frame of two channels."""
        return wide(self.length)

    @property
    def panel(self):
        """Stacked series. A panel whose shortest series contains a lookback and two horizons."""
        return panel(self.length, self.shortest)

    @property
    def static(self):
        """Static covariates of `panel`."""
        return static_covariates()

    @property
    def covariates(self):
        """Covariates of `y` that continue for one horizon after its end."""
        return covariates(self.length + self.horizon)[["promo", "kind"]]

    @functools.cached_property
    def fitted(self):
        """A forecaster fitted on `y`."""
        return self._fit("y")

    @functools.cached_property
    def fitted_wide(self):
        """A forecaster fitted on `wide`."""
        return self._fit("wide")

    @functools.cached_property
    def fitted_panel(self):
        """A forecaster fitted on `panel`."""
        return self._fit("panel")

    def _fit(self, name):
        """Fit a new forecaster on the data with this name, and keep these data in `training_data`."""
        self.training_data[name] = getattr(self, name)
        return self.new().fit(self.training_data[name])

    @functools.cached_property
    def scratch(self):
        """A forecaster for refits on a Series, so that a network is compiled once."""
        return self.new()

    @functools.cached_property
    def scratch_panel(self):
        """A forecaster for refits on a panel."""
        return self.new()

    @functools.cached_property
    def scratch_covariates(self):
        """A forecaster for refits on a Series with covariates."""
        return self.new()

    @functools.cached_property
    def scratch_static(self):
        """A forecaster for refits on a panel with static covariates."""
        return self.new()

    @functools.cached_property
    def scratch_seasonal(self):
        """A forecaster for refits, with a fixed season if it has an argument `season`."""
        return self.new(**({"season": self.season} if "season" in self.forecaster.get_params() else {}))

    def copy(self):
        """Return a copy of `fitted` that a check may modify."""
        return pickle.loads(pickle.dumps(self.fitted))
