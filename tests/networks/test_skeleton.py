"""A `Skeleton` rejects invalid values."""

import dataclasses

import pytest
from networks.small_networks import TEXTBOOK

from tsattn.networks import Skeleton

VALID = {field.name: getattr(TEXTBOOK, field.name) for field in dataclasses.fields(Skeleton)}


@pytest.mark.parametrize(
    ("name", "value"), [("normalization", "robust"), ("embedding", "tanh"), ("decoding", "both"), ("decoding", None)]
)
def test_an_unknown_choice_is_rejected(name, value):
    with pytest.raises(ValueError, match=rf"`{name}` is {value!r}, but must be one of"):
        Skeleton(**{**VALID, name: value})


@pytest.mark.parametrize(("name", "value"), [("patch_size", 0), ("units", 0), ("units", 1.5), ("dropout", 1.5)])
def test_a_number_out_of_range_is_rejected(name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        Skeleton(**{**VALID, name: value})


@pytest.mark.parametrize("name", ["shortcut", "patch_copy"])
def test_a_shortcut_is_rejected_in_recursive_decoding(name):
    message = f"`{name}` cannot be used with decoding='recursive'.*Omit `{name}`, or use decoding='direct'"
    with pytest.raises(ValueError, match=message):
        Skeleton(**{**VALID, name: 1})


QUANTILES = (0.1, 0.5, 0.8, 0.9)
BAD = [(0.5,), (0.1, 0.9), (0.9, 0.5, 0.1), (0.1, 0.5, 0.5), (0.0, 0.5), (0.5, 1.0), (-0.1, 0.5), (float("nan"), 0.5)]


@pytest.mark.parametrize("quantiles", BAD, ids=str)
def test_quantiles_that_do_not_increase_around_a_median_are_rejected(quantiles):
    message = r"`quantiles` is \(.*\), but must be increasing levels between 0 and 1 that include 0.5"
    with pytest.raises(ValueError, match=message):
        Skeleton(**{**VALID, "quantiles": quantiles})
    assert Skeleton(**{**VALID, "quantiles": QUANTILES}).quantiles == QUANTILES
