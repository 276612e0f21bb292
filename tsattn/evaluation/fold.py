"""A fold: one fit, and the forecasts from the origins that share it. Folds are independent and run in any process."""

import dataclasses
import threading
import time
from dataclasses import dataclass

import numpy as np

from tsattn._utils.warnings import warn
from tsattn.evaluation.insight import Insight


def _measured(combine, column=None):
    """Declare a field of `Costs`.

    Args:
        combine: Function of the values of all folds and the number of origins that returns the value of a comparison.
        column: Column of the comparison. Defaults to the name of the field.
    """
    return dataclasses.field(metadata={"combine": combine, "column": column})


@dataclass(frozen=True)
class Costs:
    """What is measured of a fold next to its forecasts.

    This is the only declaration of these figures: checkpoints store all fields, and each is a column of the costs of a
    comparison.

    Args:
        fit_seconds: Seconds of the fit.
        predict_seconds: Seconds of the forecasts from all origins.
        parameters: Number of trained parameters, None if unknown.
        fell_back: Whether a simpler forecast replaced that of a network.
        pretrained: Name of the pretrained networks from which the fit started, None if there are none.
    """

    fit_seconds: float = _measured(lambda values, origins: sum(values))
    predict_seconds: float = _measured(lambda values, origins: 1000 * sum(values) / origins, column="predict_ms")
    parameters: int | None = _measured(lambda values, origins: values[-1])
    fell_back: bool = _measured(lambda values, origins: np.mean(values))
    pretrained: str | None = _measured(lambda values, origins: values[-1])

    @classmethod
    def columns(cls):
        """Return the columns of a comparison."""
        return [field.metadata["column"] or field.name for field in dataclasses.fields(cls)]

    @classmethod
    def combined(cls, folds, origins):
        """Return the values of `columns` for all folds of a candidate.

        Args:
            folds: List of the `Costs` of each fold.
            origins: Number of origins of all folds together.
        """
        return [
            field.metadata["combine"]([getattr(fold, field.name) for fold in folds], origins)
            for field in dataclasses.fields(cls)
        ]


@dataclass(frozen=True, eq=False)
class FoldResult:
    """Forecasts and costs of a fold.

    Args:
        values: float64 `(series, origins, horizon, channels, 1 + levels)`, the point forecast first.
        levels: Levels of the quantiles.
        costs: The `Costs`.
        insight: The `Insight`, None if it was not requested.
    """

    values: np.ndarray
    levels: tuple
    costs: Costs
    insight: Insight | None = None


class ThreadCopies:
    """One copy of a candidate per thread, fitted repeatedly, so that its network is compiled once.

    Args:
        candidate: A `Candidate`. It is copied immediately, so that copying errors are raised here.
    """

    def __init__(self, candidate):
        self.original = candidate.copy()
        self._copies = threading.local()

    def __reduce__(self):
        return ThreadCopies, (self.original,)

    def of_thread(self):
        """Return the copy of the current thread."""
        if "candidate" not in vars(self._copies):
            self._copies.candidate = self.original.copy()
        return self._copies.candidate


def run_fold_on_copy(copies, *arguments, **options):
    """Call `run_fold` with the `ThreadCopies` copy of the current thread."""
    return run_fold(copies.of_thread(), *arguments, **options)


