"""Networks that several test files build, small and with every weight drawn anew."""

import dataclasses

import numpy as np
import numpy_reference as reference

from tsattn.networks import Skeleton, attention, seq2seq, transformer

LOOKBACK, HORIZON, CHANNELS = 8, 5, 2
TEXTBOOK = Skeleton(
    units=4,
    patch_size=1,
    normalization=None,
    shortcut=None,
    embedding=None,
    decoding="recursive",
    mix_channels=False,
    dropout=0.0,
)
STRONG = dataclasses.replace(TEXTBOOK, patch_size=4, normalization="standard", embedding="linear", decoding="direct")
FAMILIES = {"seq2seq": seq2seq, "attention": attention, "transformer": transformer}
SMALL = {"transformer": {"layers": 1, "heads": 2, "feed_forward": 6}}


def network(family, skeleton=TEXTBOOK, channels=CHANNELS, seed=0, options=None, **changes):
    """A family's network around a skeleton with some `changes`."""
    if family == "transformer" and skeleton.embedding is None:
        changes = {"embedding": "linear", **changes}
    options = {**SMALL.get(family, {}), **(options or {})}
    made = FAMILIES[family](LOOKBACK, HORIZON, channels, dataclasses.replace(skeleton, **changes), **options)
    return reference.filled(made, seed)


def rows(values):
    """`(batch, steps, channels)` as `(batch x channels, steps, 1)`, one channel after the other."""
    return np.stack([window[:, k, None] for window in values for k in range(values.shape[2])])


def channels_of(values, channels):
    """The inverse of `rows`."""
    return np.stack([np.concatenate(values[i : i + channels], -1) for i in range(0, len(values), channels)])
