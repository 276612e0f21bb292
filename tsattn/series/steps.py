"""The step between two stamps: as the caller names it, and as the stamps show it."""

import re
import warnings
from contextlib import suppress
from datetime import timedelta
from operator import index as whole

import numpy as np
import pandas as pd
from pandas import offsets

from tsattn.series.inference import infer_step

# pandas 2.2 warns about these and pandas 3 rejects them; we name the new alias on both.
NEW_ALIASES = {
    **{"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns", "d": "D", "b": "B", "w": "W"},
    **{"M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "AS": "YS", "SM": "SME", "BH": "bh", "CBH": "cbh"},
    **{"BM": "BME", "BQ": "BQE", "BA": "BYE", "BY": "BYE", "BAS": "BYS", "CBM": "CBME"},
}
MOVING = {"years", "months", "weeks", "days"}  # of a DateOffset; `month=1` and its like only replace
PERIOD_ALIASES = ("M", "Q", "Y")  # old for stamps, current for periods


def step_of(kind, index, freq, name, longest):
    """The step of a typed index of that kind: `freq`, or else what the index knows or its stamps show.

    Args: as in `Timeline.read`.
    """
    if freq is None and longest is not None and len(places := longest()) > 1:
        with suppress(ValueError):  # too few, too far apart: all stamps may tell
            return step_of(kind, index if len(places) == len(index) else index[places], None, name, None)
    if kind == "period":
        return period_step(freq, index)
    if kind == "integer":
        return integer_step(freq, index, name)
    if freq is not None:
        return datetime_step(freq)
    wall = index.tz_localize(None)
    # pandas 2.2 keeps the freq D through tz_convert, where it is no longer the same time every day.
    daily = isinstance(index.freq, offsets.Day) and index.tz is not None
    if index.freq is not None and index.freq.n > 0 and not (daily and len((wall - wall.normalize()).unique()) > 1):
        return index.freq
    clock = wall if index.tz is None else index.tz_convert("UTC").tz_localize(None)
    step = infer_step(np.sort(clock.to_numpy()), np.sort(wall.to_numpy()))
    if step is None:
        raise ValueError(
            f"`{name}` has {len(index)} stamp(s) from {index.min()} to {index.max()}, from which its step cannot be "
            "decided: that takes 3 stamps, and a regular step that leaves no more than half of the stamps out. "
            "Pass the step, for example `freq='D'` or `freq=pd.DateOffset(months=1)`."
        )
    return step


def datetime_step(freq):
    """The pandas offset that the argument `freq` (alias, offset or timedelta) means; ValueError with a cure."""
    if isinstance(freq, str):
        _refuse_old_alias(freq, NEW_ALIASES)
    if isinstance(freq, timedelta) and freq % timedelta(days=1) == timedelta(0):
        freq = offsets.Day(freq.days)  # as pandas 2.2 reads it; pandas 3 reads absolute hours
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            step = pd.tseries.frequencies.to_offset(freq)
    except (ValueError, TypeError, FutureWarning) as problem:
        raise ValueError(
            f"`freq` is {freq!r}, which pandas cannot read as a frequency. "
            "Pass an alias such as 'h', '15min', 'D', 'B', 'W-SUN', 'MS' or a pandas offset."
        ) from problem
    if step.n < 1:
        raise ValueError(f"`freq` is {freq!r}, which does not go forward in time. Pass a positive step.")
    if type(step) is offsets.DateOffset and {"hours", "minutes", "seconds", "microseconds"} & set(step.kwds):
        raise ValueError(f"`freq` is {freq!r}. For steps within a day pass an alias such as 'h' or '15min'.")
    if type(step) is offsets.DateOffset and not step.kwds.keys() & MOVING:
        raise ValueError(f"`freq` is {freq!r}, which does not go forward. Name a length too, such as `months=1`.")
    return step


def period_step(freq, index):
    """The step of a PeriodIndex, which is its own; ValueError where `freq` says another."""
    if freq is None:
        return index.freq
    if isinstance(freq, str):
        _refuse_old_alias(freq, {old: new for old, new in NEW_ALIASES.items() if old not in PERIOD_ALIASES})
    try:
        agrees = pd.PeriodDtype(freq) == index.dtype
    except (ValueError, TypeError, KeyError):
        agrees = False
    if not agrees:
        raise ValueError(
            f"`freq` is {freq!r}, but the periods of the index are {index.freqstr!r}. "
            f"Leave `freq` out or convert the index with `y.asfreq({freq!r})`."
        )
    return index.freq


def integer_step(freq, index, name):
    """The step of an integer index: `freq`, that of a range, or the largest one on which all stamps lie."""
    if freq is not None:
        if isinstance(freq, bool | np.bool_ | str) or not hasattr(freq, "__index__") or whole(freq) < 1:
            raise ValueError(f"`freq` is {freq!r}, but the index holds integers: the step must be a whole number >= 1.")
        return whole(freq)
    if isinstance(index, pd.RangeIndex):
        return abs(index.step)
    if len(index) == 1:
        return 1
    # As unsigned numbers the gaps come out right where they are larger than int64.
    step = int(np.gcd.reduce(np.diff(np.sort(index.to_numpy(dtype="int64")).astype("uint64"))))
    steps = (int(index.max()) - int(index.min())) // step + 1
    if 2 * len(index) < steps:
        raise ValueError(
            f"`{name}` has {len(index)} rows, but the integers of its index, in steps of {step}, leave more than half "
            f"of the {steps} places empty. Say what the step is, for example `freq={step}`, or repair the index."
        )
    return step


def _refuse_old_alias(freq, new_aliases):
    parts = re.fullmatch(r"([\d.]*)\s*([A-Za-z]+)(-[A-Za-z]+)?", freq.strip())
    if parts and parts[2] in new_aliases:
        new = f"{parts[1]}{new_aliases[parts[2]]}{parts[3] or ''}"
        raise ValueError(f"`freq` is {freq!r}, an old pandas alias. Write `freq={new!r}`.")
