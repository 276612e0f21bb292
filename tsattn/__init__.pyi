"""Public names for type checkers; written by `python .ci/stub.py`."""

from tsattn.datasets import load_dataset as load_dataset
from tsattn.evaluation.attribution import agreement as agreement
from tsattn.evaluation.attribution import occlusion as occlusion
from tsattn.evaluation.attribution import weights_by as weights_by
from tsattn.evaluation.backtest import backtest as backtest
from tsattn.evaluation.compare import compare as compare
from tsattn.evaluation.metrics import evaluate as evaluate
from tsattn.evaluation.teacher_forcing import teacher_gap as teacher_gap
from tsattn.forecasters.attention import AttentionForecaster as AttentionForecaster
from tsattn.forecasters.core import CoreForecaster as CoreForecaster
from tsattn.forecasters.ensemble import EnsembleForecaster as EnsembleForecaster
from tsattn.forecasters.inverted import InvertedTransformerForecaster as InvertedTransformerForecaster
from tsattn.forecasters.linear import LinearForecaster as LinearForecaster
from tsattn.forecasters.model_file.read import load_forecaster as load_forecaster
from tsattn.forecasters.seasonal_naive import SeasonalNaiveForecaster as SeasonalNaiveForecaster
from tsattn.forecasters.seq2seq import Seq2SeqForecaster as Seq2SeqForecaster
from tsattn.forecasters.statistical import StatisticalForecaster as StatisticalForecaster
from tsattn.forecasters.transformer import TransformerForecaster as TransformerForecaster
from tsattn.partitions import predict_partitions as predict_partitions
from tsattn.persistence.error import ModelFileError as ModelFileError
from tsattn.report.figures import plot_attention as plot_attention
from tsattn.report.figures import plot_forecast as plot_forecast
from tsattn.training.config import Training as Training
from tsattn.training.trainer import TrainingDivergedError as TrainingDivergedError
from tsattn.version import __version__ as __version__
