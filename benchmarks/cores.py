"""Three temporal cores of one's own, compared with the families on equal terms.

python benchmarks/cores.py
"""

import keras
from keras import ops

import tsattn


class GRUCore(keras.layers.Layer):
    """A fixed state, like seq2seq's, but of a GRU; every query is answered from it."""

    def __init__(self, units):
        super().__init__()
        self.encoder = keras.layers.GRU(units)
        self.mix = keras.layers.Dense(units, activation="relu")

    def call(self, patches, queries, patches_mask=None):
        return self.mix(self.encoder(patches, mask=patches_mask)[:, None] + queries)


class ConvolutionCore(keras.layers.Layer):
    """A stack of causal convolutions, each seeing twice as far as the one before (WaveNet)."""

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
    """A new attention: its scores fall with the distance into the past, at a rate learnt for each query.

    `attend` gives its weights, so `attention_weights()` and `plot_attention` work for it too.
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


def main():
    y = tsattn.load_dataset("air_passengers")
    training = tsattn.Training(random_state=0)
    candidates = {name: tsattn.CoreForecaster(12, core=core, training=training) for name, core in CORES.items()}
    candidates["seq2seq"] = tsattn.Seq2SeqForecaster(12, training=training)
    for name, model in candidates.items():
        print(f"{name:20} MASE {-model.fit(y[:-12]).score(y[-12:]):.3f}")


if __name__ == "__main__":
    main()
