"""A history and covariates with columns of every type, in tables of every shape."""

import numpy as np
import pandas as pd

from tsattn.series.covariates.schema import read_covariates
from tsattn.series.panel import read_panel

DAYS = pd.date_range("2024-01-01", periods=20, name="ds")
SPANS = {"a": (2, 12), "b": (0, 9), "c": (5, 10)}  # first row and end of each series of the panel
AHEAD = {"a": 3, "b": 6, "c": 0}  # rows of the covariates after each end


def history(shape):
    """A Series of 12 days or a ragged panel, with the same numbers in every shape."""
    one = pd.Series(np.arange(20.0), DAYS, name="load")
    if shape == "one":
        return one[:12]
    panel = pd.concat({key: one[slice(*span)] for key, span in SPANS.items()}, names=["unique_id"])
    return panel.rename("y").reset_index() if shape == "long" else panel


def table(seed=0):
    """Covariates of 20 days: numbers, booleans, text and categories; `lag` is a past covariate."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "price": np.round(rng.normal(20, 5, 20), 2),
            "promo": rng.random(20) > 0.5,
            "kind": np.array(["mon", "tue", "wed"])[np.arange(20) % 3],
            "lag": rng.normal(size=20),
            "size": pd.Categorical(np.array(["s", "m"])[np.arange(20) % 2], categories=["s", "m", "l"]),
        },
        index=DAYS,
    )


def covariates(shape):
    """The covariates of a history: "shared" is one table for all series of a panel, the others differ by series."""
    if shape in ("one", "shared"):
        return table() if shape == "shared" else table()[:15]
    parts = {key: table(seed)[: SPANS[key][1] + AHEAD[key]] for seed, key in enumerate(SPANS)}
    frame = pd.concat(parts, names=["unique_id"])
    return frame.reset_index() if shape == "long" else frame


SHAPES = {"one": "one", "panel": "panel", "long": "long", "shared": "panel"}
PAST = ["lag"]


def fit(shape, frame=None, *, past=PAST, **options):
    """Layout, Schema and Covariates of a fit."""
    _, layout = read_panel(history(SHAPES[shape]))
    frame = covariates(shape) if frame is None else frame
    return layout, *read_covariates(layout, frame, past=past, **{"steps": 4, **options})


def known_ahead(data):
    """Number of steps after each series for which all known columns have a value."""
    count = len(data.known.ends)
    future = data.known.gather(np.arange(count), np.zeros(count, "int64"), int(data.known.after.max()))
    return np.cumprod(~np.isnan(future).any(axis=-1), axis=1).sum(axis=1)
