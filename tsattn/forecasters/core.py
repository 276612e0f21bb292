"""Any Keras layer as the temporal core of a forecaster."""

import collections.abc
import dataclasses

import keras

from tsattn.forecasters.documented import documented
from tsattn.forecasters.patched import PatchedForecaster
from tsattn.networks.patched_body import around


@documented
@dataclasses.dataclass(eq=False, repr=False)
class CoreForecaster(PatchedForecaster):
    """Your own temporal core in the skeleton, the training and the interface of the families.

    The core is a Keras layer called with embedded patches of the history, `(batch, patches,
    units)`, and with queries, one for each patch of the forecast, `(batch, steps, units)`; it gives
    decoded steps `(batch, steps, any width)`. If its `call` takes `patches_mask`, it gets
    `(batch, patches)`, False where a patch holds no observed value. What else it may have, for attention
    weights and recursive decoding, stands in `tsattn.networks.Patched`.

    Args:
        core: Called with `units`, gives the layer; a layer class will do.

    Example:

    >>> import keras
    >>> from tsattn import CoreForecaster, Training, load_dataset
    >>> class Mean(keras.layers.Layer):
    ...     def __init__(self, units):
    ...         super().__init__()
    ...         self.dense = keras.layers.Dense(units, activation="relu")
    ...     def call(self, patches, queries):
    ...         return self.dense(keras.ops.mean(patches, axis=1, keepdims=True) + queries)
    >>> model = CoreForecaster(horizon=12, core=Mean, units=8, training=Training(epochs=20, random_state=0))
    >>> len(model.fit(load_dataset("air_passengers")).predict())
    12
    """

    _: dataclasses.KW_ONLY
    core: collections.abc.Callable | None = None

    def _making(self):
        if not callable(self.core):
            raise ValueError(f"`core` is {self.core!r}, but must be a function of `units` that gives a Keras layer.")
        return _around, {"core": self.core}

    def _network_build(self):
        return self._owned(super()._network_build())


def _around(lookback, horizon, channels, skeleton, core):
    layer = core(skeleton.units)
    if not isinstance(layer, keras.layers.Layer):
        raise ValueError(f"`core({skeleton.units})` gave a {type(layer).__name__}, but must give a Keras layer.")
    return around(layer, lookback, horizon, channels, skeleton)
