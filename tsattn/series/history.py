"""The history to which a forecaster is fitted: series, layout and covariates."""

import dataclasses

import numpy as np

from tsattn._utils.validation import check_optional_count
from tsattn.series.covariates.buffers import Covariates
from tsattn.series.covariates.schema import Schema, read_covariates
from tsattn.series.layout import Layout
from tsattn.series.panel import Panel, read_panel
from tsattn.series.sample_weights import read_sample_weight
from tsattn.series.windows import Windows


@dataclasses.dataclass(frozen=True, eq=False)
class History:
    """The series to which a forecaster is fitted.

    Args:
        panel: Their `Panel`.
        layout: Their `Layout`.
        schema: The `Schema` of the covariates.
        covariates: Their `Covariates`.
    """

    panel: Panel
    layout: Layout
    schema: Schema
    covariates: Covariates

    @classmethod
    def read(cls, y, covariates=None, static=None, sample_weight=None, *, freq=None, past=(), calendar=None, steps):
        """Read the arguments of `fit`.

        Args:
            y, covariates, static, sample_weight: See `Forecaster.fit`.
            freq, past, calendar: The arguments `freq`, `past_covariates` and `calendar` of the forecaster.
            steps: Number of steps to forecast.

        Raises:
            ValueError: If the data are invalid.
            TypeError: If an argument has the wrong type.
        """
        panel, layout = _read_weighted(y, sample_weight, freq=freq)
        schema, covariates = read_covariates(layout, covariates, static, past=past, calendar=calendar, steps=steps)
        return cls(panel, layout, schema, covariates)

    @classmethod
    def read_again(cls, y, covariates, static, sample_weight=None, *, layout, schema, fitted, steps):
        """Read other series with the layout and schema of an earlier fit.

        Args:
            y, covariates, static, sample_weight: See `Forecaster.fit`.
            layout, schema, fitted: `Layout`, `Schema` and `Covariates` of the earlier fit.
            steps: Number of steps to forecast.

        Raises:
            ValueError: If the data are invalid.
            TypeError: If an argument has the wrong type, or the data are not of the same kind as those of the fit.
        """
        panel, layout = _read_weighted(y, sample_weight, like=layout)
        covariates = schema.read(layout, covariates, static, steps=steps, lookback=None, fitted=fitted)
        return cls(panel, layout, schema, covariates)

    @property
    def median_length(self):
        """Median number of steps of a series."""
        return int(np.median(self.layout.lengths))

    def season(self, season=None):
        """Return the season: the argument, else the cycle of the time step, or 1 for less than two cycles."""
        length = check_optional_count("season", season) or self.layout.time_axis.season_length
        return length if season is not None or np.median(self.layout.lengths) >= 2 * length else 1

    def windows(self, scaler, lookback, horizon):
        """Return the `Windows` of all series."""
        return Windows(self.panel, scaler, lookback, horizon, self.covariates)


def _read_weighted(y, sample_weight, **options):
    """Return the `Panel` of a history, with its weights if any, and its `Layout`."""
    panel, layout = read_panel(y, **options)
    if sample_weight is not None:
        panel = dataclasses.replace(panel, weights=read_sample_weight(sample_weight, y, panel, layout))
    return panel, layout


def check_length(layout, lookback, horizon):
    """Check that every series is long enough for a window.

    Raises:
        ValueError: If a series is too short; the message names the shortest series.
    """
    series = int(layout.lengths.argmin())
    if (length := layout.lengths[series]) < lookback + horizon:
        raise ValueError(
            f"{layout.series_name(series)} has {length} steps, but lookback {lookback} + horizon {horizon} needs at "
            f"least {lookback + horizon}. Lower `lookback` or `horizon`, or pass a longer history."
        )
