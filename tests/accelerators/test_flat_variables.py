"""`FlatVariables` reads and writes as one vector what Keras reads and assigns one by one."""

import keras
import numpy as np
import pytest

from tsattn.accelerators.flat_variables import FlatVariables, flat_variables

SHAPES = [(3, 2), (4,), (), (1, 5)]


@pytest.mark.parametrize("dtypes", [("float32",) * 4, ("float32", "float16", "int32", "float32")])
@pytest.mark.parametrize("compiled", [True, False])
def test_values_are_read_and_written_as_one_vector(draw, dtypes, compiled):
    values = [np.round(8 * draw(*shape)).astype(dtype) for shape, dtype in zip(SHAPES, dtypes, strict=True)]
    variables = [keras.Variable(value, dtype=dtype) for value, dtype in zip(values, dtypes, strict=True)]
    flat, vector = FlatVariables(variables, compiled), np.concatenate([value.ravel() for value in values])
    np.testing.assert_array_equal(flat.read(), vector)
    for factor in (2, 3, 4):  # the first call writes one by one, later calls are compiled
        flat.write(factor * vector)
        np.testing.assert_array_equal(flat.read(), factor * vector)
        for variable, value in zip(variables, values, strict=True):
            np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), factor * value)


def test_compiled_and_plain_reads_and_writes_agree_to_the_bit(draw):
    vector = draw(16)
    results = []
    for compiled in (True, False):
        variables = [keras.Variable(np.zeros(shape, "float32")) for shape in SHAPES]
        flat = FlatVariables(variables, compiled)
        for sign in (1, -1):
            flat.write(sign * vector)
        results.append([flat.read(), *map(keras.ops.convert_to_numpy, variables)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_read_vector_does_not_change_later():
    variable = keras.Variable([1.0, 2.0])
    before = FlatVariables([variable]).read()
    variable.assign([3.0, 4.0])
    np.testing.assert_array_equal(before, [1.0, 2.0])


def test_they_are_cached_with_the_network_by_their_variables():
    one, other = (keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]) for _ in range(2))
    assert flat_variables(one, one.weights) is flat_variables(one, list(one.weights))
    assert flat_variables(one, one.weights) is not flat_variables(one, one.weights[1:])
    assert flat_variables(one, one.weights) is not flat_variables(other, other.weights)
