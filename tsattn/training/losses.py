"""Losses over the values that were observed."""

import keras
from keras import ops


def observed_loss(loss):
    """A loss over the values that were observed: the mean where the true value is not NaN.

    Args:
        loss: Name of a Keras loss, a `keras.losses.Loss`, or a function of true and forecast
            values that averages over the last axis.
    """
    function = keras.losses.get(loss)
    if isinstance(function, keras.losses.Loss):
        function = function.call

    def masked(y_true, y_pred):
        observed = ops.logical_not(ops.isnan(y_true))
        y_true = ops.where(observed, y_true, ops.stop_gradient(y_pred))
        # With a last axis of one, the loss of every single value comes out.
        return _mean(function(ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1)), observed)

    return masked


def pinball_loss(quantiles):
    """The mean pinball loss of forecasts `(..., quantiles)` of the observed among true values `(...)`.

    It is twice the usual one, so that at the level 0.5 it is the absolute error.

    Args:
        quantiles: Levels between 0 and 1.

    Reference:
        Koenker and Bassett, 1978, https://doi.org/10.2307/1913643.
    """

    def masked(y_true, y_pred):
        y_true = ops.expand_dims(y_true, -1)
        observed = ops.logical_not(ops.isnan(y_true))
        errors = ops.where(observed, y_true, ops.stop_gradient(y_pred)) - y_pred
        levels = ops.convert_to_tensor(quantiles, dtype=y_pred.dtype)
        return _mean(
            2 * ops.maximum(levels * errors, (levels - 1) * errors), ops.broadcast_to(observed, ops.shape(errors))
        )

    return masked


def _mean(losses, observed):
    observed = ops.cast(observed, losses.dtype)
    mean = ops.sum(losses * observed) / ops.maximum(ops.sum(observed), 1.0)
    return ops.expand_dims(mean, 0)  # Keras shares out among devices what it averages itself, and that is no scalar
