"""The forecasts of one forecaster from origins that share a fit: one piece of work, for any process."""

import time
from dataclasses import dataclass

import numpy as np

from tsattn.evaluation.insight import Insight
from tsattn.warning import warn

LEVELS = (0.1, 0.5, 0.9)  # of a forecaster that is calibrated from a point forecast


@dataclass(frozen=True, eq=False)
class Piece:
    """What one piece of work gave.

    Args:
        values: float64 (series, windows, horizon, channels, 1 + levels), the forecast first.
        levels: The levels of the quantiles.
        fit_seconds, predict_seconds: Of the fit, and of all forecasts.
        parameters: Trained numbers; None where they are not known.
        insight: What the forecaster looked at, None if it was not asked for.
    """

    values: np.ndarray
    levels: tuple
    fit_seconds: float
    predict_seconds: float
    parameters: int | None
    insight: Insight | None = None


def run_piece(
    forecaster, cuts, backs, *, horizon, fit=True, train_size=None, quantiles=None, static=None, explain=False
):
    """Fits before the first of some origins, and forecasts from each of them.

    Args:
        forecaster: An object with `fit` and `predict`; it is fitted in place.
        cuts: The `Cuts` of the data.
        backs: Steps that the series still have after each origin, falling.
        horizon: Steps to forecast.
        fit: If False the forecaster is used as it is.
        train_size: Steps of history that the fit gets at most; None for all.
        quantiles: Levels to forecast too; None for those that the forecaster was made for.
        static: Static covariates, or None.
        explain: Whether to look into the forecaster too.
    """
    start = time.perf_counter()
    beside = {} if static is None else {"static": static}
    if fit:
        history, covariates = cuts.history(backs[0], train_size), cuts.covariates_until(backs[0] - horizon)
        forecaster.fit(history, *([] if covariates is None else [covariates]), **beside)
    fitted = time.perf_counter()
    levels = _levels(forecaster, quantiles)
    begun = time.perf_counter()
    if fit and hasattr(forecaster, "predict_windows"):  # a first time that is not counted: it compiles
        _at_once(forecaster, cuts, backs, levels, beside)
        begun = time.perf_counter()
    if hasattr(forecaster, "predict_windows"):
        values = _at_once(forecaster, cuts, backs, levels, beside)
    else:
        values = _one_by_one(forecaster, cuts, backs, horizon, levels)
    done = time.perf_counter()
    insight = Insight.of(forecaster, cuts, backs, static) if explain else None
    return Piece(values, levels, fitted - start, done - begun, _parameters(forecaster), insight)


def _levels(forecaster, quantiles):
    if quantiles is not None:
        return tuple(quantiles)
    if getattr(forecaster, "spread_", None) is None:
        return ()
    levels = tuple(forecaster.levels_)
    return levels if len(levels) > 1 else LEVELS


def _at_once(forecaster, cuts, backs, levels, beside):
    """From all origins in one call; they are one stride apart."""
    last = backs[-1] - forecaster.horizon_  # steps that no forecast is for
    stride = backs[0] - backs[1] if len(backs) > 1 else 1
    return forecaster.predict_windows(
        cuts.history(last),
        cuts.covariates_until(last),
        windows=len(backs),
        stride=stride,
        quantiles=levels,
        **beside,
    )


def _one_by_one(forecaster, cuts, backs, horizon, levels):
    """From each origin on its own: the first is where the fit ended, the others are histories for `predict(y=...)`."""
    if levels:
        raise ValueError(
            f"`quantiles` {levels} were asked for, but {type(forecaster).__name__} gives none. Leave them out."
        )
    values = []
    for place, back in enumerate(backs):
        history = {} if place == 0 else {"y": cuts.history(back)}
        try:
            forecast = forecaster.predict(**history)
        except TypeError as problem:
            if not history:
                raise
            raise ValueError(
                f"{type(forecaster).__name__}.predict takes no `y=` to forecast from a later origin. "
                "Pass `refit=True`, so that it is fitted at each."
            ) from problem
        values.append(cuts.aligned(forecast, back, horizon))
    return np.stack(values, axis=1)[..., None]


def _parameters(forecaster):
    network = getattr(forecaster, "network_", None)
    coefficients = getattr(forecaster, "coefficients_", None)
    if network is not None:
        return int(sum(np.prod(weight.shape) for weight in network.trainable_weights))
    return None if coefficients is None else int(np.size(coefficients))


def warn_of_known_future(forecaster, cuts, back):
    """Warns where a forecaster that is not fitted again got values from after the first origin."""
    layout = getattr(forecaster, "layout_", None)
    if layout is None:
        return
    if (leak := int((layout.seen(cuts.layout) - (cuts.layout.lengths - back)).max())) > 0:
        warn(
            f"The forecaster was fitted on up to {leak} step(s) after the first origin, so that it has seen what it "
            "is to forecast. Fit it on the history before, or leave `refit` to False."
        )
