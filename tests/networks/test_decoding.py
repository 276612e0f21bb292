"""Recursive decoding is a loop: the size of its graph does not depend on the horizon."""

import dataclasses

import keras
import numpy as np
import pytest
from networks.small_networks import FAMILIES, LOOKBACK, TEXTBOOK, build

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="counts the nodes of TensorFlow")


def node_count(function):
    graph = function.graph.as_graph_def()
    return len(graph.node) + sum(len(inner.node_def) for inner in graph.library.function)


def graph_size(family, horizon, inputs):
    import tensorflow as tf

    network = build(family, dataclasses.replace(TEXTBOOK, embedding="linear"), horizon=horizon, channels=1)
    values = {"history": np.zeros((1, LOOKBACK, 1), "float32")}
    if "target" in inputs:
        values |= {"target": np.zeros((1, horizon, 1), "float32"), "teaching": np.ones(1, "float32")}
    return node_count(tf.function(network).get_concrete_function(values))


@pytest.mark.parametrize("inputs", [("history",), ("history", "target")], ids=["free running", "teacher forcing"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_graph_of_a_long_horizon_is_as_large_as_that_of_a_short_one(family, inputs):
    assert graph_size(family, 4, inputs) == graph_size(family, 16, inputs) > 100
