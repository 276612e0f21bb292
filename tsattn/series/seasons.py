"""How many steps the main cycle of a series has."""

import pandas as pd
from pandas import offsets

# Steps of one fixed length: the cycle of the first row whose limit they do not reach. A year is 52 weeks here.
CYCLES = (
    # steps shorter than   have the cycle
    (pd.Timedelta(seconds=1), pd.Timedelta(seconds=1)),  # 100ms 10
    (pd.Timedelta(minutes=1), pd.Timedelta(minutes=1)),  # s 60, 10s 6
    (pd.Timedelta(days=1), pd.Timedelta(days=1)),  # min 1440, 10min 144, 15min 96, 30min 48, h 24, 2h 12
    (pd.Timedelta(weeks=1), pd.Timedelta(weeks=1)),  # D 7
    (pd.Timedelta(weeks=53), pd.Timedelta(weeks=52)),  # 7D 52
)
# Steps of the calendar, by pandas' name without the anchor; years and what is not here have no cycle: 1.
CALENDAR_CYCLES = {
    **dict.fromkeys(("B", "C"), 5),
    "W": 52,
    **dict.fromkeys(("SMS", "SME"), 24),
    **dict.fromkeys(("MS", "ME", "BMS", "BME", "CBMS", "CBME"), 12),
    **dict.fromkeys(("QS", "QE", "BQS", "BQE"), 4),
}
FIXED = {"weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"}


def season_length(timeline):
    """Steps in the main cycle of a Timeline; 1 where there is none, or where it is no whole number of steps."""
    step = timeline.step
    if timeline.kind == "integer":
        return 1
    plain = type(step) is offsets.DateOffset and set(step.kwds) <= FIXED
    if plain or isinstance(step, offsets.Day | offsets.Tick):
        length = pd.Timestamp(0) + step - pd.Timestamp(0)
        cycle = next((cycle for limit, cycle in CYCLES if length < limit), length)
        return cycle // length if cycle % length == pd.Timedelta(0) else 1
    if type(step) is offsets.DateOffset:
        cycle, multiple = (12, step.n * step.kwds["months"]) if set(step.kwds) == {"months"} else (1, 1)
    else:
        try:
            cycle, multiple = CALENDAR_CYCLES.get(step.rule_code.split("-")[0], 1), step.n
        except NotImplementedError:  # of an offset without a code, such as Easter
            return 1
    return cycle // multiple if cycle % multiple == 0 else 1
