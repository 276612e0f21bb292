"""The fallback: a simple forecast that replaces a network without a significant improvement over it."""

import dataclasses

import numpy as np

from tsattn._utils.warnings import warn
from tsattn.baselines.ridge import Ridge
from tsattn.baselines.seasonal_naive import SeasonalCycle, newest_observed
from tsattn.forecasters.window_model import WindowModel
from tsattn.series.windows import sample_evenly

RIDGE_USED = "a ridge forecast is used"


@dataclasses.dataclass(frozen=True, eq=False)
class FallbackModel:
    """Model of a network whose point forecast is replaced by a fallback; its quantiles are shifted accordingly.

    Args:
        network: The `WindowModel` of the network.
        coefficients: Coefficients `(lags + 1, horizon)` from `select_fallback`.
        median: Index of the point forecast among the outputs.
    """

    network: WindowModel
    coefficients: np.ndarray
    median: int

    def forecast(self, inputs):
        """Forecast windows, see `WindowModel.forecast`."""
        return shift_to_fallback(self.network.forecast(inputs), inputs["history"], self.coefficients, self.median)


def shift_to_fallback(forecasts, history, coefficients, median):
    """Shift forecasts `(n, horizon, channels, outputs)` so that the output `median` is the fallback.

    A channel without an observed value keeps its forecast.
    """
    point = Ridge.of_lags(coefficients).forecast({"history": history})
    return np.where(np.isnan(point), forecasts, forecasts + point - forecasts[..., median : median + 1])


def select_fallback(model, held_out, trained_on, season, refit_on, median=0):
    """Select the fallback of a network, if one is needed. Emits a `UserWarning` in that case.

    The network is kept if its error is significantly lower than that of the last value, see
    `Windows.significant_ratio`: over few horizons, a forecast of a random walk can have a lower error merely because of
    noise. Errors are squared after averaging, for robustness.

    Otherwise a ridge forecast is a candidate if its held-out error is not higher than that of the last value. The rules
    in order:

    1. The ridge forecast replaces a network that is not better than the last value and significantly worse than the
       ridge forecast. Exception: a ridge fitted to the first half of the training windows is significantly worse than
       the last value on the second half.
    2. The network is kept if the last cycle is significantly better than the last value on the training windows: the
       series is not a random walk.
    3. If the ridge fitted to the first half is significantly better than the last value on the second half, the better
       of the network and the ridge on the held-out windows is used.
    4. In all other cases the last value is used. This includes a series that has become constant, for which only the
       last value has an error of 0.

    Args:
        model: The `WindowModel` of the network.
        held_out: Held-out `Windows`. Series are counted separately, channels together.
        trained_on: The training `Windows`.
        season: Steps in a cycle.
        refit_on: The `Windows` to fit the fallback to.
        median: Index of the point forecast among the outputs of the model. Defaults to 0.

    Returns:
        None if the network is kept, else the coefficients `(lags + 1, horizon)` of a `FallbackModel`. At most the
        newest 1,000 steps of the history are lags; the last value has 0 lags.
    """
    ratio = error_ratio(model, held_out, median)
    if ratio is None or _is_significantly_lower(ratio, 1.0, held_out) or (np.isinf(ratio) and _is_constant(trained_on)):
        return None
    over = f"over {held_out.horizons:.1f} horizons"
    error = (
        f"{ratio:.2f} times that of the last value" if np.isfinite(ratio) else "above 0, the error of the last value,"
    )
    ridge = Ridge.fit_lags(trained_on)
    ridge_ratio = _ridge_ratio(ridge, held_out)
    informative = False
    if ridge_ratio is not None and ridge_ratio <= 1:
        earlier, later = trained_on.hold_out(0.5, trained_on.ends)
        before = _ridge_ratio(Ridge.fit_lags(earlier, choose_penalty=False), later)
        informative = before is not None and _is_significantly_lower(before, 1.0, later)
        misleading = before is not None and _is_significantly_lower(1.0, before, later)
        if ratio >= 1 and not misleading and _is_significantly_lower(ridge_ratio, ratio, held_out):
            _warn(f"{error} {over}, and that of a ridge forecast is {ridge_ratio:.2f} times: {RIDGE_USED}")
            return (ridge if refit_on is trained_on else Ridge.fit_lags(refit_on)).coefficients
    if season > 1:
        cycle = error_ratio(SeasonalCycle(season, trained_on.horizon), trained_on)
        if cycle is not None and _is_significantly_lower(cycle, 1.0, trained_on):
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
    """Return the mean absolute error of a model on windows, divided by that of the last value.

    Args:
        model: A `WindowModel`.
        windows: The `Windows`.
        median: Index of the point forecast among its outputs. Defaults to 0.

    Returns:
        A float, infinite if only the error of the last value is 0. None if nothing was observed, or if both errors are
        0.
    """
    ours, naive = [], []
    index = sample_evenly(len(windows), windows.horizon * windows.panel.channels)
    for part in windows.batches(index):
        inputs, target = windows.gather(part)
        weights = windows.weights(part)
        weights = 1 if weights is None else weights
        ours.append(weights * np.abs(target - model.forecast(inputs)[..., median]))
        naive.append(weights * np.abs(target - newest_observed(inputs["history"])[:, None]))
    ours, naive = np.concatenate(ours), np.concatenate(naive)
    if not np.isfinite(ours).any() or not max(np.nanmean(ours), np.nanmean(naive)) > 0:
        return None
    with np.errstate(divide="ignore"):
        return np.nanmean(ours) / np.nanmean(naive)


def _ridge_ratio(ridge, windows):
    return None if ridge is None or not len(windows) else error_ratio(ridge, windows)


def _is_constant(windows):
    """Return whether the error of the last value is 0 on every window."""
    return error_ratio(SeasonalCycle(1, windows.horizon), windows) is None


def _is_significantly_lower(error, other, windows):
    """Return whether an error on these windows is significantly lower than another."""
    return error < other * windows.significant_ratio


def _warn(reason):
    warn(
        f"On the held-out windows the error of the network is {reason}. Train the network longer, pass a longer "
        "history, lower `horizon`, or keep the network with `fallback=False`."
    )
