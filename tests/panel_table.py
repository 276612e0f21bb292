"""A ragged panel in every shape of table."""

import numpy as np
import pandas as pd

from tsattn.testing.data import long_frame

DAYS = pd.DatetimeIndex(list(pd.date_range("2024-01-01", periods=12)), name="time")
# First timestamp and end of each series, ragged on both sides.
SPANS = {"a": (0, 8), "b": (2, 8), "c": (0, 5)}
LENGTHS = [8, 6, 5]
VALUES = np.arange(19.0)


def stack(spans=SPANS, stamps=DAYS, ids=tuple(SPANS), values=VALUES, names=("series", "time")):
    """A Series with the MultiIndex (series, time): these values over the spans of the timestamps."""
    keys = [key for key, (begin, end) in zip(ids, spans.values(), strict=True) for _ in range(begin, end)]
    times = stamps[np.concatenate([np.arange(*span) for span in spans.values()])]
    keys = pd.Index(keys, tupleize_cols=False, dtype=getattr(ids, "dtype", None))
    index = pd.MultiIndex.from_arrays([keys, times], names=list(names))
    return pd.Series(values, index=index, name="load")


# Functions from a stacked Series to the same panel in another shape.
SHAPES = {
    "stacked": lambda y: y,
    "stacked frame": lambda y: y.to_frame(),
    "two channels": lambda y: pd.DataFrame({"x": y, "y": y * 2}),
    "long": long_frame,
    "long in another order": lambda y: long_frame(y, ("y", "unique_id", "ds")),
    "long by id": lambda y: long_frame(y).set_index("unique_id"),
}


def future(steps, spans=SPANS, stamps=DAYS, ids=tuple(SPANS), values=None, names=("series", "time")):
    """The next steps of each series of a stacked Series."""
    spans = {key: (end, end + steps) for key, (_, end) in spans.items()}
    values = np.arange(float(steps * len(spans))) if values is None else values
    return stack(spans, stamps, ids, values, names)
