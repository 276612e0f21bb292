"""What the tests of several rooms share."""

import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture
def draw():
    """Standard normal numbers of a shape, float32."""
    rng = np.random.default_rng(1)
    return lambda *shape: rng.normal(size=shape).astype("float32")
