"""The linear map around the body: equal to its equation, 0 before training, and the same at all quantiles."""

import dataclasses

import numpy as np
import pytest
from networks.textbook import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, TEXTBOOK, network

from tsattn.networks import attention

QUANTILES = (0.1, 0.5, 0.9)


@pytest.fixture(scope="module")
def windows():
    values = 10.0 + 2.0 * np.random.default_rng(0).normal(size=(3, LOOKBACK, CHANNELS))
    values[1, [2, -1], 0] = np.nan
    return values.astype("float32")


def mapped(values, kernel, bias, period):
    """Step by step: what lies n periods before a step of the horizon, weighed by n."""
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
def test_it_adds_a_linear_map_of_the_normalised_window(family, quantiles, period, windows):
    options = {"normalization": "last_scaled", "quantiles": quantiles}
    whole = network(family, STRONG, shortcut=period, **options)
    body = network(family, STRONG, **options)
    kernel, bias = whole.shortcut.get_weights()
    assert kernel.shape == (-(-LOOKBACK // period), -(-HORIZON // period))
    for variable, value in zip(body.variables, whole.variables[: len(body.variables)], strict=True):
        variable.assign(value)
    observed = ~np.isnan(windows)
    newest = [
        [series[seen][-1] for series, seen in zip(w.T, o.T, strict=True)]
        for w, o in zip(windows, observed, strict=True)
    ]
    scale = np.sqrt(np.nanvar(windows, axis=1, keepdims=True) + 1e-5)
    normalised = np.where(observed, (windows - np.array(newest)[:, None]) / scale, 0.0)
    linear = mapped(normalised, kernel, bias, period) * scale
    assert np.abs(linear).min() > 1e-4
    added = np.asarray(whole({"history": windows})) - np.asarray(body({"history": windows}))
    np.testing.assert_allclose(added, linear[..., None].repeat(3, -1) if quantiles else linear, rtol=1e-3, atol=1e-4)


def test_before_training_the_body_alone_forecasts(windows):
    fresh = attention(LOOKBACK, HORIZON, CHANNELS, dataclasses.replace(STRONG, shortcut=1))
    assert not any(weights.any() for weights in fresh.shortcut.get_weights())
    assert np.ptp(fresh({"history": windows})) > 0


def test_recursive_decoding_has_none():
    with pytest.raises(ValueError, match="There is to be a `shortcut`, but `decoding` is 'recursive'"):
        dataclasses.replace(TEXTBOOK, shortcut=1)
