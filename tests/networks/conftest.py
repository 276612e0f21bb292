import keras
import numpy as np
import pytest


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


@pytest.fixture
def draw():
    """Standard normal numbers of a shape, float32."""
    rng = np.random.default_rng(1)
    return lambda *shape: rng.normal(size=shape).astype("float32")
