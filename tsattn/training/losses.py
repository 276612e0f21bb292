"""Losses that average over the observed values."""

import keras
from keras import ops


def masked_loss(loss, weighted=False):
    """Wrap a loss so that it averages over the observed true values (not NaN).

    Args:
        loss: Name of a Keras loss, a `keras.losses.Loss`, or a function of true and predicted values that averages
            over the last axis.
        weighted: If True, the true values `(..., 2)` are pairs of a value and the weight of its loss. Defaults to
            False.
    """
    function = keras.losses.get(loss)
    if isinstance(function, keras.losses.Loss):
        function = function.call

    def masked(y_true, y_pred):
        y_true, weights = _split(y_true, weighted)
        observed = ops.logical_not(ops.isnan(y_true))
        y_true = ops.where(observed, y_true, ops.stop_gradient(y_pred))
        # The function averages over a last axis of size 1, so it returns the loss of each value.
        return _masked_mean(function(ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1)), observed, weights)

    return masked


def pinball_loss(quantiles, weighted=False):
    """Return the pinball loss of quantile forecasts `(..., quantiles)`, averaged over observed true values `(...)`.

    It is twice the usual definition, so that it equals the absolute error at the level 0.5.

    Args:
        quantiles: Levels between 0 and 1.
        weighted: See `masked_loss`. Defaults to False.

    Reference:
        Koenker and Bassett, 1978, https://doi.org/10.2307/1913643.
    """

    def masked(y_true, y_pred):
        y_true, weights = _split(y_true, weighted)
        y_true = ops.expand_dims(y_true, -1)
        observed = ops.logical_not(ops.isnan(y_true))
        errors = ops.where(observed, y_true, ops.stop_gradient(y_pred)) - y_pred
        levels = ops.convert_to_tensor(quantiles, dtype=y_pred.dtype)
        losses = 2 * ops.maximum(levels * errors, (levels - 1) * errors)
        observed = ops.broadcast_to(observed, ops.shape(errors))
        return _masked_mean(losses, observed, None if weights is None else ops.expand_dims(weights, -1))

    return masked


def _split(y_true, weighted):
    """Return the true values and their weights, which are None if all are 1."""
    return (y_true[..., 0], y_true[..., 1]) if weighted else (y_true, None)


def _masked_mean(losses, observed, weights):
    observed = ops.cast(observed, losses.dtype)
    count = ops.maximum(ops.sum(observed), 1.0)
    if weights is not None:
        losses = losses * ops.cast(weights, losses.dtype)  # the weights have mean 1 over all batches, not over this one
    mean = ops.sum(losses * observed) / count
    return ops.expand_dims(mean, 0)  # Keras does not scale a scalar by the number of devices
