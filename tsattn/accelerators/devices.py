"""The device or the distribution strategy that a network is built on."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import keras

from tsattn.accelerators.backend import on_tensorflow

_thread = threading.local()


def current_place():
    """Return the distribution strategy and the device on which networks are currently built.

    Returns:
        A pair: the strategy of `tf.distribute` or the `keras.distribution.Distribution`, None without one; and the
        name of the device on TensorFlow, None on other backends.
    """
    if not on_tensorflow():
        return keras.distribution.distribution(), None
    import tensorflow as tf

    return tf.distribute.get_strategy() if tf.distribute.has_strategy() else None, tf.zeros(()).device


def build_at(place, build):
    """Call `build` on a device or under a strategy that may differ from the current one.

    The call runs in a separate thread. Scopes of strategies and devices belong to a thread, and a thread cannot leave
    the scopes of its caller. The counters that Keras appends to names also belong to a thread, so all networks have the
    same names. This saves memory, because TensorFlow keeps about 35 KB for each variable name.

    Args:
        place: Strategy and device as returned by `current_place`.
        build: Function without arguments.

    Returns:
        The result of `build`.
    """

    def build_there():
        _thread.is_building = True
        with _scope(place):
            return build()

    if hasattr(_thread, "is_building"):  # a core that itself uses another network
        return build_there()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(build_there).result()


def device_count(network):
    """Return the number of devices that train a network: the devices of the strategy under which it was built."""
    return network.distribute_strategy.num_replicas_in_sync if on_tensorflow() else 1


def _scope(place):
    if current_place() == place:
        return contextlib.nullcontext()
    return _tensorflow_scope(*place) if on_tensorflow() else _keras_scope(place[0])


def _tensorflow_scope(strategy, device):
    import tensorflow as tf

    return tf.device(device) if strategy is None else strategy.scope()


@contextlib.contextmanager
def _keras_scope(distribution):
    """The scope of a distribution of Keras, or of None."""
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(distribution)
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)
