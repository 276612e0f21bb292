"""The transfer of pretrained weights: the network of a forecaster forecasts as the pretrained one."""

import dataclasses

import numpy as np
import pytest

from tsattn.forecasters.pretrained import pretrained_spec
from tsattn.persistence.error import ModelFileError
from tsattn.pretrained.catalog import FAMILIES, LEVELS, find_window
from tsattn.pretrained.transfer import transfer_weights
from tsattn.training.compiled import TrainedNetwork

WINDOW = find_window(12)


@pytest.fixture(scope="module", params=FAMILIES)
def pretrained(request):
    """A network as it is pretrained, with random weights."""
    spec = pretrained_spec(request.param, WINDOW)
    network, generator = spec.network(), np.random.default_rng(0)
    values = [generator.normal(0, 0.2, weight.shape).astype("float32") for weight in network.weights]
    return TrainedNetwork(spec, values), {
        weight.path: part for weight, part in zip(network.weights, values, strict=True)
    }


def transferred(pretrained, *, horizon=WINDOW.horizon, channels=1, quantiles=LEVELS, **cardinalities):
    spec = pretrained[0].spec
    skeleton = dataclasses.replace(spec.skeleton, quantiles=quantiles, **cardinalities)
    spec = dataclasses.replace(spec, horizon=horizon, channels=channels, skeleton=skeleton)
    return TrainedNetwork(spec, transfer_weights(pretrained[1], spec.network()))


def history(n, channels=1):
    values = np.random.default_rng(1).normal(size=(n, WINDOW.lookback, channels)).astype("float32")
    values[0, :30] = np.nan
    return values


def test_shorter_horizon_is_the_start_of_the_forecast(pretrained):
    inputs = {"history": history(3)}
    expected = pretrained[0].forecast(inputs)
    for horizon in (24, 13, 5):
        forecast = transferred(pretrained, horizon=horizon).forecast(inputs)
        np.testing.assert_allclose(forecast, expected[:, :horizon], rtol=1e-5, atol=1e-5)


def test_point_forecast_is_the_median(pretrained):
    inputs = {"history": history(3)}
    expected = pretrained[0].forecast(inputs)[..., LEVELS.index(0.5)]
    point = transferred(pretrained, quantiles=()).forecast(inputs)
    assert point.shape == (3, 24, 1, 1)
    np.testing.assert_allclose(point[..., 0], expected, rtol=1e-5, atol=1e-5)


def test_channels_are_forecast_separately(pretrained):
    values = history(2, channels=3)
    forecast = transferred(pretrained, channels=3).forecast({"history": values})
    for channel in range(3):
        expected = pretrained[0].forecast({"history": values[..., channel : channel + 1]})
        np.testing.assert_allclose(forecast[:, :, channel], expected[:, :, 0], rtol=1e-5, atol=1e-5)


def test_covariates_have_no_effect_before_training_but_gradients(pretrained):
    network = transferred(pretrained, horizon=12, past=(0,), known=(0, 4), static=(3,))
    inputs, generator = {"history": history(3)}, np.random.default_rng(2)
    expected = pretrained[0].forecast(inputs)[:, :12]
    codes = generator.integers(0, 4, (3, WINDOW.lookback + 12, 1))
    inputs["past"] = generator.normal(size=(3, WINDOW.lookback, 1)).astype("float32")
    inputs["known"] = np.concatenate([generator.normal(size=codes.shape), codes], axis=2).astype("float32")
    inputs["static"] = np.array([[0], [1], [2]], "float32")
    np.testing.assert_allclose(network.forecast(inputs), expected, rtol=1e-5, atol=1e-5)
    paths = [weight.path for weight in network.spec.network().weights]
    embeddings = [part for path, part in zip(paths, network.weights, strict=True) if path.endswith("embeddings")]
    assert len(embeddings) == 2 and all(np.abs(part).max() > 0 for part in embeddings)


def test_weights_of_another_architecture_are_rejected(pretrained):
    weights = {**pretrained[1], "other/kernel": np.zeros(2, "float32")}
    with pytest.raises(ModelFileError, match="The pretrained weights have 'other/kernel', but the network has"):
        transfer_weights(weights, pretrained[0].spec.network())
