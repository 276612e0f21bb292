"""Invalid arguments: `fit` rejects them by name; the constructor accepts them."""

import keras
import numpy as np
import pytest
from forecaster_table import FORECASTERS, HORIZON, NETWORKS, monthly

ARGUMENTS = [
    ("seq2seq", {"lookback": 0}, "`lookback` is 0"),
    ("seasonal_naive", {"lookback": 100}, "100"),
    ("seasonal_naive", {"season": 100}, "needs at least 100"),
    ("seasonal_naive", {"lookback": 5}, "`lookback` 5 is shorter than the season of 12"),
    ("linear", {"season": 1.5}, "`season` is 1.5"),
    ("linear", {"validation_fraction": 1.0}, "`validation_fraction` is 1.0"),
    ("linear", {"target_transform": "ln"}, "`target_transform` is 'ln', but must be one of None, 'log', 'log1p',"),
    ("seasonal_naive", {"target_transform": 2}, "`target_transform` is 2"),
    ("seq2seq", {"lookback": 10, "patch_size": 4}, "multiple of `patch_size` 4"),
    ("seq2seq", {"patch_size": -1}, "`patch_size` is -1"),
    ("seq2seq", {"units": 0}, "`units` is 0"),
    ("seq2seq", {"layers": 0}, "`layers` is 0"),
    ("seq2seq", {"dropout": 1.0}, "`dropout` is 1.0"),
    ("seq2seq", {"normalization": "mean"}, "`normalization` is 'mean'.*'last'"),
    ("seq2seq", {"decoding": "both"}, "`decoding` is 'both'"),
    ("seq2seq", {"embedding": "gelu"}, "`embedding` is 'gelu'"),
    ("attention", {"attention_score": "no_such_score"}, "`attention_score` is 'no_such_score'.*'additive'"),
    ("transformer", {"heads": 3}, "`heads` is 3, but must divide `units`, which is 4"),
    ("transformer", {"norm": "batch"}, "`norm` is 'batch'"),
    ("transformer", {"positional": "random"}, "`positional` is 'random'.*'learned'"),
    ("transformer", {"embedding": None}, "`embedding` is None"),
    ("core", {"core": None}, "`core` is None"),
    ("core", {"core": lambda units: units}, "returned a int"),
]


@pytest.mark.parametrize("name, arguments, message", ARGUMENTS, ids=[f"{case[0]}-{case[2]}" for case in ARGUMENTS])
def test_fit_rejects_invalid_argument_but_constructor_accepts_it(name, arguments, message):
    forecaster = FORECASTERS[name](**{"horizon": HORIZON, **arguments})
    with pytest.raises(ValueError, match=f"(?s){message}"):
        forecaster.fit(monthly())


def test_training_must_be_a_training_object():
    with pytest.raises(TypeError, match="`training` is None"):
        NETWORKS["seq2seq"](horizon=HORIZON, training=None).fit(monthly())


@pytest.mark.parametrize("name", ["linear", "seq2seq"])
def test_fit_without_observed_target_raises(name):
    y = monthly()
    y.iloc[:-1] = np.nan
    with pytest.raises(ValueError, match=r"no window of lookback 24 \+ horizon 6 steps.*Lower `horizon`"):
        FORECASTERS[name](horizon=HORIZON, lookback=24).fit(y)


def test_core_with_wrong_output_shape_is_rejected():
    class Flat(keras.layers.Layer):
        """Returns one vector instead of one per step."""

        def __init__(self, units):
            super().__init__()
            self.flatten = keras.layers.Flatten()

        def call(self, patches, queries):
            return self.flatten(patches)

    with pytest.raises(ValueError, match="decoded steps"):
        NETWORKS["core"](horizon=HORIZON, core=Flat).fit(monthly())


def test_recursive_decoding_needs_core_with_start_and_step():
    with pytest.raises(ValueError, match="`start` and `step`"):
        NETWORKS["core"](horizon=HORIZON, decoding="recursive").fit(monthly())
