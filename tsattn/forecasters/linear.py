"""The linear forecast: ridge regression as a forecaster."""

import dataclasses

import numpy as np

from tsattn._utils.validation import check_optional_count, check_rate
from tsattn.baselines.ridge import LONGEST, Ridge, forecast_by
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.defaults import default_window
from tsattn.forecasters.documented import documented
from tsattn.forecasters.validation import refuse_short


@documented
@dataclasses.dataclass(eq=False, repr=False)
class LinearForecaster(Forecaster):
    """Ridge regression from the window, less its last value, to the forecast; one matrix for all series and channels.

    Covariates enter with the steps of the forecast and as many before them. The penalty is the one
    with the least error on the last part of the series, from a grid of eight; then all windows are
    learnt from, but with `calibrate` only those before. Windows whose target was not fully observed
    are left out; where most were not, each step is learnt from what was observed of it, of long
    horizons a few neighbours together. Of more than a million windows, those of each channel counted
    apart, some are left out, evenly. The lookback of None is that of the networks, but at most 1,000 steps.

    Args:
        validation_fraction: Part of each series at its end on which the penalty is chosen.
            Defaults to 0.1.

    Reference:
        Zeng et al., 2023, https://arxiv.org/abs/2205.13504; in closed form: Toner and Darlow, 2024,
        https://arxiv.org/abs/2403.14587.

    Example:

    >>> from tsattn import LinearForecaster, load_dataset
    >>> len(LinearForecaster(horizon=12).fit(load_dataset("air_passengers")).predict())
    12
    """

    _: dataclasses.KW_ONLY
    validation_fraction: float = 0.1

    def _choose(self):
        lookback = check_optional_count("lookback", self.lookback)
        length = int(np.median(self.layout_.lengths))
        chosen, _ = default_window(length, self.horizon_, self.season_, lookback, series=len(self.layout_))
        self.lookback_ = lookback or min(chosen, LONGEST)
        refuse_short(self.layout_, self.lookback_ if lookback else 1, self.horizon_)

    def _learn(self, windows):
        fraction = check_rate("validation_fraction", self.validation_fraction)
        parts = windows.hold_out(fraction) if fraction else None
        ridge = Ridge.learnt(windows, parts, self.schema_.cardinalities, whole=not self.calibrate)
        if ridge is None:
            raise ValueError(
                f"`y` has no window of lookback {self.lookback_} + horizon {self.horizon_} steps with an observed past "
                "and an observed target. Lower `horizon` or `lookback`, or fill the missing values."
            )
        self.coefficients_, self.penalty_, self.held_out_ = ridge.coefficients, ridge.penalty, ridge.held_out

    def _held_out(self, windows):
        return windows.hold_out(self.validation_fraction)[1] if self.held_out_ else None

    def _forecast(self, inputs):
        return forecast_by(self.coefficients_, inputs, self.schema_.cardinalities)[..., None]
