"""`PatchHead`: quantiles that never cross, around a median that is a linear map."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from networks.small_networks import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, random_network

from tsattn.networks.head import PatchHead

QUANTILES = (0.1, 0.5, 0.8, 0.9)
LEVELS = [QUANTILES, (0.5, 0.9), (0.1, 0.5), (0.05, 0.1, 0.2, 0.5)]
NUMBERS = st.floats(-1e4, 1e4, width=32)


def head_with(levels, kernel, bias):
    """Return a head for patches of 2 from 3 units with these weights."""
    head = PatchHead(2, levels)
    head.build((None, 3))
    head.set_weights([kernel[:, : 2 * head.outputs], bias[: 2 * head.outputs]])
    return head


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(LEVELS),
    arrays("float32", (3, 8), elements=NUMBERS),
    arrays("float32", 8, elements=NUMBERS),
    arrays("float32", (4, 3), elements=NUMBERS),
)
def test_quantiles_never_cross_with_any_weights(levels, kernel, bias, decoded):
    values = np.asarray(head_with(levels, kernel, bias)(decoded))
    assert values.shape == (4, 2, len(levels))
    assert (np.diff(values, axis=-1) >= 0).all()


@pytest.mark.parametrize("levels", [(), *LEVELS], ids=str)
def test_outputs_equal_the_equations(levels, draw):
    kernel, bias, decoded = draw(3, 8), draw(8), draw(5, 4, 3)
    head = head_with(levels, kernel, bias)
    values, outputs = np.asarray(head(decoded)), max(1, len(levels))
    assert values.shape == head.compute_output_shape(decoded.shape) == (5, 4, 2, outputs)
    linear = (decoded @ kernel[:, : 2 * outputs] + bias[: 2 * outputs]).reshape(values.shape)
    median = levels.index(0.5) if levels else 0
    np.testing.assert_allclose(values[..., median], linear[..., median], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(head.point(values), values[..., median])
    for place in range(outputs):
        between = linear[..., median + 1 : place + 1] if place > median else linear[..., place:median]
        distance = np.log1p(np.exp(between)).sum(axis=-1) * np.sign(place - median)
        np.testing.assert_allclose(values[..., place], linear[..., median] + distance, rtol=1e-4, atol=1e-5)


def quantile_and_point_networks(family, **changes):
    """Return a network with quantiles, and a point network with the same weights, whose head is the median."""
    changes = {"patch_size": 2, **changes}
    quantile, point = (random_network(family, STRONG, quantiles=levels, **changes) for levels in (QUANTILES, ()))
    weights = []
    for own, other in zip(quantile.weights, point.weights, strict=True):
        value = own.numpy()
        if own.shape != other.shape:
            assert "head" in own.path
            value = value.reshape(*value.shape[:-1], -1, len(QUANTILES))[..., QUANTILES.index(0.5)]
        weights.append(value)
    point.set_weights(weights)
    return quantile, point


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_median_is_the_forecast_without_quantiles(family, decoding, draw):
    """Recursive decoding therefore feeds the median back."""
    quantile, point = quantile_and_point_networks(family, decoding=decoding, mix_channels=decoding == "recursive")
    inputs = {"history": 10.0 + 3.0 * draw(3, LOOKBACK, CHANNELS)}
    quantiles, expected = np.asarray(quantile(inputs)), np.asarray(point(inputs))
    assert quantiles.shape == (3, HORIZON, CHANNELS, len(QUANTILES))
    assert expected.shape == (3, HORIZON, CHANNELS)
    np.testing.assert_allclose(quantiles[..., QUANTILES.index(0.5)], expected, rtol=1e-5, atol=1e-4)
    assert (np.diff(quantiles, axis=-1) > 0).all()
    if decoding == "recursive":
        inputs["target"] = 10.0 + 3.0 * draw(3, HORIZON, CHANNELS)
        quantiles, forced = np.asarray(quantile(inputs)), np.asarray(point(inputs))
        np.testing.assert_allclose(quantiles[..., QUANTILES.index(0.5)], forced, rtol=1e-5, atol=1e-4)
        assert np.abs(forced - expected).max() > 1e-3


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("family", ["attention", "transformer"])
def test_attend_returns_quantiles(family, decoding, draw):
    network = random_network(family, STRONG, decoding=decoding, patch_size=2, quantiles=QUANTILES)
    inputs = {"history": draw(2, LOOKBACK, CHANNELS)}
    forecast, weights = (np.asarray(output) for output in network.attend(inputs))
    np.testing.assert_allclose(forecast, network(inputs), atol=1e-5)
    assert weights.shape == (2, CHANNELS, 1, weights.shape[3], 3, LOOKBACK // 2)
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-5)
