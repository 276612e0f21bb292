"""A step of a network on one device, or shared out among those of a `tf.distribute` strategy."""

import contextlib
import math
import threading
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np

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


def train_step(network, inputs, target):
    """Learn from a batch; its mean loss.

    Raises:
        ValueError: it has fewer windows than there are devices.
    """
    if devices_of(network) == 1:
        return float(network.train_on_batch(inputs, target))
    if len(target) < devices_of(network):
        raise ValueError(
            f"A batch has {len(target)} window(s), but the strategy shares it out among {devices_of(network)} devices. "
            "Raise `batch_size` of the Training, or fit outside of the strategy's scope."
        )
    import tensorflow as tf

    strategy = network.distribute_strategy
    if not hasattr(network, "_shared_step"):  # Keras's own `fit` compiles anew for each batch that it is called with
        network._shared_step = tf.function(lambda *batch: strategy.run(network.train_step, args=(batch,)))
    network.reset_metrics()
    inputs = {name: _shared(values, strategy) for name, values in inputs.items()}
    network._shared_step(inputs, _shared(target, strategy))
    return float(network.get_metrics_result()["loss"])


def _shared(values, strategy):
    """A part of an array for each device, of lengths that differ by 1 at most."""
    import tensorflow as tf

    parts = np.array_split(values, strategy.num_replicas_in_sync)
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(parts[context.replica_id_in_sync_group])
    )


def put_weights(network, weights):
    """As `network.set_weights`, but from the second time on at once: one by one takes several times a forecast."""
    plain = devices_of(network) > 1 or keras.backend.backend() != "tensorflow"
    if plain or len({str(part.dtype) for part in weights} | {weight.dtype for weight in network.weights}) > 1:
        network.set_weights(weights)
    elif not hasattr(network, "_put_step"):
        network.set_weights(weights)
        network._put_step = _putting(network)
    else:
        network._put_step(np.concatenate([part.ravel() for part in weights]))


def _putting(network):
    """A compiled function that sets all weights from one vector."""
    import tensorflow as tf

    shapes = [tuple(weight.shape) for weight in network.weights]

    @tf.function
    def put(values):
        parts = tf.split(values, [math.prod(shape) for shape in shapes])
        for weight, part, shape in zip(network.weights, parts, shapes, strict=True):
            weight.assign(tf.reshape(part, shape))

    return put


def forecast_step(network, inputs):
    """The forecasts of a batch, a NumPy array."""
    if keras.backend.backend() == "tensorflow":
        return _compiled(network, inputs)(inputs).numpy()
    return network.predict_on_batch(inputs)


def _compiled(network, inputs):
    """The network as a function of TensorFlow's, compiled once for batches of any size.

    Keras compiles for the size of the first batch, and then for any: the last bits of a forecast would depend on which
    was the first.
    """
    import tensorflow as tf

    kept = vars(network).setdefault("_forecast_steps", {})
    names = tuple(sorted(inputs))
    if names not in kept:
        specs = {name: tf.TensorSpec((None, *inputs[name].shape[1:]), inputs[name].dtype, name) for name in names}
        kept[names] = tf.function(lambda inputs: network(inputs, training=False), input_signature=[specs])
    return kept[names]
