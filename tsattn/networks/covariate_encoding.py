"""Covariates as the features of a network: numbers as they are, categories embedded."""

import keras
from keras import ops

WIDEST = 16


class CovariateEncoding(keras.layers.Layer):
    """Columns of covariates side by side: numbers as they are, categories as learned vectors.

    A number that is not known, NaN, becomes 0, the mean of its column. A category that is not
    known, code 0, has a vector of its own, which starts at 0 as all do.

    Args:
        levels: For each column 0 for numbers, or how many codes a category has, the unknown one
            included.

    Call arguments:
        inputs: Tensor `(..., columns)`.

    Returns:
        Tensor `(..., width)`.
    """

    def __init__(self, levels, **kwargs):
        super().__init__(**kwargs)
        self.levels = tuple(levels)
        self.widths = [min(WIDEST, (count + 1) // 2) if count else 1 for count in self.levels]
        self.width = sum(self.widths)
        self.embeddings = [
            keras.layers.Embedding(count, width, embeddings_initializer="zeros", name=f"column_{place}")
            for place, (count, width) in enumerate(zip(self.levels, self.widths, strict=True))
            if count
        ]

    def build(self, inputs_shape):
        for embedding in self.embeddings:
            embedding.build(inputs_shape[:-1])

    def call(self, inputs):
        inputs = ops.where(ops.isnan(inputs), 0.0, inputs)
        embeddings, features = iter(self.embeddings), []
        for place, count in enumerate(self.levels):
            column = inputs[..., place]
            features.append(next(embeddings)(ops.cast(column, "int32")) if count else ops.expand_dims(column, -1))
        return ops.concatenate(features, axis=-1)

    def compute_output_shape(self, inputs_shape):
        return (*inputs_shape[:-1], self.width)
