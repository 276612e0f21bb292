"""Whether one forecast is better than another, or only was so in these windows."""

import dataclasses

import numpy as np
from scipy import stats
from statsmodels.regression.linear_model import OLS

from tsattn._utils.validation import check_count

LEAST_WINDOWS = 8  # the smallest sample that Harvey et al. looked at
# Windows for each step of the horizon. With so many, equal forecasts are told apart at 0.05 up to 18 % of the time,
# and up to 10 % (20 for each step: 7 %), as measured on normal moving sums with horizons from 2 to 24.
LEAST_OVERLAPPING, ENOUGH_OVERLAPPING = 4, 10
ROUNDING = 1e-12  # of the losses; what differs by less is the same


@dataclasses.dataclass(frozen=True)
class DieboldMariano:
    """What `diebold_mariano` found.

    Args:
        statistic: Below 0 where the first forecast has the smaller mean loss.
        p_value: Two-sided.
        note: What a reader must know of this test, in words; empty if nothing.
    """

    statistic: float
    p_value: float
    note: str = ""


def diebold_mariano(first, second, *, horizon=1):
    """Tests whether two forecasts of the same windows have the same expected loss.

    The variance of the mean difference counts its autocovariances up to lag horizon - 1 in full, as Diebold and
    Mariano have it. Where this is not positive, it counts them with the falling weights of Bartlett. (R's `dm.test`
    counts none of them then, and has Bartlett's weights as an option.)

    Args:
        first: Losses of a forecast, `(windows,)`, in order of time. A window where either is NaN is left out.
        second: Losses of the other forecast in the same windows.
        horizon: How many windows overlap: the forecast horizon, divided by the steps from a window to the next.

    Returns:
        A `DieboldMariano`. Statistic and p-value are NaN with fewer than 8 windows, or 4 for each step of the horizon:
        by then, equal forecasts are told apart more than three times as often as they should be.

    Raises:
        ValueError: the losses are not as many numbers in a row, or one is infinite.

    Reference:
        Diebold and Mariano, 1995, https://doi.org/10.1080/07350015.1995.10524599; the correction for small samples and
        Student's distribution: Harvey et al., 1997, https://doi.org/10.1016/S0169-2070(96)00719-4.

    Example:
        >>> first, second = [1, 2, 1, 3, 2, 1, 2, 1], [2, 2, 3, 3, 1, 3, 4, 2]
        >>> found = diebold_mariano(first, second)
        >>> round(found.statistic, 3), round(found.p_value, 3)
        (-2.198, 0.064)
        >>> diebold_mariano(first, second, horizon=3).note
        'Too few windows: 8, but with 3 that overlap the test needs at least 12.'
    """
    horizon = check_count("horizon", horizon)
    first, second = check_losses("`first`", first), check_losses("`second`", second)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"`first` has the shape {first.shape} and `second` {second.shape}, but wanted is a loss of both for each "
            "window, (windows,). Take the mean over the steps and series of a window first."
        )
    seen = ~np.isnan(first + second)
    first, second = first[seen], second[seen]
    count, difference = len(first), first - second
    needed = max(LEAST_WINDOWS, LEAST_OVERLAPPING * horizon)
    if count < needed:
        overlap = f"with {horizon} that overlap " if horizon > 1 else ""
        return DieboldMariano(
            np.nan, np.nan, f"Too few windows: {count}, but {overlap}the test needs at least {needed}."
        )
    offset = offset_of(first, second)
    if offset == 0:
        return DieboldMariano(0.0, 1.0, "The losses are identical.")
    if offset is not None:
        return DieboldMariano(float(np.copysign(np.inf, offset)), 0.0, "The losses differ by the same in every window.")
    notes = []
    variance = _variance_of_mean(difference, horizon - 1, "uniform")
    if variance <= 0:
        variance = _variance_of_mean(difference, horizon - 1, "bartlett")
        notes.append("The variance with equal weights is not positive: Bartlett's weights were taken.")
    if horizon > 1 and count < ENOUGH_OVERLAPPING * horizon:
        enough = ENOUGH_OVERLAPPING * horizon
        notes.append(
            f"Few windows: {count}; below {enough}, with {horizon} that overlap, the p-value may be too small."
        )
    correction = (count + 1 - 2 * horizon + horizon * (horizon - 1) / count) / count
    statistic = float(difference.mean() * np.sqrt(correction / variance))
    return DieboldMariano(statistic, float(2 * stats.t.sf(abs(statistic), count - 1)), " ".join(notes))


def _variance_of_mean(difference, lags, kernel):
    """The variance of the mean of `(windows,)` with the autocovariances up to a lag; the mean is a regression on 1."""
    options = {"maxlags": lags, "kernel": kernel}
    return OLS(difference, np.ones(len(difference))).fit(cov_type="HAC", cov_kwds=options).cov_params()[0, 0]


def offset_of(first, second):
    """What the first losses are above the second ones in every window, up to rounding; None where that varies."""
    difference, rounding = first - second, ROUNDING * (np.abs(first) + np.abs(second))
    if (np.abs(difference) <= rounding).all():
        return 0.0
    offset = np.median(difference)
    return float(offset) if (np.abs(difference - offset) <= rounding).all() else None


def check_losses(whose, losses):
    """Losses as float64, NaN where there is none."""
    losses = np.asarray(losses, dtype="float64")
    if np.isinf(losses).any():
        raise ValueError(f"{whose} has an infinite loss in window {int(np.isinf(losses).argmax())}. Leave it out.")
    return losses
