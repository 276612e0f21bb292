"""The head: quantiles that never cross, around a median that is a linear map."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from networks.textbook import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, TEXTBOOK, network

from tsattn.networks import Skeleton
from tsattn.networks.head import PatchHead

QUANTILES = (0.1, 0.5, 0.8, 0.9)
LEVELS = [QUANTILES, (0.5, 0.9), (0.1, 0.5), (0.05, 0.1, 0.2, 0.5)]


def head_of(levels, kernel, bias):
    """A head of patches of 2 from 3 units."""
    head = PatchHead(2, levels)
    head.build((None, 3))
    head.set_weights([kernel[:, : 2 * head.outputs], bias[: 2 * head.outputs]])
    return head


NUMBERS = st.floats(-1e4, 1e4, width=32)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(LEVELS),
    arrays("float32", (3, 8), elements=NUMBERS),
    arrays("float32", 8, elements=NUMBERS),
    arrays("float32", (4, 3), elements=NUMBERS),
)
def test_quantiles_never_cross_whatever_the_weights(levels, kernel, bias, decoded):
    values = np.asarray(head_of(levels, kernel, bias)(decoded))
    assert values.shape == (4, 2, len(levels))
    assert (np.diff(values, axis=-1) >= 0).all()


@pytest.mark.parametrize("levels", [(), *LEVELS], ids=str)
def test_the_equations(levels, draw):
    kernel, bias, decoded = draw(3, 8), draw(8), draw(5, 4, 3)
    head = head_of(levels, kernel, bias)
    found, outputs = np.asarray(head(decoded)), max(1, len(levels))
    assert found.shape == head.compute_output_shape(decoded.shape) == (5, 4, 2, outputs)
    linear = (decoded @ kernel[:, : 2 * outputs] + bias[: 2 * outputs]).reshape(found.shape)
    median = levels.index(0.5) if levels else 0
    np.testing.assert_allclose(found[..., median], linear[..., median], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(head.point(found), found[..., median])
    for place in range(outputs):
        between = linear[..., median + 1 : place + 1] if place > median else linear[..., place:median]
        distance = np.log1p(np.exp(between)).sum(axis=-1) * np.sign(place - median)
        np.testing.assert_allclose(found[..., place], linear[..., median] + distance, rtol=1e-4, atol=1e-5)


def twins(family, **changes):
    """A network with quantiles, and one without them whose head is the other's median."""
    changes = {"patch_size": 2, **changes}
    sure, point = (network(family, STRONG, quantiles=quantiles, **changes) for quantiles in (QUANTILES, ()))
    weights = []
    for own, other in zip(sure.weights, point.weights, strict=True):
        value = own.numpy()
        if own.shape != other.shape:
            assert "head" in own.path
            value = value.reshape(*value.shape[:-1], -1, len(QUANTILES))[..., QUANTILES.index(0.5)]
        weights.append(value)
    point.set_weights(weights)
    return sure, point


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_median_is_the_forecast_without_quantiles(family, decoding, draw):
    """So in recursive decoding it is the median that is fed back."""
    sure, point = twins(family, decoding=decoding, mix_channels=decoding == "recursive")
    inputs = {"history": 10.0 + 3.0 * draw(3, LOOKBACK, CHANNELS)}
    found, wanted = np.asarray(sure(inputs)), np.asarray(point(inputs))
    assert found.shape == (3, HORIZON, CHANNELS, len(QUANTILES))
    assert wanted.shape == (3, HORIZON, CHANNELS)
    np.testing.assert_allclose(found[..., QUANTILES.index(0.5)], wanted, rtol=1e-5, atol=1e-4)
    assert (np.diff(found, axis=-1) > 0).all()
    if decoding == "recursive":
        inputs["target"] = 10.0 + 3.0 * draw(3, HORIZON, CHANNELS)
        found, taught = np.asarray(sure(inputs)), np.asarray(point(inputs))
        np.testing.assert_allclose(found[..., QUANTILES.index(0.5)], taught, rtol=1e-5, atol=1e-4)
        assert np.abs(taught - wanted).max() > 1e-3


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("family", ["attention", "transformer"])
def test_attend_gives_quantiles_too(family, decoding, draw):
    made = network(family, STRONG, decoding=decoding, patch_size=2, quantiles=QUANTILES)
    inputs = {"history": draw(2, LOOKBACK, CHANNELS)}
    forecast, weights = (np.asarray(output) for output in made.attend(inputs))
    np.testing.assert_allclose(forecast, made(inputs), atol=1e-5)
    assert weights.shape == (2, CHANNELS, 1, weights.shape[3], 3, LOOKBACK // 2)
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-5)


BAD = [(0.5,), (0.1, 0.9), (0.9, 0.5, 0.1), (0.1, 0.5, 0.5), (0.0, 0.5), (0.5, 1.0), (-0.1, 0.5), (float("nan"), 0.5)]


@pytest.mark.parametrize("quantiles", BAD, ids=str)
def test_a_skeleton_refuses_levels_that_are_not_quantiles_around_a_median(quantiles):
    good = {field: getattr(TEXTBOOK, field) for field in Skeleton.__dataclass_fields__}
    with pytest.raises(ValueError, match=r"`quantiles` is \(.*\), but must be rising levels between 0 and 1, with 0.5"):
        Skeleton(**{**good, "quantiles": quantiles})
    assert Skeleton(**{**good, "quantiles": QUANTILES}).quantiles == QUANTILES
