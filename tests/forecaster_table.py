"""The table of forecasters. Tests of all forecasters run on each of its entries."""

import importlib.util

import keras
import pandas as pd

import tsattn
from tsattn import Training
from tsattn.testing.data import covariates as monthly_covariates
from tsattn.testing.data import monthly, panel, wide

__all__ = ["monthly", "monthly_covariates", "panel", "wide"]

FAST = {"epochs": 2, "batches_per_epoch": 4, "random_state": 0, "verbose": 0}
# Small networks with little training, whose forecasts are used without a fallback.
SMALL = {"units": 4, "fallback": False}


class GatedCore(keras.layers.Layer):
    """A user-defined core: the last state of a GRU, added to every query."""

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
if importlib.util.find_spec("statsforecast"):  # which requires an earlier pandas than the other tests
    FORECASTERS["statistical"] = lambda **kw: tsattn.StatisticalForecaster(**{"model": "auto_theta", **kw})
HORIZON = 6


def shops(ids="abcd"):
    """Static covariates of the series in `panel`."""
    sizes = pd.Categorical(list("smls"), categories=list("smlx"))
    return pd.DataFrame({"size": sizes, "area": [10.0, 30.0, 20.0, 15.0]}, index=pd.Index(list(ids), name="shop"))
