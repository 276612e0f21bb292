"""Adam over all weights at once, equal to `keras.optimizers.Adam`."""

import math
import warnings

import keras
from keras import ops

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


class FlatAdam(keras.optimizers.Optimizer):
    """Adam with the moments of all weights in two vectors, bitwise equal to `keras.optimizers.Adam`.

    Keras updates weight by weight. Because a network has about fifty weights, compiling these updates takes longer than
    compiling the network: one or two seconds of each fit.

    Args:
        learning_rate: Learning rate. Defaults to 1e-3.

    Reference:
        Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980.
    """

    def __init__(self, learning_rate=1e-3):
        super().__init__(learning_rate=learning_rate, name="flat_adam")

    def build(self, variables):
        """Create the moments of the variables."""
        if not self.built:
            super().build(variables)
            sizes = [math.prod(variable.shape) for variable in variables]
            self._ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
            self._first = self.add_variable(self._ends[-1:], name="first_moments")
            self._second = self.add_variable(self._ends[-1:], name="second_moments")

    def apply(self, grads, trainable_variables=None):
        """Update variables by one step.

        A variable without a gradient is not updated, and neither are its moments.

        Args:
            grads: List of gradients, None for a variable that the loss does not depend on.
            trainable_variables: List of the corresponding variables, a subset of those with which the optimizer was
                built. None for all. Defaults to None.

        Raises:
            ValueError: If all gradients are None.
        """
        every = list(self._trainable_variables)
        gradients = self._gradients_by_id(grads, every if trainable_variables is None else trainable_variables)
        updated = [id(variable) in gradients for variable in every]
        parts = [gradients[id(one)] if id(one) in gradients else ops.zeros(one.shape, one.dtype) for one in every]
        gradient = ops.concatenate([ops.reshape(part, (-1,)) for part in parts])
        step = ops.cast(self.iterations + 1, gradient.dtype)
        rate = self.learning_rate * ops.sqrt(1 - ops.power(BETA_2, step)) / (1 - ops.power(BETA_1, step))
        first = self._first + (gradient - self._first) * (1 - BETA_1)
        second = self._second + (ops.square(gradient) - self._second) * (1 - BETA_2)
        if not all(updated):
            masks = [ops.full((math.prod(one.shape),), new) for one, new in zip(every, updated, strict=True)]
            mask = ops.concatenate(masks)
            first = ops.where(mask, first, ops.convert_to_tensor(self._first))
            second = ops.where(mask, second, ops.convert_to_tensor(self._second))
        self._first.assign(first)
        self._second.assign(second)
        changes = ops.split(rate * first / (ops.sqrt(second) + EPSILON), self._ends[:-1])
        for variable, change, new in zip(every, changes, updated, strict=True):
            if new:
                variable.assign_sub(ops.reshape(change, variable.shape))
                if variable.constraint is not None:
                    variable.assign(variable.constraint(variable))
        self.iterations.assign_add(1)
        return self.iterations

    @staticmethod
    def _gradients_by_id(grads, variables):
        """Return the gradients that are not None, by the id of their variable."""
        pairs = list(zip(grads, variables, strict=True))
        gradients = {id(variable): gradient for gradient, variable in pairs if gradient is not None}
        if not gradients:
            raise ValueError("No gradients provided for any variable. The loss must depend on a trainable weight.")
        if missing := [variable.path for gradient, variable in pairs if gradient is None]:
            warnings.warn(
                f"Gradients do not exist for variables {missing} when minimizing the loss: these weights are not "
                "trained. Remove the unused weights, or use them in `call`.",
                stacklevel=3,
            )
        return gradients
