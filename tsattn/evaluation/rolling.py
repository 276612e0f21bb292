"""The forecasts of one forecaster from origins that share a fit: one piece of work, for any process."""

import inspect
import time
from dataclasses import dataclass

import numpy as np

from tsattn._utils.warnings import warn
from tsattn.evaluation.arguments import own_levels
from tsattn.evaluation.insight import Insight


@dataclass(frozen=True, eq=False)
class Piece:
    """What one piece of work gave.

    Args:
        values: float64 (series, windows, horizon, channels, 1 + levels), the forecast first.
        levels: The levels of the quantiles.
        fit_seconds, predict_seconds: Of the fit, and of all forecasts.
        parameters: Trained numbers; None where they are not known.
        fell_back: Whether the forecaster was a network for which a simpler forecast stood in.
        insight: What the forecaster looked at, None if it was not asked for.
    """

    values: np.ndarray
    levels: tuple
    fit_seconds: float
    predict_seconds: float
    parameters: int | None
    fell_back: bool = False
    insight: Insight | None = None


def run_copy(copies, *arguments, **options):
    """`run_piece` with the copy that is this thread's own."""
    return run_piece(copies.mine(), *arguments, **options)


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

    Raises:
        ValueError: a forecast that is not a finite number; and what the forecaster raises.
    """
    start = time.perf_counter()
    if fit:
        _fit(forecaster, cuts.history(backs[0], train_size), cuts.covariates_until(backs[0] - horizon), static)
    fitted = time.perf_counter()
    levels = own_levels(forecaster) if quantiles is None else tuple(quantiles)
    begun = time.perf_counter()
    if hasattr(forecaster, "predict_windows"):
        if fit:  # a first time that is not counted: it compiles
            _at_once(forecaster, cuts, backs, horizon, levels, static)
            begun = time.perf_counter()
        values = _at_once(forecaster, cuts, backs, horizon, levels, static)
    else:
        values = _one_by_one(forecaster, cuts, backs, horizon, levels)
    done = time.perf_counter()
    _check_finite(values, cuts, backs)
    insight = _looked_into(forecaster, cuts, backs, horizon, static) if explain else None
    fell_back = getattr(forecaster, "falls_back_", False)
    return Piece(values, levels, fitted - start, done - begun, _parameters(forecaster), fell_back, insight)


def _fit(forecaster, history, covariates, static):
    """Fits, with what there is beside the history if the forecaster takes it."""
    beside = {} if static is None or not _takes(forecaster.fit, "static") else {"static": static}
    forecaster.fit(history, *([] if covariates is None or not _takes_more(forecaster.fit) else [covariates]), **beside)


def _at_once(forecaster, cuts, backs, horizon, levels, static):
    """From all origins in one call; they are one stride apart."""
    last = backs[-1] - horizon  # steps that no forecast is for
    stride = backs[0] - backs[1] if len(backs) > 1 else 1
    return forecaster.predict_windows(
        cuts.history(last),
        cuts.covariates_until(last),
        windows=len(backs),
        stride=stride,
        quantiles=levels,
        **({} if static is None else {"static": static}),
    )


def _one_by_one(forecaster, cuts, backs, horizon, levels):
    """From each origin on its own: the first is where the fit ended, the others are histories for `predict(y=...)`."""
    if levels:
        raise ValueError(
            f"`quantiles` {levels} were asked for, but {type(forecaster).__name__} gives none. Leave them out."
        )
    if len(backs) > 1 and not _takes(forecaster.predict, "y"):
        raise ValueError(
            f"{type(forecaster).__name__}.predict takes no `y=` to forecast from a later origin. "
            "Pass `refit=True`, so that it is fitted at each."
        )
    histories = [{}, *({"y": cuts.history(back)} for back in backs[1:])]
    values = [
        cuts.aligned(forecaster.predict(**history), back, horizon)
        for history, back in zip(histories, backs, strict=True)
    ]
    return np.stack(values, axis=1)[..., None]


def _takes(method, name):
    """Whether a method takes an argument of this name."""
    parameters = inspect.signature(method).parameters
    return name in parameters or any(each.kind is each.VAR_KEYWORD for each in parameters.values())


def _takes_more(fit):
    """Whether a method takes more than one argument by place."""
    kinds = [each.kind for each in inspect.signature(fit).parameters.values()]
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return inspect.Parameter.VAR_POSITIONAL in kinds or sum(kind in by_place for kind in kinds) > 1


def _check_finite(values, cuts, backs):
    """A ValueError that names the first forecast that is not a finite number."""
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        series, window, step, channel, place = wrong[0]
        stamp = cuts.stamps([backs[window]], [0])[series]
        raise ValueError(
            f"{len(wrong)} of {values.size} forecasts are not finite numbers; the first, of "
            f"{cuts.layout.value_name(series, channel)} from the origin {stamp}, is "
            f"{values[series, window, step, channel, place]} at step {step + 1}. Mend the forecaster."
        )


def _looked_into(forecaster, cuts, backs, horizon, static):
    """The Insight, or None where looking fails: what was forecast is worth no less."""
    try:
        return Insight.of(forecaster, cuts, backs, horizon, static)
    except Exception as problem:
        warn(f"What {type(forecaster).__name__} looked at is not known: {type(problem).__name__}: {problem}")
        return None


def _parameters(forecaster):
    network = getattr(forecaster, "network_", None)
    coefficients = getattr(forecaster, "coefficients_", None)
    if network is not None:
        return network.count_params()
    return None if coefficients is None else int(np.size(coefficients))


def warn_of_known_future(forecaster, cuts, back):
    """Warns where a forecaster that is not fitted again got values from after the first origin."""
    layout = getattr(forecaster, "layout_", None)
    if layout is None:
        return
    if (leak := int((layout.rows_in_history(cuts.layout) - (cuts.layout.lengths - back)).max())) > 0:
        warn(
            f"The forecaster was fitted on up to {leak} step(s) after the first origin, so that it has seen what it "
            "is to forecast. Fit it on the history before, or leave `refit` to False."
        )
