"""The shortcuts: equal to their equations, and the same for all quantiles."""

import dataclasses

import numpy as np
import pytest
from networks.small_networks import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, build, random_network

QUANTILES = (0.1, 0.5, 0.9)


@pytest.fixture(scope="module")
def windows():
    values = 10.0 + 2.0 * np.random.default_rng(0).normal(size=(3, LOOKBACK, CHANNELS))
    values[1, [2, -1], 0] = np.nan
    return values.astype("float32")


def linear_forecast(values, kernel, bias, period):
    """Computed step by step: weighted values at multiples of the period before each step of the horizon."""
    forecast = np.zeros((len(values), HORIZON, CHANNELS))
    for step in range(HORIZON):
        ahead, place = divmod(step, period)
        for number in range(len(kernel)):
            at = LOOKBACK - (len(kernel) - number) * period + place
            if at >= 0:
                forecast[:, step] += kernel[number, ahead] * values[:, at]
        forecast[:, step] += bias[ahead]
    return forecast


@pytest.mark.parametrize("family, quantiles", [*((family, ()) for family in FAMILIES), ("seq2seq", QUANTILES)])
@pytest.mark.parametrize("period", [1, 3, 4])
def test_it_adds_a_linear_map_of_the_normalized_window(family, quantiles, period, windows):
    changes = {"normalization": "last_scaled", "quantiles": quantiles}
    with_shortcut = random_network(family, STRONG, shortcut=period, **changes)
    without = random_network(family, STRONG, **changes)
    kernel, bias = with_shortcut.shortcut.get_weights()
    assert kernel.shape == (-(-LOOKBACK // period), -(-HORIZON // period))
    for variable, value in zip(without.variables, with_shortcut.variables[: len(without.variables)], strict=True):
        variable.assign(value)
    observed = ~np.isnan(windows)
    newest = [
        [series[mask][-1] for series, mask in zip(w.T, o.T, strict=True)]
        for w, o in zip(windows, observed, strict=True)
    ]
    scale = np.sqrt(np.nanvar(windows, axis=1, keepdims=True) + 1e-5)
    normalized = np.where(observed, (windows - np.array(newest)[:, None]) / scale, 0.0)
    linear = linear_forecast(normalized, kernel, bias, period) * scale
    assert np.abs(linear).min() > 1e-4
    added = np.asarray(with_shortcut({"history": windows})) - np.asarray(without({"history": windows}))
    np.testing.assert_allclose(added, linear[..., None].repeat(3, -1) if quantiles else linear, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("quantiles", [(), QUANTILES], ids=["point", "quantiles"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_copy_is_a_weighted_mean_of_the_observed_patches(family, quantiles, windows, monkeypatch):
    windows = windows.copy()
    windows[2, : STRONG.patch_size] = np.nan  # a patch without an observed value
    network = random_network(family, STRONG, patch_copy=True, quantiles=quantiles)
    layer, decoded, added = network.body.decoding.copy, [], []
    kernel, bias = layer.get_weights()
    call = type(layer).call

    def record(self, steps, patches, observed):
        decoded.append(np.asarray(steps))
        added.append(np.asarray(call(self, steps, patches, observed)))
        return call(self, steps, patches, observed)

    monkeypatch.setattr(type(layer), "call", record)
    complete = np.asarray(network({"history": windows}))
    monkeypatch.setattr(type(layer), "call", lambda self, steps, patches, observed: 0 * patches[:, : steps.shape[1]])
    without = np.asarray(network({"history": windows}))
    scale = np.sqrt(np.nanvar(windows, axis=1, keepdims=True) + 1e-5)
    normalized = np.nan_to_num((windows - np.nanmean(windows, axis=1, keepdims=True)) / scale)
    patches = normalized.reshape(3, -1, STRONG.patch_size, CHANNELS)
    outputs = (decoded[0] @ kernel + bias).reshape(3, CHANNELS, -1, patches.shape[1] + 3)
    shift, gain = outputs[..., :1].transpose(0, 2, 3, 1), outputs[..., 1:2].transpose(0, 2, 3, 1)
    scores = np.exp(outputs[..., 2:])
    scores[2, :, :, 0] = 0.0
    weights = scores / scores.sum(axis=-1, keepdims=True)
    copied = np.einsum("bcsp,bpwc->bswc", weights[..., :-1], patches)
    level = copied.mean(axis=2, keepdims=True)
    expected = (level + shift + (1 + gain) * (copied - level)).reshape(3, -1, CHANNELS)
    np.testing.assert_allclose(added[0].reshape(3, CHANNELS, -1), expected.transpose(0, 2, 1), rtol=1e-4, atol=1e-5)
    expected = expected[:, :HORIZON] * scale
    assert np.abs(expected).max() > 0.1
    difference = expected[..., None].repeat(3, -1) if quantiles else expected
    np.testing.assert_allclose(complete - without, difference, rtol=1e-3, atol=1e-4)


def test_the_linear_map_is_0_before_training(windows):
    network = build("attention", dataclasses.replace(STRONG, shortcut=1))
    assert not any(weights.any() for weights in network.shortcut.get_weights())
    assert np.ptp(network({"history": windows})) > 0
