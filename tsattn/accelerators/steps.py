"""One step of a network on a batch: train, measure the loss, or forecast."""

import numpy as np

from tsattn.accelerators.backend import on_tensorflow
from tsattn.accelerators.cache import cached, drop_cache
from tsattn.accelerators.devices import device_count

COMPILED_TRAINING, COMPILED_FORECASTS = "_compiled_training", "_compiled_forecasts"  # caches of a network


def train_step(network, inputs, target):
    """Train on a batch.

    Args:
        network: A compiled `ForecastNetwork`.
        inputs: Dict of arrays, see `ForecastNetwork`.
        target: Array `(batch, horizon, channels)`.

    Returns:
        The mean loss of the batch, a float.

    Raises:
        ValueError: If the batch has fewer windows than there are devices.
    """
    devices = device_count(network)
    if devices > 1:
        if len(target) < devices:
            raise ValueError(
                f"A batch has {len(target)} window(s), but the strategy needs at least one for each of its {devices} "
                "devices. Increase `batch_size` of the Training, or call `fit` outside the scope of the strategy."
            )
        return _distributed_train_step(network, inputs, target)
    if _runs_compiled(network):
        return _compiled_loss(network, "train", network.train_step, inputs, target)
    return float(network.train_on_batch(inputs, target))


def measure_step(network, inputs, target):
    """Compute the mean loss of a batch without training on it.

    Args:
        network, inputs, target: See `train_step`.

    Returns:
        The mean loss of the batch, a float.
    """
    if device_count(network) == 1 and _runs_compiled(network):
        return _compiled_loss(network, "measure", network.test_step, inputs, target)
    return float(network.test_on_batch(inputs, target))


def forecast_step(network, inputs):
    """Forecast a batch.

    Args:
        network, inputs: See `train_step`.

    Returns:
        NumPy array `(batch, horizon, channels)`, or `(batch, horizon, channels, quantiles)`.
    """
    if on_tensorflow():
        return _compiled_forecast(network, inputs)(inputs).numpy()
    return network.predict_on_batch(inputs)


def drop_training_steps(network):
    """Clear the compiled steps of `train_step` and `measure_step`, after `compile` was called again."""
    drop_cache(network, COMPILED_TRAINING)


def _runs_compiled(network):
    return on_tensorflow() and not network.run_eagerly


def _compiled_loss(network, key, step, inputs, target):
    """Return the loss of one step of Keras' `fit` or `evaluate`, compiled without the surrounding loop.

    The overhead of Keras takes several times as long as a step of a small network.
    """
    import tensorflow as tf

    def loss(inputs, target):
        network.reset_metrics()
        return network.distribute_strategy.run(step, args=((inputs, target),))["loss"]

    compiled = cached(network, COMPILED_TRAINING, key, lambda: tf.function(loss, autograph=False))
    return float(compiled(inputs, target))


def _distributed_train_step(network, inputs, target):
    """Train on a batch that is split among the devices of a strategy. Keras' `fit` would compile for every batch."""
    import tensorflow as tf

    strategy = network.distribute_strategy

    def step(*batch):
        return strategy.run(network.train_step, args=(batch,))

    compiled = cached(network, COMPILED_TRAINING, "distributed", lambda: tf.function(step, autograph=False))
    network.reset_metrics()
    inputs = {name: _split_among_devices(values, strategy) for name, values in inputs.items()}
    compiled(inputs, _split_among_devices(target, strategy))
    return float(network.get_metrics_result()["loss"])


def _split_among_devices(values, strategy):
    """Return one part of an array for each device; their lengths differ by at most 1."""
    import tensorflow as tf

    parts = np.array_split(values, strategy.num_replicas_in_sync)
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(parts[context.replica_id_in_sync_group])
    )


def _compiled_forecast(network, inputs):
    """Return the network as a TensorFlow function, compiled once for batches of any size.

    Keras compiles once for the size of the first batch and then for any size, so the last bits of a forecast would
    depend on the size of the first batch. A concrete function also avoids the lookup of the compiled graph, which takes
    a fifth of the time.
    """
    import tensorflow as tf

    names = tuple(sorted(inputs))

    def compile_forecast():
        specs = {name: tf.TensorSpec((None, *inputs[name].shape[1:]), inputs[name].dtype, name) for name in names}
        function = tf.function(lambda inputs: network(inputs, training=False), autograph=False)
        return function.get_concrete_function(specs)

    return cached(network, COMPILED_FORECASTS, names, compile_forecast)
