"""Recursive decoding is a loop, not a repetition: its graph does not grow with the horizon."""

import dataclasses

import keras
import numpy as np
import pytest
from networks.textbook import FAMILIES, LOOKBACK, SMALL, TEXTBOOK

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="counts TensorFlow's nodes")


def nodes(function):
    graph = function.graph.as_graph_def()
    return len(graph.node) + sum(len(inner.node_def) for inner in graph.library.function)


def graph_size(family, horizon, inputs):
    import tensorflow as tf

    skeleton = dataclasses.replace(TEXTBOOK, embedding="linear")
    made = FAMILIES[family](LOOKBACK, horizon, 1, skeleton, **SMALL.get(family, {}))
    given = {"history": np.zeros((1, LOOKBACK, 1), "float32")}
    if "target" in inputs:
        given |= {"target": np.zeros((1, horizon, 1), "float32"), "teaching": np.ones(1, "float32")}
    return nodes(tf.function(made).get_concrete_function(given))


@pytest.mark.parametrize("inputs", [("history",), ("history", "target")], ids=["free", "taught"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_graph_of_a_long_horizon_is_that_of_a_short_one(family, inputs):
    assert graph_size(family, 4, inputs) == graph_size(family, 16, inputs) > 100
