"""`Patching` against slices."""

import numpy as np
import numpy_reference as reference
import pytest

from tsattn.layers import Patching


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_patches_are_neighboring_steps(draw, size):
    inputs = draw(2, 6, 3)
    np.testing.assert_array_equal(np.asarray(Patching(size)(inputs)), reference.patches(inputs, size))


@pytest.mark.parametrize("size", [1, 2, 6])
def test_inverse_restores_the_steps(draw, size):
    layer, inputs = Patching(size), draw(2, 6, 3)
    np.testing.assert_array_equal(np.asarray(layer.inverse(layer(inputs), 3)), inputs)


def test_a_step_belongs_to_one_patch_only(draw):
    layer, inputs = Patching(2), draw(1, 6, 1)
    before = np.asarray(layer(inputs))
    inputs[:, 2:4] += 1.0
    assert (np.abs(np.asarray(layer(inputs)) - before).max((0, 2)) > 0).tolist() == [False, True, False]


def test_the_error_suggests_a_valid_length():
    with pytest.raises(ValueError, match=r"7 steps.*patches of 3.*divides 7, or 6 steps"):
        Patching(3)(np.ones((1, 7, 1), "float32"))


def test_every_call_is_checked():
    layer = Patching(3)
    layer(np.ones((1, 6, 1), "float32"))
    with pytest.raises(ValueError, match="7 steps"):
        layer(np.ones((1, 7, 1), "float32"))
