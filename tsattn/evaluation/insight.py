"""What one fitted candidate of a comparison looks at: attention, occlusion and the teacher's help."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsattn.evaluation.explain import occlusion, weights_by
from tsattn.evaluation.teacher import teacher_gap


@dataclass(frozen=True, eq=False)
class Insight:
    """Arrays, so that they can be kept in a file; None where the candidate has no such thing.

    Args:
        lags: int64 (patches,), minus the steps from the start of each patch to the end of the history.
        weights: (horizon, patches), the attention of the first series and channel from the last origin.
        by_lag: (patches,), the mean weight over steps, channels and series.
        hidden: (patches,), the mean change of the forecast when the patch is hidden.
        taught: (horizon, 2), the error free running and with teacher forcing.
    """

    lags: np.ndarray | None = None
    weights: np.ndarray | None = None
    by_lag: np.ndarray | None = None
    hidden: np.ndarray | None = None
    taught: np.ndarray | None = None

    @classmethod
    def of(cls, forecaster, cuts, backs, horizon, static=None):
        """That of a fitted forecaster from the last of some origins, which lie so many steps before the ends."""
        back, found = backs[-1], {}
        if _attends(forecaster):
            data = cuts.history(back), cuts.covariates_until(back - horizon)
            weights = forecaster.attention_weights(data[1], y=data[0], static=static)
            by_lag = weights_by(weights, "lag")
            try:
                hidden = occlusion(forecaster, *data, static=static).reindex(by_lag.index)
            except ValueError:  # with one patch, or where few values were observed, hiding a part hides all
                hidden = by_lag * np.nan
            found = {
                "lags": by_lag.index.to_numpy("int64"),
                "weights": weights.to_numpy("float64")[:horizon],
                "by_lag": by_lag.to_numpy("float64"),
                "hidden": hidden.to_numpy("float64"),
            }
        if getattr(forecaster, "decoding", None) == "recursive":
            until = back - horizon
            stride = backs[0] - backs[1] if len(backs) > 1 else 1
            rolling = {"windows": len(backs), "stride": stride, "static": static}
            gap = teacher_gap(forecaster, cuts.history(until), cuts.covariates_until(until), **rolling)
            found["taught"] = gap[["free running", "teacher forcing"]].to_numpy("float64")
        return cls(**found)


@dataclass(frozen=True, eq=False)
class Looked:
    """What one candidate looked at, None where it has no such thing.

    Args:
        weights: DataFrame forecast time x history time.
        by_lag: DataFrame on the index `lag`: `attention`, `occlusion`.
        taught: DataFrame on the index `step`: `free running`, `teacher forcing`.
    """

    weights: pd.DataFrame | None
    by_lag: pd.DataFrame | None
    taught: pd.DataFrame | None

    @classmethod
    def of(cls, insight, cuts, back):
        """The tables of an `Insight` from an origin."""
        weights = by_lag = taught = None
        if insight.lags is not None:
            lags = pd.Index(insight.lags, name="lag")
            by_lag = pd.DataFrame({"attention": insight.by_lag, "occlusion": insight.hidden}, index=lags)
            rows = cuts.stamps([back], range(1, len(insight.weights) + 1))[: len(insight.weights)]
            weights = pd.DataFrame(insight.weights, rows, cuts.stamps([back], insight.lags + 1)[: len(lags)])
        if insight.taught is not None:
            steps = pd.RangeIndex(1, len(insight.taught) + 1, name="step")
            taught = pd.DataFrame(insight.taught, steps, ["free running", "teacher forcing"])
        return cls(weights, by_lag, taught)


def _attends(forecaster):
    """Whether there are weights on the patches of the history to be read."""
    if not hasattr(forecaster, "patch_size_"):
        return False
    with forecaster.network_.in_use() as network:
        return hasattr(network.body.core, "attend")
