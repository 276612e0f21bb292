"""The published tasks: the data, the windows that are forecast and the scores, as three public tables define them."""

import dataclasses
import functools

import numpy as np
import pandas as pd

import tsattn
from benchmarks.accuracy import published_scores as scores
from benchmarks.accuracy.tasks import arrays
from benchmarks.common import datasets

# Table: (its quantile metric, quantiles of its seasonal naive forecast). These are all equal to the forecast, or those
# of a normal distribution, in fev-bench with the errors of the last 1,000 steps.
TABLES = {
    "chronos": ("wql", None),
    "gift": ("crps", scores.normal_quantiles),
    "fev": ("sql", functools.partial(scores.normal_quantiles, steps=1000)),
}


@dataclasses.dataclass(frozen=True)
class Task:
    """Forecasts of the last windows of each series, by a candidate that is fitted once to all that precedes them.

    The windows follow one another without a gap and end at the end of each series. The history of a window is all that
    precedes it.

    Args:
        y: Values with the index (series, time), or the time alone for one series.
        covariates: DataFrame of covariates known in advance, with the index of `y`, or None.
        freq: Step of the time, as a pandas alias.
        horizon: Steps to forecast.
        season: Steps in a cycle of the seasonal naive forecast, and of the scale. A candidate may use another one.
        windows: Number of windows of each series.
        metric: Name of the quantile metric: `"wql"`, `"crps"` or `"sql"`.
        naive_distribution: Function that returns the quantiles of the seasonal naive forecast, see `normal_quantiles`.
            None sets all quantiles to the forecast.
    """

    y: pd.Series
    covariates: pd.DataFrame | None
    freq: str
    horizon: int
    season: int
    windows: int
    metric: str
    naive_distribution: object

    @property
    def train(self):
        """Values and covariates before the first window."""
        steps = self.horizon * self.windows
        if isinstance(self.y.index, pd.MultiIndex):
            return self.y.groupby(level=0).head(-steps), None
        return self.y[:-steps], None if self.covariates is None else self.covariates[:-steps]

    @functools.cached_property
    def _parts(self):
        """The histories and the actual values of each series."""
        series = [scores.split(values[:, 0], self.horizon, self.windows) for values in arrays(self.y)]
        return [list(zip(*windows, strict=True)) for windows in series]

    @property
    def histories(self):
        """For each series, the histories of its windows. The order is that of the forecasts: sorted by ids."""
        return [histories for histories, _ in self._parts]

    def naive_quantiles(self, forecasts):
        """Return the quantiles that the table assigns to seasonal naive forecasts `(series, windows, horizon)`."""
        if self.naive_distribution is None:
            return scores.constant_quantiles(forecasts)
        return self.naive_distribution(forecasts, self.histories, self.season)

    def score(self, forecasts, quantiles=None):
        """Return the scores by name.

        Args:
            forecasts: Point forecasts `(series, windows, horizon)`.
            quantiles: Quantiles at `LEVELS`, with the levels on a fourth axis. None leaves out the quantile metric.

        Raises:
            ValueError: If a forecast is not finite, because a mean would leave it out.
        """
        for values in (forecasts, quantiles):
            if values is not None and not np.isfinite(values).all():
                raise ValueError("A forecast is NaN or infinite. Each value must be finite to be scored.")
        actual = np.array([actual for _, actual in self._parts])
        scales = np.array([[scores.scale(history, self.season) for history in row] for row in self.histories])
        result = {"mase": scores.mase(actual, forecasts, scales)}
        if quantiles is not None:
            result[self.metric] = scores.QUANTILE_METRICS[self.metric](actual, quantiles, scales)
        return result


def blocks(y, step, how):
    """Aggregate regular data in blocks of a step, counted from the first stamp; an incomplete last block is dropped.

    Args:
        y: Series or DataFrame whose index has a `freq`. The first stamp must be the start of a block.
        step: Step of the blocks, as a pandas alias.
        how: `"sum"` or `"mean"`.
    """
    values = y.resample(step).agg(how)
    ends = values.index + pd.tseries.frequencies.to_offset(step)
    return values[ends <= y.index[-1] + y.index.freq]


def as_panel(frame):
    """Return the columns of a frame as separate series, with the MultiIndex (series, time)."""
    return pd.concat({str(name): column for name, column in frame.items()}, names=["series", "time"])


