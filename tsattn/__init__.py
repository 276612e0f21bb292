"""tsattn: forecast pandas time series with Keras, by seq2seq, attention or Transformer.

The public names are imported on first use, so that `import tsattn` is quick.
"""

import importlib

__version__ = "0.1.0"

_MODULES = {
    "Seq2SeqForecaster": "tsattn.forecasters.seq2seq",
    "AttentionForecaster": "tsattn.forecasters.attention",
    "TransformerForecaster": "tsattn.forecasters.transformer",
    "InvertedTransformerForecaster": "tsattn.forecasters.inverted",
    "CoreForecaster": "tsattn.forecasters.core",
    "LinearForecaster": "tsattn.forecasters.linear",
    "SeasonalNaiveForecaster": "tsattn.forecasters.naive",
    "Training": "tsattn.forecasters.training",
    "TrainingDivergedError": "tsattn.forecasters.learning",
    "load_dataset": "tsattn.datasets",
    "plot_forecast": "tsattn.report.figures",
    "plot_attention": "tsattn.report.figures",
}
__all__ = ["__version__", *_MODULES]


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module 'tsattn' has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__():
    return sorted(__all__)
