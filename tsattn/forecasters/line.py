"""The linear forecast from the history alone, which tells how much of a series a line knows."""

from tsattn.forecasters.ridge import LONGEST, Ridge, forecast_by

FRACTION = 0.1  # at the end of what is learnt from, on which the penalty is chosen


def line_of(windows, few=False):
    """Coefficients `(steps + 1, horizon)`, of at most the newest 1,000 steps of the history and of 1; None for none.

    With `few` windows the penalty is a fixed one: to choose it on a part of those costs more of the power to tell the
    forecast from the last value than it gains.
    """
    parts = None if few else windows.hold_out(FRACTION, windows.ends)
    ridge = Ridge.learnt(windows, parts, {}, steps=min(windows.lookback, LONGEST))
    return None if ridge is None else ridge.coefficients


def by_line(coefficients):
    """The forecast by such coefficients as a function of inputs, to `(n, horizon, channels)`."""
    return lambda inputs: forecast_by(coefficients, inputs, {}, len(coefficients) - 1)
