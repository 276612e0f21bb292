"""Covariates as features of a network: numbers unchanged, categories embedded."""

import keras
from keras import ops

MAX_WIDTH = 16  # of an embedded category


class CovariateEncoding(keras.layers.Layer):
    """Encodes columns of covariates: numbers are unchanged, categories are embedded as learned vectors.

    A missing number, NaN, becomes 0, the mean of its column. An unknown category, code 0, has a separate vector. All
    vectors are 0 before training.

    Args:
        categories: For each column the number of its codes, including code 0, or 0 for a column of numbers.

    Call arguments:
        inputs: Tensor `(..., columns)`.

    Returns:
        Tensor `(..., width)`, the features of the columns in order.
    """

    def __init__(self, categories, **kwargs):
        super().__init__(**kwargs)
        self.categories = tuple(categories)
        self.widths = [min(MAX_WIDTH, (count + 1) // 2) if count else 1 for count in self.categories]
        self.width = sum(self.widths)
        self.embeddings = [
            keras.layers.Embedding(count, width, embeddings_initializer="zeros", name=f"column_{place}")
            for place, (count, width) in enumerate(zip(self.categories, self.widths, strict=True))
            if count
        ]

    def build(self, inputs_shape):
        for embedding in self.embeddings:
            embedding.build(inputs_shape[:-1])

    def call(self, inputs):
        inputs = ops.where(ops.isnan(inputs), 0.0, inputs)
        embeddings, features = iter(self.embeddings), []
        for place, count in enumerate(self.categories):
            column = inputs[..., place]
            features.append(next(embeddings)(ops.cast(column, "int32")) if count else ops.expand_dims(column, -1))
        return ops.concatenate(features, axis=-1)

    def compute_output_shape(self, inputs_shape):
        return (*inputs_shape[:-1], self.width)
