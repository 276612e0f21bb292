"""tsattn: forecast pandas time series with Keras seq2seq, attention and Transformer networks.

The public names are imported on first use, so that `import tsattn` is quick.
"""

import importlib

from tsattn._utils.fork_guard import watch_forks
from tsattn._utils.startup_messages import hide_startup_messages
from tsattn.forecasters.registry import FORECASTERS
from tsattn.version import __version__

_MODULES = {
    **{name: entry.module for name, entry in FORECASTERS.items()},
    "Training": "tsattn.training.config",
    "TrainingDivergedError": "tsattn.training.trainer",
    "load_forecaster": "tsattn.forecasters.model_file.read",
    "ModelFileError": "tsattn.persistence.error",
    "backtest": "tsattn.evaluation.backtest",
    "weights_by": "tsattn.evaluation.attribution",
    "occlusion": "tsattn.evaluation.attribution",
    "agreement": "tsattn.evaluation.attribution",
    "teacher_gap": "tsattn.evaluation.teacher_forcing",
    "compare": "tsattn.evaluation.compare",
    "evaluate": "tsattn.evaluation.metrics",
    "predict_partitions": "tsattn.partitions",
    "load_dataset": "tsattn.datasets",
    "plot_forecast": "tsattn.report.figures",
    "plot_attention": "tsattn.report.figures",
}
_OF_COMPARE = ("utilsforecast", "statsmodels", "arch")
__all__ = ["__version__", *_MODULES]

watch_forks()
hide_startup_messages()


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module 'tsattn' has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(_MODULES[name]), name)
    except ModuleNotFoundError as problem:
        if (problem.name or "").split(".")[0] not in _OF_COMPARE:
            raise
        raise ImportError(
            f'{name} requires {problem.name}. Install it with: pip install "tsattn[compare]"', name=problem.name
        ) from problem


def __dir__():
    return sorted(__all__)
