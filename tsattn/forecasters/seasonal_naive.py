"""The seasonal naive forecast: what every network must beat."""

import dataclasses
from typing import ClassVar

from tsattn._utils.validation import check_count, check_rate
from tsattn.baselines.seasonal_naive import last_cycle
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.documented import documented
from tsattn.forecasters.validation import refuse_short
from tsattn.series.scaling import Unscaled

SEASONS = 4  # looked back at most, where the last season was not observed


@documented
@dataclasses.dataclass(eq=False, repr=False)
class SeasonalNaiveForecaster(Forecaster):
    """Repeats the last season; with `season=1`, the last value.

    Where a value of the last season was not observed, that of the season before is taken, within
    the lookback; and where there is none either, the last observed value. A lookback of None is at
    most four seasons. Covariates are taken and not used.

    Args:
        validation_fraction: Part of each series at its end on which `calibrate` measures the errors.
            Defaults to 0.1.

    Reference:
        Hyndman and Athanasopoulos, 2021, https://otexts.com/fpp3/simple-methods.html.

    Example:

    >>> import pandas as pd
    >>> y = pd.Series([1.0, 2.0, 1.0, 2.0], index=pd.RangeIndex(4))
    >>> SeasonalNaiveForecaster(horizon=3, season=2).fit(y).predict().tolist()
    [1.0, 2.0, 1.0]
    """

    _: dataclasses.KW_ONLY
    validation_fraction: float = 0.1
    _scaler: ClassVar[type] = Unscaled  # repeated values are to be the same to the last bit

    def _choose(self):
        season, longest = self.season_, int(self.layout_.lengths.max())
        if self.lookback is None:
            lookback = max(season, min(longest, SEASONS * season))
        else:
            lookback = check_count("lookback", self.lookback)
        if lookback < season:
            raise ValueError(
                f"`lookback` {lookback} is shorter than the season of {season} steps that is to be repeated. "
                "Raise `lookback`, or lower `season`."
            )
        if longest < lookback:
            refuse_short(self.layout_, lookback, 0)
        self.lookback_ = lookback

    def _learn(self, windows):
        check_rate("validation_fraction", self.validation_fraction)

    def _held_out(self, windows):
        return windows.hold_out(self.validation_fraction)[1] if self.validation_fraction else None

    def _forecast(self, inputs):
        return last_cycle(inputs["history"], self.season_, self.horizon_)[..., None]
