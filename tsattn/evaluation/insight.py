"""What one fitted candidate of a comparison looks at: attention, occlusion and the teacher's help, as arrays."""

from dataclasses import dataclass

import numpy as np

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
    def of(cls, forecaster, cuts, backs, static=None):
        """That of a fitted forecaster from the last of some origins."""
        back, found = backs[-1], {}
        data = cuts.history(back), cuts.covariates_until(back - forecaster.horizon_)
        if _attends(forecaster):
            weights = forecaster.attention_weights(data[1], y=data[0], static=static)
            by_lag = weights_by(weights, "lag")
            try:
                hidden = occlusion(forecaster, *data, static=static).reindex(by_lag.index)
            except ValueError:  # with one patch, or where few values were observed, hiding a part hides all
                hidden = by_lag * np.nan
            found = {
                "lags": by_lag.index.to_numpy("int64"),
                "weights": weights.to_numpy("float64")[: forecaster.horizon_],
                "by_lag": by_lag.to_numpy("float64"),
                "hidden": hidden.to_numpy("float64"),
            }
        if getattr(forecaster, "decoding", None) == "recursive":
            until = back - forecaster.horizon_
            stride = backs[0] - backs[1] if len(backs) > 1 else 1
            rolling = {"windows": len(backs), "stride": stride, "static": static}
            gap = teacher_gap(forecaster, cuts.history(until), cuts.covariates_until(until), **rolling)
            found["taught"] = gap[["free running", "teacher forcing"]].to_numpy("float64")
        return cls(**found)


def _attends(forecaster):
    """Whether there are weights on the patches of the history to be read."""
    network = getattr(forecaster, "network_", None)
    return hasattr(forecaster, "patch_size_") and hasattr(network.body.core, "attend")
