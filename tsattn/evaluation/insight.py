"""Diagnostics of a fitted candidate: its attention, the effect of occlusion, and its error with teacher forcing."""

import dataclasses

import numpy as np
import pandas as pd

from tsattn.evaluation.attribution import measure_occlusion, weights_by
from tsattn.evaluation.teacher_forcing import measure_teacher_gap
from tsattn.report.charts import FREE_RUNNING, TEACHER_FORCING

MODES = [FREE_RUNNING, TEACHER_FORCING]


@dataclasses.dataclass(frozen=True, eq=False)
class Insight:
    """Arrays that can be stored in a file; None where they do not apply to the candidate.

    Args:
        lags: int64 `(patches,)`, minus the steps from the start of each patch to the end of the history.
        weights: `(horizon, patches)`, the attention weights of the first series and channel at the last origin.
        attention: `(patches,)`, the mean attention weight over steps, channels and series.
        occlusion: `(patches,)`, the mean change of the forecast when the patch is occluded.
        errors: `(horizon, 2)`, the error free running and with teacher forcing.
    """

    lags: np.ndarray | None = None
    weights: np.ndarray | None = None
    attention: np.ndarray | None = None
    occlusion: np.ndarray | None = None
    errors: np.ndarray | None = None

    @classmethod
    def of(cls, candidate, history, remaining, horizon, static=None):
        """Compute the diagnostics of a fitted candidate at the last of several origins.

        Args:
            candidate: A fitted `Candidate`.
            history: The `RollingHistory`.
            remaining: Steps that remain after each origin, decreasing.
            horizon: Steps of a forecast.
            static: Static covariates, or None.
        """
        parts = {}
        if candidate.attends_to_history:
            data = history.until(remaining[-1]), history.covariates_until(remaining[-1] - horizon)
            weights = candidate.attention_weights(*data, static)
            attention = weights_by(weights, "lag")
            try:
                change = measure_occlusion(candidate, *data, static=static).reindex(attention.index)
            except ValueError:  # a single patch, or a patch that contains all observed values of a series
                change = attention * np.nan
            parts = {
                "lags": attention.index.to_numpy("int64"),
                "weights": weights.to_numpy("float64")[:horizon],
                "attention": attention.to_numpy("float64"),
                "occlusion": change.to_numpy("float64"),
            }
        if candidate.decodes_recursively:
            end = remaining[-1] - horizon
            stride = remaining[0] - remaining[1] if len(remaining) > 1 else 1
            rolling = {"windows": len(remaining), "stride": stride, "static": static}
            errors = measure_teacher_gap(candidate, history.until(end), history.covariates_until(end), **rolling)
            parts["errors"] = errors[MODES].to_numpy("float64")
        return cls(**parts)


@dataclasses.dataclass(frozen=True, eq=False)
class InsightTables:
    """An `Insight` as pandas tables; None where they do not apply to the candidate.

    Args:
        weights: DataFrame of attention weights, forecast time x history time.
        by_lag: DataFrame on the index `lag` with the columns `attention` and `occlusion`.
        errors: DataFrame on the index `step` with the columns `free running` and `teacher forcing`.
    """

    weights: pd.DataFrame | None
    by_lag: pd.DataFrame | None
    errors: pd.DataFrame | None

    @classmethod
    def of(cls, insight, history, remaining):
        """Convert an `Insight` at an origin."""
        weights = by_lag = errors = None
        if insight.lags is not None:
            lags = pd.Index(insight.lags, name="lag")
            by_lag = pd.DataFrame({"attention": insight.attention, "occlusion": insight.occlusion}, index=lags)
            rows = history.times([remaining], range(1, len(insight.weights) + 1))[: len(insight.weights)]
            columns = history.times([remaining], insight.lags + 1)[: len(lags)]
            weights = pd.DataFrame(insight.weights, rows, columns)
        if insight.errors is not None:
            errors = pd.DataFrame(insight.errors, pd.RangeIndex(1, len(insight.errors) + 1, name="step"), MODES)
        return cls(weights, by_lag, errors)
