"""Transfer of pretrained weights to the network of a forecaster."""

import numpy as np

from tsattn.persistence.error import ModelFileError
from tsattn.pretrained.catalog import LEVELS

EMBEDDED = "embeddings"  # last part of the path of the vectors of categories
INITIAL_DEVIATION = 0.05  # of these vectors


def transfer_weights(pretrained, network, seed=0):
    """Return the weights of a network that forecasts as a pretrained one.

    The network can have a shorter horizon, several channels, and only the median. It can have covariates, whose weights
    are 0: they have no effect until they are trained.

    Args:
        pretrained: Dict of arrays by path, from `load_weights`.
        network: A `ForecastNetwork` of the same family and window.
        seed: Seed of the vectors of categories, which are not 0: their gradient is proportional to the weights that
            follow them, and would be 0 otherwise. Defaults to 0.

    Returns:
        List of arrays, in the order of `network.weights`.

    Raises:
        ModelFileError: If the network lacks a pretrained weight.
    """
    shapes = {variable.path: tuple(variable.shape) for variable in network.weights}
    unknown = sorted(set(pretrained) - set(shapes))
    if unknown:
        raise ModelFileError(
            f"The pretrained weights have {unknown[0]!r}, but the network has {sorted(shapes)}: they belong to another "
            "architecture. Reinstall tsattn, or set `pretrained=False`."
        )
    generator = np.random.default_rng(seed)
    outputs = len(network.skeleton.quantiles) or 1
    weights = []
    for path, shape in shapes.items():
        if path in pretrained:
            values = pretrained[path]
            if "/head/" in path and outputs == 1:
                values = values.reshape(*values.shape[:-1], -1, len(LEVELS))[..., LEVELS.index(0.5)]
            weights.append(_fit_shape(values, shape))
        elif path.endswith(EMBEDDED):
            weights.append(generator.normal(0, INITIAL_DEVIATION, shape).astype("float32"))
        else:
            weights.append(np.zeros(shape, "float32"))
    return weights


def _fit_shape(values, shape):
    """Cut each axis of an array, or extend it by zeros, to a shape."""
    values = values[tuple(slice(size) for size in shape)]
    return np.pad(values, [(0, size - length) for size, length in zip(shape, values.shape, strict=True)])
