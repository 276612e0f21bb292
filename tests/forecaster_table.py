"""The table of forecasters: each that is named here is held to every promise."""

import keras
import numpy as np
import pandas as pd

import tsattn
from tsattn import Training

FAST = {"epochs": 2, "random_state": 0, "verbose": 0}
# Small networks that are hardly trained, and used all the same.
SMALL = {"units": 4, "fallback": False}


class GatedCore(keras.layers.Layer):
    """A user's own core: the last state of a GRU, added to every query."""

    def __init__(self, units):
        super().__init__()
        self.gru = keras.layers.GRU(units)

    def call(self, patches, queries, patches_mask=None):
        return self.gru(patches, mask=patches_mask)[:, None] + queries


PATCHED = {
    "seq2seq": lambda **kw: tsattn.Seq2SeqForecaster(**{**SMALL, "training": Training(**FAST), **kw}),
    "attention": lambda **kw: tsattn.AttentionForecaster(**{**SMALL, "training": Training(**FAST), **kw}),
    "transformer": lambda **kw: tsattn.TransformerForecaster(
        **{**SMALL, "heads": 2, "layers": 1, "training": Training(**FAST), **kw}
    ),
    "core": lambda **kw: tsattn.CoreForecaster(**{"core": GatedCore, **SMALL, "training": Training(**FAST), **kw}),
}
NETWORKS = {
    **PATCHED,
    "inverted": lambda **kw: tsattn.InvertedTransformerForecaster(
        **{**SMALL, "heads": 2, "layers": 1, "training": Training(**FAST), **kw}
    ),
}
FORECASTERS = {
    **NETWORKS,
    "linear": lambda **kw: tsattn.LinearForecaster(**kw),
    "seasonal_naive": lambda **kw: tsattn.SeasonalNaiveForecaster(**kw),
    "ensemble": lambda **kw: tsattn.EnsembleForecaster(
        **{
            "members": [NETWORKS["seq2seq"](horizon=kw["horizon"]), tsattn.LinearForecaster(kw["horizon"])],
            "training": Training(**FAST),
            **kw,
        }
    ),
}
HORIZON = 6


def monthly(length=60, start="2020-01"):
    """A series with a season of 12 months, a trend and a little noise."""
    steps = np.arange(length)
    values = 50 + 0.5 * steps + 10 * np.sin(steps * np.pi / 6) + np.random.default_rng(0).normal(size=length)
    return pd.Series(values, index=pd.date_range(start, periods=length, freq="MS", name="month"), name="sales")


def wide(length=60):
    """Two channels of different level."""
    y = monthly(length)
    return pd.DataFrame({"north": y, "south": 1000 - 3 * y.to_numpy()[::-1]})


def panel():
    """Series of other levels and lengths that begin and end at other times; the last is shorter than a window."""
    y = monthly(60)
    parts = {"a": y[:50], "b": 20 * y[10:56], "c": 300 - y[5:55], "d": 0.01 * y[40:54]}
    return pd.concat(parts, names=["shop"])


def beside(length=60):
    """Covariates of so many months: a number, text, and a number that is not known in advance."""
    steps = np.arange(length)
    return pd.DataFrame(
        {"promo": (steps % 5 == 0) * 1.0, "kind": np.array(["x", "y", "z"])[steps % 3], "price": np.cos(steps)},
        index=pd.date_range("2020-01", periods=length, freq="MS", name="month"),
    )


def shops(ids="abcd"):
    """Static covariates of the series of the panel."""
    sizes = pd.Categorical(list("smls"), categories=list("smlx"))
    return pd.DataFrame({"size": sizes, "area": [10.0, 30.0, 20.0, 15.0]}, index=pd.Index(list(ids), name="shop"))
