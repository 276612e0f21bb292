"""`CovariateEncoding`: numbers unchanged, categories as vectors."""

import numpy as np
import pytest

from tsattn.networks.covariate_encoding import MAX_WIDTH, CovariateEncoding


@pytest.mark.parametrize("shape", [(4,), (2, 3, 4)], ids=["static", "steps"])
def test_numbers_are_passed_through_and_categories_become_their_vectors(shape):
    encoding = CovariateEncoding((0, 3, 0, 5))
    codes = np.random.default_rng(0).integers(0, 3, shape)
    inputs = np.where([True, False, True, False], np.random.default_rng(1).normal(size=shape), codes).astype("float32")
    inputs[..., 2].flat[0] = np.nan
    encoding.build(shape)
    tables = [np.random.default_rng(i).normal(size=e.embeddings.shape) for i, e in enumerate(encoding.embeddings)]
    encoding.set_weights(tables)
    outputs = np.asarray(encoding(inputs))
    assert outputs.shape == encoding.compute_output_shape(shape) == (*shape[:-1], 1 + 2 + 1 + 3)
    for place in np.ndindex(shape[:-1]):
        first, code, third, other = inputs[place]
        expected = [first, *tables[0][int(code)], 0.0 if np.isnan(third) else third, *tables[1][int(other)]]
        np.testing.assert_allclose(outputs[place], expected, rtol=1e-6)


def test_categories_are_0_before_training_and_have_one_vector_for_each_code():
    encoding = CovariateEncoding((1000, 2))
    codes = np.array([[0, 0], [1, 1], [999, 1]], "float32")
    assert (np.asarray(encoding(codes)) == 0).all()
    assert [e.embeddings.shape for e in encoding.embeddings] == [(1000, MAX_WIDTH), (2, 1)]
