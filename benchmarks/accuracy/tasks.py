"""The tasks of the accuracy benchmark: the training data, the windows that are forecast, and the scores."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd

import tsattn
from benchmarks.common import datasets

MONTHS, WEEKS, HOURS = 12, 52, 24  # steps of a year or a day
NAIVE2 = (18.383, 2.395)  # of the hourly series of M4: sMAPE in percent, MASE


@dataclasses.dataclass(frozen=True)
class Task:
    """Forecasts of the last `windows` origins of `full`, by a candidate that is trained on `train`.

    Args:
        train: Training and validation data, as pandas.
        full: The same, followed by the test data.
        horizon: Steps to forecast.
        windows: Number of origins, `stride` steps apart. The last one is one horizon before the end of `full`.
        season: Steps in a cycle, for the naive forecast and the candidates that receive it.
        pass_season: Whether the candidates receive the season, because it does not follow from the index.
        validation_fraction: Part of `train` for early stopping. If None, the default of the candidate is used.
        scores: Function that returns the scores by name, from actual values and forecasts
            `(series, windows, horizon, channels)` and the mean absolute error of the naive forecast on `train`
            `(series, channels)`.
        stride: Steps between two origins. Defaults to 1.
    """

    train: object
    full: object
    horizon: int
    windows: int
    season: int
    pass_season: bool
    validation_fraction: float | None
    scores: Callable
    stride: int = 1

    def subsample(self, stride):
        """Return the same task with every `stride`-th origin, counted from the last one."""
        return dataclasses.replace(self, windows=-(-self.windows // stride), stride=self.stride * stride)

    def actual(self):
        """Return the actual values `(series, windows, horizon, channels)`."""
        return np.stack([self._windows(values) for values in arrays(self.full)])

    def score(self, forecasts):
        """Return the scores by name of forecasts `(series, windows, horizon, channels)`."""
        season = self.season
        naive = np.stack(
            [np.nanmean(np.abs(values[season:] - values[:-season]), axis=0) for values in arrays(self.train)]
        )
        return self.scores(self.actual(), forecasts, naive)

    def _windows(self, values):
        last = values[-((self.windows - 1) * self.stride + self.horizon) :]
        windows = np.lib.stride_tricks.sliding_window_view(last, self.horizon, axis=0)[:: self.stride]
        return windows.transpose(0, 2, 1)


def arrays(y):
    """Return the values of each series `(steps, channels)`, in the order of the forecasts: sorted by their ids."""
    if isinstance(y.index, pd.MultiIndex):
        return [part.to_numpy("float64")[:, None] for _, part in y.groupby(level=0)]
    return [y.to_numpy("float64").reshape(len(y), -1)]


def mse_and_mae(actual, forecasts, naive):
    """Return MSE and MAE, for values that are already scaled."""
    errors = forecasts - actual
    return {"mse": np.nanmean(errors**2), "mae": np.nanmean(np.abs(errors))}


def mean_mase(actual, forecasts, naive):
    """Return the mean of the MASE over series and channels."""
    return {"mase": np.nanmean(np.nanmean(np.abs(forecasts - actual), axis=(1, 2)) / naive)}


def m4_scores(actual, forecasts, naive):
    """Return sMAPE in percent, MASE, and OWA, which is the mean of both relative to Naive2."""
    smape = np.mean(200 * np.abs(forecasts - actual) / (np.abs(forecasts) + np.abs(actual)))
    mase = mean_mase(actual, forecasts, naive)["mase"]
    return {"smape": smape, "mase": mase, "owa": (smape / NAIVE2[0] + mase / NAIVE2[1]) / 2}


def rolling(y, steps, validation_fraction, horizon, season, scores):
    """Return a task that trains on the first `steps` rows of `y` and forecasts all windows, stride 1, after them."""
    return Task(y[:steps], y, horizon, len(y) - steps - horizon + 1, season, False, validation_fraction, scores)


def etth1(horizon):
    """Return the task of ETTh1: 12 months for training, 4 for validation, 4 for the test."""
    train, validation, test = 8640, 2880, 2880
    y = _scaled(datasets.read_wide("ETTh1.csv")[: train + validation + test], train)
    return rolling(y, train + validation, validation / (train + validation), horizon, HOURS, mse_and_mae)


def exchange(horizon):
    """Return the task of the exchange rates: 70 % for training, 10 % for validation, 20 % for the test."""
    y = datasets.read_wide("exchange_rate.csv")
    train, test = int(0.7 * len(y)), int(0.2 * len(y))
    steps = len(y) - test
    return rolling(_scaled(y, train), steps, 1 - train / steps, horizon, 1, mse_and_mae)


def m4_hourly():
    """Return the task of the hourly series of M4, with the official split."""
    train, test = datasets.read_m4("train"), datasets.read_m4("test")
    full = pd.concat([train, test]).reindex(train.index.unique(0), level=0)
    return Task(train, full, 48, 1, HOURS, True, None, m4_scores)


def archive(name, horizon, season, pass_season):
    """Return the task of a panel of the Monash archive: the test data are the last horizon of each series."""
    full = datasets.read_tsf(f"{name}.tsf")
    test = full.groupby(level=0, sort=False).tail(horizon)
    return Task(full.drop(test.index), full, horizon, 1, season, pass_season, None, mean_mase)


def embedded(name, horizon, season):
    """Return the task of an embedded data set: all windows of its last fifth."""
    y = tsattn.load_dataset(name)
    return rolling(y, len(y) - len(y) // 5, None, horizon, season, mean_mase)


def _scaled(y, rows):
    first = y[:rows]
    return (y - first.mean()) / first.std(ddof=0)


HORIZONS = (96, 192, 336, 720)
# Name: (function that returns the task, its arguments).
TASKS = {
    **{f"etth1_{horizon}": (etth1, horizon) for horizon in HORIZONS},
    **{f"exchange_{horizon}": (exchange, horizon) for horizon in HORIZONS},
    "m4_hourly": (m4_hourly,),
    "tourism_monthly": (archive, "tourism_monthly", 24, MONTHS, False),
    "electricity_weekly": (archive, "electricity_weekly", 8, WEEKS, True),
    "air_passengers": (embedded, "air_passengers", 12, MONTHS),
    "co2": (embedded, "co2", 13, WEEKS),
    "sunspots": (embedded, "sunspots", 11, 1),
    "weather": (embedded, "weather", 24, HOURS),
}


def load(name):
    """Return the `Task` with a name in `TASKS`."""
    function, *arguments = TASKS[name]
    return function(*arguments)