def archive(name):
    """Read a panel of the Monash archive."""
    return datasets.read_tsf(f"{name}.tsf"), None


def m4_hourly():
    """Read the hourly series of M4, training and test part. They have no dates; any hours suffice."""
    y = pd.concat([datasets.read_m4("train"), datasets.read_m4("test")]).sort_index()
    ids, steps = y.index.get_level_values(0), y.index.get_level_values(1)
    stamps = pd.Timestamp("2000-01-01") + pd.to_timedelta(steps.to_numpy(), unit="h")
    return y.set_axis(pd.MultiIndex.from_arrays([ids, stamps], names=["series", "time"])), None


def exchange_rate():
    """Read the exchange rates as a panel. The rows are working days, whatever the dates of the file are."""
    frame = datasets.read_wide("exchange_rate.csv")
    return as_panel(frame.set_axis(pd.bdate_range("1990-01-01", periods=len(frame)), axis=0)), None


def us_births(step):
    """Read the births in the US, in sums of a step."""
    y = datasets.read_tsf("us_births.tsf").droplevel(0).asfreq("D")
    return blocks(y, step, "sum"), None


def ett1(step):
    """Read the electricity transformer, in means of a step, as a panel of its seven channels."""
    return as_panel(blocks(datasets.read_wide("ETTm1.csv").asfreq("15min"), step, "mean")), None


def air_passengers():
    """Read the embedded data set of `--quick`."""
    return tsattn.load_dataset("air_passengers"), None


# Name: (function that reads values and covariates, its arguments), frequency, horizon, season, windows.
TASKS = {
    "chronos/m1_monthly": ((archive, "m1_monthly"), "MS", 18, 12, 1),
    "chronos/m1_quarterly": ((archive, "m1_quarterly"), "QS", 8, 4, 1),
    "chronos/m3_yearly": ((archive, "m3_yearly"), "YS", 6, 1, 1),
    "chronos/tourism_monthly": ((archive, "tourism_monthly"), "MS", 24, 12, 1),
    "chronos/tourism_quarterly": ((archive, "tourism_quarterly"), "QS", 8, 4, 1),
    "chronos/m4_hourly": ((m4_hourly,), "h", 48, 24, 1),
    "chronos/electricity_weekly": ((archive, "electricity_weekly"), "W-SUN", 8, 1, 1),
    "chronos/exchange_rate": ((exchange_rate,), "B", 30, 5, 1),
    "gift/m4_hourly/H/short": ((m4_hourly,), "h", 48, 24, 1),
    "gift/us_births/D/short": ((us_births, "D"), "D", 30, 1, 20),
    "gift/us_births/W/short": ((us_births, "7D"), "W-WED", 8, 1, 14),
    "gift/us_births/M/short": ((us_births, "MS"), "MS", 12, 12, 2),
    "gift/ett1/15T/short": ((ett1, "15min"), "15min", 48, 96, 20),
    "gift/ett1/H/short": ((ett1, "h"), "h", 48, 24, 20),
    "gift/ett1/15T/medium": ((ett1, "15min"), "15min", 480, 96, 15),
    "gift/ett1/H/medium": ((ett1, "h"), "h", 480, 24, 4),
    "gift/ett1/15T/long": ((ett1, "15min"), "15min", 720, 96, 10),
    "gift/ett1/H/long": ((ett1, "h"), "h", 720, 24, 3),
    "gift/ett1/D/short": ((ett1, "D"), "D", 30, 1, 3),
    "gift/ett1/W/short": ((ett1, "7D"), "W-FRI", 8, 1, 2),
    "fev/epf_np": ((datasets.read_prices, "EPF-NP.csv"), "h", 24, 24, 20),
    "fev/epf_be": ((datasets.read_prices, "EPF-BE.csv"), "h", 24, 24, 20),
    "fev/epf_fr": ((datasets.read_prices, "EPF-FR.csv"), "h", 24, 24, 20),
}
QUICK = {"gift/air_passengers": ((air_passengers,), "MS", 12, 12, 2)}  # in no table; needs no file


def load(name):
    """Return the `Task` with a name in `TASKS` or `QUICK`."""
    (read, *arguments), freq, horizon, season, windows = (TASKS | QUICK)[name]
    y, covariates = read(*arguments)
    return Task(y, covariates, freq, horizon, season, windows, *TABLES[name.partition("/")[0]])
