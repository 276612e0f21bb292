"""Candidates of comparisons, good and bad, and when two comparisons found the same."""

import threading

import numpy as np
import pandas as pd
from forecaster_table import FAST, HORIZON, SMALL

from tsattn import AttentionForecaster, LinearForecaster, Seq2SeqForecaster, Training

OPTIONS = {"windows": 4, "stride": 4, "verbose": 0}
COSTS = ["fit_seconds", "predict_ms"]


class Broken:
    def fit(self, y):
        raise ValueError("no luck <b>today</b>")

    def predict(self):
        return None


class Repeats:
    """A candidate of another library: `fit`, `predict`, and nothing else."""

    def __init__(self, value=None):
        self.value = value

    def fit(self, y):
        self.y_ = y

    def predict(self, y=None):
        y = self.y_ if y is None else y
        return np.full(HORIZON, y.iloc[-1] if self.value is None else self.value)


class Locked(Repeats):
    """What cannot be copied."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


def candidates(**options):
    small = {"horizon": HORIZON, **SMALL, "training": Training(**FAST), **options}
    return {
        "plain": Seq2SeqForecaster(**small, patch_size=2, decoding="recursive"),
        "looking": AttentionForecaster(**small, patch_size=2),
        "linear": LinearForecaster(horizon=HORIZON),
        "last": Repeats(),
        "broken": Broken(),
    }


def same(found, wanted):
    """All that was forecast and derived is the same to the bit; seconds are not compared."""
    pd.testing.assert_frame_equal(found.forecasts, wanted.forecasts, check_exact=True)
    tables = (table.leaderboard.drop(columns=COSTS) for table in (found, wanted))
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    pd.testing.assert_frame_equal(found.significance, wanted.significance, check_exact=True)
