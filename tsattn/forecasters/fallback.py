"""The fallback: a simpler forecast that replaces a network which is not significantly better."""

import dataclasses

import numpy as np

from tsattn._utils.warnings import warn
from tsattn.baselines.ridge import Ridge
from tsattn.baselines.seasonal_naive import SeasonalCycle, newest_observed
from tsattn.series.windows import sample_evenly
from tsattn.training.compiled import TrainedNetwork

RIDGE_USED = "a ridge forecast is used"


@dataclasses.dataclass(frozen=True, eq=False)
class FallbackModel:
    """A network whose point forecast is replaced by a fallback, with its quantiles shifted along.

    Args:
        network: A `TrainedNetwork`.
        coefficients: Coefficients `(lags + 1, horizon)` from `select_fallback`.
        median: Index of the point forecast among the outputs.
    """

    network: TrainedNetwork
    coefficients: np.ndarray
    median: int

    def forecast(self, inputs):
        """Forecast windows, `(n, horizon, channels, outputs)`; see `TrainedNetwork.forecast`."""
        return shift_to_fallback(self.network.forecast(inputs), inputs["history"], self.coefficients, self.median)


def shift_to_fallback(forecasts, history, coefficients, median):
    """Shift forecasts `(n, horizon, channels, outputs)` so that the output `median` is the fallback.

    A channel without an observed value keeps its forecast.
    """
    point = Ridge.of_lags(coefficients).forecast({"history": history})
    return np.where(np.isnan(point), forecasts, forecasts + point - forecasts[..., median : median + 1])


def select_fallback(model, held_out, trained_on, season, refit_on, median=0):
    """Decide whether a network is replaced, and by what; emits a warning if it is.

    The network is kept if it has a significantly lower error than the last value. On a few horizons, many a forecast
    of a random walk seems better by chance. So the share of the squared error that is explained is adjusted for the
    number of horizons, in which overlapping windows do not count more than adjacent ones. Errors are squared after
    averaging, for robustness.

    Otherwise a ridge forecast is a candidate if its held-out error is not higher than that of the last value:

    - It replaces a network that is no better than the last value and significantly worse than the ridge forecast,
      unless a ridge fitted to the first half of the training windows is significantly worse than the last value on
      the second half.
    - If the last cycle is significantly better than the last value on the training windows, the series is not a
      random walk, and the network is kept.
    - If the ridge fitted to the first half is significantly better than the last value on the second half, the better
      of the network and the ridge on the held-out windows is used.

    In all other cases the last value is used. It is also used for a series that has become constant, where the last
    value has no error and the network has some.

    Args:
        model: The `WindowModel` of the network.
        held_out: Held-out `Windows`. Several series count separately, channels together.
        trained_on: The training `Windows`.
        season: Steps in a cycle.
        refit_on: The `Windows` to fit the fallback to.
        median: Index of the point forecast among the outputs of the model. Defaults to 0.

    Returns:
        None to keep the network; else coefficients `(lags + 1, horizon)` for `FallbackModel`. They use at most the
        newest 1,000 steps of the history, none for the last value.

    Reference:
        Adjusted coefficient of determination: Theil, 1961, "Economic Forecasts and Policy".
    """
    ratio = error_ratio(model, held_out, median)
    if ratio is None or _is_better(ratio, 1.0, held_out) or (np.isinf(ratio) and _is_constant(trained_on)):
        return None
    over = f"over {held_out.horizons:.1f} horizons"
    error = f"{ratio:.2f} times that of the last value" if np.isfinite(ratio) else "above 0, that of the last value,"
    ridge = Ridge.fit_lags(trained_on)
    ridge_ratio = _ridge_ratio(ridge, held_out)
    informative = False
    if ridge_ratio is not None and ridge_ratio <= 1:
        earlier, later = trained_on.hold_out(0.5, trained_on.ends)
        before = _ridge_ratio(Ridge.fit_lags(earlier, choose_penalty=False), later)
        informative = before is not None and _is_better(before, 1.0, later)
        misleading = before is not None and _is_better(1.0, before, later)
        if ratio >= 1 and not misleading and _is_better(ridge_ratio, ratio, held_out):
            _warn(f"{error} {over}, and that of a ridge forecast is {ridge_ratio:.2f} times: {RIDGE_USED}")
            return (ridge if refit_on is trained_on else Ridge.fit_lags(refit_on)).coefficients
    if season > 1:
        cycle = error_ratio(SeasonalCycle(season, trained_on.horizon), trained_on)
        if cycle is not None and _is_better(cycle, 1.0, trained_on):
            return None
    noise = f"{error} {over}, which is not a significant improvement"
    if informative:
        if ratio < ridge_ratio:
            return None
        _warn(f"{noise}, while a ridge forecast was significantly better on earlier windows: {RIDGE_USED}")
        return (ridge if refit_on is trained_on else Ridge.fit_lags(refit_on)).coefficients
    _warn(f"{noise}: the last value is used")
    return np.zeros((1, trained_on.horizon))


def error_ratio(model, windows, median=0):
    """Mean absolute error of a model on windows, divided by that of the last value.

    Args:
        model: A `WindowModel`.
        windows: The `Windows`.
        median: Index of the point forecast among its outputs. Defaults to 0.

    Returns:
        A float, infinite if only the last value has no error; None if nothing was observed or neither has an error.
    """
    ours, naive = [], []
    index = sample_evenly(len(windows), windows.horizon * windows.panel.channels)
    for part in windows.batches(index):
        inputs, target = windows.gather(part)
        ours.append(np.abs(target - model.forecast(inputs)[..., median]))
        naive.append(np.abs(target - newest_observed(inputs["history"])[:, None]))
    ours, naive = np.concatenate(ours), np.concatenate(naive)
    if not np.isfinite(ours).any() or not max(np.nanmean(ours), np.nanmean(naive)) > 0:
        return None
    with np.errstate(divide="ignore"):
        return np.nanmean(ours) / np.nanmean(naive)


def _ridge_ratio(ridge, windows):
    return None if ridge is None or not len(windows) else error_ratio(ridge, windows)


def _is_constant(windows):
    """Whether the last value has no error on any window."""
    return error_ratio(SeasonalCycle(1, windows.horizon), windows) is None


def _is_better(ours, theirs, windows):
    """Whether an error on these windows is significantly lower than another."""
    return ours**2 * (1 + 1 / windows.horizons) < theirs**2


def _warn(reason):
    warn(
        f"On the held-out windows the error of the network is {reason}. Train the network longer, pass a longer "
        "history, lower `horizon`, or keep the network with `fallback=False`."
    )
