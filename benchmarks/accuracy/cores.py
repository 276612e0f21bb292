"""Three temporal cores that are not part of tsattn, compared with seq2seq: a worked example of `CoreForecaster`.

    python benchmarks/accuracy/cores.py

AirPassengers, last 12 months held out.
"""

import pathlib
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import keras
from keras import ops

import tsattn
from benchmarks.common.runner import Benchmark

HORIZON = 12


class GRUCore(keras.layers.Layer):
    """A state of fixed size, as in seq2seq, but from a GRU. Every query is combined with it."""

    def __init__(self, units):
        super().__init__()
        self.encoder = keras.layers.GRU(units)
        self.mix = keras.layers.Dense(units, activation="relu")

    def call(self, patches, queries, patches_mask=None):
        return self.mix(self.encoder(patches, mask=patches_mask)[:, None] + queries)


class ConvolutionCore(keras.layers.Layer):
    """A stack of causal convolutions, in which the dilation doubles from layer to layer (WaveNet)."""

    def __init__(self, units, layers=3):
        super().__init__()
        self.stack = [
            keras.layers.Conv1D(units, 2, padding="causal", dilation_rate=2**layer, activation="relu")
            for layer in range(layers)
        ]
        self.mix = keras.layers.Dense(units, activation="relu")

    def call(self, patches, queries):
        for convolution in self.stack:
            patches = patches + convolution(patches)
        return self.mix(patches[:, -1:] + queries)


class DistanceAttentionCore(keras.layers.Layer):
    """Attention whose scores decrease linearly with the distance into the past, at a rate that depends on the query.

    `attend` also returns the weights, so that `attention_weights()` and `plot_attention` work with this core.
    """

    attention_shape = (1, 1)

    def __init__(self, units):
        super().__init__()
        self.key = keras.layers.Dense(units)
        self.rate = keras.layers.Dense(1, activation="softplus")
        self.mix = keras.layers.Dense(units, activation="relu")

    def attend(self, patches, queries, patches_mask=None, training=None):
        distance = ops.arange(patches.shape[1] - 1, -1, -1, dtype=queries.dtype)
        scores = ops.einsum("bsu,bpu->bsp", queries, self.key(patches)) - self.rate(queries) * distance
        if patches_mask is not None:
            scores = ops.where(patches_mask[:, None], scores, -1e9)
        weights = ops.softmax(scores, axis=-1)
        decoded = self.mix(ops.einsum("bsp,bpu->bsu", weights, patches) + queries)
        return decoded, weights[:, None, None]

    def call(self, patches, queries, patches_mask=None):
        return self.attend(patches, queries, patches_mask)[0]


CORES = {"gru": GRUCore, "convolution": ConvolutionCore, "distance attention": DistanceAttentionCore}


def measure(model, seed):
    """Return the MASE of one core."""
    y = tsattn.load_dataset("air_passengers")
    training = tsattn.Training(random_state=seed, verbose=0)
    if model in CORES:
        forecaster = tsattn.CoreForecaster(HORIZON, core=CORES[model], training=training)
    else:
        forecaster = tsattn.Seq2SeqForecaster(HORIZON, training=training)
    start = time.perf_counter()
    forecaster.fit(y[:-HORIZON])
    seconds = time.perf_counter() - start
    return {"mase": f"{-forecaster.score(y[-HORIZON:]):.4f}", "fit_seconds": f"{seconds:.1f}"}


BENCHMARK = Benchmark(
    "cores",
    axes={"candidates": ("model", (*CORES, "seq2seq")), "seeds": ("seed", (0,))},
    figures=("mase", "fit_seconds"),
    measure=measure,
    quick={"model": "gru", "seed": 0},
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
