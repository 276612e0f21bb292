"""`masked_softmax` against NumPy, for any scores and any mask."""

import numpy as np
import numpy_reference as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from tsattn.layers.masked_softmax import masked_softmax


@given(st.data(), st.sampled_from([1.0, 100.0, 1e30]))
@settings(max_examples=30, deadline=None)
def test_masked_softmax_equals_the_equation(data, size):
    scores = np.array(data.draw(st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4)), "float32") * size
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=4, max_size=4)))
    weights = np.asarray(masked_softmax(scores[None].astype("float32"), mask[None]))[0]
    np.testing.assert_allclose(weights, reference.softmax(scores[None].astype("float64"), mask)[0], atol=1e-5)
    assert (weights[~mask] == 0).all()