def run_fold(
    candidate, history, remaining, *, horizon, fit=True, train_size=None, quantiles=None, static=None, explain=False
):
    """Fit a candidate before the first origin, and forecast from each.

    Args:
        candidate: A `Candidate`, which is fitted in place.
        history: The `RollingHistory`.
        remaining: Steps that remain after each origin, decreasing.
        horizon: Steps to forecast.
        fit: If False, use the candidate as it is. Defaults to True.
        train_size: Maximum number of steps of history in the fit, or None for all. Defaults to None.
        quantiles: Levels to forecast, or None for those of the candidate. Defaults to None.
        static: Static covariates. Defaults to None.
        explain: Whether to compute the `Insight`. Defaults to False.

    Returns:
        A `FoldResult`.

    Raises:
        ValueError: If forecasts have the wrong shape or are not finite.
        Exception: Any exception raised by the candidate.
    """
    start = time.perf_counter()
    if fit:
        known = history.until(remaining[0], train_size), history.covariates_until(remaining[0] - horizon)
        candidate.fit(*known, static)
    fitted = time.perf_counter()
    levels = candidate.levels if quantiles is None else tuple(quantiles)
    begin = time.perf_counter()
    if candidate.predicts_windows:
        if fit:  # a first, untimed call compiles the network
            _predict_at_once(candidate, history, remaining, horizon, levels, static)
            begin = time.perf_counter()
        values = _predict_at_once(candidate, history, remaining, horizon, levels, static)
    else:
        values = _predict_one_by_one(candidate, history, remaining, horizon, levels)
    end = time.perf_counter()
    _check_finite(values, history, remaining)
    insight = _insight(candidate, history, remaining, horizon, static) if explain else None
    costs = Costs(
        fit_seconds=fitted - start,
        predict_seconds=end - begin,
        parameters=candidate.parameters,
        fell_back=candidate.fell_back,
        pretrained=candidate.pretrained,
    )
    return FoldResult(values, levels, costs, insight)


def _predict_at_once(candidate, history, remaining, horizon, levels, static):
    """Forecast from all origins, which are one stride apart, in one call."""
    end = remaining[-1] - horizon
    stride = remaining[0] - remaining[1] if len(remaining) > 1 else 1
    rolling = {"windows": len(remaining), "stride": stride, "quantiles": levels}
    values = candidate.predict_windows(history.until(end), history.covariates_until(end), static, **rolling)
    values = np.asarray(values, dtype="float64")
    expected = (len(history.layout), len(remaining), horizon, history.panel.channels, 1 + len(levels))
    if values.shape != expected:
        raise ValueError(
            f"{candidate.class_name}.predict_windows returned an array of shape {values.shape}, but {expected} is "
            "expected: (series, windows, horizon, channels, 1 + quantiles). Sort the series by id, and put the point "
            "forecast first."
        )
    return values


def _predict_one_by_one(candidate, history, remaining, horizon, levels):
    """Forecast from each origin in a separate call, first from the end of the fit, then from later histories."""
    if levels:
        raise ValueError(
            f"`quantiles` is {levels}, but {candidate.class_name} has no `predict_windows` to forecast them. Leave "
            "`quantiles` out."
        )
    if len(remaining) > 1 and not candidate.takes_history:
        raise ValueError(
            f"{candidate.class_name}.predict has no argument `y` to forecast from a later origin. "
            "Pass `refit=True` to fit it at each."
        )
    options = [{}, *({"y": history.until(origin)} for origin in remaining[1:])]
    values = [
        history.align(candidate.predict(**option), origin, horizon)
        for option, origin in zip(options, remaining, strict=True)
    ]
    return np.stack(values, axis=1)[..., None]


def _check_finite(values, history, remaining):
    """Raise a ValueError that locates the first forecast that is not finite."""
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        series, window, step, channel, place = wrong[0]
        origin = history.times([remaining[window]], [0])[series]
        raise ValueError(
            f"{len(wrong)} of {values.size} forecasts are not finite. The first, of "
            f"{history.layout.value_name(series, channel)} from the origin {origin}, is "
            f"{values[series, window, step, channel, place]} at step {step + 1}. Fix the forecaster."
        )


def _insight(candidate, history, remaining, horizon, static):
    """Return the Insight, or None with a warning if it cannot be computed: the forecasts are valid without it."""
    try:
        return Insight.of(candidate, history, remaining, horizon, static)
    except Exception as error:
        warn(f"Attention and teacher forcing of {candidate.class_name} could not be evaluated: {error_text(error)}")
        return None


def error_text(error):
    """Return an exception as text."""
    return f"{type(error).__name__}: {error}"


def warn_of_leakage(candidate, history, remaining):
    """Warn if an already fitted candidate was fitted on values after an origin."""
    seen = candidate.steps_seen(history.layout)
    if seen is not None and (leak := int((seen - (history.layout.lengths - remaining)).max())) > 0:
        warn(
            f"The forecaster was fitted on up to {leak} step(s) after the first origin, which leaks values that it "
            "should forecast. Fit it on the history before the first origin, or leave `refit` at False."
        )
