"""Histories as they were known at earlier origins, cut from the caller's tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsattn.series.layout import Layout, insert_missing_rows
from tsattn.series.panel import Panel, read_panel


@dataclass(frozen=True, eq=False)
class Cuts:
    """The caller's tables, and where their rows lie on the time grid.

    Origins are counted from the end: `back` is the number of steps after the origin that each series still has.

    Args:
        y: The caller's history, with every stamp: where one was left out there is a row of missing values.
        covariates: The caller's covariates, or None.
        panel, layout: What `y` was read as.
        rows: Of each row of `y` how many steps its series has from it on, int64 (rows,).
    """

    y: pd.Series | pd.DataFrame
    covariates: pd.DataFrame | None
    panel: Panel
    layout: Layout
    rows: np.ndarray

    @classmethod
    def of(cls, y, covariates=None, *, freq=None):
        """Reads the tables.

        Raises:
            TypeError, ValueError: as `fit` of a forecaster.
        """
        panel, layout = read_panel(y, freq=freq)
        rows = np.concatenate([np.arange(length, 0, -1) for length in layout.lengths])
        return cls(insert_missing_rows(y, layout), covariates, panel, layout, rows)

    @property
    def names(self):
        """How each series is called in tables: its id, else its name, else "y"."""
        layout = self.layout
        if layout.ids is not None:
            return list(layout.ids)
        if layout.columns is None:
            return ["y" if layout.name is None else layout.name]
        return ["y" if self.channels else layout.columns[0]]

    @property
    def channels(self):
        """The names of the channels where there are several, else empty."""
        columns = self.layout.columns
        return list(columns) if columns is not None and len(columns) > 1 else []

    def history(self, back, length=None):
        """`y` as it was `back` steps before its end; at most its last `length` steps if that is given."""
        known = self.rows > back
        if length is not None:
            known &= self.rows <= back + length
        return self.y[known]

    def covariates_until(self, back):
        """The covariates whose rows come before the last `back` steps of the series, None if there are none."""
        if self.covariates is None:
            return None
        series, rows, _ = self.layout.locate_rows(self.covariates, "covariates")
        ends = self.layout.ends.max() if series is None else self.layout.ends[series]  # shared: of the longest series
        return self.covariates[ends - rows > back]

    def actual(self, back, horizon):
        """What followed such origins: float64 (series, len(back), horizon, channels), NaN where not observed."""
        rows = self.panel.offsets[1:, None, None] - np.asarray(back)[:, None] + np.arange(horizon)
        return self.panel.values[rows].astype("float64")

    def stamps(self, back, steps):
        """The stamps so many steps after such origins, 0 for the last time seen: an Index, series by series."""
        rows = self.layout.ends[:, None, None] - np.asarray(back)[:, None] - 1 + np.asarray(steps)
        unique, codes = np.unique(rows, return_inverse=True)
        return self.layout.time_axis.at(unique).take(codes.ravel())

    def aligned(self, forecast, back, horizon, columns=None):
        """Numbers of a pandas forecast of what followed one origin: float64 (series, horizon, channels).

        Args:
            forecast: As `predict` gave it, in any order of rows; or an array (horizon,) or (horizon, channels) for
                one series.
            back, horizon: The origin and the steps that were to be forecast.

        Raises:
            ValueError: it lacks a series, a step or a channel.
        """
        channels = self.panel.channels
        shape = (len(self.layout), horizon, channels)
        if isinstance(forecast, np.ndarray | list | tuple):
            values = np.asarray(forecast, dtype="float64")
            if len(self.layout) > 1 or values.size != horizon * channels:
                raise ValueError(
                    f"The forecast is an array of shape {values.shape}, but {horizon} steps of {len(self.layout)} "
                    f"series with {channels} channel(s) were to be forecast. Give it the index of `y`'s future."
                )
            return values.reshape(shape)
        frame = forecast.to_frame() if isinstance(forecast, pd.Series) else forecast
        series, rows, data = self.layout.locate_rows(frame, "forecast")
        series = np.zeros_like(rows) if series is None else series
        if self.layout.columns is None and data.shape[1] > 1:
            raise ValueError(
                f"The forecast has the columns {list(data.columns)}, but `y` has none, and it is not known which is "
                "meant. Give the one that is the forecast, as a Series."
            )
        if self.layout.columns is not None:
            if missing := [label for label in self.layout.columns if label not in data.columns]:
                raise ValueError(f"The forecast lacks the column(s) {missing}. Forecast every channel of `y`.")
            data = data[list(self.layout.columns)]
        steps = rows - (self.layout.ends[series] - back)
        wanted = (steps >= 0) & (steps < horizon)
        values = np.full(shape, np.nan)
        came = np.zeros(shape[:2], dtype=bool)
        values[series[wanted], steps[wanted]] = data.to_numpy("float64", na_value=np.nan)[wanted]
        came[series[wanted], steps[wanted]] = True
        if not came.all():
            lacking, step = np.argwhere(~came)[0]
            stamp = self.layout.time_axis.at(np.array([self.layout.ends[lacking] - back + step]))[0]
            raise ValueError(
                f"The forecast of {self.layout.series_name(lacking)} lacks step {step + 1} of {horizon}, {stamp}. "
                f"`predict` must give the {horizon} steps that follow the history."
            )
        return values
