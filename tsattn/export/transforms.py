"""The functions that an exported graph applies before scaling, and their inverses.

They consist of operations that all formats support: ONNX lacks `log1p`, and LiteRT lacks `sinh`.
"""

from keras import ops


def _same(values):
    return values


def _log1p(values):
    return ops.log(1.0 + values)


def _expm1(values):
    return ops.exp(values) - 1.0


def _square(values):
    """Return the inverse of `sqrt`, also for forecasts below its range."""
    return ops.square(ops.maximum(values, 0.0))


def _asinh(values):
    return ops.sign(values) * ops.log(ops.abs(values) + ops.sqrt(ops.square(values) + 1.0))


def _sinh(values):
    return (ops.exp(values) - ops.exp(-values)) / 2.0


# Pairs of a function of tensors and its inverse, by `target_transform` of the forecaster.
FUNCTIONS = {
    None: (_same, _same),
    "log": (ops.log, ops.exp),
    "log1p": (_log1p, _expm1),
    "sqrt": (ops.sqrt, _square),
    "asinh": (_asinh, _sinh),
}
