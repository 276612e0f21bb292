"""The tasks of the accuracy benchmark: what is learnt from, what is forecast, and how that is scored."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import real_data

import tsattn

MONTHS, WEEKS, HOURS = 12, 52, 24
# Of Naive2 on the hourly series of M4: sMAPE in percent, MASE.
NAIVE2 = (18.383, 2.395)


@dataclasses.dataclass(frozen=True)
class Task:
    """Forecasts of `horizon` steps from the last `windows` origins of `whole`, by what has learnt from `learn`.

    Args:
        learn: What a candidate may learn from, as pandas; its last part to choose the epoch by.
        whole: The same and what came after it.
        horizon: Steps to forecast.
        windows: Origins, `stride` steps apart; the last one lies a horizon before the end.
        season: Steps in a cycle, for the naive forecast and the candidates that are told it.
        told: Whether the index does not tell the season, so that the candidates are told it.
        validation: Part of `learn` that the epoch is chosen by. None leaves it to the candidate.
        scores: Gives the scores by name from actual values and forecasts `(series, windows, horizon, channels)` and
            the errors of the naive forecast `(series, channels)` within `learn`.
    """

    learn: object
    whole: object
    horizon: int
    windows: int
    season: int
    told: bool
    validation: float | None
    scores: Callable
    stride: int = 1

    def every(self, stride):
        """The same task from every so many-th of its origins, the last one among them."""
        return dataclasses.replace(self, windows=-(-self.windows // stride), stride=self.stride * stride)

    def actual(self):
        """What came, `(series, windows, horizon, channels)`."""
        return np.stack([self._windows(values) for values in arrays(self.whole)])

    def score(self, forecasts):
        """Scores by name of forecasts `(series, windows, horizon, channels)`."""
        season = self.season
        naive = np.stack(
            [np.nanmean(np.abs(values[season:] - values[:-season]), axis=0) for values in arrays(self.learn)]
        )
        return self.scores(self.actual(), forecasts, naive)

    def _windows(self, values):
        last = values[-((self.windows - 1) * self.stride + self.horizon) :]
        windows = np.lib.stride_tricks.sliding_window_view(last, self.horizon, axis=0)[:: self.stride]
        return windows.transpose(0, 2, 1)


def arrays(y):
    """The values of each series, `(steps, channels)`, in the order of their ids, in which forecasts come."""
    if isinstance(y.index, pd.MultiIndex):
        return [part.to_numpy("float64")[:, None] for _, part in y.groupby(level=0)]
    return [y.to_numpy("float64").reshape(len(y), -1)]


def squared_and_absolute(actual, forecasts, naive):
    """MSE and MAE of values that are scaled already."""
    errors = forecasts - actual
    return {"mse": np.nanmean(errors**2), "mae": np.nanmean(np.abs(errors))}


def mean_mase(actual, forecasts, naive):
    """MASE, the mean over series and channels."""
    return {"mase": np.nanmean(np.nanmean(np.abs(forecasts - actual), axis=(1, 2)) / naive)}


def m4_scores(actual, forecasts, naive):
    """sMAPE in percent, MASE, and OWA: the mean of both, each over that of Naive2."""
    symmetric = np.mean(200 * np.abs(forecasts - actual) / (np.abs(forecasts) + np.abs(actual)))
    mase = mean_mase(actual, forecasts, naive)["mase"]
    return {"smape": symmetric, "mase": mase, "owa": (symmetric / NAIVE2[0] + mase / NAIVE2[1]) / 2}


def rolling(y, learn, validation, horizon, season, scores):
    """All windows, stride 1, whose target lies after the first `learn` rows of `y`."""
    return Task(y[:learn], y, horizon, len(y) - learn - horizon + 1, season, False, validation, scores)


def etth1(horizon):
    """ETTh1: 12 months to learn from, 4 to choose by, 4 to test on."""
    train, validation, test = 8640, 2880, 2880
    y = _scaled(real_data.read_wide("ETTh1.csv")[: train + validation + test], train)
    return rolling(y, train + validation, validation / (train + validation), horizon, HOURS, squared_and_absolute)


def exchange(horizon):
    """Exchange rates: 70 % to learn from, 10 % to choose by, 20 % to test on."""
    y = real_data.read_wide("exchange_rate.csv")
    train, test = int(0.7 * len(y)), int(0.2 * len(y))
    learn = len(y) - test
    return rolling(_scaled(y, train), learn, 1 - train / learn, horizon, 1, squared_and_absolute)


def m4_hourly():
    """The hourly series of M4, official split."""
    learn, held_out = real_data.read_m4("train"), real_data.read_m4("test")
    whole = pd.concat([learn, held_out]).reindex(learn.index.unique(0), level=0)
    return Task(learn, whole, 48, 1, HOURS, True, None, m4_scores)


def archive(name, horizon, season, told):
    """A panel of the Monash archive, the last horizon of each series held out."""
    whole = real_data.read_tsf(f"{name}.tsf")
    held_out = whole.groupby(level=0, sort=False).tail(horizon)
    return Task(whole.drop(held_out.index), whole, horizon, 1, season, told, None, mean_mase)


def embedded(name, horizon, season):
    """An embedded data set, all windows of its last fifth."""
    y = tsattn.load_dataset(name)
    return rolling(y, len(y) - len(y) // 5, None, horizon, season, mean_mase)


def _scaled(y, rows):
    first = y[:rows]
    return (y - first.mean()) / first.std(ddof=0)


HORIZONS = (96, 192, 336, 720)
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
    """The `Task` of a name in `TASKS`."""
    make, *arguments = TASKS[name]
    return make(*arguments)
