"""Rolling origins: the times from which forecasts start, and the caller's data as known at each of them.

An origin is identified by the number of steps that remain after it, counted from the end of each series.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsattn._utils.validation import check_count, check_optional_count
from tsattn._utils.warnings import warn
from tsattn.baselines.seasonal_naive import naive_error
from tsattn.series.layout import Layout, insert_missing_rows
from tsattn.series.panel import Panel, read_panel
from tsattn.series.tables import Table, format_labels


@dataclass(frozen=True)
class RollingOrigins:
    """Origins of a rolling evaluation, the same number for each series, counted back from its end.

    Args:
        horizon: Steps to forecast from each origin.
        windows: Number of origins.
        stride: Steps between consecutive origins.
        refit: Number of consecutive origins that share a fit, or None if the forecaster is not fitted at all.
        train_size: Maximum number of steps of history in a fit, or None for all.
    """

    horizon: int
    windows: int
    stride: int
    refit: int | None
    train_size: int | None

    @classmethod
    def of(cls, horizon, windows, stride, refit, train_size):
        """Validate the arguments of `backtest`.

        Raises:
            ValueError: If an argument is invalid.
        """
        windows = check_count("windows", windows)
        if refit in (True, False):
            refit = 1 if refit else windows
        elif refit == "never":
            refit = None
        elif isinstance(refit, str):
            raise ValueError(f'`refit` is {refit!r}, but must be True, False, a number of origins or "never".')
        else:
            refit = min(check_count("refit", refit), windows)
        stride = horizon if stride is None else check_count("stride", stride)
        return cls(
            check_count("horizon", horizon), windows, stride, refit, check_optional_count("train_size", train_size)
        )

    @property
    def remaining(self):
        """Steps that remain after each origin, the earliest origin first."""
        return [self.horizon + (self.windows - 1 - window) * self.stride for window in range(self.windows)]

    @property
    def folds(self):
        """Groups of origins that share a fit, as tuples of the steps that remain after them."""
        size, remaining = self.refit or self.windows, self.remaining
        return [tuple(remaining[first : first + size]) for first in range(0, self.windows, size)]

    @property
    def overlap(self):
        """Number of consecutive windows that share a forecast step."""
        return -(-self.horizon // self.stride)

    def check_lengths(self, layout):
        """Check that each series has a history before the first origin.

        Raises:
            ValueError: If a series is too short; the message names the shortest.
        """
        series, needed = int(layout.lengths.argmin()), self.remaining[0]
        if (length := layout.lengths[series]) <= needed:
            raise ValueError(
                f"{layout.series_name(series)} has {length} steps, but {self.windows} window(s) with stride "
                f"{self.stride} and horizon {self.horizon} use the last {needed}, which leaves no history to fit. "
                + ("Pass `skip_short=True` to leave out such series, lower" if len(layout) > 1 else "Lower")
                + " `windows`, `stride` or `horizon`, or pass a longer history."
            )


def _without_series(table, ids):
    """Return a table without the rows of some series; unchanged if its rows have no ids."""
    rows = Table.read(table, "covariates").rows
    return table if rows.ids is None else table[~rows.ids.isin(ids)[rows.series[:]]]


@dataclass(frozen=True, eq=False)
class RollingHistory:
    """The caller's tables and the position of their rows on the time grid.

    Args:
        y: The caller's history, with a row of missing values for each missing timestamp.
        covariates: The caller's covariates, or None.
        panel, layout: The `Panel` and the `Layout` of `y`.
        rows: int64 `(rows,)`, for each row of `y` the number of steps from it to the end of its series, at least 1.
    """

    y: pd.Series | pd.DataFrame
    covariates: pd.DataFrame | None
    panel: Panel
    layout: Layout
    rows: np.ndarray

    @classmethod
    def of(cls, y, covariates=None, *, freq=None, longer_than=0):
        """Read the tables.

        Args:
            y, covariates, freq: As in `fit` of a forecaster.
            longer_than: Number of steps. Series of a panel that are not longer are left out, with one UserWarning,
                unless all are. Defaults to 0.

        Raises:
            TypeError, ValueError: As in `fit` of a forecaster.
        """
        panel, layout = read_panel(y, freq=freq)
        is_short = layout.lengths <= longer_than
        if is_short.any() and not is_short.all():
            series, _, _ = layout.locate_rows(y.to_frame() if isinstance(y, pd.Series) else y, "y")
            warn(
                f"{is_short.sum()} of the {len(layout)} series have at most {longer_than} steps, which the origins and "
                f"their horizons use, and are left out: {format_labels(layout.ids[is_short])}."
            )
            if covariates is not None:
                covariates = _without_series(covariates, layout.ids[is_short])
            return cls.of(y[~is_short[series]], covariates, freq=freq)
        rows = np.concatenate([np.arange(length, 0, -1) for length in layout.lengths])
        return cls(insert_missing_rows(y, layout), covariates, panel, layout, rows)

    @property
    def names(self):
        """Label of each series in tables: its id, else its name, else "y"."""
        layout = self.layout
        if layout.ids is not None:
            return list(layout.ids)
        if layout.columns is None:
            return ["y" if layout.name is None else layout.name]
        return ["y" if self.channels else layout.columns[0]]

    @property
    def channels(self):
        """Names of the channels if there are several, else an empty list."""
        columns = self.layout.columns
        return list(columns) if columns is not None and len(columns) > 1 else []

    def until(self, remaining, length=None):
        """Return `y` up to an origin, or its last `length` steps before the origin."""
        known = self.rows > remaining
        if length is not None:
            known &= self.rows <= remaining + length
        return self.y[known]

    def covariates_until(self, remaining):
        """Return the rows of the covariates up to an origin, or None if there are no covariates."""
        if self.covariates is None:
            return None
        series, rows, _ = self.layout.locate_rows(self.covariates, "covariates")
        # Covariates that all series share end with the longest series.
        ends = self.layout.ends.max() if series is None else self.layout.ends[series]
        return self.covariates[ends - rows > remaining]

    def actual(self, remaining, horizon):
        """Return the values after origins: float64 `(series, origins, horizon, channels)`, NaN where not observed."""
        rows = self.panel.offsets[1:, None, None] - np.asarray(remaining)[:, None] + np.arange(horizon)
        return self.panel.values[rows].astype("float64")

    def times(self, remaining, steps):
        """Return the times that lie a number of steps after origins, as an Index in the order of the series.

        Args:
            remaining: Origins.
            steps: Steps after each origin; 0 is the last observed time.
        """
        rows = self.layout.ends[:, None, None] - np.asarray(remaining)[:, None] - 1 + np.asarray(steps)
        unique, codes = np.unique(rows, return_inverse=True)
        return self.layout.time_axis.at(unique).take(codes.ravel())

    def naive_errors(self, remaining, season=None):
        """Measure the seasonal naive forecast on the history before an origin.

        Args:
            remaining: The origin.
            season: Steps in a cycle. None infers it from the time step. For a series shorter than two cycles, 1 is
                used.

        Returns:
            Array `(2, series, channels)` of mean absolute and mean squared errors, NaN where not defined.
        """
        season = self.layout.time_axis.season_length if season is None else season
        errors = np.full((2, len(self.layout), self.panel.channels), np.nan)
        for s in range(len(self.layout)):
            values = self.panel.series(s)[: self.layout.lengths[s] - remaining].astype("float64")
            lag = season if len(values) >= 2 * season else 1
            errors[:, s] = naive_error(values, lag), naive_error(values, lag, power=2)
        return errors

    def align(self, forecast, remaining, horizon):
        """Align the forecast of another library with the steps after an origin.

        Args:
            forecast: pandas object with the rows in any order; or, for one series, an array `(horizon,)` or
                `(horizon, channels)`.
            remaining: The origin.
            horizon: Steps that should be forecast.

        Returns:
            float64 array `(series, horizon, channels)`.

        Raises:
            ValueError: If a series, a step or a channel is missing.
        """
        shape = (len(self.layout), horizon, self.panel.channels)
        if isinstance(forecast, np.ndarray | list | tuple):
            values = np.asarray(forecast, dtype="float64")
            if shape[0] > 1 or values.size != horizon * shape[2]:
                raise ValueError(
                    f"The forecast is an array of shape {values.shape}, but {horizon} steps of {shape[0]} series with "
                    f"{shape[2]} channel(s) are expected. Return that shape, or a pandas object with the index of the "
                    "forecast times."
                )
            return values.reshape(shape)
        frame = forecast.to_frame() if isinstance(forecast, pd.Series) else forecast
        series, rows, data = self.layout.locate_rows(frame, "forecast")
        series = np.zeros_like(rows) if series is None else series
        if self.layout.columns is None and data.shape[1] > 1:
            raise ValueError(
                f"The forecast has the columns {list(data.columns)}, but `y` is a single channel. Return the point "
                "forecast as a Series."
            )
        if self.layout.columns is not None:
            if missing := [label for label in self.layout.columns if label not in data.columns]:
                raise ValueError(f"The forecast lacks the column(s) {missing}. Forecast every channel of `y`.")
            data = data[list(self.layout.columns)]
        steps = rows - (self.layout.ends[series] - remaining)
        expected = (steps >= 0) & (steps < horizon)
        values = np.full(shape, np.nan)
        received = np.zeros(shape[:2], dtype=bool)
        values[series[expected], steps[expected]] = data.to_numpy("float64", na_value=np.nan)[expected]
        received[series[expected], steps[expected]] = True
        if not received.all():
            missing, step = np.argwhere(~received)[0]
            time = self.layout.time_axis.at(np.array([self.layout.ends[missing] - remaining + step]))[0]
            raise ValueError(
                f"The forecast of {self.layout.series_name(missing)} lacks step {step + 1} of {horizon}, {time}. "
                f"`predict` must return the {horizon} steps after the history."
            )
        return values
