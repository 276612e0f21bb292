"""Candidates for tests of comparisons, valid and invalid, and an assertion that two comparisons are equal."""

import threading

import numpy as np
import pandas as pd
from forecaster_table import FAST, HORIZON, SMALL

from tsattn import AttentionForecaster, LinearForecaster, Seq2SeqForecaster, Training

OPTIONS = {"windows": 4, "stride": 4, "verbose": 0}
COSTS = ["fit_seconds", "predict_ms"]


class Broken:
    """A candidate that raises an error whose text looks like HTML."""

    def fit(self, y):
        raise ValueError("out of <b>memory</b>")

    def predict(self):
        return None


class Repeats:
    """A candidate of another library that repeats the last value, or a fixed value, with only `fit` and `predict`."""

    def __init__(self, value=None):
        self.value = value

    def fit(self, y):
        self.y_ = y

    def predict(self, y=None):
        y = self.y_ if y is None else y
        return np.full(HORIZON, y.iloc[-1] if self.value is None else self.value)


class Locked(Repeats):
    """A candidate that cannot be copied."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


def candidates(**options):
    small = {"horizon": HORIZON, **SMALL, "training": Training(**FAST), **options}
    return {
        "recursive": Seq2SeqForecaster(**small, patch_size=2, decoding="recursive"),
        "attention": AttentionForecaster(**small, patch_size=2),
        "linear": LinearForecaster(horizon=HORIZON),
        "last": Repeats(),
        "broken": Broken(),
    }


def assert_same(result, expected):
    """Assert that all results are bitwise equal, except for the seconds."""
    pd.testing.assert_frame_equal(result.forecasts, expected.forecasts, check_exact=True)
    tables = (each.leaderboard.drop(columns=COSTS) for each in (result, expected))
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    pd.testing.assert_frame_equal(result.significance, expected.significance, check_exact=True)
