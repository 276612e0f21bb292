"""Where a network is made, and on how many devices it trains."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import keras

_thread = threading.local()


def place_of_now():
    """Where networks are made here: the strategy of `tf.distribute` or of `keras.distribution`, or None; the device."""
    if keras.backend.backend() != "tensorflow":
        return keras.distribution.distribution(), None
    import tensorflow as tf

    return tf.distribute.get_strategy() if tf.distribute.has_strategy() else None, tf.zeros(()).device


def made_at(place, make):
    """What a function makes at a place, as `place_of_now` gives it, wherever this is.

    It is called in a thread of its own. Scopes are each thread's own, and there is no other way out of one; and so are
    the numbers that Keras puts behind names: TensorFlow keeps some 35 KB for each name that a variable ever had.
    """

    def there():
        _thread.makes = True
        with _scope_of(place):
            return make()

    if hasattr(_thread, "makes"):  # what is made uses another network
        return there()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(there).result()


def _scope_of(place):
    if place_of_now() == place:
        return contextlib.nullcontext()
    if place[0] is not None:
        return place[0].scope()
    import tensorflow as tf

    return tf.device(place[1])


def devices_of(network):
    """How many devices train a network: as many as the strategy has that it was made under."""
    return getattr(getattr(network, "distribute_strategy", None), "num_replicas_in_sync", 1)
