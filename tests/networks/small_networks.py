"""Small networks with random weights, used in several test files."""

import dataclasses

import numpy as np
import numpy_reference as reference

from tsattn.networks import Skeleton, attention, inverted, seq2seq, transformer

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
FAMILIES = {"seq2seq": seq2seq, "attention": attention, "transformer": transformer}  # those with a temporal core
BLOCKS = {"layers": 1, "heads": 2, "feed_forward": 6, "norm": "post"}
OPTIONS = {
    "seq2seq": {"layers": 1, "bidirectional": False},
    "attention": {"attention_score": "additive", "layers": 1, "bidirectional": False},
    "transformer": {**BLOCKS, "decoder_layers": 1, "positional": "sinusoidal"},
    "inverted": BLOCKS,
}


def build(family, skeleton, lookback=LOOKBACK, horizon=HORIZON, channels=CHANNELS, **options):
    """Build the network of a family with small options."""
    functions = {**FAMILIES, "inverted": inverted}
    return functions[family](lookback, horizon, channels, skeleton, **{**OPTIONS[family], **options})


def random_network(family, skeleton=TEXTBOOK, channels=CHANNELS, seed=0, options=None, **changes):
    """Build the network of a family around a skeleton with `changes`, and randomize its weights."""
    if family == "transformer" and skeleton.embedding is None:
        changes = {"embedding": "linear", **changes}
    skeleton = dataclasses.replace(skeleton, **changes)
    return reference.randomized(build(family, skeleton, channels=channels, **(options or {})), seed)


def split_channels(values):
    """Reshape `(batch, steps, channels)` to `(batch x channels, steps, 1)`, one channel after the other."""
    return np.stack([window[:, k, None] for window in values for k in range(values.shape[2])])


def join_channels(values, channels):
    """Invert `split_channels`."""
    return np.stack([np.concatenate(values[i : i + channels], -1) for i in range(0, len(values), channels)])
