"""`LinearShortcut`: equal to its equation, 0 before training, and the same for all quantiles."""

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


def test_it_is_0_before_training(windows):
    network = build("attention", dataclasses.replace(STRONG, shortcut=1))
    assert not any(weights.any() for weights in network.shortcut.get_weights())
    assert np.ptp(network({"history": windows})) > 0
