"""Synthetic data in every format that a forecaster accepts. The same arguments always return the same data."""

import numpy as np
import pandas as pd

MONTHS, SHORTEST = 60, 14


def monthly(length=MONTHS, start="2020-01"):
    """Return a monthly Series with a season of 12 months, a trend and little noise."""
    steps = np.arange(length)
    values = 50 + 0.5 * steps + 10 * np.sin(steps * np.pi / 6) + np.random.default_rng(0).normal(size=length)
    return pd.Series(values, index=pd.date_range(start, periods=length, freq="MS", name="month"), name="sales")


def wide(length=MONTHS):
    """Return a wide frame of two channels at different levels, with positive values at any length."""
    y = monthly(length)
    return pd.DataFrame({"north": y, "south": 880 + 2 * length - 3 * y.to_numpy()[::-1]})


def panel(length=MONTHS, shortest=SHORTEST):
    """Return four stacked series that differ in level, start, end and length. The last one is the shortest."""
    y = monthly(length)
    parts = {"a": y[:-10], "b": 20 * y[10:-4], "c": 240 + length - y[5:-5], "d": 0.01 * y[-shortest - 6 : -6]}
    return pd.concat(parts, names=["shop"])


def long_frame(y, columns=("unique_id", "ds", "y")):
    """Convert stacked series to a long frame."""
    ids, times = (y.index.get_level_values(level) for level in (0, 1))
    frame = pd.DataFrame({"y": y.to_numpy()})
    for name, level in (("ds", times), ("unique_id", ids)):
        frame.insert(0, name, level)
    return frame[list(columns)]


def static_covariates(ids="abcd"):
    """Return static covariates of up to four series: a numeric and a text column."""
    index = pd.Index(list(ids), name="shop")
    return pd.DataFrame({"area": 10.0 + np.arange(len(ids)) ** 2, "kind": ["x", "y", "x", "y"][: len(ids)]}, index)


def covariates(length=MONTHS):
    """Return monthly covariates: `promo` (numeric), `kind` (text) and `price` (numeric, not known in advance)."""
    steps = np.arange(length)
    return pd.DataFrame(
        {"promo": (steps % 5 == 0) * 1.0, "kind": np.array(["x", "y", "z"])[steps % 3], "price": np.cos(steps)},
        index=pd.date_range("2020-01", periods=length, freq="MS", name="month"),
    )
