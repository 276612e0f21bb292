"""Adam over all weights at once."""

import math

import keras
from keras import ops

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


class FlatAdam(keras.optimizers.Optimizer):
    """What `keras.optimizers.Adam` does, to the bit, with its moments of all weights in two vectors.

    Keras updates weight by weight, and a network has some fifty of them: to compile that takes longer than the
    network itself, a second or two of each fit.

    Args:
        learning_rate: Defaults to 1e-3.

    Reference:
        Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980.
    """

    def __init__(self, learning_rate=1e-3):
        super().__init__(learning_rate=learning_rate, name="flat_adam")

    def build(self, variables):
        """Make the moments of these variables."""
        if not self.built:
            super().build(variables)
            sizes = [math.prod(variable.shape) for variable in variables]
            self._ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
            self._first = self.add_variable(self._ends[-1:], name="first_moments")
            self._second = self.add_variable(self._ends[-1:], name="second_moments")

    def apply(self, grads, trainable_variables=None):
        """Make one step of the variables that it was built with, or of those among them that are given."""
        every = list(self._trainable_variables)
        given = {id(variable) for variable in (every if trainable_variables is None else trainable_variables)}
        left = iter(grads)
        parts = [next(left) if id(one) in given else ops.zeros(one.shape, one.dtype) for one in every]
        gradient = ops.concatenate([ops.reshape(part, (-1,)) for part in parts])
        step = ops.cast(self.iterations + 1, gradient.dtype)
        rate = self.learning_rate * ops.sqrt(1 - ops.power(BETA_2, step)) / (1 - ops.power(BETA_1, step))
        first = self._first + (gradient - self._first) * (1 - BETA_1)
        second = self._second + (ops.square(gradient) - self._second) * (1 - BETA_2)
        self._first.assign(first)
        self._second.assign(second)
        changes = ops.split(rate * first / (ops.sqrt(second) + EPSILON), self._ends[:-1])
        for variable, change in zip(every, changes, strict=True):
            if id(variable) in given:
                variable.assign_sub(ops.reshape(change, variable.shape))
        self.iterations.assign_add(1)
        return self.iterations
